//! Credentials against a file of an operator. The hashes in it were made with Python's `cryptography`.

// A test that meets what it does not expect is to fail right there, in a function of the test's own, too.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::PathBuf;
use std::sync::Arc;

use claviger_auth_credentials::CredentialsFactory;
use claviger_plugin_sdk::authentication::{Authentication, Authenticator, AuthenticatorFactory, Principal};
use claviger_plugin_sdk::credentials::CredentialHost as _;
use claviger_plugin_sdk::kmip::message::Credential;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    AttestationType, CredentialType, HashingAlgorithm, OperationCode, ResultReason,
};
use claviger_plugin_sdk::kmip::{Tag, Ttlv, Value};
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::DocumentPut;
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
            (one_time("Tom", None, "921300"), "Tom".into()),
            (one_time("Hope", Some("password1"), "755224"), "Hope".into()),
            (hashed("Hal", NOW_MICROS, None, HAL), "Hal".into()),
            (hashed("Hal512", NOW_MICROS, Some(HashingAlgorithm::SHA_512), HAL_512), "Hal512".into()),
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
            one_time("Tom", None, "921301"),
            one_time("Tom", Some("password1"), "921300"),
            one_time("nobody", None, "921300"),
            one_time("Fred", Some("password1"), "921300"),
            hashed("nobody", NOW_MICROS, None, HAL),
            hashed("Hal", NOW_MICROS, Some(HashingAlgorithm::MD5), HAL),
            hashed("Hal512", NOW_MICROS, None, HAL_512),
            hashed("Hal", NOW_MICROS, None, ""),
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

/// The device has no medium, so what is said of it is not looked at.
#[test]
fn guessing_the_password_of_a_device_is_slowed_down_whatever_else_is_presented() {
    let (mut desk, authenticator) = (Desk::at(NOW), started());
    let guess = |secret: &str, medium: &str| {
        device(&[
            (Tag::DEVICE_SERIAL_NUMBER, "SN-2"),
            (Tag::PASSWORD, secret),
            (Tag::MEDIA_IDENTIFIER, medium),
        ])
    };
    for medium in 0..6 {
        assert!(!is_accepted(&desk.show(&*authenticator, &guess("password2", &medium.to_string()))));
    }
    assert!(!is_accepted(&desk.show(&*authenticator, &guess("password1", "7"))));
    desk.clock.advance(61);
    assert!(is_accepted(&desk.show(&*authenticator, &guess("password1", "8"))));
}

