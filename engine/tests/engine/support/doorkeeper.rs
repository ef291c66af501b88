//! An authenticator that believes headers.

use std::sync::Arc;

use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::authentication::{
    Authentication, Authenticator, ConnectionFacts, Principal, Restriction,
};
use claviger_plugin_sdk::filter::Filter;
use claviger_plugin_sdk::kmip::message::Credential;
use claviger_plugin_sdk::kmip::tables::enumerations::CredentialType;
use claviger_plugin_sdk::prelude::*;

/// Believes the header `user` (with `groups`, separated by commas, and `only`, a tag to which the token is restricted),
/// rejects the user `mallory`, and believes a credential of type Device in text.
pub(crate) struct Doorkeeper;

impl Authenticator for Doorkeeper {
    fn connection<'a>(&'a self, facts: &'a ConnectionFacts) -> BoxFuture<'a, Authentication> {
        let answer = match facts.header("user") {
            None => Authentication::NotMine,
            Some("mallory") => Authentication::Rejected("known to be bad".to_owned()),
            Some(user) => {
                let groups: Vec<&str> =
                    facts.header("groups").map(|groups| groups.split(',').collect()).unwrap_or_default();
                let mut principal = Principal::new(user, &groups, Some("doorkeeper"));
                principal.restriction = facts.header("only").map(restriction);
                Authentication::Accepted(principal)
            }
        };
        Box::pin(async { answer })
    }

    fn credential<'a>(
        &'a self,
        _: &'a ConnectionFacts,
        credential: &'a Credential,
    ) -> BoxFuture<'a, Authentication> {
        let answer = match (&credential.credential_value, credential.credential_type) {
            (Value::TextString(user), CredentialType::DEVICE) => {
                Authentication::Accepted(Principal::user(user, Some("credential")))
            }
            _ => Authentication::NotMine,
        };
        Box::pin(async { answer })
    }
}

/// Allows everything but Destroy, on objects with the tag.
pub(crate) struct OnlyTagged(pub(crate) String);

impl Restriction for OnlyTagged {
    fn allows(&self, operation: OperationCode) -> bool {
        operation != OperationCode::DESTROY
    }

    fn objects(&self, _: OperationCode) -> Filter {
        Filter::Tag(self.0.clone())
    }
}

fn restriction(tag: &str) -> Arc<dyn Restriction> {
    Arc::new(OnlyTagged(tag.to_owned()))
}
