//! The suite for authenticators that check credentials of messages, and the desk that they stand at in tests.

use std::sync::Arc;

use claviger_kmip::credentials::Nonce;
use claviger_kmip::message::Credential;
use claviger_kmip::tables::enumerations::{AttestationType, CredentialType};
use claviger_kmip::{ByteString, Ttlv, Value};

use crate::BoxFuture;
use crate::authentication::{
    Authentication, Authenticator, AuthenticatorFactory, ConnectionFacts, Principal,
};
use crate::clock::Clock as _;
use crate::context::HeavyWork;
use crate::credentials::{CredentialContext, CredentialHost};
use crate::error::{Error, Result};
use crate::random::RandomSource;
use crate::settings::Settings;
use crate::store::{ApplyError, ChangeSet, Document, DocumentPut, ObjectStore};
use crate::testkit::{FakeClock, MemoryStore, SeededRandom};

/// What the suite has to know of a verifier: how it is configured, and which credentials are good.
pub struct Cases {
    /// Makes the authenticator.
    pub factory: &'static dyn AuthenticatorFactory,
    /// Settings that configure it.
    pub settings: Settings,
    /// The time in seconds since 1970 at which the credentials are shown.
    pub now: i64,
    /// Credentials that prove who calls, with the user's name. Every field of each counts.
    pub accepted: Vec<(Credential, String)>,
    /// Credentials of types that it checks, which are wrong; some of users whom it does not know.
    pub rejected: Vec<Credential>,
    /// Credentials of types that it does not check.
    pub foreign: Vec<Credential>,
}

/// Holds a verifier to its contract: `credential_conformance!(cases());` with a function that returns
/// [`Cases`](crate::testkit::credential::Cases) makes one test a rule.
#[macro_export]
macro_rules! credential_conformance {
    ($cases:expr) => {
        $crate::testkit_rules! { credential, &$cases,
            a_connection_is_left_to_its_messages,
            a_good_credential_is_accepted,
            an_accepted_user_has_a_name_and_says_who_proved_it,
            a_wrong_credential_is_rejected,
            a_credential_of_another_type_is_not_its_business,
            a_damaged_credential_is_not_accepted,
        }
    };
}

/// A connection without proof must not be refused by an authenticator whose proof comes later.
pub fn a_connection_is_left_to_its_messages(cases: &Cases) {
    let answer = Desk::at(cases.now).run(|_| {
        let authenticator = start(cases);
        Box::pin(async move { authenticator.connection(&ConnectionFacts::internal()).await })
    });
    assert!(matches!(answer, Authentication::NotMine), "{answer:?}");
}

/// Whom it knows it lets through.
pub fn a_good_credential_is_accepted(cases: &Cases) {
    assert!(!cases.accepted.is_empty(), "the cases hold no credential that is accepted");
    for (credential, user) in &cases.accepted {
        match show(cases, credential) {
            Ok(Authentication::Accepted(principal)) => assert_eq!(*principal.user, **user),
            other => panic!("the credential of {user:?} is not accepted: {other:?}"),
        }
    }
}

/// An empty name or `*`, which stands for everyone, would hold the rights of others.
pub fn an_accepted_user_has_a_name_and_says_who_proved_it(cases: &Cases) {
    for credential in cases.accepted.iter().map(|(credential, _)| credential).chain(&cases.rejected) {
        if let Ok(Authentication::Accepted(principal)) = show(cases, credential) {
            let user = &*principal.user;
            assert!(!user.is_empty() && user != "*" && !user.contains(char::is_control), "{user:?}");
            assert_eq!(principal.proven_by.as_deref(), Some(cases.factory.name()));
        }
    }
}

/// A wrong credential is not left to others, and all are wrong in the same way: nobody learns whom it knows.
pub fn a_wrong_credential_is_rejected(cases: &Cases) {
    assert!(!cases.rejected.is_empty(), "the cases hold no credential that is rejected");
    for credential in &cases.rejected {
        let answer = show(cases, credential);
        assert!(
            matches!(answer, Ok(Authentication::Rejected(_))),
            "{:?}: {answer:?}",
            credential.credential_type
        );
    }
}

/// Others may know it.
pub fn a_credential_of_another_type_is_not_its_business(cases: &Cases) {
    let vendor = CredentialType(0x8000_0001);
    let vendor = Credential { credential_type: vendor, credential_value: Value::Structure(Vec::new()) };
    for credential in cases.foreign.iter().chain([&vendor]) {
        let answer = show(cases, credential);
        assert!(
            matches!(answer, Ok(Authentication::NotMine)),
            "{:?}: {answer:?}",
            credential.credential_type
        );
    }
}

/// Whatever one changes in a good credential, it is not that credential any more; nothing makes the verifier panic.
pub fn a_damaged_credential_is_not_accepted(cases: &Cases) {
    for (credential, user) in &cases.accepted {
        for damaged in damaged(&credential.credential_value) {
            let credential = Credential { credential_value: damaged, ..credential.clone() };
            if let Ok(Authentication::Accepted(principal)) = show(cases, &credential) {
                let shown = &credential.credential_type;
                panic!("a damaged {shown:?} of {user:?} is accepted for {:?}", principal.user);
            }
        }
    }
}

