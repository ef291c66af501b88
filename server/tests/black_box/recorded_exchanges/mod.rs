//! Recorded exchanges of real clients with the reference servers of their generation, replayed against this server:
//! the same requests get the same status, the same beginning of an error, and an answer of the same structure.
//!
//! The recordings are not part of the project. The test takes them from the shared folder where it is present.

mod comparison;
mod exceptions;
mod exchange;
mod substitutions;

use std::path::Path;

use exceptions::Exception;
use exchange::Exchange;
use substitutions::Substitutions;

use crate::server_process::ServerProcess;

#[test]
fn recorded_exchanges_get_the_same_answers() {
    let Some(folder) = xtask::workspace::shared().map(|shared| shared.join("reference/captures")) else {
        eprintln!("skipped: {} names no folder with recorded exchanges", xtask::workspace::SHARED);
        return;
    };
    let mut recordings: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    recordings.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
    recordings.sort();
    assert!(!recordings.is_empty(), "there is no recording in {}", folder.display());
    let differences: Vec<String> = recordings.iter().flat_map(|path| replay(path)).collect();
    assert!(differences.is_empty(), "{} answers differ:\n{}", differences.len(), differences.join("\n"));
}

/// Replays one recording against a new server, and tells what differs.
fn replay(path: &Path) -> Vec<String> {
    let name = path.file_stem().unwrap().to_str().unwrap();
    let exchanges = exchange::read(path);
    exceptions::assert_needed(name, &exchanges);
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let mut client = server.client();
    let mut known = Substitutions::default();
    let (mut replayed, mut differences) = (0, Vec::new());
    for recorded in &exchanges {
        let exception = exceptions::of(name, recorded);
        if let Some(Exception::Chance(why)) = exception {
            eprintln!("{name}: {} {}: {why}", recorded.label, recorded.operation());
            continue;
        }
        replayed += 1;
        let headers: Vec<&str> = recorded.headers.iter().map(String::as_str).collect();
        let body = known.in_body(&recorded.request);
        let answer = client.send(&recorded.method, &known.in_path(&recorded.path), &headers, body.as_bytes());
        if let Some(Exception::Better(status, why)) = exception {
            eprintln!("{name}: {} {}: {why}", recorded.label, recorded.operation());
            if answer.status != status {
                let told = answer.text();
                differences
                    .push(format!("{name}: {}: {status} is right: {} {told}", recorded.label, answer.status));
            }
            continue;
        }
        match comparison::compare(recorded, &answer) {
            Ok(()) => known.learn(recorded, &answer),
            Err(difference) => differences.push(format!("{name}: {}: {difference}", recorded.label)),
        }
    }
    eprintln!("{name}: {replayed} replayed, {} differ", differences.len());
    differences
}

/// An exchange with its place, for messages.
impl Exchange {
    fn operation(&self) -> &str {
        self.request["tag"].as_str().unwrap_or(&self.path)
    }
}
