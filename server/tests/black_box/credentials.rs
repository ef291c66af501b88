//! Credentials in the header of messages, against a file of the operator.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use claviger_kmip::codec::binary;
use claviger_kmip::field::TtlvValue as _;
use claviger_kmip::message::ResponseMessage;
use claviger_kmip::tables::enumerations::{AttestationType, CredentialType, OperationCode, ResultReason};
use claviger_kmip::{Tag, Ttlv, Value};
use serde_json::json;

use crate::certificates::connect;
use crate::kmip_forms::{create, message, query};
use crate::server_process::{ServerProcess, bare_command};
use crate::ttlv_socket::{read, start_with};

/// Made with Python's `cryptography`: the password `password1`.
const PASSWORD1: &str =
    "$argon2id$v=19$m=7168,t=5,p=1$c29tZXNhbHQ$nv7QV0z0F9bQCnQEeFHS9qHElOAXl1R7yET1AMIL078";

/// Writes a file of credentials with these users, who have the same password, and names it.
pub(crate) fn file_of(folder: &Path, users: &[&str]) -> String {
    let entry = |user: &&str| format!("[[user]]\nname = \"{user}\"\npassword = \"{PASSWORD1}\"\n");
    write(folder, &users.iter().map(entry).collect::<String>())
}

/// The same, and these users are bound to the connections of one.
pub(crate) fn file_of_bound(folder: &Path, users: &[&str], connection: &str) -> String {
    let text = std::fs::read_to_string(file_of(folder, users)).unwrap();
    write(folder, &text.replace("[[user]]\n", &format!("[[user]]\nconnections = [\"{connection}\"]\n")))
}

fn write(folder: &Path, text: &str) -> String {
    let file = folder.join("credentials.toml");
    std::fs::write(&file, text).unwrap();
    file.display().to_string()
}

pub(crate) fn text(tag: Tag, text: &str) -> Ttlv {
    Ttlv::new(tag, Value::TextString(text.into()))
}

/// The credential of a user with a password.
pub(crate) fn password(user: &str, password: &str) -> Ttlv {
    let fields = vec![text(Tag::USERNAME, user), text(Tag::PASSWORD, password)];
    credential(CredentialType::USERNAME_AND_PASSWORD, fields)
}

/// A credential with these fields.
pub(crate) fn credential(credential_type: CredentialType, fields: Vec<Ttlv>) -> Ttlv {
    Ttlv::structure(
        Tag::CREDENTIAL,
        vec![
            Ttlv::new(Tag::CREDENTIAL_TYPE, Value::Enumeration(credential_type.0)),
            Ttlv::structure(Tag::CREDENTIAL_VALUE, fields),
        ],
    )
}

/// A credential of each type of the standard, all of them wrong but the first.
pub(crate) fn of_each_type() -> Vec<Ttlv> {
    let bytes = |tag, length: usize| Ttlv::new(tag, Value::ByteString(vec![7; length].into()));
    let code = |tag| Ttlv::new(tag, Value::Enumeration(1));
    let nonce = Ttlv::structure(Tag::NONCE, vec![bytes(Tag::NONCE_ID, 16), bytes(Tag::NONCE_VALUE, 32)]);
    let quote = bytes(Tag::ATTESTATION_MEASUREMENT, 200);
    let ticket = Ttlv::structure(Tag::TICKET, vec![code(Tag::TICKET_TYPE), bytes(Tag::TICKET_VALUE, 48)]);
    let time = Ttlv::new(Tag::TIME_STAMP, Value::DateTimeExtended(1));
    let user = || text(Tag::USERNAME, "ann");
    vec![
        password("ann", "password1"),
        credential(CredentialType::DEVICE, vec![text(Tag::DEVICE_SERIAL_NUMBER, "1")]),
        credential(CredentialType::ATTESTATION, vec![nonce, code(Tag::ATTESTATION_TYPE), quote]),
        credential(CredentialType::ONE_TIME_PASSWORD, vec![user(), text(Tag::ONE_TIME_PASSWORD, "123456")]),
        credential(CredentialType::HASHED_PASSWORD, vec![user(), time, bytes(Tag::HASHED_PASSWORD, 64)]),
        credential(CredentialType::TICKET, vec![ticket]),
    ]
}

/// The message with credentials.
pub(crate) fn with(credentials: Vec<Ttlv>, mut message: Ttlv) -> Ttlv {
    let Value::Structure(parts) = &mut message.value else { panic!("{message:?}") };
    let Value::Structure(header) = &mut parts[0].value else { panic!("{parts:?}") };
    header.insert(1, Ttlv::structure(Tag::AUTHENTICATION, credentials));
    message
}

/// Why the items of a response failed, if they did.
pub(crate) fn reasons(response: Ttlv) -> Vec<Option<ResultReason>> {
    let response = ResponseMessage::from_value(response.tag, response.value).unwrap();
    response.batch_item.into_iter().map(|item| item.result_reason).collect()
}

const NOBODY: Option<ResultReason> = Some(ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);

