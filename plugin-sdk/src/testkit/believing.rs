//! An authenticator for tests of what comes behind it.

use crate::BoxFuture;
use crate::authentication::{Authentication, Authenticator, Challenge, ConnectionFacts, Principal};
use crate::credentials::CredentialVerifier;

/// Takes everyone for the user that the header `user` names, in the groups that headers `groups` name, and nobody without it. A certificate of the connection counts
/// as that user's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Believing;

impl Authenticator for Believing {
    fn connection<'a>(&'a self, facts: &'a ConnectionFacts) -> BoxFuture<'a, Authentication> {
        let answer = match facts.header("user") {
            Some(user) => {
                let groups: Vec<&str> = facts
                    .headers
                    .iter()
                    .filter(|(name, _)| name == "groups")
                    .map(|(_, value)| &**value)
                    .collect();
                let mut principal = Principal::new(user, &groups, Some("header"));
                principal.certificates = Some(facts.certificates.clone()).filter(|chain| !chain.is_empty());
                Authentication::Accepted(principal)
            }
            None => Authentication::NotMine,
        };
        Box::pin(async { answer })
    }

    fn verifier(&self) -> Option<&dyn CredentialVerifier> {
        None
    }

    fn challenge(&self) -> Option<Challenge> {
        None
    }
}
