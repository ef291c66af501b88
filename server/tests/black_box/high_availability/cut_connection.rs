//! The connection between a server and its database breaks before, during and after a commit.

use std::fs;
use std::time::{Duration, Instant};

use super::cutting_proxy::{CuttingProxy, From};
use super::database::{Database, Kind};
use super::ledger::{Ledger, Told};
use super::times;
use crate::server_process::ServerProcess;

/// How long a request may take whose connection to the database breaks.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long the server may take to find a new connection.
const RECOVERY: Duration = Duration::from_secs(30);

/// Measures how many bytes a change takes, then cuts at places all over them.
pub(super) fn run(kind: &'static Kind) {
    let Some(mut database) = Database::start(kind) else { return };
    let proxy = CuttingProxy::start(database.port());
    database.found_on(proxy.port());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("claviger.toml");
    fs::write(&file, database.configuration()).unwrap();
    let server = ServerProcess::start(folder.path(), &["--config", file.to_str().unwrap()]);
    let (ledger, mut client) = (Ledger::default(), server.client());
    // Statements that a connection sees for the first time cost more.
    for number in 0..5 {
        proxy.passed();
        assert_eq!(ledger.ask(&mut client, &format!("measured {number}")), Told::Made, "{}", server.log());
    }
    let [sent, received] = proxy.passed();
    let mut cuts = 0;
    for (from, bytes) in [(From::Server, sent), (From::Database, received)] {
        for place in places(bytes) {
            let start = Instant::now();
            while ledger.ask(&mut client, &format!("before {place} of {from:?}")) != Told::Made {
                assert!(start.elapsed() < RECOVERY, "{:?} {}", ledger.refusals().last(), server.log());
            }
            let start = Instant::now();
            proxy.cut_after(from, place);
            let told = ledger.ask(&mut client, &format!("cut at {place} of {from:?}"));
            assert!(told != Told::Nothing && start.elapsed() < PATIENCE, "{told:?} {:?}", start.elapsed());
            cuts += usize::from(!proxy.cut_no_more());
        }
    }
    assert!(cuts >= 10, "only {cuts} cuts hit");
    let there = ledger.verify(&[|| server.client()]);
    println!("{cuts} cuts, {} refusals, of which {there} are there", ledger.refusals().len());
}

/// From the first byte to the last, which most often are those of the commit and its answer.
fn places(bytes: usize) -> Vec<usize> {
    let (parts, last) = times((8, 4), (64, 40));
    let mut places: Vec<usize> = (0..parts).map(|part| 1 + bytes * part / parts).collect();
    places.extend((0..last).map(|back| bytes.saturating_sub(back * 7)));
    places.sort_unstable();
    places.dedup();
    places
}
