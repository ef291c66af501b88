//! Ten thousand mutated requests in each wire form against a running server. It answers as the contract says or closes
//! the connection, never panics, keeps its memory bounded, and serves a good request right after each.

mod certificate_requests;
mod damage;
mod key_requests;
mod requests;
mod rights_requests;

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::sync::Arc;

use claviger_kmip::codec::{binary, json, xml};
use claviger_kmip::field::TtlvValue as _;
use claviger_kmip::message::{RequestMessage, ResponseMessage};
use claviger_kmip::payloads::QueryResponse;
use claviger_kmip::tables::enumerations::OperationCode;
use claviger_kmip::{Tag, Ttlv, Value};
use serde_json::json;

use crate::certificates::{client_config, connect_with};
use crate::client::{Answer, Client, tcp};
use crate::credentials;
use crate::kmip_forms::{message, query};
use crate::server_process::ServerProcess;
use crate::symmetric_key::{about, create_key};
use crate::ttlv_socket;
use damage::Random;

const REQUESTS: usize = 10_000;
const MEMORY: u64 = 256 << 20;

#[test]
fn mutated_rest_json_is_answered_as_the_contract_says() {
    let (_folder, server) = server();
    let mut client = server.client();
    let [good, key, victim] = [(); 3].map(|()| create_key(&mut client));
    let data = json!({"tag": "Data", "type": "ByteString", "value": "00112233"});
    let good = about("Encrypt", &good, vec![data]).to_string().into_bytes();
    over_http("/kmip_2_1", "application/json", &server, &requests::rest(&key, &victim), &good, is_contracts);
}

#[test]
fn mutated_access_rights_are_answered_as_the_contract_says() {
    let (_folder, server) = server();
    let key = create_key(&mut server.client());
    let good = json!({"unique_identifier": key, "user_id": "ann", "operation_type": "get"}).to_string();
    let newer = json!({"unique_identifier": key, "user_id": "ann", "operation_types": ["get", "encrypt"]});
    let samples = [good.clone().into_bytes(), newer.to_string().into_bytes()];
    let is_told = |answer: &Answer| answer.status == 400 || is_contracts(answer);
    over_http("/access/grant", "application/json", &server, &samples, good.as_bytes(), is_told);
}

#[test]
fn mutated_oasis_json_is_answered_with_200() {
    oasis("application/json", "json", json::encode);
}

#[test]
fn mutated_xml_is_answered_with_200() {
    oasis("text/xml", "xml", xml::encode);
}

#[test]
fn mutated_ttlv_over_http_is_answered_with_200() {
    oasis("application/octet-stream", "binary", binary::encode);
}

#[test]
fn mutated_credentials_are_answered_with_200() {
    let folder = tempfile::tempdir().unwrap();
    let file = credentials::file_of(folder.path(), &["Fred", "ann"]);
    let flags = ["--credentials-file", &file, "--credentials-remembered", "3600"];
    let server = ServerProcess::start(folder.path(), &flags);
    let sent = |each| binary::encode(&credentials::with(vec![each], message(vec![query()])));
    let samples: Vec<Vec<u8>> = credentials::of_each_type().into_iter().map(sent).collect();
    let good = sent(credentials::password("Fred", "password1"));
    let form = "application/octet-stream";
    over_http("/kmip", form, &server, &samples, &good, |answer| answer.status == 200);
}

#[test]
fn mutated_http_is_answered_or_ends_the_connection() {
    let (_folder, server) = server();
    let good = b"POST /kmip_2_1?a=b HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    let samples = [good.to_vec()];
    let mut random = Random(5);
    let mut client = server.client();
    for _ in 0..REQUESTS {
        let mut stream = tcp(server.http);
        // The server may close the connection while it is being written to or read from.
        let _ = stream.write_all(&random.damaged(&samples));
        let _ = stream.shutdown(Shutdown::Write);
        let mut answers = Vec::new();
        let _ = stream.read_to_end(&mut answers);
        let status = answers.get(9..12).map(String::from_utf8_lossy);
        let known = ["200", "400", "404", "405", "413", "414", "415", "422", "431", "500"];
        assert!(status.as_deref().is_none_or(|status| known.contains(&status)), "{status:?}");
        assert_eq!(client.send("GET", "/version", &[], b"").status, 200);
    }
    check_health(&server);
}

