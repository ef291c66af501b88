//! Who is accepted when several are asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use claviger_engine::registry::{Registry, RegistryOptions};
use claviger_engine::{
    AlgorithmPolicy, Authenticators, Caller, Engine, EngineOptions, ImpliedRights, Limits, RequiredAudit,
    SystemClock, SystemRandom,
};
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::authentication::{
    Authentication, Authenticator, Challenge, ConnectionFacts, Principal,
};
use claviger_plugin_sdk::credentials::CredentialVerifier;
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::message::{Authentication as Credentials, Credential, ResponseMessage};
use claviger_plugin_sdk::kmip::tables::enumerations::{AttestationType, CredentialType};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::testkit::MemoryStore;

use crate::support::doorkeeper::OnlyTagged;
use crate::support::operations::FOR_GOOD;
use crate::support::world::{entries, facts, item, message};
use crate::support::{Ask, Setup, World};

/// Says always the same, and counts how often it was asked.
#[derive(Default)]
struct Fixed {
    accepts: Option<&'static str>,
    rejects: bool,
    only: Option<&'static str>,
    reads_headers: bool,
    certificates: bool,
    asked: AtomicUsize,
}

impl Fixed {
    fn accepts(user: &'static str) -> Arc<Self> {
        Arc::new(Self { accepts: Some(user), ..Self::default() })
    }

    fn accepts_for(user: &'static str, tag: &'static str) -> Arc<Self> {
        Arc::new(Self { accepts: Some(user), only: Some(tag), ..Self::default() })
    }

    /// By what a request says.
    fn accepts_by_header(user: &'static str) -> Arc<Self> {
        Arc::new(Self { accepts: Some(user), reads_headers: true, ..Self::default() })
    }

    /// By the certificate of the connection.
    fn accepts_by_certificate(user: &'static str) -> Arc<Self> {
        Arc::new(Self { accepts: Some(user), certificates: true, ..Self::default() })
    }

    fn not_mine() -> Arc<Self> {
        Arc::default()
    }

    fn rejects() -> Arc<Self> {
        Arc::new(Self { rejects: true, ..Self::default() })
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn answer(&self) -> Authentication {
        self.asked.fetch_add(1, Ordering::SeqCst);
        match self.accepts {
            Some(user) => {
                let mut principal = Principal::user(user, Some("fixed"));
                principal.certificates = self.certificates.then(|| Arc::from([vec![0x30]]));
                principal.restriction = self.only.map(|tag| Arc::new(OnlyTagged(tag.to_owned())) as Arc<_>);
                Authentication::Accepted(principal)
            }
            None if self.rejects => Authentication::Rejected("wrong".to_owned()),
            None => Authentication::NotMine,
        }
    }
}

impl Authenticator for Fixed {
    fn connection<'a>(&'a self, _: &'a ConnectionFacts) -> BoxFuture<'a, Authentication> {
        Box::pin(async { self.answer() })
    }

    fn verifier(&self) -> Option<&dyn CredentialVerifier> {
        None
    }

