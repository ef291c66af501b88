//! Ten thousand mutated requests in each wire form against a running server. It answers as the contract says or closes
//! the connection, never panics, keeps its memory bounded, and serves a good request right after each batch.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::sync::Arc;

use claviger_kmip::codec::{binary, json, xml};
use claviger_kmip::tables::enumerations::OperationCode;
use claviger_kmip::{Tag, Ttlv, Value};
use serde_json::json;

use crate::certificates::{client_config, connect_with};
use crate::client::{Answer, Client, tcp};
use crate::kmip_forms::{create, message, query};
use crate::server_process::ServerProcess;
use crate::symmetric_key::{about, create as rest_create, create_key};
use crate::ttlv_socket;

const REQUESTS: usize = 10_000;
const BATCH: usize = 100;
const MEMORY: u64 = 256 << 20;

#[test]
fn mutated_rest_json_is_answered_as_the_contract_says() {
    let samples = |id: &str| {
        let data = json!({"tag": "Data", "type": "ByteString", "value": "00112233"});
        let attributes = json!({"tag": "Attributes", "type": "Structure", "value": []});
        let locate = json!({"tag": "Locate", "type": "Structure", "value": [attributes]});
        let requests = [rest_create(), about("Encrypt", id, vec![data]), about("Get", id, vec![]), locate];
        requests.iter().map(|request| request.to_string().into_bytes()).collect()
    };
    over_http("/kmip_2_1", "application/json", &[200, 404, 422, 500], samples);
}

#[test]
fn mutated_oasis_json_is_answered_with_200() {
    over_http("/kmip", "application/json", &[200], |id| messages(id).iter().map(json::encode).collect());
}

#[test]
fn mutated_xml_is_answered_with_200() {
    over_http("/kmip", "text/xml", &[200], |id| messages(id).iter().map(xml::encode).collect());
}

#[test]
fn mutated_ttlv_over_http_is_answered_with_200() {
    over_http("/kmip", "application/octet-stream", &[200], |id| {
        messages(id).iter().map(binary::encode).collect()
    });
}

#[test]
fn mutated_http_is_answered_or_ends_the_connection() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let good = b"POST /kmip_2_1?a=b HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    let mut random = Random(5);
    for _ in 0..REQUESTS / BATCH {
        for _ in 0..BATCH / 10 {
            let mut stream = tcp(server.http);
            // The server may close the connection while it is being written to or read from.
            let _ = stream.write_all(&random.mutate(good));
            let _ = stream.shutdown(Shutdown::Write);
            let mut answers = Vec::new();
            let _ = stream.read_to_end(&mut answers);
            let status = answers.get(9..12).map(String::from_utf8_lossy);
            let known = ["200", "400", "404", "405", "413", "414", "422", "431", "500"];
            assert!(status.as_deref().is_none_or(|status| known.contains(&status)), "{status:?}");
        }
        assert_eq!(server.client().send("GET", "/version", &[], b"").status, 200);
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
    let samples: Vec<Vec<u8>> = messages("absent").iter().map(binary::encode).collect();
    let mut random = Random(6);
    let mut stream = open();
    for number in 0..REQUESTS {
        let mut request = random.mutate(random.clone().pick(&samples));
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
        if number % BATCH == 0 {
            let mut good = open();
            good.write_all(&samples[0]).unwrap();
            assert!(ttlv_socket::read(&mut good).is_some());
        }
    }
    check_health(&server);
}

/// Sends mutations of samples, made for a key that exists, over one connection as long as the server keeps it.
fn over_http(path: &str, content_type: &str, statuses: &[u16], samples: impl Fn(&str) -> Vec<Vec<u8>>) {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let mut client = server.client();
    let samples = samples(&create_key(&mut client));
    let header = format!("content-type: {content_type}");
    let send = |client: &mut Client, body: &[u8]| -> Answer { client.send("POST", path, &[&header], body) };
    let mut random = Random(path.len() as u64 * 31 + content_type.len() as u64);
    for number in 0..REQUESTS {
        let sample = random.clone().pick(&samples).to_vec();
        let body = random.mutate(&sample);
        let answer = send(&mut client, &body);
        assert!(statuses.contains(&answer.status), "{} {}", answer.status, String::from_utf8_lossy(&body));
        if number % BATCH == 0 {
            assert_eq!(send(&mut client, &samples[0]).status, 200);
        }
    }
    check_health(&server);
}

fn check_health(server: &ServerProcess) {
    let log = server.log();
    assert!(!log.contains("panicked"), "{log}");
    assert!(server.resident_memory() < MEMORY, "{} bytes", server.resident_memory());
}

/// Good messages of several operations.
fn messages(id: &str) -> Vec<Ttlv> {
    let id = Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString(id.into()));
    let data = Ttlv::new(Tag::DATA, Value::ByteString(vec![7; 33].into()));
    vec![
        message(vec![create()]),
        message(vec![(OperationCode::ENCRYPT, vec![id.clone(), data]), (OperationCode::GET, vec![id])]),
        message(vec![query()]),
    ]
}

/// Seeded randomness: xorshift64*.
#[derive(Clone)]
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % limit.max(1)
    }

    fn pick<'s>(&mut self, samples: &'s [Vec<u8>]) -> &'s [u8] {
        &samples[self.below(samples.len())]
    }

    /// Changes a request in one to four places.
    fn mutate(&mut self, good: &[u8]) -> Vec<u8> {
        let mut bytes = good.to_vec();
        for _ in 0..=self.below(4) {
            let place = self.below(bytes.len());
            let end = (place + self.below(16)).min(bytes.len());
            match self.below(7) {
                0 if !bytes.is_empty() => bytes[place] ^= 1 << self.below(8),
                1 if !bytes.is_empty() => bytes[place] = self.below(256) as u8,
                2 => bytes.truncate(place),
                3 => drop(bytes.drain(place..end)),
                4 => {
                    let piece = bytes[place..end].to_vec();
                    let target = self.below(bytes.len() + 1);
                    bytes.splice(target..target, piece);
                }
                5 => bytes.insert(place.min(bytes.len()), *b"\"{}[]<>&\\0x,:".get(self.below(13)).unwrap()),
                _ => {
                    let number = [0, 1, 0x7F, 0x80, 0xFF][self.below(5)];
                    bytes[place..end].fill(number);
                }
            }
        }
        bytes
    }
}
