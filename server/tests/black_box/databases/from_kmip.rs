//! `db copy-from-kmip`: another Claviger is the server that objects come from.

use std::path::Path;

use claviger_kmip::tables::enumerations::{
    BlockCipherMode, EncodingOption, ObjectType, OperationCode, ResultStatus, WrappingMethod,
};
use claviger_kmip::{Tag, Ttlv, Value};
use serde_json::json;

use super::{db, fill};
use crate::certificates;
use crate::client::Client;
use crate::kmip_forms::{message, statuses};
use crate::server_process::ServerProcess;
use crate::symmetric_key::{about, create_key, field};
use crate::ttlv_socket;

/// The identifiers of all objects.
fn located(client: &mut Client) -> Vec<String> {
    let answer = client.kmip(&message(vec![(OperationCode::LOCATE, Vec::new())]));
    let payload = answer.children()[1].child(Tag::RESPONSE_PAYLOAD).unwrap();
    let ids = payload.children().iter().filter(|field| field.tag == Tag::UNIQUE_IDENTIFIER);
    let mut ids: Vec<String> = ids.map(|field| format!("{:?}", field.value)).collect();
    ids.sort();
    ids
}

/// What the documentation says is kept of every object, and its Digest.
fn described(client: &mut Client) -> Vec<Vec<Ttlv>> {
    const KEPT: [Tag; 18] = [
        Tag::STATE,
        Tag::NAME,
        Tag::LINK,
        Tag::ACTIVATION_DATE,
        Tag::CRYPTOGRAPHIC_ALGORITHM,
        Tag::CRYPTOGRAPHIC_LENGTH,
        Tag::CRYPTOGRAPHIC_USAGE_MASK,
        Tag::DIGEST,
        Tag::INITIAL_DATE,
        Tag::UNIQUE_IDENTIFIER,
        Tag::USAGE_LIMITS,
        Tag::OBJECT_GROUP,
        Tag::CONTACT_INFORMATION,
        Tag::ATTRIBUTE,
        Tag::DEACTIVATION_DATE,
        Tag::PROCESS_START_DATE,
        Tag::PROTECT_STOP_DATE,
        Tag::OBJECT_TYPE,
    ];
    let answer = client.kmip(&message(vec![(OperationCode::LOCATE, Vec::new())]));
    let payload = answer.children()[1].child(Tag::RESPONSE_PAYLOAD).unwrap();
    let ids = payload.children().iter().filter(|field| field.tag == Tag::UNIQUE_IDENTIFIER);
    let mut all: Vec<Vec<Ttlv>> = ids
        .map(|id| {
            let answer = client.kmip(&message(vec![(OperationCode::GET_ATTRIBUTES, vec![id.clone()])]));
            let payload = answer.children()[1].child(Tag::RESPONSE_PAYLOAD).unwrap().clone();
            let attributes = payload.child(Tag::ATTRIBUTES).unwrap().children().to_vec();
            attributes.into_iter().filter(|attribute| KEPT.contains(&attribute.tag)).collect()
        })
        .collect();
    all.sort_by_key(|attributes| format!("{attributes:?}"));
    all
}

/// A message that creates an AES-128 key with these attributes besides.
fn created_with(further: Vec<Ttlv>) -> (OperationCode, Vec<Ttlv>) {
    let (operation, mut fields) = crate::kmip_forms::create();
    if let Value::Structure(attributes) = &mut fields.last_mut().unwrap().value {
        attributes.extend(further);
    }
    (operation, fields)
}

/// The response payload of one operation that succeeds.
fn done(client: &mut Client, operation: OperationCode, payload: Vec<Ttlv>) -> Ttlv {
    let answer = client.kmip(&message(vec![(operation, payload)]));
    assert_eq!(statuses(&answer), [ResultStatus::SUCCESS], "{answer:?}");
    answer.children()[1].child(Tag::RESPONSE_PAYLOAD).unwrap().clone()
}

fn identifier(id: &str) -> Ttlv {
    Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString(id.to_owned()))
}

