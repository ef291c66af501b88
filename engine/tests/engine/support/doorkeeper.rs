//! An authenticator that believes headers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::authentication::{
    Authentication, Authenticator, Challenge, ConnectionFacts, Principal, Restriction,
};
use claviger_plugin_sdk::credentials::{CredentialContext, CredentialVerifier};
use claviger_plugin_sdk::filter::Filter;
use claviger_plugin_sdk::kmip::credentials::{CredentialValue, Nonce};
use claviger_plugin_sdk::kmip::message::Credential;
use claviger_plugin_sdk::kmip::tables::enumerations::{AttestationType, CredentialType};
use claviger_plugin_sdk::prelude::*;

/// Believes the header `user` (with `groups`, separated by commas, and `only`, a tag to which the token is restricted, or
/// `operations`, separated by commas, and `until`, a time, to which it is, or `uses`, the operations that it has),
/// rejects the user `mallory`, and believes credentials in text: Device and Hashed Password name a user, Attestation
/// confirms one, without which, or a ticket, the user `sealed` is not let in. A ticket of a vendor's type names a user, too.
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
                if let Some(operations) = facts.header("operations") {
                    let until = facts.header("until").map(|until| until.parse().unwrap());
                    let operations = operations.split(',').map(code).collect();
                    principal.restriction = Some(Arc::new(OnlyOperations { operations, until }));
                }
                if let Some(uses) = facts.header("uses") {
                    principal.restriction = Some(Arc::new(Uses(uses.parse::<usize>().unwrap().into())));
                }
                Authentication::Accepted(principal)
            }
        };
        Box::pin(async { answer })
    }

    fn verifier(&self) -> Option<&dyn CredentialVerifier> {
        Some(self)
    }

    fn challenge(&self) -> Option<Challenge> {
        None
    }
}

impl CredentialVerifier for Doorkeeper {
    fn credential<'a>(
        &'a self,
        cx: &'a mut CredentialContext<'_>,
        credential: &'a Credential,
    ) -> BoxFuture<'a, Result<Authentication>> {
        Box::pin(async move {
            if credential.credential_type == CredentialType::TICKET {
                let Some(CredentialValue::Ticket(shown)) = CredentialValue::read(credential.clone())? else {
                    return Ok(Authentication::NotMine);
                };
                let user = String::from_utf8_lossy(&shown.ticket.ticket_value).into_owned();
                return Ok(Authentication::Accepted(Principal::user(&user, Some("credential"))));
            }
            let Value::TextString(user) = &credential.credential_value else {
                return Ok(Authentication::NotMine);
            };
            Ok(match credential.credential_type {
                CredentialType::DEVICE => Authentication::Accepted(Principal::user(user, Some("credential"))),
                CredentialType::ATTESTATION => Authentication::Confirms(user.as_str().into()),
                CredentialType::HASHED_PASSWORD => {
                    cx.answer_hashed_password(vec![7].into());
                    Authentication::Accepted(Principal::user(user, Some("credential")))
                }
                _ => Authentication::NotMine,
            })
        })
    }

    fn suffices<'a>(
        &'a self,
        cx: &'a mut CredentialContext<'_>,
        principal: &'a Principal,
        brought: &'a [CredentialType],
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let enough = [CredentialType::ATTESTATION, CredentialType::TICKET];
            if &*principal.user != "sealed" || brought.iter().any(|each| enough.contains(each)) {
                return Ok(());
            }
            if !cx.can_attest() {
                return Err(Error::denied("attest"));
            }
            let nonce = Nonce { nonce_id: vec![1].into(), nonce_value: vec![2].into() };
            cx.ask_for_attestation(nonce, self.attestation_types());
            Err(Error::denied("attest").with_reason(ResultReason::ATTESTATION_REQUIRED))
        })
    }

    fn attestation_types(&self) -> Vec<AttestationType> {
        vec![AttestationType::TPM_QUOTE]
    }
}

/// Allows everything but Destroy, on objects with the tag, and but RNG Retrieve; nothing once the tag is `spent`.
pub(crate) struct OnlyTagged(pub(crate) String);

impl Restriction for OnlyTagged {
    fn allows(&self, operation: OperationCode) -> bool {
        operation != OperationCode::DESTROY
    }

    fn objects(&self, _: OperationCode) -> Filter {
        Filter::Tag(self.0.clone())
    }

    fn without_objects(&self, operation: OperationCode) -> bool {
        operation != OperationCode::RNG_RETRIEVE
    }

    fn holds_until(&self, _: OperationCode) -> Option<i64> {
        None
    }

    fn begin<'a>(&'a self, _: &'a mut CredentialContext<'_>, items: usize) -> BoxFuture<'a, Result<()>> {
        let spent = Error::denied("spent").with_reason(ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
        let result = if items > 0 && self.0 == "spent" { Err(spent) } else { Ok(()) };
        Box::pin(async { result })
    }
}

/// Allows some operations with every object, as if it ended at a time.
struct OnlyOperations {
    operations: Vec<OperationCode>,
    until: Option<i64>,
}

impl Restriction for OnlyOperations {
    fn allows(&self, operation: OperationCode) -> bool {
        self.operations.contains(&operation)
    }

    fn objects(&self, operation: OperationCode) -> Filter {
        if self.allows(operation) { Filter::All(Vec::new()) } else { Filter::Any(Vec::new()) }
    }

    fn without_objects(&self, operation: OperationCode) -> bool {
        self.allows(operation)
    }

    fn holds_until(&self, _: OperationCode) -> Option<i64> {
        self.until
    }

    fn begin<'a>(&'a self, _: &'a mut CredentialContext<'_>, _: usize) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

/// Allows so many operations.
struct Uses(AtomicUsize);

impl Restriction for Uses {
    fn allows(&self, _: OperationCode) -> bool {
        true
    }

    fn objects(&self, _: OperationCode) -> Filter {
        Filter::All(Vec::new())
    }

    fn without_objects(&self, _: OperationCode) -> bool {
        true
    }

    fn holds_until(&self, _: OperationCode) -> Option<i64> {
        None
    }

    fn begin<'a>(&'a self, _: &'a mut CredentialContext<'_>, items: usize) -> BoxFuture<'a, Result<()>> {
        let taken = self.0.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(items));
        let used_up = |_| Error::denied("used up").with_reason(ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
        Box::pin(async move { taken.map(drop).map_err(used_up) })
    }
}

/// The operation of this number.
fn code(number: &str) -> OperationCode {
    OperationCode(number.parse().unwrap())
}

fn restriction(tag: &str) -> Arc<dyn Restriction> {
    Arc::new(OnlyTagged(tag.to_owned()))
}