#[test]
fn a_password_in_the_header_lets_a_message_in_and_nothing_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_of(folder.path(), &["Fred"]);
    let server = ServerProcess::start(folder.path(), &["--credentials-file", &file]);
    let mut client = server.client();
    let good = with(vec![password("Fred", "password1")], message(vec![create()]));
    assert_eq!(reasons(client.kmip(&good)), [None]);
    for bad in [
        vec![password("Fred", "password2")],
        vec![password("nobody", "password1")],
        vec![password("Fred", "password1"), password("nobody", "password1")],
        vec![],
    ] {
        assert_eq!(reasons(client.kmip(&with(bad, message(vec![query()])))), [NOBODY]);
    }
    assert_eq!(reasons(client.kmip(&message(vec![query()]))), [NOBODY]);
    let bare = json!({"tag": "Query", "type": "Structure", "value": []}).to_string();
    let rest = client.send("POST", "/kmip_2_1", &["content-type: application/json"], bare.as_bytes());
    assert_eq!((rest.status, rest.text().as_str()), (401, ""));
    assert!(!server.log().contains("password1"), "{}", server.log());
}

#[test]
fn on_a_connection_with_a_certificate_the_credential_says_who_acts() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_of(folder.path(), &["Fred"]);
    let (server, certificates) =
        start_with(folder.path(), &["--credentials-file", &file, "--auth-require", "any"]);
    let mut stream = connect(server.ttlv.unwrap(), &certificates, Some("alice"), &[]);
    let mut send = |message: Ttlv| {
        stream.write_all(&binary::encode(&message)).unwrap();
        let response = read(&mut stream).unwrap();
        ResponseMessage::from_value(response.tag, response.value).unwrap().batch_item.remove(0)
    };
    let fred = || vec![password("Fred", "password1")];
    let made = send(with(fred(), message(vec![create()]))).response_payload.unwrap().into_value();
    let made = Ttlv { tag: Tag::RESPONSE_PAYLOAD, value: made };
    let id = made.child(Tag::UNIQUE_IDENTIFIER).unwrap().clone();
    let get = || message(vec![(OperationCode::GET, vec![id.clone()])]);
    assert_eq!(send(with(fred(), get())).result_reason, None);
    assert_eq!(send(get()).result_reason, Some(ResultReason::OBJECT_NOT_FOUND));
}

#[test]
fn where_all_are_required_the_certificate_alone_does_not_let_a_message_in() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_of(folder.path(), &["Fred"]);
    let (server, certificates) = start_with(folder.path(), &["--credentials-file", &file]);
    let mut stream = connect(server.ttlv.unwrap(), &certificates, Some("alice"), &[]);
    let mut send = |message: Ttlv| {
        stream.write_all(&binary::encode(&message)).unwrap();
        reasons(read(&mut stream).unwrap())
    };
    assert_eq!(send(message(vec![query()])), [NOBODY]);
    assert_eq!(send(with(vec![password("Fred", "password1")], message(vec![query()]))), [None]);
}

#[test]
fn a_hash_that_the_command_makes_lets_its_password_in() {
    let mut command = bare_command().arg("hash-password").stdin(Stdio::piped()).spawn().unwrap();
    command.stdin.take().unwrap().write_all(b"correct horse\nignored\n").unwrap();
    let output = command.wait_with_output().unwrap();
    let hash = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && hash.starts_with("$argon2id$"), "{hash}");
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), &format!("[[user]]\nname = \"ann\"\npassword = \"{}\"\n", hash.trim()));
    let server = ServerProcess::start(folder.path(), &["--credentials-file", &file]);
    let sent = |secret: &str| {
        reasons(server.client().kmip(&with(vec![password("ann", secret)], message(vec![query()]))))
    };
    assert_eq!(sent("correct horse"), [None]);
    assert_eq!(sent("ignored"), [NOBODY]);
}

#[test]
fn an_empty_password_and_a_broken_file_are_refused_with_a_reason() {
    let refused = bare_command().arg("hash-password").output().unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("a password has 1 to 1024 bytes"));
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), "[[user]]\nname = \"ann\"\npassword = \"hunter2\"\n");
    let refused = bare_command().args(["config", "check", "--credentials-file", &file]).output().unwrap();
    let told = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && told.contains("hash-password"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
}

#[test]
fn a_ticket_takes_the_place_of_the_password_until_logout() {
    let folder = tempfile::tempdir().unwrap();
    let file = file_of(folder.path(), &["Fred"]);
    let server = ServerProcess::start(folder.path(), &["--credentials-file", &file]);
    let mut client = server.client();
    let login = message(vec![(OperationCode::LOGIN, vec![])]);
    let answer = client.kmip(&with(vec![password("Fred", "password1")], login));
    let answer = ResponseMessage::from_value(answer.tag, answer.value).unwrap();
    let payload = answer.batch_item.into_iter().next().unwrap().response_payload.unwrap().into_value();
    let payload = Ttlv { tag: Tag::RESPONSE_PAYLOAD, value: payload };
    let ticket = payload.child(Tag::TICKET).unwrap().clone();
    let shown = || vec![credential(CredentialType::TICKET, vec![ticket.clone()])];
    assert_eq!(reasons(client.kmip(&with(shown(), message(vec![create()])))), [None]);
    let logout = message(vec![(OperationCode::LOGOUT, vec![ticket.clone()])]);
    assert_eq!(reasons(client.kmip(&with(shown(), logout))), [None]);
    assert_eq!(reasons(client.kmip(&with(shown(), message(vec![query()])))), [NOBODY]);
}

