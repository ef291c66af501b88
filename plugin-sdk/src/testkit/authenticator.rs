//! The suite for authenticators: one named test a rule.

use std::sync::Arc;

use crate::authentication::{
    Authentication, Authenticator, AuthenticatorFactory, ConnectionFacts, Principal, Transport,
};
use crate::settings::Settings;

/// What the suite has to know of an authenticator: how it is configured, and whom it knows.
pub struct Cases {
    /// Makes it.
    pub factory: &'static dyn AuthenticatorFactory,
    /// Settings that configure it.
    pub settings: Settings,
    /// Connections that prove who calls, with the user's name.
    pub accepted: Vec<(ConnectionFacts, String)>,
    /// Connections that bring a proof of its kind that is wrong.
    pub rejected: Vec<ConnectionFacts>,
}

/// What is known of a request over HTTP that brings this bearer token.
pub fn bearer(token: &str) -> ConnectionFacts {
    let headers = vec![("authorization".to_owned(), format!("Bearer {token}"))];
    ConnectionFacts { transport: Transport::Http, headers, ..ConnectionFacts::internal() }
}

/// What an authenticator says of a connection.
pub fn look(authenticator: &dyn Authenticator, facts: &ConnectionFacts) -> Authentication {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(authenticator.connection(facts))
}

/// Whom a connection proves.
///
/// # Errors
/// Why it is rejected.
///
/// # Panics
/// It is neither accepted nor rejected.
pub fn proven(authenticator: &dyn Authenticator, facts: &ConnectionFacts) -> Result<Principal, String> {
    match look(authenticator, facts) {
        Authentication::Accepted(principal) => Ok(principal),
        Authentication::Rejected(why) => Err(why),
        other => panic!("{other:?}"),
    }
}

/// Holds an authenticator to its contract: `authenticator_conformance!(cases());` with a function that returns
/// [`Cases`](crate::testkit::authenticator::Cases) makes one test a rule.
#[macro_export]
macro_rules! authenticator_conformance {
    ($cases:expr) => {
        $crate::testkit_rules! { authenticator, &$cases,
            it_has_a_name,
            it_is_off_unless_it_is_configured,
            a_connection_without_proof_is_not_its_business,
            a_good_proof_is_accepted,
            an_accepted_user_has_a_name_and_says_who_proved_it,
            a_wrong_proof_ends_the_chain,
            the_same_proof_gets_the_same_answer,
        }
    };
}

/// Configurations, orders and audit records call it by name.
pub fn it_has_a_name(cases: &Cases) {
    let name = cases.factory.name();
    assert!(!name.is_empty() && !name.contains(char::is_whitespace), "{name:?} is no name");
}

/// A server that nobody told to ask for proof must not start to ask.
pub fn it_is_off_unless_it_is_configured(cases: &Cases) {
    let started = cases.factory.start(&Settings::default()).expect("no settings are no error");
    assert!(started.is_none(), "it starts without being configured");
}

/// Others may know the caller.
pub fn a_connection_without_proof_is_not_its_business(cases: &Cases) {
    for transport in [Transport::Http, Transport::Https, Transport::Socket] {
        let facts = ConnectionFacts { transport, ..ConnectionFacts::internal() };
        let answer = ask(cases, &facts);
        assert!(matches!(answer, Authentication::NotMine), "over {transport:?}: {answer:?}");
    }
}

/// Whom it knows it lets through.
pub fn a_good_proof_is_accepted(cases: &Cases) {
    assert!(!cases.accepted.is_empty(), "the cases hold nobody who is accepted");
    for (facts, user) in &cases.accepted {
        match ask(cases, facts) {
            Authentication::Accepted(principal) => assert_eq!(*principal.user, **user),
            other => panic!("{user:?} is not accepted: {other:?}"),
        }
    }
}

/// An empty name or `*`, which stands for everyone, would hold the rights of others.
pub fn an_accepted_user_has_a_name_and_says_who_proved_it(cases: &Cases) {
    for facts in all(cases) {
        if let Authentication::Accepted(principal) = ask(cases, facts) {
            let user = &*principal.user;
            assert!(
                !user.is_empty() && user != "*" && !user.contains(char::is_control),
                "{user:?} is accepted"
            );
            assert_eq!(principal.proven_by.as_deref(), Some(cases.factory.name()));
        }
    }
}

/// A proof that is there and wrong must not fall through to an authenticator that asks for less.
pub fn a_wrong_proof_ends_the_chain(cases: &Cases) {
    for facts in &cases.rejected {
        let answer = ask(cases, facts);
        assert!(matches!(answer, Authentication::Rejected(_)), "{answer:?}");
    }
}

