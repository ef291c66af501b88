//! Tokens against the authenticator, and its verdicts against those of the library's own Datalog engine.

// A test that meets what it does not expect is to fail right there, in a function of the test's own, too.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::indexing_slicing)]

mod counting;
mod credentials;
mod refusals;
mod verdicts;

use std::path::Path;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use biscuit_auth::builder::Algorithm;
use biscuit_auth::{Biscuit, BlockBuilder, KeyPair};
use claviger_auth_biscuit::BiscuitFactory;
use claviger_plugin_sdk::authentication::{Authentication, Authenticator, AuthenticatorFactory, Principal};
use claviger_plugin_sdk::kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::testkit::authenticator::{Cases, bearer, look, proven};

/// A root key with an authenticator that knows it.
struct World {
    root: KeyPair,
    authenticator: Arc<dyn Authenticator>,
}

impl World {
    fn new() -> Self {
        let root = KeyPair::new_with_algorithm(Algorithm::Ed25519);
        let authenticator = started(&[("biscuit-public-keys", public(&root))]);
        Self { root, authenticator }
    }

    /// A token of `ann` whose first block has this Datalog, too.
    fn token(&self, source: &str) -> Biscuit {
        let block = BlockBuilder::new().fact("user(\"ann\")").unwrap().code(source).unwrap();
        Biscuit::builder().merge(block).build(&self.root).unwrap()
    }

    /// Whom a token proves.
    fn ask(&self, token: &Biscuit) -> Result<Principal, String> {
        self.ask_text(&token.to_base64().unwrap())
    }

    fn ask_text(&self, token: &str) -> Result<Principal, String> {
        ask(&*self.authenticator, token)
    }
}

