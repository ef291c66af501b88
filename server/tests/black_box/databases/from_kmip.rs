//! `db copy-from-kmip`: another Claviger is the server that objects come from.

use std::path::Path;

use claviger_kmip::tables::enumerations::{OperationCode, ResultStatus};
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

/// State, names, links, dates, limits, uses of every object.
fn described(client: &mut Client) -> Vec<Vec<Ttlv>> {
    const KEPT: [Tag; 10] = [
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
    let answer = server.client().kmip(&message(vec![pre_active]));
    assert_eq!(statuses(&answer), [ResultStatus::SUCCESS]);
    let url = format!("http://{}/kmip", server.http);
    let answer = copy(here.path(), &["--from", &url, "--owner", "admin"]).succeeded();
    assert!(
        answer.contains("5 were copied for admin") && answer.contains("0 could not be copied"),
        "{answer}"
    );
    let copied = ServerProcess::start(here.path(), &[]);
    assert_eq!(described(&mut copied.client()), described(&mut server.client()));
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

#[test]
fn what_cannot_be_copied_is_listed_with_the_reason() {
    let (there, here) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = ServerProcess::start(there.path(), &[]);
    let (operation, mut fields) = crate::kmip_forms::create();
    if let Value::Structure(attributes) = &mut fields.last_mut().unwrap().value {
        attributes.push(Ttlv::new(Tag::SENSITIVE, Value::Boolean(true)));
    }
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
