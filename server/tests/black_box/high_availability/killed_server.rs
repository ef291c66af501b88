//! `kill -9` of servers under a write load.

use std::thread;
use std::time::Duration;

use super::cluster::Cluster;
use super::database::Kind;
use super::ledger::{Ledger, Told, WRITERS};
use super::times;

const PATIENCE: Duration = Duration::from_secs(60);

/// Kills one server after the other. Requests in flight may break; the next one succeeds.
pub(super) fn run(kind: &'static Kind) {
    let Some(mut cluster) = Cluster::start(kind) else { return };
    cluster.wait_until_served(PATIENCE);
    let (ledger, door, kills) = (Ledger::default(), cluster.door.clone(), times(2, 20));
    ledger.under_load(
        || Some(door.client()),
        || {
            for kill in 0..kills {
                ledger.wait_for(10, PATIENCE);
                if kill >= 2 {
                    // Until HAProxy has seen that those before are back.
                    thread::sleep(Duration::from_millis(2_500));
                }
                thread::sleep(Duration::from_millis(17 * (kill as u64 % 7)));
                let count = cluster.servers.len();
                let server = &mut cluster.servers[kill % count];
                server.kill();
                let next = ledger.ask(&mut door.client(), &format!("next {kill}"));
                assert_eq!(next, Told::Made, "{:?}", ledger.refusals());
                ledger.wait_for(10, PATIENCE);
                server.start();
            }
        },
    );
    assert_eq!(ledger.refusals(), [""; 0]);
    // Each kill breaks what is in flight, and perhaps what comes while the server is going down.
    assert!(ledger.broken() <= 2 * kills * WRITERS, "{} requests broke", ledger.broken());
    let there = ledger.verify(&cluster.doors());
    println!("{} made, {} broken, of which {there} are there", ledger.made(), ledger.broken());
}
