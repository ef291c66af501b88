//! What one server does, the others know.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use claviger_kmip::{Tag, Value};

use super::cluster::Cluster;
use super::database::Kind;
use super::ledger::Ledger;
use super::requests::*;
use super::times;
use crate::client::Client;
use crate::kmip_forms::message;

const PATIENCE: Duration = Duration::from_secs(60);

/// Under load each server ends in order and is started again.
pub(super) fn each_server_is_restarted(kind: &'static Kind) {
    let Some(mut cluster) = Cluster::start(kind) else { return };
    cluster.wait_until_served(PATIENCE);
    let (ledger, door) = (Ledger::default(), cluster.door.clone());
    ledger.under_load(
        || Some(door.client()),
        || {
            for server in &mut cluster.servers {
                ledger.wait_for(10, PATIENCE);
                server.stop();
                ledger.wait_for(10, PATIENCE);
                server.start();
                // HAProxy has to see that it is back before the others may go.
                thread::sleep(Duration::from_millis(1_500));
            }
            ledger.wait_for(10, PATIENCE);
        },
    );
    assert_eq!(ledger.refusals(), [""; 0]);
    ledger.verify(&cluster.doors());
}

/// Clients of all servers raise the same counters by one.
pub(super) fn servers_count_at_once(kind: &'static Kind) {
    const COUNTERS: usize = 4;
    let Some(cluster) = Cluster::start(kind) else { return };
    let mut client = cluster.servers[0].client();
    let ids: Vec<String> = (0..COUNTERS)
        .map(|_| {
            let id = created(&mut client, create_active());
            done(&mut client, start_counting(&id));
            id
        })
        .collect();
    let updates = times(600, 12_000);
    let given = AtomicUsize::new(0);
    thread::scope(|scope| {
        for server in cluster.servers.iter().chain(&cluster.servers) {
            let (given, ids) = (&given, &ids);
            scope.spawn(move || {
                let mut client = server.client();
                loop {
                    let number = given.fetch_add(1, Ordering::Relaxed);
                    if number >= updates {
                        return;
                    }
                    done(&mut client, count(&ids[number % COUNTERS]));
                }
            });
        }
    });
    for server in &cluster.servers {
        let mut client = server.client();
        let sums: Vec<u32> =
            ids.iter().map(|id| value_of_count(&answered(&mut client, counted(id)))).collect();
        assert_eq!(sums, vec![(updates / COUNTERS) as u32; COUNTERS]);
    }
}

/// Others encrypt with keys while one server revokes them.
pub(super) fn one_server_revokes(kind: &'static Kind) {
    let Some(cluster) = Cluster::start(kind) else { return };
    let mut first = cluster.servers[0].client();
    for _ in 0..times(10, 200) {
        let id = created(&mut first, create_active());
        let (used, revoked) = (AtomicUsize::new(0), AtomicBool::new(false));
        thread::scope(|scope| {
            for server in &cluster.servers {
                let (id, used, revoked) = (&id, &used, &revoked);
                scope.spawn(move || {
                    let mut client = server.client();
                    loop {
                        // As of before the request.
                        let is_revoked = revoked.load(Ordering::SeqCst);
                        let answer = client.kmip(&message(vec![encrypt(id)]));
                        match payloads(&answer) {
                            Ok(_) => {
                                assert!(!is_revoked, "encrypts after Revoke was answered");
                                used.fetch_add(1, Ordering::Relaxed);
                            }
                            Err(text) => {
                                assert!(text.contains("Deactivated"), "{text}");
                                if is_revoked {
                                    return;
                                }
                            }
                        }
                    }
                });
            }
            let start = Instant::now();
            while used.load(Ordering::Relaxed) < 10 && start.elapsed() < PATIENCE {
                thread::sleep(Duration::from_millis(1));
            }
            done(&mut first, revoke(&id));
            revoked.store(true, Ordering::SeqCst);
        });
    }
}

/// Clients of all servers use a key until it is refused.
pub(super) fn servers_use_up_a_limit_at_once(kind: &'static Kind) {
    const LIMIT: usize = 50;
    let Some(cluster) = Cluster::start(kind) else { return };
    let mut used_on = vec![0; cluster.servers.len()];
    for _ in 0..times(4, 100) {
        let id = created(&mut cluster.servers[0].client(), create_limited(LIMIT as i64));
        let used: Vec<AtomicUsize> = cluster.servers.iter().map(|_| AtomicUsize::new(0)).collect();
        thread::scope(|scope| {
            for (server, used) in cluster.servers.iter().zip(&used).chain(cluster.servers.iter().zip(&used)) {
                let id = &id;
                scope.spawn(move || {
                    let mut client = server.client();
                    while payloads(&client.kmip(&message(vec![encrypt(id)]))).is_ok() {
                        used.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        let used: Vec<usize> = used.into_iter().map(AtomicUsize::into_inner).collect();
        assert_eq!(used.iter().sum::<usize>(), LIMIT, "{used:?}");
        used_on.iter_mut().zip(used).for_each(|(sum, used)| *sum += used);
    }
    assert!(used_on.iter().all(|&used| used > 0), "one server did all: {used_on:?}");
}

/// The payload of the answer to a request that must succeed.
fn answered(client: &mut Client, item: Item) -> claviger_kmip::Ttlv {
    let answer = client.kmip(&message(vec![item]));
    let payloads = payloads(&answer).unwrap();
    payloads[0].clone()
}

fn done(client: &mut Client, item: Item) {
    answered(client, item);
}

fn created(client: &mut Client, item: Item) -> String {
    match answered(client, item).child(Tag::UNIQUE_IDENTIFIER).map(|id| &id.value) {
        Some(Value::TextString(id)) => id.clone(),
        other => panic!("no identifier but {other:?}"),
    }
}