#[test]
fn mutated_ttlv_on_the_socket_is_answered_or_ends_the_connection() {
    let folder = tempfile::tempdir().unwrap();
    let (server, certificates) = ttlv_socket::start(folder.path());
    // One configuration for all connections: they resume the first session.
    let config = Arc::new(client_config(&certificates, Some("alice"), &[]));
    let open = || connect_with(server.ttlv.unwrap(), config.clone());
    let good = binary::encode(&message(vec![query()]));
    let mut samples = messages("absent", "absent", binary::encode, "binary");
    // Who turns a connection round gets no more answers on it. Over HTTP nobody can.
    let turning = Value::Enumeration(OperationCode::SET_ENDPOINT_ROLE.0);
    let turning = binary::encode(&Ttlv::new(Tag::OPERATION, turning));
    samples.retain(|sample| !sample.windows(turning.len()).any(|bytes| bytes == turning));
    let mut random = Random(6);
    let (mut stream, mut sound) = (open(), open());
    for number in 0..REQUESTS {
        let mut request = random.damaged(&samples);
        // A length that is right lets the request reach the decoder; the server waits for the rest of any other.
        let whole = number % 10 != 0 && request.len() >= binary::HEADER;
        if whole {
            let length = (request.len() - binary::HEADER) as u32;
            request[..4].copy_from_slice(&[0x42, 0x00, 0x78, 0x01]);
            request[4..8].copy_from_slice(&length.to_be_bytes());
        } else {
            request.extend_from_slice(&[0; binary::HEADER]);
        }
        let sent = stream.write_all(&request).and_then(|()| stream.flush());
        if sent.is_err() || !whole || ttlv_socket::read(&mut stream).is_none() {
            stream = open();
        }
        sound.write_all(&good).unwrap();
        assert!(ttlv_socket::read(&mut sound).is_some());
    }
    check_health(&server);
}

#[test]
fn every_operation_of_the_server_is_among_the_samples() {
    let (_folder, server) = server();
    let response = server.client().kmip(&message(vec![query()]));
    let response = ResponseMessage::from_value(response.tag, response.value).unwrap();
    let payload = response.batch_item.into_iter().next().unwrap().response_payload.unwrap().into_value();
    let told = QueryResponse::from_value(Tag::RESPONSE_PAYLOAD, payload).unwrap().operation;
    let samples: BTreeSet<u32> = requests::messages("key", "victim")
        .into_iter()
        .flat_map(|sample| RequestMessage::from_value(sample.tag, sample.value).unwrap().batch_item)
        .map(|item| item.operation.0)
        .collect();
    let missing: Vec<_> = told.into_iter().filter(|operation| !samples.contains(&operation.0)).collect();
    assert!(missing.is_empty(), "operations without a sample: {missing:?}");
}

fn server() -> (tempfile::TempDir, ServerProcess) {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    (folder, server)
}

/// Mutated messages over `/kmip`, where the status is 200 whatever they say.
fn oasis(content_type: &str, corpus: &str, encode: fn(&claviger_kmip::Ttlv) -> Vec<u8>) {
    let (_folder, server) = server();
    let mut client = server.client();
    let (key, victim) = (create_key(&mut client), create_key(&mut client));
    let samples = messages(&key, &victim, encode, corpus);
    let good = encode(&message(vec![query()]));
    over_http("/kmip", content_type, &server, &samples, &good, |answer| answer.status == 200);
}

fn messages(
    key: &str,
    victim: &str,
    encode: fn(&claviger_kmip::Ttlv) -> Vec<u8>,
    corpus: &str,
) -> Vec<Vec<u8>> {
    let mut messages: Vec<_> = requests::messages(key, victim).iter().map(encode).collect();
    messages.extend(requests::corpus(corpus));
    messages
}

/// Sends mutations of samples, and a good request after each, over one connection as long as the server keeps it.
fn over_http(
    path: &str,
    content_type: &str,
    server: &ServerProcess,
    samples: &[Vec<u8>],
    good: &[u8],
    is_told: impl Fn(&Answer) -> bool,
) {
    let mut client = server.client();
    let header = format!("content-type: {content_type}");
    let send = |client: &mut Client, body: &[u8]| -> Answer { client.send("POST", path, &[&header], body) };
    let mut random = Random(path.len() as u64 * 31 + content_type.len() as u64);
    for _ in 0..REQUESTS {
        let body = random.damaged(samples);
        let answer = send(&mut client, &body);
        assert!(is_told(&answer), "{} {}\n{}", answer.status, answer.text(), String::from_utf8_lossy(&body));
        let answer = send(&mut client, good);
        assert_eq!(answer.status, 200, "{}\nafter {}", answer.text(), String::from_utf8_lossy(&body));
    }
    check_health(server);
}

/// Statuses and beginnings of texts in the contract's table of errors.
const CONTRACT: &[(u16, &[&str])] = &[
    (401, &["Access denied: "]),
    (404, &["Not Supported route: Operation: "]),
    (
        422,
        &[
            "Not Supported: ",
            "Inconsistent operation: ",
            "Invalid Request: ",
            "Item not found: ",
            "This KMIP server does not yet support ",
        ],
    ),
    (500, &["Unexpected server error: ", "Cryptographic error: ", "Certificate error: ", "Database Error: "]),
];

/// Whether the contract's table of errors has this answer, a KMIP reason with underscores among them.
fn is_contracts(answer: &Answer) -> bool {
    let text = answer.text();
    let reason = text.split_once(": ").is_some_and(|(reason, _)| {
        reason.contains('_') && reason.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    });
    answer.status == 200
        || (answer.status == 422 && reason)
        || CONTRACT.iter().any(|(status, beginnings)| {
            *status == answer.status && beginnings.iter().any(|beginning| text.starts_with(beginning))
        })
}

fn check_health(server: &ServerProcess) {
    let log = server.log();
    assert!(!log.contains("panicked"), "{log}");
    assert!(server.resident_memory() < MEMORY, "{} bytes", server.resident_memory());
}