#[test]
fn whoever_must_attest_is_asked_to_and_query_tells_how() {
    let folder = tempfile::tempdir().unwrap();
    // Any key: what is tried here is that it is asked for.
    let key = Command::new("openssl")
        .args(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .output()
        .unwrap();
    let private = folder.path().join("key.pem");
    std::fs::write(&private, key.stdout).unwrap();
    let public = Command::new("openssl").args(["pkey", "-pubout", "-in"]).arg(&private).output().unwrap();
    let public = String::from_utf8(public.stdout).unwrap();
    let digest = "00".repeat(32);
    let attestation = format!(
        "[[attestation]]\nuser = \"Fred\"\npcrs = [0]\ndigest = \"{digest}\"\nkey = \"\"\"\n{public}\"\"\"\n"
    );
    let users = std::fs::read_to_string(file_of(folder.path(), &["Fred", "ann"])).unwrap();
    let file = write(folder.path(), &(users + &attestation));
    let server = ServerProcess::start(folder.path(), &["--credentials-file", &file]);
    let mut client = server.client();
    let mut asked = |user: &str, can_attest: bool| {
        let function = Ttlv::new(Tag::QUERY_FUNCTION, Value::Enumeration(7));
        let mut message =
            with(vec![password(user, "password1")], message(vec![(OperationCode::QUERY, vec![function])]));
        let Value::Structure(parts) = &mut message.value else { panic!("{message:?}") };
        let Value::Structure(header) = &mut parts[0].value else { panic!("{parts:?}") };
        header.insert(1, Ttlv::new(Tag::ATTESTATION_CAPABLE_INDICATOR, Value::Boolean(can_attest)));
        let response = client.kmip(&message);
        ResponseMessage::from_value(response.tag, response.value).unwrap()
    };
    let required = asked("Fred", true);
    assert_eq!(required.batch_item[0].result_reason, Some(ResultReason::ATTESTATION_REQUIRED));
    assert_eq!(required.response_header.nonce.unwrap().nonce_value.len(), 32);
    assert_eq!(required.response_header.attestation_type, [AttestationType::TPM_QUOTE]);
    let denied = asked("Fred", false);
    assert_eq!(denied.batch_item[0].result_reason, Some(ResultReason::PERMISSION_DENIED));
    let told = asked("ann", false).batch_item.remove(0).response_payload.unwrap().into_value();
    let told = Ttlv { tag: Tag::RESPONSE_PAYLOAD, value: told };
    assert_eq!(told.child(Tag::ATTESTATION_TYPE).unwrap().value, Value::Enumeration(1));
}

#[test]
fn a_hashed_password_that_the_command_makes_is_answered_by_the_server() {
    use aws_lc_rs::digest::{Context, SHA256};
    let mut command =
        bare_command().args(["hash-password", "--hashed-for", "Hal"]).stdin(Stdio::piped()).spawn().unwrap();
    command.stdin.take().unwrap().write_all(b"password1\n").unwrap();
    let made = String::from_utf8(command.wait_with_output().unwrap().stdout).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let user = format!("[[user]]\nname = \"Hal\"\nhashed_password = \"{}\"\n", made.trim());
    let file = write(folder.path(), &user);
    let server = ServerProcess::start(folder.path(), &["--credentials-file", &file]);
    let hash = |parts: &[&[u8]]| -> Vec<u8> {
        let mut context = Context::new(&SHA256);
        parts.iter().for_each(|part| context.update(part));
        context.finish().as_ref().to_vec()
    };
    let micros = std::time::UNIX_EPOCH.elapsed().unwrap().as_micros() as i64;
    let (s1, s2) = (hash(&[b"Hal", b"password1"]), hash(&[b"password1", b"Hal"]));
    let hashed = [hash(&[&s1, &micros.to_be_bytes()]), s2.clone()].concat();
    let shown = credential(
        CredentialType::HASHED_PASSWORD,
        vec![
            text(Tag::USERNAME, "Hal"),
            Ttlv::new(Tag::TIME_STAMP, Value::DateTimeExtended(micros)),
            Ttlv::new(Tag::HASHED_PASSWORD, Value::ByteString(hashed.into())),
        ],
    );
    let mut client = server.client();
    let message = with(vec![shown], message(vec![query()]));
    let answer = client.kmip(&message);
    let answer = ResponseMessage::from_value(answer.tag, answer.value).unwrap();
    assert_eq!(answer.batch_item[0].result_reason, None);
    let expected = hash(&[&micros.to_be_bytes(), &s1, &hash(&[&s2])]);
    assert_eq!(answer.response_header.server_hashed_password.as_deref(), Some(&expected[..]));
    assert_eq!(reasons(client.kmip(&message)), [NOBODY]);
}
