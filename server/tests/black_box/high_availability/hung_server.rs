//! A server that neither answers nor ends.

use std::time::{Duration, Instant};

use super::cluster::Cluster;
use super::database::Kind;
use super::ledger::{Ledger, Told};

const PATIENCE: Duration = Duration::from_secs(60);

/// How long an answer takes at most, once HAProxy has left the server to itself.
const BRISK: Duration = Duration::from_secs(5);

/// One server is stopped in its tracks. Its clients are cut off, and all are served by the others; when it goes on it does no
/// harm.
pub(super) fn run(kind: &'static Kind) {
    let Some(cluster) = Cluster::start(kind) else { return };
    cluster.wait_until_served(PATIENCE);
    let (ledger, door) = (Ledger::default(), cluster.door.clone());
    ledger.under_load(
        || Some(door.client()),
        || {
            ledger.wait_for(10, PATIENCE);
            cluster.servers[0].signal("STOP");
            let (start, mut in_a_row) = (Instant::now(), 0);
            // With three servers one connection in three would go to it.
            while in_a_row < 9 {
                let asked = Instant::now();
                let told = ledger.ask(&mut door.client(), &format!("while it hangs, {:?}", start.elapsed()));
                in_a_row = if told == Told::Made && asked.elapsed() < BRISK { in_a_row + 1 } else { 0 };
                assert!(start.elapsed() < 2 * PATIENCE, "{told:?} {:?}", ledger.refusals());
            }
            cluster.servers[0].signal("CONT");
            ledger.wait_for(10, PATIENCE);
        },
    );
    assert_eq!(ledger.refusals(), [""; 0]);
    ledger.verify(&cluster.doors());
}