#[test]
fn a_name_that_is_longer_than_any_is_refused_before_it_is_looked_up() {
    let (mut desk, authenticator) = (Desk::at(NOW), started());
    for (length, why) in [(1_024, "nobody has the name"), (1_025, "longer")] {
        match desk.show(&*authenticator, &password(&"n".repeat(length), "password1")).unwrap() {
            Authentication::Rejected(told) => assert!(told.contains(why), "{told}"),
            other => panic!("{other:?}"),
        }
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

fn one_time(user: &str, secret: Option<&str>, once: &str) -> Credential {
    let mut fields = vec![text(Tag::USERNAME, user)];
    fields.extend(secret.map(|secret| text(Tag::PASSWORD, secret)));
    fields.push(text(Tag::ONE_TIME_PASSWORD, once));
    credential(CredentialType::ONE_TIME_PASSWORD, fields)
}

fn hashed(user: &str, time: i64, algorithm: Option<HashingAlgorithm>, hash: &str) -> Credential {
    let hash: Vec<u8> =
        (0..hash.len()).step_by(2).map(|at| u8::from_str_radix(&hash[at..at + 2], 16).unwrap()).collect();
    let mut fields = vec![
        text(Tag::USERNAME, user),
        Ttlv::new(Tag::TIME_STAMP, Value::DateTimeExtended(time)),
        Ttlv::new(Tag::HASHED_PASSWORD, Value::ByteString(hash.into())),
    ];
    if let Some(algorithm) = algorithm {
        fields.insert(2, Ttlv::new(Tag::HASHING_ALGORITHM, Value::Enumeration(algorithm.0)));
    }
    credential(CredentialType::HASHED_PASSWORD, fields)
}

/// Made with Python's hashlib: the users Hal and Hal512 with the password `password1`, at `NOW`.
const HAL: &str = "1cfe9e58280b90a2178d3c98ae694bb3d2acaffeeaf4c4b3d0611e8f0450893206418b9b0868ee7f41ff1565180caea2d5cba673ca31e9b4c502016b5595f50c";
const HAL_512: &str = "abf5d51df3392aef38ff092958705f9af61e5799126e7a0003988c037f5028764ca32e7e504b4dcf8056609e0cf04388cd77b2adcbd2cb7bbdb93049b5d2242f\
    bdd3e3bea0dd7e88b6ebc3cc24fc20adca4ad5e75bbb0ab44ef766399a2772ac7e30a09ef4aa02f5533a94bf257becf112f63773c5c35dc2b0109a065ede65e3";
/// What the server answers Hal.
const ANSWER: &str = "14248c89cb9663175ba25d780c0a52320e2f8e70d308e2f49f4f945e16719863";
const NOW_MICROS: i64 = NOW * 1_000_000;

#[test]
fn a_password_of_its_time_is_good_once_on_all_servers() {
    let (mut desk, first, second) = (Desk::at(NOW), started(), started());
    assert!(is_accepted(&desk.show(&*first, &one_time("Tom", None, "921300"))));
    for server in [&first, &second] {
        assert!(!is_accepted(&desk.show(&**server, &one_time("Tom", None, "921300"))));
        // The one before is used up with it; those of other times are not due.
        assert!(!is_accepted(&desk.show(&**server, &one_time("Tom", None, "276857"))));
        assert!(!is_accepted(&desk.show(&**server, &one_time("Tom", None, "136087"))));
    }
    desk.clock.advance(61);
    assert!(is_accepted(&desk.show(&*second, &one_time("Tom", None, "732303"))));
}

#[test]
fn a_clock_may_be_off_by_a_step() {
    for (password, good) in
        [("713364", false), ("276857", true), ("921300", true), ("732303", true), ("136087", false)]
    {
        let shown = Desk::at(NOW).show(&*started(), &one_time("Tom", None, password));
        assert_eq!(is_accepted(&shown), good, "{password}");
    }
}

/// The values of RFC 4226, appendix D.
#[test]
fn a_counted_password_comes_with_the_lasting_one_and_uses_up_those_before() {
    let (mut desk, authenticator) = (Desk::at(NOW), started());
    let mut shown = |secret, once| is_accepted(&desk.show(&*authenticator, &one_time("Hope", secret, once)));
    let right = Some("password1");
    assert!(!shown(None, "755224"));
    assert!(!shown(Some("password2"), "755224"));
    assert!(shown(right, "755224"));
    assert!(!shown(right, "755224"));
    assert!(shown(right, "969429"));
    assert!(!shown(right, "359152"));
    assert!(shown(right, "338314"));
}

#[test]
fn without_the_lasting_password_a_user_is_refused_as_nobody_is_and_not_kept_waiting() {
    let (mut desk, authenticator) = (Desk::at(NOW), started());
    let mut refusal = |user| match desk.show(&*authenticator, &one_time(user, None, "755224")).unwrap() {
        Authentication::Rejected(why) => why,
        other => panic!("{other:?}"),
    };
    for _ in 0..8 {
        assert_eq!(refusal("Hope"), refusal("nobody"));
    }
    assert!(is_accepted(&desk.show(&*authenticator, &one_time("Hope", Some("password1"), "755224"))));
}

#[test]
fn guessing_one_time_passwords_is_slowed_down() {
    let (mut desk, authenticator) = (Desk::at(NOW), started());
    for guess in 0..6 {
        assert!(!is_accepted(&desk.show(&*authenticator, &one_time("Tom", None, &format!("{guess:06}")))));
    }
    assert!(!is_accepted(&desk.show(&*authenticator, &one_time("Tom", None, "921300"))));
    desk.clock.advance(5);
    assert!(is_accepted(&desk.show(&*authenticator, &one_time("Tom", None, "921300"))));
}

#[test]
fn a_hashed_password_is_good_once_and_answered() {
    let (mut desk, authenticator) = (Desk::at(NOW), started());
    let hal = hashed("Hal", NOW_MICROS, None, HAL);
    assert!(is_accepted(&desk.show(&*authenticator, &hal)));
    let answer = desk.server_hashed_password.take().unwrap();
    assert_eq!(answer.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), ANSWER);
    assert!(!is_accepted(&desk.show(&*started(), &hal)));
    assert!(desk.server_hashed_password.is_none());
}

#[test]
fn a_hashed_password_is_of_this_time() {
    for (now, good) in [(NOW - 301, false), (NOW - 299, true), (NOW + 299, true), (NOW + 301, false)] {
        let shown = Desk::at(now).show(&*started(), &hashed("Hal", NOW_MICROS, None, HAL));
        assert_eq!(is_accepted(&shown), good, "{now}");
    }
}

/// The quotes were made with Python's `cryptography`, by the structures of TPM 2.0 Library Part 2.
fn quote(name: &str) -> Vec<u8> {
    let line =
        include_str!("quotes.txt").lines().find_map(|line| line.strip_prefix(&format!("{name} "))).unwrap();
    (0..line.len()).step_by(2).map(|at| u8::from_str_radix(&line[at..at + 2], 16).unwrap()).collect()
}

fn attestation(nonce: (&[u8], &[u8]), kind: AttestationType, tag: Tag, measurement: &[u8]) -> Credential {
    let bytes = |tag, bytes: &[u8]| Ttlv::new(tag, Value::ByteString(bytes.into()));
    let nonce =
        Ttlv::structure(Tag::NONCE, vec![bytes(Tag::NONCE_ID, nonce.0), bytes(Tag::NONCE_VALUE, nonce.1)]);
    let kind = Ttlv::new(Tag::ATTESTATION_TYPE, Value::Enumeration(kind.0));
    credential(CredentialType::ATTESTATION, vec![nonce, kind, bytes(tag, measurement)])
}

const NONCE_ID: [u8; 16] = [9; 16];

/// A desk where the nonce of the quotes was given to a user.
fn desk_with_nonce(user: &str) -> (Desk, Vec<u8>) {
    let nonce: Vec<u8> = (0..32).collect();
    let mut desk = Desk::at(NOW);
    let put = DocumentPut {
        kind: "attestation-nonce".into(),
        id: "09".repeat(16),
        expected: None,
        content: Some(([&nonce[..], user.as_bytes()].concat().into(), Some(NOW + 120))),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert!(runtime.block_on(desk.write_document(put)).unwrap());
    (desk, nonce)
}

#[test]
fn a_quote_over_the_nonce_confirms_the_user_to_whom_it_was_given() {
    for name in ["rsassa", "rsapss", "ecdsa"] {
        let (mut desk, nonce) = desk_with_nonce("sealed");
        let shown = attestation(
            (&NONCE_ID, &nonce),
            AttestationType::TPM_QUOTE,
            Tag::ATTESTATION_MEASUREMENT,
            &quote(name),
        );
        match desk.show(&*started(), &shown).unwrap() {
            Authentication::Confirms(user) => assert_eq!(&*user, "sealed", "{name}"),
            other => panic!("{name}: {other:?}"),
        }
        let again = desk.show(&*started(), &shown).unwrap_err();
        assert_eq!(again.reason(), ResultReason::ATTESTATION_FAILED, "a nonce is good once");
    }
}

#[test]
fn another_nonce_machine_user_or_type_is_no_attestation() {
    let fails = |user: &str, nonce: Option<(&[u8], &[u8])>, kind, tag, measurement: &[u8]| {
        let (mut desk, value) = desk_with_nonce(user);
        let shown = attestation(nonce.unwrap_or((&NONCE_ID, &value)), kind, tag, measurement);
        desk.show(&*started(), &shown).unwrap_err().reason()
    };
    let (tpm, measurement) = (AttestationType::TPM_QUOTE, Tag::ATTESTATION_MEASUREMENT);
    let failed = ResultReason::ATTESTATION_FAILED;
    for name in ["other_nonce", "other_registers", "other_selection", "no_quote", "not_of_a_tpm"] {
        assert_eq!(fails("sealed", None, tpm, measurement, &quote(name)), failed, "{name}");
    }
    let good = quote("ecdsa");
    let other = [8; 16];
    assert_eq!(fails("sealed", Some((&other, &[0; 32])), tpm, measurement, &good), failed);
    assert_eq!(fails("sealed", Some((&NONCE_ID, &[0; 32])), tpm, measurement, &good), failed);
    assert_eq!(fails("sealed", Some((&[], &[])), tpm, measurement, &good), failed);
    assert_eq!(fails("Fred", None, tpm, measurement, &good), failed);
    assert_eq!(fails("sealed", None, tpm, Tag::ATTESTATION_ASSERTION, &good), failed);
    let saml = AttestationType::SAML_ASSERTION;
    assert_eq!(fails("sealed", None, saml, measurement, &good), ResultReason::FEATURE_NOT_SUPPORTED);
    // Whatever is changed or cut off.
    for place in 0..good.len() {
        let mut changed = good.clone();
        changed[place] ^= 1;
        for damaged in [&changed[..], &good[..place]] {
            assert_eq!(fails("sealed", None, tpm, measurement, damaged), failed, "{place}");
        }
    }
}

#[test]
fn whoever_must_attest_is_given_a_nonce_or_denied() {
    let (mut desk, authenticator) = (Desk::at(NOW), started());
    let sealed = Principal::user("sealed", Some("mtls"));
    let denied = desk.suffices(&*authenticator, &sealed, &[]).unwrap_err();
    assert_eq!(denied.reason(), ResultReason::PERMISSION_DENIED);
    assert!(desk.attestation.is_none());
    desk.can_attest = true;
    let asked = desk.suffices(&*authenticator, &sealed, &[]).unwrap_err();
    assert_eq!(asked.reason(), ResultReason::ATTESTATION_REQUIRED);
    let (first, types) = desk.attestation.take().unwrap();
    assert_eq!(types, [AttestationType::TPM_QUOTE]);
    desk.suffices(&*authenticator, &sealed, &[]).unwrap_err();
    let second = desk.attestation.take().unwrap().0;
    assert!(first.nonce_value != second.nonce_value && first.nonce_id != second.nonce_id);
    // It is known, and the quote is over another one.
    let nonce = (&second.nonce_id[..], &second.nonce_value[..]);
    let shown = attestation(nonce, AttestationType::TPM_QUOTE, Tag::ATTESTATION_MEASUREMENT, &quote("ecdsa"));
    let failed = desk.show(&*authenticator, &shown).unwrap_err();
    assert!(failed.message().contains("quote"), "{failed}");
    for brought in [CredentialType::ATTESTATION, CredentialType::TICKET] {
        assert!(desk.suffices(&*authenticator, &sealed, &[brought]).is_ok());
    }
}

#[test]
fn a_credential_may_be_good_for_certain_operations_alone() {
    match Desk::at(NOW).show(&*started(), &password("Reader", "password1")).unwrap() {
        Authentication::Accepted(reader) => {
            let restriction = reader.restriction.unwrap();
            assert!(restriction.allows(OperationCode::GET) && !restriction.allows(OperationCode::DESTROY));
        }
        other => panic!("{other:?}"),
    }
}
