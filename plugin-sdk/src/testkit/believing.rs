//! An authenticator for tests of what comes behind it.

use crate::BoxFuture;
use crate::authentication::{Authentication, Authenticator, ConnectionFacts, Principal};
use crate::credentials::CredentialVerifier;

/// Takes everyone for the user that the header `user` names, and nobody without it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Believing;

impl Authenticator for Believing {
    fn connection<'a>(&'a self, facts: &'a ConnectionFacts) -> BoxFuture<'a, Authentication> {
        let answer = match facts.header("user") {
            Some(user) => Authentication::Accepted(Principal::user(user, Some("header"))),
            None => Authentication::NotMine,
        };
        Box::pin(async { answer })
    }

    fn verifier(&self) -> Option<&dyn CredentialVerifier> {
        None
    }
}
