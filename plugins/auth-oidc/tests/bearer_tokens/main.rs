//! The authenticator against issuers on loopback. OpenSSL makes the keys and signs the tokens.

// A test that meets what it does not expect is to fail right there, in a function of the test's own, too.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::indexing_slicing)]

mod issuer;
mod keys;

use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use claviger_auth_oidc::OidcFactory;
use claviger_plugin_sdk::authentication::{Authenticator, AuthenticatorFactory};
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::Subject;
use claviger_plugin_sdk::testkit::authenticator::{Cases, bearer, proven};
use serde_json::{Value, json};

use issuer::TestIssuer;
use keys::{Key, base64url};

/// Longer than between two looks that tokens with unknown keys cause.
const PAUSE: Duration = Duration::from_millis(5_300);

const AUDIENCE: &str = "kms";

fn settings(issuers: &[&TestIssuer], further: &[(&'static str, &str)]) -> Settings {
    let urls: Vec<&str> = issuers.iter().map(|issuer| issuer.url.as_str()).collect();
    let mut values = vec![
        ("jwt-issuer-uri", urls.join(",")),
        ("jwt-audience", AUDIENCE.to_owned()),
        ("jwt-algorithms", "RS256,PS256,ES256,ES384,EdDSA".to_owned()),
        ("jwt-user-claims", "email,sub".to_owned()),
        ("jwt-leeway", "10".to_owned()),
        ("jwks-refresh", "600".to_owned()),
    ];
    values.extend(further.iter().map(|(flag, value)| (*flag, (*value).to_owned())));
    Settings::new("/".into(), values)
}

fn started(settings: &Settings) -> Arc<dyn Authenticator> {
    OidcFactory.start(settings).unwrap().unwrap()
}

/// What becomes of a token: who it proves, or why nobody.
fn ask(authenticator: &Arc<dyn Authenticator>, token: &str) -> Result<String, String> {
    proven(&**authenticator, &bearer(token)).map(|principal| principal.user.to_string())
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// Good claims, with changes; null takes one away.
fn claims(issuer: &TestIssuer, changes: Value) -> Value {
    let mut claims = json!({
        "iss": issuer.url, "aud": AUDIENCE, "sub": "1", "email": "ann@example.org", "iat": now(), "exp": now() + 60,
    });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
            value => claims[name] = value.clone(),
        }
    }
    claims
}

fn cases() -> Cases {
    let key = Key::p256("k");
    let issuer = TestIssuer::start(&[&key]);
    let good = key.token(&claims(&issuer, json!({})));
    let wrong = [
        key.token(&claims(&issuer, json!({"exp": 1}))),
        key.token(&claims(&issuer, json!({"email": "*"}))),
        key.token(&claims(&issuer, json!({"email": ""}))),
        Key::p256("k").token(&claims(&issuer, json!({}))),
        "e30.e30.none".to_owned(),
        String::new(),
    ];
    let settings = settings(&[&issuer], &[]);
    // The suite asks as long as the test runs.
    std::mem::forget(issuer);
    Cases {
        factory: &OidcFactory,
        settings,
        accepted: vec![(bearer(&good), "ann@example.org".to_owned())],
        rejected: wrong.iter().map(|token| bearer(token)).collect(),
    }
}

claviger_plugin_sdk::authenticator_conformance!(cases());

#[test]
fn tokens_of_every_algorithm_are_accepted() {
    let keys = [
        Key::rsa("rs", "RS256"),
        Key::rsa("ps", "PS256"),
        Key::p256("p256"),
        Key::p384("p384"),
        Key::ed25519("ed"),
    ];
    let issuer = TestIssuer::start(&keys.each_ref());
    let authenticator = started(&settings(&[&issuer], &[]));
    for key in &keys {
        let token = key.token(&claims(&issuer, json!({})));
        assert_eq!(ask(&authenticator, &token).as_deref(), Ok("ann@example.org"), "{}", key.algorithm);
    }
}

#[test]
fn an_algorithm_that_is_not_configured_is_refused() {
    let (one, other) = (Key::p256("one"), Key::ed25519("other"));
    let issuer = TestIssuer::start(&[&one, &other]);
    let authenticator = started(&settings(&[&issuer], &[("jwt-algorithms", "ES256")]));
    assert!(ask(&authenticator, &one.token(&claims(&issuer, json!({})))).is_ok());
    let why = ask(&authenticator, &other.token(&claims(&issuer, json!({})))).unwrap_err();
    assert!(why.contains("EdDSA"), "{why}");
}

#[test]
fn a_token_that_is_not_as_it_should_be_is_refused_and_the_log_says_why() {
    let key = Key::rsa("k", "RS256");
    let issuer = TestIssuer::start(&[&key]);
    let authenticator = started(&settings(&[&issuer], &[]));
    let with = |changes: Value| key.token(&claims(&issuer, changes));
    let good = with(json!({}));
    assert!(ask(&authenticator, &good).is_ok());
    let parts: Vec<&str> = good.split('.').collect();
    let altered = base64url(claims(&issuer, json!({"email": "bob@example.org"})).to_string().as_bytes());
    let (unsecured, confused) = (json!({"alg": "none", "kid": "k"}), json!({"alg": "HS256", "kid": "k"}));
    let signed = format!("{}.{}", base64url(confused.to_string().as_bytes()), parts[1]);
    for (token, why) in [
        (format!("{}.{altered}.{}", parts[0], parts[2]), "its signature is wrong"),
        (format!("{}.{}.{}", parts[0], parts[1], base64url(&[0; 256])), "its signature is wrong"),
        (format!("{}.{}.", parts[0], parts[1]), "its signature is wrong"),
        (format!("{}.{}.", base64url(unsecured.to_string().as_bytes()), parts[1]), "is none that may sign"),
        (format!("{signed}.{}", base64url(&key.hmac_by_public_key(&signed))), "is none that may sign"),
        (Key::rsa("k", "RS256").token(&claims(&issuer, json!({}))), "its signature is wrong"),
        (Key::p256("k").token(&claims(&issuer, json!({}))), "no key \"k\" for ES256"),
        (key.token_with(&json!({"alg": "RS256"}), &claims(&issuer, json!({}))), "names no key"),
        (
            key.token_with(
                &json!({"alg": "RS256", "kid": "k", "typ": "logout+jwt"}),
                &claims(&issuer, json!({})),
            ),
            "another type",
        ),
        (with(json!({"iss": "https://other.example"})), "is not one of --jwt-issuer-uri"),
        (with(json!({"iss": format!("{}/", issuer.url)})), "is not one of --jwt-issuer-uri"),
        (with(json!({"iss": [issuer.url]})), "names no issuer"),
        (with(json!({"iss": null})), "names no issuer"),
        (with(json!({"aud": "other"})), "audience"),
        (with(json!({"aud": null})), "audience"),
        (with(json!({"exp": now() - 11})), "has expired"),
        (with(json!({"exp": null})), "when it expires"),
        (with(json!({"exp": (now() + 60).to_string()})), "exp is no number"),
        (with(json!({"nbf": now() + 20})), "not valid yet"),
        (with(json!({"email": null, "sub": null})), "no claim that names a user"),
    ] {
        let refused = ask(&authenticator, &token).unwrap_err();
        assert!(refused.contains(why), "{refused:?} instead of {why:?}");
    }
    assert!(ask(&authenticator, &with(json!({"exp": now() - 5}))).is_ok(), "clocks may differ");
}

#[test]
fn one_issuer_does_not_speak_for_another() {
    let (first_key, second_key) = (Key::p256("k"), Key::p256("k"));
    let (first, second) = (TestIssuer::start(&[&first_key]), TestIssuer::start(&[&second_key]));
    let authenticator = started(&settings(&[&first, &second], &[("jwt-audience", "kms,other")]));
    assert!(ask(&authenticator, &first_key.token(&claims(&first, json!({})))).is_ok());
    assert!(ask(&authenticator, &second_key.token(&claims(&second, json!({"aud": "other"})))).is_ok());
    let why = ask(&authenticator, &second_key.token(&claims(&first, json!({})))).unwrap_err();
    assert!(why.contains("signature is wrong"), "{why}");
    let why = ask(&authenticator, &second_key.token(&claims(&second, json!({})))).unwrap_err();
    assert!(why.contains("audience"), "{why}");
}

#[test]
fn the_user_has_the_groups_that_the_token_names() {
    let key = Key::p256("k");
    let issuer = TestIssuer::start(&[&key]);
    let authenticator = started(&settings(&[&issuer], &[("jwt-groups-claim", "/realm_access/roles")]));
    let token = key.token(&claims(&issuer, json!({"realm_access": {"roles": ["backup", "a b"]}})));
    let principal = proven(&*authenticator, &bearer(&token)).unwrap();
    assert_eq!(principal.proven_by.as_deref(), Some("oidc"));
    let expected = [
        Subject::User("ann@example.org".into()),
        Subject::Group("backup".into()),
        Subject::Group("a b".into()),
        Subject::Everyone,
    ];
    assert_eq!(**principal.subjects(), expected);
}

#[test]
fn keys_are_where_the_configuration_says_or_below_the_issuer() {
    let key = Key::p256("k");
    let issuer = TestIssuer::start(&[&key]);
    let token = key.token(&claims(&issuer, json!({})));
    issuer.move_keys("/elsewhere", false);
    let url = format!("{}/elsewhere", issuer.url);
    assert!(ask(&started(&settings(&[&issuer], &[("jwks-uri", &url)])), &token).is_ok());
    issuer.move_keys("/.well-known/jwks.json", false);
    assert!(ask(&started(&settings(&[&issuer], &[])), &token).is_ok());
    // Now it says where they are.
    issuer.move_keys("/elsewhere", true);
    assert!(ask(&started(&settings(&[&issuer], &[])), &token).is_ok());
}

#[test]
fn a_new_key_is_found_an_old_one_forgotten_and_the_issuer_is_not_asked_for_every_token() {
    let (old, new) = (Key::p256("old"), Key::p256("new"));
    let issuer = TestIssuer::start(&[&old]);
    let authenticator = started(&settings(&[&issuer], &[]));
    assert!(ask(&authenticator, &old.token(&claims(&issuer, json!({})))).is_ok());
    issuer.publish(&[&new]);
    thread::sleep(PAUSE);
    let asked = issuer.asked();
    assert!(ask(&authenticator, &new.token(&claims(&issuer, json!({})))).is_ok());
    for number in 0..50 {
        let unknown = Key::p256(&format!("unknown {number}")).token(&claims(&issuer, json!({})));
        assert!(ask(&authenticator, &unknown).unwrap_err().contains("has no key"));
    }
    assert!(ask(&authenticator, &old.token(&claims(&issuer, json!({})))).unwrap_err().contains("has no key"));
    // Where the keys are, and the keys.
    assert_eq!(issuer.asked() - asked, 2);
}

#[test]
fn a_key_that_replaces_another_of_its_name_is_found() {
    let (old, new) = (Key::p256("k"), Key::p256("k"));
    let issuer = TestIssuer::start(&[&old]);
    let authenticator = started(&settings(&[&issuer], &[]));
    assert!(ask(&authenticator, &old.token(&claims(&issuer, json!({})))).is_ok());
    issuer.publish(&[&new]);
    thread::sleep(PAUSE);
    let asked = issuer.asked();
    assert!(ask(&authenticator, &new.token(&claims(&issuer, json!({})))).is_ok());
    for _ in 0..50 {
        let why = ask(&authenticator, &old.token(&claims(&issuer, json!({})))).unwrap_err();
        assert!(why.contains("signature is wrong"), "{why}");
    }
    assert_eq!(issuer.asked() - asked, 2);
}

#[test]
fn an_issuer_that_has_gone_does_not_stop_tokens_whose_keys_are_known() {
    let key = Key::p256("k");
    let mut issuer = TestIssuer::start(&[&key]);
    let authenticator = started(&settings(&[&issuer], &[("jwks-refresh", "1")]));
    assert!(ask(&authenticator, &key.token(&claims(&issuer, json!({})))).is_ok());
    issuer.stop();
    thread::sleep(Duration::from_secs(3));
    assert!(ask(&authenticator, &key.token(&claims(&issuer, json!({})))).is_ok());
    let other = Key::p256("other").token(&claims(&issuer, json!({})));
    assert!(ask(&authenticator, &other).unwrap_err().contains("has no key"));
}

#[test]
fn an_issuer_that_comes_later_is_found() {
    let key = Key::p256("k");
    let mut issuer = TestIssuer::start(&[&key]);
    issuer.stop();
    let authenticator = started(&settings(&[&issuer], &[]));
    let token = key.token(&claims(&issuer, json!({})));
    assert!(ask(&authenticator, &token).unwrap_err().contains("could not be fetched yet"));
    issuer.start_again();
    thread::sleep(PAUSE);
    assert!(ask(&authenticator, &token).is_ok());
}