/// Copies of a value that each differ in one place.
fn damaged(value: &Value) -> Vec<Value> {
    match value {
        Value::Structure(fields) => {
            let mut all = vec![Value::Structure(Vec::new()), Value::Boolean(true)];
            for (place, field) in fields.iter().enumerate() {
                let mut without = fields.clone();
                without.remove(place);
                all.push(Value::Structure(without));
                for value in damaged(&field.value) {
                    let mut changed = fields.clone();
                    changed[place] = Ttlv::new(field.tag, value);
                    all.push(Value::Structure(changed));
                }
            }
            all
        }
        Value::TextString(text) => {
            let shorter = text.chars().skip(1).collect();
            vec![Value::TextString(format!("{text}x")), Value::TextString(shorter), Value::Integer(7)]
        }
        Value::ByteString(bytes) => {
            let mut flipped = bytes.to_vec();
            if let Some(last) = flipped.last_mut() {
                *last ^= 1;
            }
            let shorter = bytes.get(1..).unwrap_or_default().to_vec();
            vec![Value::ByteString(flipped.into()), Value::ByteString(shorter.into())]
        }
        Value::Enumeration(code) => vec![Value::Enumeration(code + 1), Value::Enumeration(0x7FFF_FFFF)],
        Value::DateTimeExtended(time) => {
            vec![Value::DateTimeExtended(time + 1), Value::DateTimeExtended(i64::MIN), Value::DateTime(*time)]
        }
        _ => vec![Value::Boolean(true)],
    }
}

fn start(cases: &Cases) -> Arc<dyn Authenticator> {
    let started = cases.factory.start(&cases.settings).expect("the settings are right");
    started.expect("the settings configure it")
}

/// Shows a credential to a verifier that has just been started.
fn show(cases: &Cases, credential: &Credential) -> Result<Authentication> {
    Desk::at(cases.now).show(&*start(cases), credential)
}

/// Where a verifier checks credentials in tests: with a store and a clock of its own.
pub struct Desk {
    /// The time.
    pub clock: Arc<FakeClock>,
    /// The documents.
    pub store: MemoryStore,
    /// What is known of the connection.
    pub facts: ConnectionFacts,
    /// Whom it proves.
    pub proven: Option<Principal>,
    /// Whether the client can attest.
    pub can_attest: bool,
    /// What the response answers a hashed password with.
    pub server_hashed_password: Option<ByteString>,
    /// What the response asks for an attestation with.
    pub attestation: Option<(Nonce, Vec<AttestationType>)>,
    random: SeededRandom,
}

impl Desk {
    /// A desk on an empty store at this many seconds since 1970.
    pub fn at(seconds: i64) -> Self {
        let clock = Arc::new(FakeClock::at(seconds));
        Self {
            store: MemoryStore::with_clock(clock.clone()),
            clock,
            facts: ConnectionFacts::internal(),
            proven: None,
            can_attest: false,
            server_hashed_password: None,
            attestation: None,
            random: SeededRandom::new(1),
        }
    }

    /// Shows a credential.
    ///
    /// # Errors
    /// What the verifier says when it cannot check it.
    pub fn show(
        &mut self,
        authenticator: &dyn Authenticator,
        credential: &Credential,
    ) -> Result<Authentication> {
        let verifier = authenticator.verifier().expect("it checks credentials");
        self.run(|desk| {
            Box::pin(async move { verifier.credential(&mut CredentialContext::new(desk), credential).await })
        })
    }

    /// Asks whether what was brought suffices.
    ///
    /// # Errors
    /// It does not.
    pub fn suffices(
        &mut self,
        authenticator: &dyn Authenticator,
        principal: &Principal,
        brought: &[CredentialType],
    ) -> Result<()> {
        let verifier = authenticator.verifier().expect("it checks credentials");
        self.run(|desk| {
            Box::pin(
                async move { verifier.suffices(&mut CredentialContext::new(desk), principal, brought).await },
            )
        })
    }

    fn run<'a, T>(&'a mut self, work: impl FnOnce(&'a mut Self) -> BoxFuture<'a, T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(work(self))
    }
}

impl CredentialHost for Desk {
    fn facts(&self) -> &ConnectionFacts {
        &self.facts
    }

    fn proven(&self) -> Option<&Principal> {
        self.proven.as_ref()
    }

    fn now_millis(&self) -> i64 {
        self.clock.now_millis()
    }

    fn rng(&mut self) -> &mut dyn RandomSource {
        &mut self.random
    }

    fn can_attest(&self) -> bool {
        self.can_attest
    }

