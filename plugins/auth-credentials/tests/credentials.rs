//! Credentials against a file of an operator. The hashes in it were made with Python's `cryptography`.

// A test that meets what it does not expect is to fail right there, in a function of the test's own, too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::PathBuf;
use std::sync::Arc;

use claviger_auth_credentials::CredentialsFactory;
use claviger_plugin_sdk::authentication::{Authentication, Authenticator, AuthenticatorFactory, Principal};
use claviger_plugin_sdk::kmip::message::Credential;
use claviger_plugin_sdk::kmip::tables::enumerations::{CredentialType, ResultReason};
use claviger_plugin_sdk::kmip::{Tag, Ttlv, Value};
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::testkit::credential::{Cases, Desk};

const NOW: i64 = 1_700_000_000;

fn settings() -> Settings {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests");
    Settings::new(folder, [("credentials-file", "credentials.toml".to_owned())])
}

fn started() -> Arc<dyn Authenticator> {
    CredentialsFactory.start(&settings()).unwrap().unwrap()
}

fn text(tag: Tag, text: &str) -> Ttlv {
    Ttlv::new(tag, Value::TextString(text.to_owned()))
}

fn credential(credential_type: CredentialType, fields: Vec<Ttlv>) -> Credential {
    Credential { credential_type, credential_value: Value::Structure(fields) }
}

fn password(user: &str, password: &str) -> Credential {
    let fields = vec![text(Tag::USERNAME, user), text(Tag::PASSWORD, password)];
    credential(CredentialType::USERNAME_AND_PASSWORD, fields)
}

fn device(fields: &[(Tag, &str)]) -> Credential {
    let fields = fields.iter().map(|(tag, value)| text(*tag, value)).collect();
    credential(CredentialType::DEVICE, fields)
}

/// The device of the published case TC-112.
fn device_of_tc_112(identifier: &str, secret: &str) -> Credential {
    device(&[
        (Tag::DEVICE_SERIAL_NUMBER, "serNum123456"),
        (Tag::PASSWORD, secret),
        (Tag::DEVICE_IDENTIFIER, identifier),
        (Tag::NETWORK_IDENTIFIER, "netID9000"),
        (Tag::MACHINE_IDENTIFIER, "machineID1"),
        (Tag::MEDIA_IDENTIFIER, "mediaID313"),
    ])
}

fn cases() -> Cases {
    Cases {
        factory: &CredentialsFactory,
        settings: settings(),
        now: NOW,
        accepted: vec![
            (password("Fred", "password1"), "Fred".into()),
            (device_of_tc_112("devID2233", "secret"), "device-2233".into()),
        ],
        rejected: vec![
            password("Fred", "password2"),
            password("Fred", ""),
            password("fred", "password1"),
            password("nobody", "password1"),
            password("", ""),
            credential(CredentialType::USERNAME_AND_PASSWORD, vec![text(Tag::USERNAME, "Fred")]),
            device_of_tc_112("devID2233", "password1"),
            device_of_tc_112("devID4444", "secret"),
            device(&[]),
            device(&[(Tag::PASSWORD, "secret")]),
        ],
        foreign: vec![credential(CredentialType::TICKET, vec![ticket()])],
    }
}

fn ticket() -> Ttlv {
    let ticket_type = Ttlv::new(Tag::TICKET_TYPE, Value::Enumeration(1));
    let value = Ttlv::new(Tag::TICKET_VALUE, Value::ByteString(vec![1; 32].into()));
    Ttlv::structure(Tag::TICKET, vec![ticket_type, value])
}

claviger_plugin_sdk::credential_conformance!(cases());

fn is_accepted(answer: &claviger_plugin_sdk::Result<Authentication>) -> bool {
    matches!(answer, Ok(Authentication::Accepted(_)))
}

#[test]
fn it_is_off_unless_a_file_is_named() {
    assert!(CredentialsFactory.start(&Settings::default()).unwrap().is_none());
    let absent = Settings::new("/".into(), [("credentials-file", "absent.toml".to_owned())]);
    assert!(CredentialsFactory.start(&absent).is_err());
}

#[test]
fn groups_come_with_the_user() {
    match Desk::at(NOW).show(&*started(), &password("Fred", "password1")).unwrap() {
        Authentication::Accepted(fred) => assert_eq!(fred.groups, ["staff".into()]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_credential_is_good_on_its_connections_alone() {
    let (mut desk, authenticator) = (Desk::at(NOW), started());
    let number = device(&[(Tag::DEVICE_SERIAL_NUMBER, "SN-1")]);
    assert!(!is_accepted(&desk.show(&*authenticator, &number)));
    desk.proven = Some(Principal::user("alice", Some("mtls")));
    assert!(!is_accepted(&desk.show(&*authenticator, &number)));
    desk.proven = Some(Principal::user("gateway", Some("mtls")));
    assert!(is_accepted(&desk.show(&*authenticator, &number)));
    // A password that nobody can verify is not overlooked.
    let more = device(&[(Tag::DEVICE_SERIAL_NUMBER, "SN-1"), (Tag::PASSWORD, "secret")]);
    assert!(!is_accepted(&desk.show(&*authenticator, &more)));
}

#[test]
fn after_failures_even_the_right_password_has_to_wait_unless_it_was_verified_of_late() {
    for known_before in [false, true] {
        let (mut desk, authenticator) = (Desk::at(NOW), started());
        let right = password("Fred", "password1");
        assert!(!known_before || is_accepted(&desk.show(&*authenticator, &right)));
        for guess in 0..6 {
            assert!(!is_accepted(&desk.show(&*authenticator, &password("Fred", &format!("guess {guess}")))));
        }
        assert_eq!(is_accepted(&desk.show(&*authenticator, &right)), known_before);
        desk.clock.advance(61);
        assert!(is_accepted(&desk.show(&*authenticator, &right)));
    }
}

#[test]
fn failures_of_one_name_do_not_keep_another_waiting() {
    let (mut desk, authenticator) = (Desk::at(NOW), started());
    for _ in 0..10 {
        assert!(!is_accepted(&desk.show(&*authenticator, &password("nobody", "guess"))));
    }
    assert!(is_accepted(&desk.show(&*authenticator, &password("Fred", "password1"))));
}

#[test]
fn a_user_brings_all_credentials_that_are_required_or_a_ticket() {
    let (mut desk, authenticator) = (Desk::at(NOW), started());
    let careful = Principal::user("careful", Some("mtls"));
    let mut suffices = |brought: &[CredentialType]| desk.suffices(&*authenticator, &careful, brought);
    let refused = suffices(&[]).unwrap_err();
    assert_eq!(refused.reason(), ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
    assert!(suffices(&[CredentialType::USERNAME_AND_PASSWORD]).is_ok());
    assert!(suffices(&[CredentialType::TICKET]).is_ok());
    let others = Principal::user("alice", Some("mtls"));
    assert!(desk.suffices(&*authenticator, &others, &[]).is_ok());
}
