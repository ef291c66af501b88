//! Who is accepted when several are asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use claviger_engine::registry::{Registry, RegistryOptions};
use claviger_engine::{
    AlgorithmPolicy, Authenticators, Caller, Engine, EngineOptions, ImpliedRights, Limits, SystemClock,
    SystemRandom,
};
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::authentication::{Authentication, Authenticator, ConnectionFacts, Principal};
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::message::{Authentication as Credentials, Credential};
use claviger_plugin_sdk::kmip::tables::enumerations::CredentialType;
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
    asked: AtomicUsize,
}

impl Fixed {
    fn accepts(user: &'static str) -> Arc<Self> {
        Arc::new(Self { accepts: Some(user), ..Self::default() })
    }

    fn accepts_for(user: &'static str, tag: &'static str) -> Arc<Self> {
        Arc::new(Self { accepts: Some(user), only: Some(tag), ..Self::default() })
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

    fn credential<'a>(&'a self, _: &'a ConnectionFacts, _: &'a Credential) -> BoxFuture<'a, Authentication> {
        Box::pin(async { self.answer() })
    }
}

async fn ask(configured: &[Arc<Fixed>], require_all: bool, force_default_user: bool) -> Result<Caller> {
    let configured = configured
        .iter()
        .map(|authenticator| ("fixed".to_owned(), authenticator.clone() as Arc<dyn Authenticator>))
        .collect();
    let engine = Engine::new(
        Arc::new(Registry::build(entries(), &RegistryOptions::default()).unwrap()),
        Arc::new(MemoryStore::new()),
        EngineOptions {
            authenticators: Authenticators {
                configured,
                require_all,
                default_user: "admin".to_owned(),
                force_default_user,
                operators: Vec::new(),
            },
            implied_rights: ImpliedRights::Exact,
            algorithm_policy: AlgorithmPolicy::default(),
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
            random: Arc::new(|| Box::new(SystemRandom)),
            audit: Vec::new(),
            observer: None,
        },
    );
    engine.authenticate(facts(&[])).await
}

async fn who(configured: &[Arc<Fixed>], require_all: bool) -> Option<String> {
    ask(configured, require_all, false).await.ok().map(|caller| caller.user().to_owned())
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
async fn a_wrong_credential_ends_the_chain() {
    for require_all in [true, false] {
        let alice = Fixed::accepts("alice");
        assert_eq!(who(&[Fixed::rejects(), alice.clone()], require_all).await, None);
        assert_eq!(alice.asked(), 0);
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
    assert_eq!(caller.user(), "admin");
}

fn with_credential(
    credential_type: CredentialType,
    user: &str,
) -> claviger_plugin_sdk::kmip::message::RequestMessage {
    let credential = Credential { credential_type, credential_value: Value::TextString(user.to_owned()) };
    let mut message = message(vec![item(FOR_GOOD, Ask::NOTHING)]);
    message.request_header.authentication = Some(Credentials { credential: vec![credential] });
    message
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
