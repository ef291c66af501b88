//! `kill -9` of the database under a write load.

use std::thread;
use std::time::{Duration, Instant};

use super::cluster::Cluster;
use super::database::Kind;
use super::ledger::Ledger;
use super::times;

const PATIENCE: Duration = Duration::from_secs(60);

/// Kills the database and starts it again. The servers go on by themselves.
pub(super) fn run(kind: &'static Kind) {
    let Some(mut cluster) = Cluster::start(kind) else { return };
    cluster.wait_until_served(PATIENCE);
    let (ledger, door) = (Ledger::default(), cluster.door.clone());
    for kill in 0..times(1, 20) {
        ledger.under_load(
            || Some(door.client()),
            || {
                ledger.wait_for(10, PATIENCE);
                thread::sleep(Duration::from_millis(17 * (kill as u64 % 7)));
                cluster.database.crash();
                let (mut server, start) = (cluster.servers[kill % 3].client(), Instant::now());
                // What the database said holds for a second.
                while server.send("GET", "/health/ready", &[], b"").status != 503 {
                    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
                    thread::sleep(Duration::from_millis(100));
                }
                assert_eq!(server.send("GET", "/health/live", &[], b"").status, 200);
                assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
                cluster.database.run_again();
                ledger.wait_for(10, PATIENCE);
            },
        );
        let there = ledger.verify(&cluster.doors());
        println!(
            "{} made, {} broken, {} refused, of which {there} are there",
            ledger.made(),
            ledger.broken(),
            ledger.refusals().len()
        );
    }
}