/// Wrapped under this key by AES Key Wrap.
fn wrapped_under(id: &str) -> Ttlv {
    let mode = Ttlv::new(Tag::BLOCK_CIPHER_MODE, Value::Enumeration(BlockCipherMode::NIST_KEY_WRAP.0));
    let parameters = Ttlv::structure(Tag::CRYPTOGRAPHIC_PARAMETERS, vec![mode]);
    Ttlv::structure(
        Tag::KEY_WRAPPING_SPECIFICATION,
        vec![
            Ttlv::new(Tag::WRAPPING_METHOD, Value::Enumeration(WrappingMethod::ENCRYPT.0)),
            Ttlv::structure(Tag::ENCRYPTION_KEY_INFORMATION, vec![identifier(id), parameters]),
            Ttlv::new(Tag::ENCODING_OPTION, Value::Enumeration(EncodingOption::NO_ENCODING.0)),
        ],
    )
}

/// The object that Get hands out, as it is kept, or wrapped.
fn handed_out(client: &mut Client, id: &str, wrapping: Option<Ttlv>) -> Ttlv {
    let request = std::iter::once(identifier(id)).chain(wrapping).collect();
    done(client, OperationCode::GET, request).child(Tag::SYMMETRIC_KEY).unwrap().clone()
}

fn copy(folder: &Path, arguments: &[&str]) -> super::Ended {
    db(folder, &[&["copy-from-kmip"], arguments].concat())
}