    fn challenge(&self) -> Option<Challenge> {
        self.reads_headers.then_some(CHALLENGE)
    }
}

const CHALLENGE: Challenge = Challenge { absent: "Test", wrong: "Test error=1" };

async fn ask(configured: &[Arc<Fixed>], require_all: bool, force_default_user: bool) -> Result<Caller> {
    let configured = configured
        .iter()
        .map(|authenticator| ("fixed".to_owned(), authenticator.clone() as Arc<dyn Authenticator>))
        .collect();
    engine(configured, require_all, force_default_user).authenticate(facts(&[])).await
}

fn engine(
    configured: Vec<(String, Arc<dyn Authenticator>)>,
    require_all: bool,
    force_default_user: bool,
) -> Engine {
    Engine::new(
        Arc::new(Registry::build(entries(), &RegistryOptions::default()).unwrap()),
        Arc::new(MemoryStore::new()),
        EngineOptions {
            authenticators: Authenticators {
                configured,
                require_all,
                default_user: "admin".to_owned(),
                force_default_user,
                operators: Vec::new(),
                creators: None,
            },
            implied_rights: ImpliedRights::Exact,
            algorithm_policy: AlgorithmPolicy::default(),
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
            random: Arc::new(|| Box::new(SystemRandom)),
            audit: Vec::new(),
            required_audit: RequiredAudit::Nothing,
            observer: None,
        },
    )
}

async fn who(configured: &[Arc<Fixed>], require_all: bool) -> Option<String> {
    ask(configured, require_all, false).await.ok().map(|caller| caller.user().unwrap().to_owned())
}

#[tokio::test]
async fn without_authenticators_everyone_is_the_default_user() {
    assert_eq!(who(&[], true).await.as_deref(), Some("admin"));
    assert_eq!(who(&[], false).await.as_deref(), Some("admin"));
}

#[tokio::test]
async fn all_must_accept_and_the_first_tells_who_it_is() {
    let (alice, bob) = (Fixed::accepts("alice"), Fixed::accepts("bob"));
    assert_eq!(who(&[alice.clone(), bob], true).await.as_deref(), Some("alice"));
    assert_eq!(who(&[alice.clone(), Fixed::not_mine()], true).await, None);
    assert_eq!(who(&[Fixed::not_mine(), alice], true).await, None);
}

#[tokio::test]
async fn any_suffices_and_the_others_are_not_asked() {
    let (alice, bob) = (Fixed::accepts("alice"), Fixed::accepts("bob"));
    assert_eq!(who(&[Fixed::not_mine(), alice, bob.clone()], false).await.as_deref(), Some("alice"));
    assert_eq!(bob.asked(), 0);
    assert_eq!(who(&[Fixed::not_mine(), Fixed::not_mine()], false).await, None);
}

#[tokio::test]
async fn who_a_request_says_it_is_from_wins_over_the_connection() {
    for require_all in [true, false] {
        let (token, connection) =
            (Fixed::accepts_by_header("alice"), Fixed::accepts_by_certificate("gateway"));
        assert_eq!(who(&[connection, token], require_all).await.as_deref(), Some("alice"));
    }
    let rejects = Arc::new(Fixed { rejects: true, reads_headers: true, ..Fixed::default() });
    assert_eq!(who(&[Fixed::accepts_by_certificate("gateway"), rejects], false).await, None);
}

#[tokio::test]
async fn callers_are_told_what_is_asked_for() {
    let named = |each: Arc<Fixed>| ("fixed".to_owned(), each as Arc<dyn Authenticator>);
    let configured = [Fixed::not_mine(), Fixed::accepts_by_header("alice")].map(named);
    let engine = engine(configured.into(), true, false);
    assert_eq!(engine.challenges().collect::<Vec<_>>(), [CHALLENGE]);
}

#[tokio::test]
async fn a_wrong_credential_ends_the_chain() {
    for require_all in [true, false] {
        let alice = Fixed::accepts("alice");
        assert_eq!(who(&[Fixed::rejects(), alice.clone()], require_all).await, None);
        assert_eq!(alice.asked(), 0);
    }
}

#[tokio::test]
async fn a_bearer_token_that_nobody_reads_is_not_passed_over() {
    let reader = Arc::new(Fixed { reads_headers: true, ..Fixed::default() });
    let certificate = Fixed::accepts_by_certificate("alice");
    let configured: [Arc<dyn Authenticator>; 2] = [reader, certificate.clone()];
    let configured = configured.map(|authenticator| ("fixed".to_owned(), authenticator));
    let engine = engine(configured.into(), false, false);
    let refused = engine.authenticate(facts(&[("authorization", "Bearer x")])).await;
    assert_eq!(refused.unwrap_err().reason(), ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
    assert_eq!(certificate.asked(), 0);
    for others in [&[("authorization", "Basic x")][..], &[]] {
        assert_eq!(engine.authenticate(facts(others)).await.unwrap().user(), Some("alice"));
    }
}

#[tokio::test]
async fn nobody_becomes_the_default_user_by_failing() {
    assert!(ask(&[Fixed::not_mine()], false, true).await.is_err());
    assert!(ask(&[Fixed::rejects()], true, true).await.is_err());
}

#[tokio::test]
async fn the_client_is_not_told_what_was_wrong() {
    let wrong = ask(&[Fixed::rejects()], true, false).await.unwrap_err();
    let absent = ask(&[Fixed::not_mine()], true, false).await.unwrap_err();
    assert_eq!(wrong.reason(), ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
    assert_eq!(wrong.to_string(), absent.to_string());
    // The log is.
    assert_ne!(format!("{wrong:?}"), format!("{absent:?}"));
}

#[tokio::test]
async fn a_forced_default_user_acts_for_everyone_who_is_accepted() {
    let caller = ask(&[Fixed::accepts("alice")], true, true).await.unwrap();
    assert_eq!(caller.user(), Some("admin"));
}

fn with_credential(
    credential_type: CredentialType,
    user: &str,
) -> claviger_plugin_sdk::kmip::message::RequestMessage {
    with_credentials(&[(credential_type, user)])
}

fn with_credentials(
    credentials: &[(CredentialType, &str)],
) -> claviger_plugin_sdk::kmip::message::RequestMessage {
    let credential = credentials.iter().map(|(credential_type, user)| Credential {
        credential_type: *credential_type,
        credential_value: Value::TextString((*user).to_owned()),
    });
    let mut message = message(vec![item(FOR_GOOD, Ask::NOTHING)]);
    message.request_header.authentication = Some(Credentials { credential: credential.collect() });
    message
}

/// Whose items a message with these credentials is, on a connection that proves nobody.
async fn user_by(world: &World, credentials: &[(CredentialType, &str)]) -> Result<String> {
    let caller = world.caller(&[]).await;
    assert_eq!(caller.user(), None);
    world.engine.handle_in(&caller, &Standard, with_credentials(credentials)).await?;
    Ok(world.audit.take().remove(0).user.unwrap().to_string())
}

const NOBODY: ResultReason = ResultReason::AUTHENTICATION_NOT_SUCCESSFUL;

#[tokio::test]
async fn a_connection_without_proof_is_left_to_the_credentials_of_its_messages() {
    let world = World::start();
    assert_eq!(user_by(&world, &[(CredentialType::DEVICE, "carol")]).await.unwrap(), "carol");
    assert_eq!(user_by(&world, &[]).await.unwrap_err().reason(), NOBODY);
    let refused = world.audit.take().pop().unwrap();
    assert_eq!((refused.user.as_deref(), refused.failure), (None, Some(NOBODY)));
}

#[tokio::test]
async fn all_credentials_of_a_message_are_about_one_user() {
    let world = World::start();
    let (device, hashed) = (CredentialType::DEVICE, CredentialType::HASHED_PASSWORD);
    assert_eq!(user_by(&world, &[(device, "carol"), (hashed, "carol")]).await.unwrap(), "carol");
    assert_eq!(user_by(&world, &[(device, "carol"), (hashed, "dave")]).await.unwrap_err().reason(), NOBODY);
    // A good one does not make up for one that nobody reads.
    let unread = CredentialType::ONE_TIME_PASSWORD;
    for credentials in [[(device, "carol"), (unread, "carol")], [(unread, "carol"), (device, "carol")]] {
        assert_eq!(user_by(&world, &credentials).await.unwrap_err().reason(), NOBODY);
    }
    assert_eq!(user_by(&world, &[(device, "carol"); 9]).await.unwrap_err().reason(), NOBODY);
}

#[tokio::test]
async fn evidence_is_about_the_user_whom_something_else_proves() {
    let world = World::start();
    let attests = |user| (CredentialType::ATTESTATION, user);
    let carol = (CredentialType::DEVICE, "carol");
    assert_eq!(user_by(&world, &[attests("carol"), carol]).await.unwrap(), "carol");
    assert_eq!(user_by(&world, &[attests("dave"), carol]).await.unwrap_err().reason(), NOBODY);
    assert_eq!(user_by(&world, &[attests("carol")]).await.unwrap_err().reason(), NOBODY);
    let alice = world.user("alice").await;
    let sent = world.engine.handle_in(&alice, &Standard, with_credentials(&[attests("alice")])).await;
    assert!(sent.is_ok());
    let sent = world.engine.handle_in(&alice, &Standard, with_credentials(&[attests("carol")])).await;
    assert_eq!(sent.unwrap_err().reason(), NOBODY);
}

#[tokio::test]
async fn where_all_must_accept_a_certificate_is_not_enough_without_a_credential() {
    use crate::support::doorkeeper::Doorkeeper;
    let doorkeeper = || ("doorkeeper".to_owned(), Arc::new(Doorkeeper) as Arc<dyn Authenticator>);
    let alice = || ("fixed".to_owned(), Fixed::accepts("alice") as Arc<dyn Authenticator>);
    let silent = || ("fixed".to_owned(), Fixed::not_mine() as Arc<dyn Authenticator>);
    let proves = async |configured, require_all, credentials: &[(CredentialType, &str)]| {
        let engine = engine(configured, require_all, false);
        let caller = engine.authenticate(facts(&[])).await?;
        engine.handle_in(&caller, &Standard, with_credentials(credentials)).await.map(drop)
    };
    let carol = [(CredentialType::DEVICE, "carol")];
    assert!(proves(vec![alice(), doorkeeper()], true, &[]).await.is_err());
    assert!(proves(vec![alice(), doorkeeper()], true, &carol).await.is_ok());
    assert!(proves(vec![silent(), doorkeeper()], true, &carol).await.is_err());
    assert!(proves(vec![alice(), doorkeeper()], false, &[]).await.is_ok());
    assert!(proves(vec![silent(), doorkeeper()], false, &[]).await.is_err());
    assert!(proves(vec![silent(), doorkeeper()], false, &carol).await.is_ok());
}

/// The response to a message of somebody with credentials.
async fn response(
    world: &World,
    can_attest: Option<bool>,
    credentials: &[(CredentialType, &str)],
) -> ResponseMessage {
    let mut message = with_credentials(credentials);
    message.request_header.attestation_capable_indicator = can_attest;
    let tree = Ttlv::new(Tag::REQUEST_MESSAGE, message.into_value());
    let answer = world.engine.handle(&world.caller(&[]).await, tree).await;
    ResponseMessage::from_value(answer.tag, answer.value).unwrap()
}

#[tokio::test]
async fn the_response_answers_a_hashed_password() {
    let world = World::start();
    let answered = response(&world, None, &[(CredentialType::HASHED_PASSWORD, "carol")]).await;
    assert_eq!(answered.response_header.server_hashed_password.as_deref(), Some(&[7][..]));
    let answered = response(&world, None, &[(CredentialType::DEVICE, "carol")]).await;
    assert_eq!(answered.response_header.server_hashed_password, None);
}

#[tokio::test]
async fn an_attestation_that_misses_is_asked_for_if_the_client_can_make_one() {
    let world = World::start();
    let sealed = (CredentialType::DEVICE, "sealed");
    let asked = response(&world, Some(true), &[sealed]).await;
    assert_eq!(asked.response_header.nonce.unwrap().nonce_value[..], [2]);
    assert_eq!(asked.response_header.attestation_type, [AttestationType::TPM_QUOTE]);
    assert_eq!(asked.batch_item[0].result_reason, Some(ResultReason::ATTESTATION_REQUIRED));
    assert_eq!(asked.batch_item[0].operation, Some(FOR_GOOD));
    for cannot in [None, Some(false)] {
        let refused = response(&world, cannot, &[sealed]).await;
        assert_eq!(refused.response_header.nonce, None);
        assert_eq!(refused.batch_item[0].result_reason, Some(ResultReason::PERMISSION_DENIED));
    }
    let attests = (CredentialType::ATTESTATION, "sealed");
    let answered = response(&world, Some(true), &[sealed, attests]).await;
    assert_eq!(answered.batch_item[0].result_reason, None);
    assert_eq!(answered.response_header.nonce, None);
}

/// A ticket of a vendor's type is whatever its verifier says it is. That its user has brought what else he must to get it, as
/// for a ticket of the server's own, nobody says.
#[tokio::test]
async fn a_ticket_of_a_vendor_does_not_count_for_all_that_a_user_must_bring() {
    let world = World::start();
    let caller = world.caller(&[]).await;
    for (user, suffices) in [("carol", true), ("sealed", false)] {
        let ticket = vec![
            Ttlv::new(Tag::TICKET_TYPE, Value::Enumeration(0x8000_0001)),
            Ttlv::new(Tag::TICKET_VALUE, Value::ByteString(user.as_bytes().to_vec().into())),
        ];
        let credential = Credential {
            credential_type: CredentialType::TICKET,
            credential_value: Value::Structure(vec![Ttlv::structure(Tag::TICKET, ticket)]),
        };
        let mut message = message(vec![item(FOR_GOOD, Ask::NOTHING)]);
        message.request_header.authentication = Some(Credentials { credential: vec![credential] });
        let answered = world.engine.handle_in(&caller, &Standard, message).await.unwrap().remove(0);
        let expected = (!suffices).then_some(ResultReason::PERMISSION_DENIED);
        assert_eq!(answered.result.err().map(|error| error.reason()), expected, "{user}");
    }
}

/// Whose items a message with a credential were.
async fn user_of(world: &World, credential_type: CredentialType) -> Result<String> {
    let caller = world.user("alice").await;
    let message = with_credential(credential_type, "carol");
    world.engine.handle_in(&caller, &Standard, message).await?;
    Ok(world.audit.take().remove(0).user.unwrap().to_string())
}

#[tokio::test]
async fn a_credential_of_the_message_replaces_what_the_connection_proved() {
    let world = World::start();
    assert_eq!(user_of(&world, CredentialType::DEVICE).await.unwrap(), "carol");
}

#[tokio::test]
async fn a_credential_of_the_message_lifts_no_restriction_of_the_connection() {
    let world = World::start();
    let caller = world.caller(&[("user", "alice"), ("only", "blue")]).await;
    let mut message = with_credential(CredentialType::DEVICE, "carol");
    message.batch_item = vec![item(OperationCode::DESTROY, Ask::of("k"))];
    let outcome = world.engine.handle_in(&caller, &Standard, message).await.unwrap().remove(0);
    assert_eq!(outcome.result.unwrap_err().reason(), ResultReason::PERMISSION_DENIED);
}

#[tokio::test]
async fn a_credential_that_nobody_reads_refuses_the_message() {
    let world = World::start();
    let refused = user_of(&world, CredentialType::ONE_TIME_PASSWORD).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
}

#[tokio::test]
async fn a_forced_default_user_acts_for_credentials_too() {
    let world = Setup { force_default_user: true, ..Setup::default() }.start();
    assert_eq!(user_of(&world, CredentialType::DEVICE).await.unwrap(), "admin");
}

#[tokio::test]
async fn what_is_asked_of_a_user_is_asked_whomever_he_acts_as() {
    let world = Setup { force_default_user: true, ..Setup::default() }.start();
    let sealed = with_credential(CredentialType::DEVICE, "sealed");
    let refused =
        world.engine.handle_in(&world.caller(&[]).await, &Standard, sealed).await.unwrap().remove(0);
    assert_eq!(refused.result.unwrap_err().reason(), ResultReason::PERMISSION_DENIED);
    // Also of one whom the connection proves.
    let sealed = world.user("sealed").await;
    let refused = world.engine.handle_in(&sealed, &Standard, with_credentials(&[])).await.unwrap().remove(0);
    assert_eq!(refused.result.unwrap_err().reason(), ResultReason::PERMISSION_DENIED);
    for (about, is_let_in) in [("sealed", true), ("admin", false)] {
        let evidence = with_credential(CredentialType::ATTESTATION, about);
        let sent = world.engine.handle_in(&sealed, &Standard, evidence).await;
        assert_eq!(sent.is_ok_and(|mut items| items.remove(0).result.is_ok()), is_let_in, "{about}");
    }
}

#[tokio::test]
async fn every_restriction_holds_whoever_is_asked_first() {
    use claviger_plugin_sdk::kmip::attributes::kinds;
    let world = World::start();
    let mask = CryptographicUsageMask::UNRESTRICTED.0 as i32;
    let key = |id: &str| {
        claviger_plugin_sdk::testkit::RecordBuilder::new(id)
            .owner("alice")
            .with::<kinds::CryptographicUsageMask>(mask)
    };
    world.put(key("blue").tag("blue")).await;
    world.put(key("both").tag("blue").tag("red")).await;
    world.put(key("none")).await;
    let (alice, blue) = (Fixed::accepts("alice"), Fixed::accepts_for("alice", "blue"));
    let red = Fixed::accepts_for("alice", "red");
    let seen = async |configured: &[Arc<Fixed>]| {
        let caller = ask(configured, true, false).await.unwrap();
        let mut found = world
            .call_in(&caller, &Standard, OperationCode::LOCATE, Ask::NOTHING)
            .await
            .unwrap()
            .unique_identifier;
        found.sort();
        found
    };
    assert_eq!(seen(std::slice::from_ref(&alice)).await, ["blue", "both", "none"]);
    assert_eq!(seen(&[alice.clone(), blue.clone()]).await, ["blue", "both"]);
    assert_eq!(seen(&[blue, alice, red]).await, ["both"]);
}
