//! Audit logs of several servers in the database that they share.

use std::fs;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use super::database::{Database, Kind};
use crate::credentials::reasons;
use crate::kmip_forms::{create, message};
use crate::server_process::{ServerProcess, command};

const PATIENCE: Duration = Duration::from_secs(60);

/// Two servers audit into one database, which is killed meanwhile.
pub(super) fn of_each_server(kind: &'static Kind) {
    let Some(mut database) = Database::start(kind) else { return };
    let folder = tempfile::tempdir().unwrap();
    let configuration = folder.path().join("claviger.toml");
    fs::write(&configuration, database.configuration()).unwrap();
    let homes = ["one", "two"].map(|name| folder.path().join(name));
    let servers = homes.each_ref().map(|home| {
        fs::create_dir(home).unwrap();
        let mut command = command(home);
        command.arg("--config").arg(&configuration).args(["--audit-database", "--audit-file", "none"]);
        command.args(["--audit-required", "writes"]);
        ServerProcess::spawn(command)
    });
    let make = |server: &ServerProcess| reasons(server.client().kmip(&message(vec![create()])))[0];
    for server in &servers {
        assert_eq!(make(server), None, "{}", server.log());
    }
    database.crash();
    assert!(make(&servers[0]).is_some());
    database.run_again();
    for server in &servers {
        let start = Instant::now();
        while make(server).is_some() {
            assert!(start.elapsed() < PATIENCE, "{}", server.log());
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    // Beside the servers, and after them.
    let keys = homes.each_ref().map(|home| public_key(home, &configuration));
    let both = ["--public-key", &keys[0], "--public-key", &keys[1]];
    let told = succeeded(audit(&homes[0], &configuration, &[&["verify", "--database"], &both[..]].concat()));
    assert_eq!(told.matches(" is whole: lines 1 to ").count(), 2, "{told}");
    for mut server in servers {
        server.signal("TERM");
        assert!(server.wait().success());
    }
    let told = succeeded(audit(&homes[1], &configuration, &[&["verify", "--database"], &both[..]].concat()));
    assert_eq!(told.matches("Its last line is signed.").count(), 2, "{told}");
    let shown = succeeded(audit(&homes[0], &configuration, &["show", "--database", "--operation", "Create"]));
    assert!(shown.lines().filter(|line| line.contains("[intent]")).count() >= 4, "{shown}");
    let alone = audit(&homes[0], &configuration, &["verify", "--database"]);
    let why = String::from_utf8(alone.stderr).unwrap();
    assert!(alone.status.code() == Some(1) && why.contains("none of the public keys"), "{why}");
}

fn audit(home: &Path, configuration: &Path, arguments: &[&str]) -> Output {
    command(home).arg("--config").arg(configuration).arg("audit").args(arguments).output().unwrap()
}

fn succeeded(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn public_key(home: &Path, configuration: &Path) -> String {
    let file = home.join("audit.pub");
    fs::write(&file, succeeded(audit(home, configuration, &["public-key"]))).unwrap();
    file.display().to_string()
}
