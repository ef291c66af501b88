//! An authenticator for tests of what comes behind it.

use claviger_kmip::message::Credential;

use crate::BoxFuture;
use crate::authentication::{Authentication, Authenticator, ConnectionFacts, Principal};

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

    fn credential<'a>(&'a self, _: &'a ConnectionFacts, _: &'a Credential) -> BoxFuture<'a, Authentication> {
        Box::pin(async { Authentication::NotMine })
    }
}
