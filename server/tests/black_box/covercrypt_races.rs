//! User keys of Covercrypt that are created at the moment at which their master key changes or is revoked.

use std::sync::mpsc;
use std::thread;

use serde_json::Value;

use crate::client::{Answer, Client};
use crate::covercrypt_wrapped::is_in_this_build;
use crate::covercrypt_wrapped::requests::*;
use crate::server_process::ServerProcess;
use crate::symmetric_key::about;

const POLICY: &str = "Department::HR";
/// How often each race is run.
const RACES: usize = 6;

fn sent(client: &mut Client, request: &Value) -> Answer {
    client.send("POST", "/kmip_2_1", &["content-type: application/json"], request.to_string().as_bytes())
}

/// Runs both at once: one creates user keys of a master key and gives those that it was told of, the other does something when
/// the first of them is there.
fn raced(server: &ServerProcess, private: &str, other: impl FnOnce(&mut Client) + Send) -> Vec<String> {
    let (begun, begins) = mpsc::channel();
    thread::scope(|scope| {
        let creating = scope.spawn(move || {
            let mut client = server.client();
            let request = new_user_key(private, POLICY);
            let answers = (0..8).map(|_| sent(&mut client, &request));
            let made = answers.filter(|answer| answer.status == 200);
            let made = made.map(|answer| text(&answer.json(), "UniqueIdentifier"));
            made.inspect(|_| begun.send(()).unwrap_or_default()).collect()
        });
        begins.recv().unwrap();
        other(&mut server.client());
        creating.join().unwrap()
    })
}

#[test]
fn no_user_key_is_missed_by_a_change_that_comes_at_the_same_time() {
    if !is_in_this_build() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let mut client = server.client();
    for (name, structure, renewal_name, asked) in GENERATIONS {
        let (private, public) = master_pair(&mut client, name, structure);
        for _ in 0..RACES {
            let keys = raced(&server, &private, |client| renew(client, &private, renewal_name, asked));
            assert_eq!(keys.len(), 8, "{structure}");
            let message = encrypt(&mut client, &public, POLICY, b"after");
            for key in keys {
                let request = about("Decrypt", &key, vec![bytes("Data", &message)]);
                assert_eq!(sent(&mut client, &request).status, 200, "{key} of {structure}");
            }
        }
    }
}

#[test]
fn no_user_key_is_left_by_a_revocation_that_comes_at_the_same_time() {
    if !is_in_this_build() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let mut client = server.client();
    for (name, structure, _, _) in GENERATIONS {
        for _ in 0..RACES {
            let (private, _) = master_pair(&mut client, name, structure);
            let reason = structure_of(
                "RevocationReason",
                vec![enumeration("RevocationReasonCode", "CessationOfOperation")],
            );
            let keys = raced(&server, &private, |client| {
                client.rest(&about("Revoke", &private, vec![reason]));
            });
            assert_ne!(sent(&mut client, &new_user_key(&private, POLICY)).status, 200);
            assert!(!keys.is_empty());
            for key in keys {
                // Clients of this family are not told of what is revoked.
                let refused = sent(&mut client, &about("GetAttributes", &key, Vec::new())).text();
                assert!(refused.starts_with("Item not found"), "{key} of {structure}: {refused}");
            }
        }
    }
}
