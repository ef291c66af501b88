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
    let (mut sent, mut received) = (usize::MAX, usize::MAX);
    for number in 0..8 {
        proxy.passed();
        assert_eq!(ledger.ask(&mut client, &format!("measured {number}")), Told::Made, "{}", server.log());
        let passed = proxy.passed();
        (sent, received) = (sent.min(passed[0]), received.min(passed[1]));
    }
    let (mut cuts, mut tries) = (0, 0);
    for (from, mut bytes) in [(From::Server, sent), (From::Database, received)] {
        let (parts, last) = times((8, 4), (64, 40));
        for number in 0..parts + last {
            let place = place(number, parts, bytes);
            let start = Instant::now();
            while ledger.ask(&mut client, &format!("before {number} at {place} of {from:?}")) != Told::Made {
                assert!(start.elapsed() < RECOVERY, "{:?} {}", ledger.refusals().last(), server.log());
            }
            let start = Instant::now();
            proxy.passed();
            proxy.cut_after(from, place);
            let told = ledger.ask(&mut client, &format!("cut {number} at {place} of {from:?}"));
            assert!(told != Told::Nothing && start.elapsed() < PATIENCE, "{told:?} {:?}", start.elapsed());
            tries += 1;
            if proxy.cut_no_more() {
                // What was measured had bytes of something else.
                bytes = bytes.min(proxy.passed()[usize::from(from == From::Database)]);
            } else {
                cuts += 1;
            }
        }
    }
    assert!(2 * cuts > tries, "only {cuts} cuts of {tries} hit");
    let there = ledger.verify(&[|| server.client()]);
    println!(
        "{cuts} cuts of {tries} in {sent} and {received} bytes, {} refusals, of which {there} are there",
        ledger.refusals().len()
    );
}

/// The place of a cut: the first ones are from the first byte on, the others from the last, which most often are those of the
/// commit and its answer.
fn place(number: usize, parts: usize, bytes: usize) -> usize {
    match number.checked_sub(parts) {
        None => 1 + bytes * number / parts,
        Some(back) => bytes.saturating_sub(back * 7).max(1),
    }
}