/// Nothing is remembered from one request to the next.
pub fn the_same_proof_gets_the_same_answer(cases: &Cases) {
    for facts in all(cases) {
        assert_eq!(format!("{:?}", ask(cases, facts)), format!("{:?}", ask(cases, facts)));
    }
}

fn all(cases: &Cases) -> impl Iterator<Item = &ConnectionFacts> {
    cases.accepted.iter().map(|(facts, _)| facts).chain(&cases.rejected)
}

fn ask(cases: &Cases, facts: &ConnectionFacts) -> Authentication {
    let started: Option<Arc<dyn Authenticator>> =
        cases.factory.start(&cases.settings).expect("the settings are right");
    look(&*started.expect("the settings configure it"), facts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::BoxFuture;
    use crate::authentication::Challenge;
    use crate::credentials::CredentialVerifier;
    use crate::error::Result;
    use crate::testkit::assert_broken;

    /// An authenticator that believes the header `user`, and what it does wrong.
    #[derive(Clone, Copy, PartialEq)]
    enum Header {
        Right,
        HasNoName,
        IsAlwaysOn,
        RejectsStrangers,
        AcceptsNobody,
        AcceptsEverybody,
        ForgivesWrongProofs,
        Flickers,
    }

    impl AuthenticatorFactory for Header {
        fn name(&self) -> &'static str {
            if *self == Self::HasNoName { "" } else { "header" }
        }

        fn start(&self, settings: &Settings) -> Result<Option<Arc<dyn Authenticator>>> {
            let configured = settings.switch("header") || *self == Self::IsAlwaysOn;
            Ok(configured.then(|| Arc::new(*self) as Arc<dyn Authenticator>))
        }
    }

    impl Header {
        fn answer(self, facts: &ConnectionFacts) -> Authentication {
            use std::sync::atomic::{AtomicBool, Ordering};
            static ODD: AtomicBool = AtomicBool::new(false);
            if self == Self::Flickers && ODD.fetch_xor(true, Ordering::SeqCst) {
                return Authentication::NotMine;
            }
            match (self, facts.header("user")) {
                (Self::RejectsStrangers, None) => Authentication::Rejected("a stranger".into()),
                (_, None) | (Self::AcceptsNobody, _) => Authentication::NotMine,
                (Self::ForgivesWrongProofs, Some("" | "*")) => Authentication::NotMine,
                (Self::AcceptsEverybody, Some(user)) => {
                    Authentication::Accepted(Principal::user(user, Some("header")))
                }
                (_, Some("" | "*")) => Authentication::Rejected("no name".into()),
                (_, Some(user)) => Authentication::Accepted(Principal::user(user, Some("header"))),
            }
        }
    }

    impl Authenticator for Header {
        fn connection<'a>(&'a self, facts: &'a ConnectionFacts) -> BoxFuture<'a, Authentication> {
            Box::pin(async move { self.answer(facts) })
        }

        fn verifier(&self) -> Option<&dyn CredentialVerifier> {
            None
        }

        fn challenge(&self) -> Option<Challenge> {
            None
        }
    }

    fn cases(header: &'static Header) -> Cases {
        let facts = |user: &str| ConnectionFacts {
            transport: Transport::Http,
            headers: vec![("user".into(), user.into())],
            ..ConnectionFacts::internal()
        };
        Cases {
            factory: header,
            settings: Settings::new("/".into(), [("header", "true".into())]),
            accepted: vec![(facts("ann"), "ann".into())],
            rejected: vec![facts("*"), facts("")],
        }
    }

    crate::authenticator_conformance!(cases(&Header::Right));

    #[test]
    fn every_rule_finds_the_authenticator_that_breaks_it() {
        assert_broken(|| it_has_a_name(&cases(&Header::HasNoName)));
        assert_broken(|| it_is_off_unless_it_is_configured(&cases(&Header::IsAlwaysOn)));
        assert_broken(|| a_connection_without_proof_is_not_its_business(&cases(&Header::RejectsStrangers)));
        assert_broken(|| a_good_proof_is_accepted(&cases(&Header::AcceptsNobody)));
        assert_broken(|| {
            an_accepted_user_has_a_name_and_says_who_proved_it(&cases(&Header::AcceptsEverybody))
        });
        assert_broken(|| a_wrong_proof_ends_the_chain(&cases(&Header::ForgivesWrongProofs)));
        assert_broken(|| the_same_proof_gets_the_same_answer(&cases(&Header::Flickers)));
    }
}