    fn document<'a>(&'a mut self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        self.store.document(kind, id)
    }

    fn write_document(&mut self, put: DocumentPut) -> BoxFuture<'_, Result<bool>> {
        Box::pin(async move {
            match self.store.apply(ChangeSet { documents: vec![put], ..ChangeSet::default() }).await {
                Ok(()) => Ok(true),
                Err(ApplyError::Conflict) => Ok(false),
                Err(other) => Err(Error::server("the store fails").because(format!("{other:?}"))),
            }
        })
    }

    fn heavy(&mut self, work: HeavyWork) -> BoxFuture<'_, Result<()>> {
        work(&mut self.random);
        Box::pin(async { Ok(()) })
    }

    fn answer_hashed_password(&mut self, hash: ByteString) {
        self.server_hashed_password = Some(hash);
    }

    fn ask_for_attestation(&mut self, nonce: Nonce, types: Vec<AttestationType>) {
        self.attestation = Some((nonce, types));
    }
}

#[cfg(test)]
mod tests {
    use claviger_kmip::Tag;
    use claviger_kmip::credentials::{CredentialValue, SecretText};

    use super::*;
    use crate::authentication::Challenge;
    use crate::credentials::CredentialVerifier;
    use crate::testkit::assert_broken;

    /// A verifier that knows one password, and what it does wrong.
    #[derive(Clone, Copy, PartialEq)]
    enum Toy {
        Right,
        RefusesConnections,
        AcceptsNobody,
        AcceptsEverybody,
        HasNoName,
        LeavesWrongOnesToOthers,
        TakesAnyType,
        LooksAtTheBeginning,
    }

    impl AuthenticatorFactory for Toy {
        fn name(&self) -> &'static str {
            "toy"
        }

        fn start(&self, _: &Settings) -> Result<Option<Arc<dyn Authenticator>>> {
            Ok(Some(Arc::new(*self)))
        }
    }

    impl Authenticator for Toy {
        fn connection<'a>(&'a self, _: &'a ConnectionFacts) -> BoxFuture<'a, Authentication> {
            let answer = match self {
                Self::RefusesConnections => Authentication::Rejected("no password".into()),
                _ => Authentication::NotMine,
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

    impl Toy {
        fn answer(self, credential: &Credential) -> Result<Authentication> {
            let is_wrong = || match self {
                Self::LeavesWrongOnesToOthers => Authentication::NotMine,
                _ => Authentication::Rejected("wrong".into()),
            };
            let Some(CredentialValue::UsernameAndPassword(value)) =
                CredentialValue::read(credential.clone())?
            else {
                return Ok(if self == Self::TakesAnyType { is_wrong() } else { Authentication::NotMine });
            };
            let password = value.password.as_ref().map_or("", SecretText::expose);
            let is_right = match self {
                Self::AcceptsNobody => false,
                Self::AcceptsEverybody => true,
                Self::LooksAtTheBeginning => password.starts_with("secret"),
                _ => password == "secret",
            };
            let user = if self == Self::HasNoName { "*" } else { value.username.as_str() };
            let is_known = value.username == "ann" || self == Self::AcceptsEverybody;
            Ok(match is_right && is_known {
                true => Authentication::Accepted(Principal::user(user, Some("toy"))),
                false => is_wrong(),
            })
        }
    }

    impl CredentialVerifier for Toy {
        fn credential<'a>(
            &'a self,
            _: &'a mut CredentialContext<'_>,
            credential: &'a Credential,
        ) -> BoxFuture<'a, Result<Authentication>> {
            Box::pin(async { self.answer(credential) })
        }
    }

    fn password(user: &str, password: &str) -> Credential {
        let text = |tag, text: &str| Ttlv::new(tag, Value::TextString(text.into()));
        Credential {
            credential_type: CredentialType::USERNAME_AND_PASSWORD,
            credential_value: Value::Structure(vec![
                text(Tag::USERNAME, user),
                text(Tag::PASSWORD, password),
            ]),
        }
    }

    fn cases(toy: &'static Toy) -> Cases {
        let foreign = Credential {
            credential_type: CredentialType::DEVICE,
            credential_value: Value::Structure(Vec::new()),
        };
        Cases {
            factory: toy,
            settings: Settings::default(),
            now: 0,
            accepted: vec![(password("ann", "secret"), "ann".into())],
            rejected: vec![password("ann", "secreT"), password("bob", "secret")],
            foreign: vec![foreign],
        }
    }

    crate::credential_conformance!(cases(&Toy::Right));

    #[test]
    fn every_rule_finds_the_verifier_that_breaks_it() {
        assert_broken(|| a_connection_is_left_to_its_messages(&cases(&Toy::RefusesConnections)));
        assert_broken(|| a_good_credential_is_accepted(&cases(&Toy::AcceptsNobody)));
        assert_broken(|| an_accepted_user_has_a_name_and_says_who_proved_it(&cases(&Toy::HasNoName)));
        assert_broken(|| a_wrong_credential_is_rejected(&cases(&Toy::AcceptsEverybody)));
        assert_broken(|| a_wrong_credential_is_rejected(&cases(&Toy::LeavesWrongOnesToOthers)));
        assert_broken(|| a_credential_of_another_type_is_not_its_business(&cases(&Toy::TakesAnyType)));
        assert_broken(|| a_damaged_credential_is_not_accepted(&cases(&Toy::LooksAtTheBeginning)));
    }
}
