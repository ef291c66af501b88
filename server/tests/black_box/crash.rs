//! `kill -9` in the middle of a write load.

use std::thread;
use std::time::{Duration, Instant};

use claviger_kmip::tables::enumerations::{OperationCode, ResultStatus};
use claviger_kmip::{Tag, Ttlv, Value};

use crate::client::Client;
use crate::high_availability::ledger::Ledger;
use crate::kmip_forms::{create as create_message, message, statuses};
use crate::server_process::ServerProcess;

const ROUNDS: u64 = 20;
const PATIENCE: Duration = Duration::from_secs(60);

/// Pairs of keys that are written before the server is killed.
const AT_LEAST: usize = 10;

#[test]
fn after_a_crash_every_acknowledged_object_is_readable_and_none_is_half_written() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::default();
    for round in 0..ROUNDS {
        let server = ServerProcess::start(folder.path(), &[]);
        ledger.under_load(
            || Client::try_connect(server.http),
            || {
                ledger.wait_for(AT_LEAST, PATIENCE);
                thread::sleep(Duration::from_millis(17 * (round % 7)));
                server.signal("KILL");
            },
        );
        drop(server);
        let server = ServerProcess::start(folder.path(), &[]);
        assert_eq!(ledger.refusals(), [""; 0]);
        ledger.verify(&[|| server.client()]);
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
