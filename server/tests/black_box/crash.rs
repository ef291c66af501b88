//! `kill -9` in the middle of a write load.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use claviger_kmip::tables::enumerations::{OperationCode, ResultStatus};
use claviger_kmip::{Tag, Ttlv, Value};
use serde_json::json;

use crate::client::Client;
use crate::kmip_forms::{create as create_message, message, statuses};
use crate::server_process::ServerProcess;
use crate::symmetric_key::{about, create, field};

const ROUNDS: u64 = 20;
const WRITERS: usize = 4;

/// Objects that are written before the server is killed.
const AT_LEAST: usize = 10;

#[test]
fn after_a_crash_every_acknowledged_object_is_readable_and_none_is_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut all = BTreeSet::new();
    for round in 0..ROUNDS {
        let server = ServerProcess::start(folder.path(), &[]);
        let acknowledged = Mutex::new(BTreeSet::new());
        thread::scope(|scope| {
            for _ in 0..WRITERS {
                scope.spawn(|| write_until_the_crash(server.http, &acknowledged));
            }
            while acknowledged.lock().unwrap().len() < AT_LEAST {
                thread::sleep(Duration::from_millis(1));
            }
            thread::sleep(Duration::from_millis(17 * (round % 7)));
            server.signal("KILL");
        });
        let acknowledged = acknowledged.into_inner().unwrap();
        drop(server);
        let server = ServerProcess::start(folder.path(), &[]);
        let mut client = server.client();
        let found = locate(&mut client);
        let missing: Vec<_> = acknowledged.difference(&found).collect();
        assert!(missing.is_empty(), "lost in round {round}: {missing:?}");
        for id in found.difference(&all) {
            client.rest(&about("Get", id, Vec::new()));
        }
        all = found;
    }
}

#[test]
fn an_asynchronous_request_survives_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let mut request = message(vec![create_message()]);
    if let Value::Structure(parts) = &mut request.value
        && let Value::Structure(header) = &mut parts[0].value
    {
        header.insert(1, Ttlv::new(Tag::ASYNCHRONOUS_INDICATOR, Value::Enumeration(1)));
    }
    let answer = server.client().kmip(&request);
    assert_eq!(statuses(&answer), [ResultStatus::OPERATION_PENDING]);
    let correlation = answer.children()[1].child(Tag::ASYNCHRONOUS_CORRELATION_VALUE).unwrap().clone();
    server.signal("KILL");
    drop(server);
    let server = ServerProcess::start(folder.path(), &[]);
    let mut client = server.client();
    let started = Instant::now();
    while made(&mut client).is_empty() {
        assert!(started.elapsed() < Duration::from_secs(20), "nobody processes the request");
        thread::sleep(Duration::from_millis(50));
    }
    let answer = client.kmip(&message(vec![(OperationCode::POLL, vec![correlation])]));
    assert_eq!(statuses(&answer), [ResultStatus::SUCCESS]);
    let payload = answer.children()[1].child(Tag::RESPONSE_PAYLOAD).unwrap();
    assert_eq!(made(&mut client), [payload.child(Tag::UNIQUE_IDENTIFIER).unwrap().clone()]);
}

/// The identifiers of all keys, also of those that the REST family does not see.
fn made(client: &mut Client) -> Vec<Ttlv> {
    let answer = client.kmip(&message(vec![(OperationCode::LOCATE, Vec::new())]));
    let payload = answer.children()[1].child(Tag::RESPONSE_PAYLOAD).unwrap();
    payload.children().iter().filter(|field| field.tag == Tag::UNIQUE_IDENTIFIER).cloned().collect()
}

fn write_until_the_crash(address: SocketAddr, acknowledged: &Mutex<BTreeSet<String>>) {
    let mut client = Client::connect(address);
    let request = create().to_string();
    while let Some(answer) = client.try_send("POST", "/kmip_2_1", &[], request.as_bytes()) {
        assert_eq!(answer.status, 200, "{}", answer.text());
        acknowledged.lock().unwrap().insert(field(&answer.json(), "UniqueIdentifier").to_owned());
    }
}

/// Every object that the server knows.
fn locate(client: &mut Client) -> BTreeSet<String> {
    let attributes = json!({"tag": "Attributes", "type": "Structure", "value": []});
    let answer = client.rest(&json!({"tag": "Locate", "type": "Structure", "value": [attributes]}));
    let fields = answer["value"].as_array().unwrap();
    let found = fields.iter().find(|field| field["tag"] == "UniqueIdentifier");
    let found = found.and_then(|found| found["value"].as_array()).cloned().unwrap_or_default();
    found.iter().map(|id| id["value"].as_str().unwrap().to_owned()).collect()
}