#[test]
fn the_objects_of_a_rest_server_are_copied_and_work_here() {
    let (there, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = ServerProcess::start(there.path(), &[]);
    let key = fill(&mut server.client());
    let data = json!({"tag": "Data", "type": "ByteString", "value": "636C617669676572"});
    let encrypted = server.client().rest(&about("Encrypt", &key, vec![data]));
    let url = format!("http://{}/kmip_2_1", server.http);
    let answer = copy(here.path(), &["--from", &url]).succeeded();
    assert!(answer.contains("4 were copied for admin, 0 were here already"), "{answer}");
    let answer = copy(here.path(), &["--from", &url]).succeeded();
    assert!(answer.contains("0 were copied for admin, 4 were here already"), "{answer}");
    assert!(db(here.path(), &["check"]).succeeded().contains(" 0 faults, 0 warnings"));
    let copied = ServerProcess::start(here.path(), &[]);
    let fields = ["Data", "IvCounterNonce", "AuthenticatedEncryptionTag"]
        .map(|tag| json!({"tag": tag, "type": "ByteString", "value": field(&encrypted, tag)}));
    let decrypted = copied.client().rest(&about("Decrypt", &key, fields.to_vec()));
    assert_eq!(field(&decrypted, "Data"), "636C617669676572");
}

#[test]
fn the_objects_of_a_kmip_server_keep_state_names_links_and_dates() {
    let (there, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = ServerProcess::start(there.path(), &[]);
    fill(&mut server.client());
    let pre_active = crate::kmip_forms::create();
    let text = |tag, text: &str| Ttlv::new(tag, Value::TextString(text.to_owned()));
    let described_key = created_with(vec![
        text(Tag::OBJECT_GROUP, "payments"),
        text(Tag::CONTACT_INFORMATION, "ann@example.org"),
        Ttlv::structure(
            Tag::ATTRIBUTE,
            vec![
                text(Tag::VENDOR_IDENTIFICATION, "x"),
                text(Tag::ATTRIBUTE_NAME, "shelf"),
                text(Tag::ATTRIBUTE_VALUE, "seven"),
            ],
        ),
        Ttlv::new(Tag::ACTIVATION_DATE, Value::DateTime(1_000_000_000)),
        Ttlv::new(Tag::PROCESS_START_DATE, Value::DateTime(1_000_000_001)),
        Ttlv::new(Tag::PROTECT_STOP_DATE, Value::DateTime(4_000_000_000)),
        Ttlv::new(Tag::DEACTIVATION_DATE, Value::DateTime(4_000_000_001)),
    ]);
    let answer = server.client().kmip(&message(vec![pre_active, described_key]));
    assert_eq!(statuses(&answer), [ResultStatus::SUCCESS; 2], "{answer:?}");
    let url = format!("http://{}/kmip", server.http);
    let answer = copy(here.path(), &["--from", &url, "--owner", "admin"]).succeeded();
    assert!(
        answer.contains("6 were copied for admin") && answer.contains("0 could not be copied"),
        "{answer}"
    );
    let copied = ServerProcess::start(here.path(), &[]);
    let there = described(&mut server.client());
    let has = |tag| there.iter().flatten().any(|attribute| attribute.tag == tag);
    assert!(
        [Tag::USAGE_LIMITS, Tag::OBJECT_GROUP, Tag::CONTACT_INFORMATION, Tag::ATTRIBUTE].into_iter().all(has)
    );
    assert_eq!(described(&mut copied.client()), there);
}

#[test]
fn a_client_certificate_says_whose_objects_are_copied_over_the_socket() {
    let (there, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (server, certificates) = ttlv_socket::start(there.path());
    let alice = certificates.user("alice");
    let mut client =
        Client::over(certificates::connect(server.http, &certificates, Some("alice"), &["http/1.1"]));
    fill(&mut client);
    let socket = format!("localhost:{}", server.ttlv.unwrap().port());
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (authority, certificate, key) =
        (text(&certificates.authority()), text(&alice.certificate), text(&alice.key));
    let from =
        ["--from-ttlv", &socket, "--from-ca", &authority, "--from-cert", &certificate, "--from-key", &key];
    let answer = copy(here.path(), &[&from[..], &["--owner", "ann"]].concat()).succeeded();
    assert!(answer.contains("4 were copied for ann") && answer.contains("0 could not be copied"), "{answer}");
    let bob = certificates.user("bob");
    let (certificate, key) = (text(&bob.certificate), text(&bob.key));
    let from =
        ["--from-ttlv", &socket, "--from-ca", &authority, "--from-cert", &certificate, "--from-key", &key];
    let answer = copy(here.path(), &from).succeeded();
    assert!(answer.contains("Of 0 objects there"), "{answer}");
    let said = copy(here.path(), &["--from-ttlv", &socket]).failed(2);
    assert!(said.contains("--from-ca is needed"), "{said}");
}

#[test]
fn keys_travel_wrapped_under_a_key_of_both_servers() {
    let (there, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = ServerProcess::start(there.path(), &[]);
    let transport = create_key(&mut server.client());
    let url = format!("http://{}/kmip", server.http);
    copy(here.path(), &["--from", &url]).succeeded();
    let key = create_key(&mut server.client());
    let answer = copy(here.path(), &["--from", &url, "--wrapped-under", &transport]);
    // The key itself is not wrapped under itself; it is here already.
    assert!(answer.answer.contains(&transport) || answer.code == Some(0), "{}{}", answer.answer, answer.said);
    let copied = ServerProcess::start(here.path(), &[]);
    assert_eq!(located(&mut copied.client()), located(&mut server.client()));
    let material = |client: &mut Client| {
        let answer = client.rest(&about("Get", &key, Vec::new())).to_string();
        let is_a_key = |text: &&str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        answer.split('"').find(is_a_key).unwrap().to_owned()
    };
    assert_eq!(material(&mut copied.client()), material(&mut server.client()));
}

/// Such a key is never handed out in plain, so both sides are compared as they wrap it.
#[test]
fn a_sensitive_key_travels_wrapped_and_is_compared_wrapped() {
    let (there, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = ServerProcess::start(there.path(), &[]);
    let transport = create_key(&mut server.client());
    let url = format!("http://{}/kmip", server.http);
    copy(here.path(), &["--from", &url]).succeeded();
    let (operation, fields) = created_with(vec![Ttlv::new(Tag::SENSITIVE, Value::Boolean(true))]);
    let made = done(&mut server.client(), operation, fields);
    let Value::TextString(key) = &made.child(Tag::UNIQUE_IDENTIFIER).unwrap().value else {
        panic!("{made:?}")
    };
    let arguments = ["--from", &url, "--wrapped-under", &transport];
    let answer = copy(here.path(), &arguments).succeeded();
    assert!(answer.contains("1 were copied for admin, 1 were here already"), "{answer}");
    let answer = copy(here.path(), &arguments).succeeded();
    assert!(answer.contains("0 were copied for admin, 2 were here already"), "{answer}");
    let copied = ServerProcess::start(here.path(), &[]);
    let wrapped = |client: &mut Client| handed_out(client, key, Some(wrapped_under(&transport)));
    assert_eq!(wrapped(&mut copied.client()), wrapped(&mut server.client()));
}

#[test]
fn a_key_that_is_kept_wrapped_stays_wrapped() {
    let (there, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = ServerProcess::start(there.path(), &[]);
    let mut client = server.client();
    let wrapping_key = create_key(&mut client);
    let key = create_key(&mut client);
    let kept = handed_out(&mut client, &key, Some(wrapped_under(&wrapping_key)));
    let object_type = Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(ObjectType::SYMMETRIC_KEY.0));
    let attributes = Ttlv::structure(Tag::ATTRIBUTES, Vec::new());
    done(&mut client, OperationCode::IMPORT, vec![identifier("kept"), object_type, attributes, kept.clone()]);
    assert_eq!(handed_out(&mut client, "kept", None), kept);
    let url = format!("http://{}/kmip", server.http);
    let answer = copy(here.path(), &["--from", &url]).succeeded();
    assert!(answer.contains("3 were copied for admin"), "{answer}");
    // Nor is it wrapped once more for the way.
    let answer = copy(here.path(), &["--from", &url, "--wrapped-under", &wrapping_key]).succeeded();
    assert!(answer.contains("0 were copied for admin, 3 were here already"), "{answer}");
    let copied = ServerProcess::start(here.path(), &[]);
    assert_eq!(handed_out(&mut copied.client(), "kept", None), kept);
}

#[test]
fn what_cannot_be_copied_is_listed_with_the_reason() {
    let (there, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = ServerProcess::start(there.path(), &[]);
    let (operation, fields) = created_with(vec![Ttlv::new(Tag::SENSITIVE, Value::Boolean(true))]);
    let answer = server.client().kmip(&message(vec![(operation, fields)]));
    assert_eq!(statuses(&answer), [ResultStatus::SUCCESS]);
    create_key(&mut server.client());
    let url = format!("http://{}/kmip", server.http);
    let ended = copy(here.path(), &["--from", &url]);
    assert!(ended.answer.contains("not copied: ") && ended.answer.contains("ensitive"), "{}", ended.answer);
    let said = ended.failed(1);
    assert!(said.contains("1 were copied") && said.contains("1 could not be copied"), "{said}");
}

#[test]
fn a_server_that_is_not_there_or_is_none_is_named() {
    let here = tempfile::tempdir().unwrap();
    let said = copy(here.path(), &["--from", "http://127.0.0.1:1/kmip"]).failed(1);
    assert!(said.contains("127.0.0.1:1 cannot be reached"), "{said}");
    let said = copy(here.path(), &["--from", "http://192.0.2.1/kmip"]).failed(2);
    assert!(said.contains("in the clear"), "{said}");
    let said = copy(here.path(), &["--from", "http://localhost:1/kmip", "--from-ca", "ca.pem"]).failed(2);
    assert!(said.contains("are of no use with http://"), "{said}");
    let said = copy(here.path(), &["--from-ttlv", "localhost:1", "--from-token-file", "token"]).failed(2);
    assert!(said.contains("cannot be used with"), "{said}");
    let said = copy(here.path(), &["--from", "ftp://host/kmip"]).failed(2);
    assert!(said.contains("--from takes a URL"), "{said}");
    let said = copy(here.path(), &[]).failed(2);
    assert!(said.contains("--from-ttlv"), "{said}");
}
