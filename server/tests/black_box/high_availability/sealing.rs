//! Servers on one database, which is sealed and whose server key is replaced, one server after the other.

use std::thread;

use super::database::{Database, Kind};
use super::times;
use crate::sealing::{is_usable, key_file, settled};
use crate::server_process::{ServerProcess, command};
use crate::symmetric_key::create_key;

/// Keys that each server makes at every step.
const EACH: usize = 15;

/// The steps of the documentation, with servers of both settings at work in each.
pub(super) fn servers_are_restarted_with_other_keys(kind: &'static Kind) {
    let Some(database) = Database::start(kind) else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("claviger.toml");
    std::fs::write(&file, database.configuration()).unwrap();
    let first = key_file(folder.path(), "first.key", [1; 32]);
    let second = key_file(folder.path(), "second.key", [2; 32]);
    let (knows_first, under_first) = (["--server-key-previous-file", &first], ["--server-key-file", &first]);
    let knows_second = ["--server-key-file", &first, "--server-key-previous-file", &second];
    let under_second = ["--server-key-file", &second, "--server-key-previous-file", &first];
    let steps: [[&[&str]; 2]; 7] = [
        [&knows_first, &knows_first],
        [&under_first, &knows_first],
        [&under_first, &under_first],
        [&knows_second, &knows_second],
        [&under_second, &knows_second],
        [&under_second, &under_second],
        [&under_second[..2], &under_second[..2]],
    ];
    let mut ids = Vec::new();
    let mut servers: Vec<(&[&str], ServerProcess)> = Vec::new();
    for (number, step) in steps.into_iter().enumerate() {
        for (place, settings) in step.into_iter().enumerate() {
            if servers.get(place).is_some_and(|(running, _)| *running == settings) {
                continue;
            }
            let mut command = command(folder.path());
            // The earlier server in this place goes on until this one listens.
            let audit = folder.path().join(format!("audit-{number}-{place}.jsonl"));
            command.arg("--config").arg(&file).arg("--audit-file").arg(audit).args(settings);
            let server = ServerProcess::spawn(command);
            match servers.get_mut(place) {
                // The earlier one is killed in the midst of what it does.
                Some(earlier) => *earlier = (settings, server),
                None => servers.push((settings, server)),
            }
        }
        let made: Vec<String> = thread::scope(|scope| {
            let making = servers.iter().map(|(_, server)| {
                scope.spawn(|| {
                    let mut client = server.client();
                    (0..EACH).map(|_| create_key(&mut client)).collect::<Vec<_>>()
                })
            });
            let making: Vec<_> = making.collect();
            making.into_iter().flat_map(|making| making.join().unwrap()).collect()
        });
        ids.extend(made);
        for (_, server) in &servers {
            let mut client = server.client();
            ids.iter().for_each(|id| is_usable(&mut client, id));
        }
    }
    // The end is a minute away, since a server could still write under the earlier key.
    if times(false, true) {
        let figures = settled(&servers[0].1);
        assert!(figures.contains("\nclaviger_sealing_unopened 0\n"), "{figures}");
    }
    let figures = servers[0].1.client().send("GET", "/metrics", &[], b"").text();
    assert!(figures.contains("\nclaviger_sealing_rewritten_total "), "{figures}");
}