fn settings(values: &[(&'static str, String)]) -> Settings {
    Settings::new("/".into(), values.iter().cloned())
}

fn started(values: &[(&'static str, String)]) -> Arc<dyn Authenticator> {
    BiscuitFactory.start(&settings(values)).unwrap().unwrap()
}

fn public(key: &KeyPair) -> String {
    format!("ed25519/{}", key.public().to_bytes_hex())
}

fn with(token: &Biscuit, source: &str) -> Biscuit {
    token.append(BlockBuilder::new().code(source).unwrap()).unwrap()
}

fn ask(authenticator: &dyn Authenticator, token: &str) -> Result<Principal, String> {
    proven(authenticator, &bearer(token))
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().try_into().unwrap()
}

/// A moment so many seconds from now, as Datalog writes it.
fn moment(from_now: i64) -> String {
    moment_at(now() + from_now)
}

fn moment_at(seconds: i64) -> String {
    let moment = time::OffsetDateTime::from_unix_timestamp(seconds).unwrap();
    moment.format(&time::format_description::well_known::Rfc3339).unwrap()
}

fn cases() -> Cases {
    let world = World::new();
    let good = world.token("group(\"backup\");").to_base64().unwrap();
    let over = world.token(&format!("check if time($t), $t < {};", moment(-5)));
    let mut altered = good.clone().into_bytes();
    altered[60] ^= 1;
    let rejected = [
        World::new().token("").to_base64().unwrap(),
        over.to_base64().unwrap(),
        String::from_utf8(altered).unwrap(),
        good[..good.len() / 2].to_owned(),
        good.repeat(100),
        "biscuit:".to_owned(),
        String::new(),
    ];
    Cases {
        factory: &BiscuitFactory,
        settings: settings(&[("biscuit-public-keys", public(&world.root))]),
        accepted: vec![
            (bearer(&good), "ann".to_owned()),
            (bearer(&format!("biscuit:{good}")), "ann".to_owned()),
            (bearer(good.trim_end_matches('=')), "ann".to_owned()),
        ],
        rejected: rejected.iter().map(|token| bearer(token)).collect(),
    }
}

claviger_plugin_sdk::authenticator_conformance!(cases());

#[test]
fn the_token_names_the_user_and_the_groups() {
    let world = World::new();
    let principal = world.ask(&world.token("group(\"a\"); group(\"b c\");")).unwrap();
    assert_eq!(&*principal.user, "ann");
    let mut groups: Vec<String> = principal.groups.iter().map(ToString::to_string).collect();
    groups.sort();
    assert_eq!(groups, ["a", "b c"]);
    // Also a token without a caveat can be revoked, so it is never as good as what cannot.
    assert!(principal.restriction.is_some());
}

#[test]
fn what_a_token_says_of_an_operation_holds_until_a_time_that_it_names() {
    let world = World::new();
    let (soon, later) = (now() + 600, now() + 6_000);
    let [soon_text, later_text] = [soon, later].map(moment_at);
    let until = |source: &str, operation| {
        let token = world.token(&source.replace("SOON", &soon_text).replace("LATER", &later_text));
        world.ask(&token).unwrap().restriction.unwrap().holds_until(operation)
    };
    let get = |source: &str| until(source, OperationCode::GET);
    assert_eq!(get("check if object(\"k\");"), None);
    assert_eq!(get("check if time($t), $t < SOON;"), Some(soon - 1));
    assert_eq!(get("check if time($t), $t <= LATER; check if time($t), $t <= SOON;"), Some(soon));
    assert_eq!(get("reject if time($t), $t > SOON;"), Some(soon));
    assert_eq!(get("check if time($t), $t < 2001-01-01T00:00:00Z or object(\"k\");"), None);
    // Of one operation alone.
    let one = "check if operation(\"Get\"), time($t), $t <= SOON or operation(\"Encrypt\");";
    assert_eq!((get(one), until(one, OperationCode::ENCRYPT)), (Some(soon), None));
}

#[test]
fn bearer_tokens_of_other_forms_are_for_others() {
    let world = World::new();
    for other in ["eyJhbGciOiJub25lIn0.e30.", "opaque", "e30"] {
        let answer = look(&*world.authenticator, &bearer(other));
        assert!(matches!(answer, Authentication::NotMine), "{other}: {answer:?}");
    }
}

#[test]
fn root_keys_are_found_by_their_number_and_can_be_replaced() {
    let (old, new) = (KeyPair::new(), KeyPair::new());
    let token = |key: &KeyPair, id: Option<u32>| {
        let mut builder = Biscuit::builder().fact("user(\"ann\")").unwrap();
        if let Some(id) = id {
            builder = builder.root_key_id(id);
        }
        builder.build(key).unwrap().to_base64().unwrap()
    };
    let both = started(&[("biscuit-public-keys", format!("1={}, 2={}", public(&old), public(&new)))]);
    assert!(ask(&*both, &token(&old, Some(1))).is_ok());
    assert!(ask(&*both, &token(&new, Some(2))).is_ok());
    for wrong in [token(&old, Some(2)), token(&new, Some(1)), token(&new, Some(3)), token(&new, None)] {
        assert!(ask(&*both, &wrong).is_err());
    }
    let later = started(&[("biscuit-public-keys", format!("2={}", public(&new)))]);
    assert!(ask(&*later, &token(&old, Some(1))).is_err() && ask(&*later, &token(&new, Some(2))).is_ok());
}

#[test]
fn keys_that_cannot_be_meant_stop_the_start() {
    let (one, other) = (public(&KeyPair::new()), public(&KeyPair::new()));
    for wrong in [
        String::new(),
        "ed25519/00".to_owned(),
        one.replace("ed25519", "secp256r1"),
        format!("x={one}"),
        format!("{one},{other}"),
        format!("1={one},1={other}"),
        format!("{one},"),
    ] {
        let started = BiscuitFactory.start(&settings(&[("biscuit-public-keys", wrong.clone())]));
        assert!(started.is_err(), "{wrong}");
    }
    let id_alone = [("biscuit-root-key-id", "1".to_owned())];
    assert!(BiscuitFactory.start(&settings(&id_alone)).is_err());
}

#[test]
fn a_root_key_is_written_once_and_read_unless_others_may_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("root.key");
    let public = claviger_auth_biscuit::keygen(&file).unwrap();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert!(claviger_auth_biscuit::keygen(&file).is_err(), "it is written over");
    let path = |file: &Path| [("biscuit-root-key-file", file.display().to_string())];
    let minted = claviger_auth_biscuit::mint_token(
        &settings(&path(&file)),
        "ann",
        &["backup".to_owned()],
        claviger_auth_biscuit::Attenuation::default(),
        now(),
    );
    let minted = minted.unwrap();
    assert!(ask(&*started(&path(&file)), &minted).is_ok());
    assert!(ask(&*started(&[("biscuit-public-keys", public)]), &minted).is_ok());
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(BiscuitFactory.start(&settings(&path(&file))).is_err());
}
