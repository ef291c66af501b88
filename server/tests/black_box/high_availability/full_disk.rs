//! No space is left where the database is.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use claviger_plugin_sdk::testkit::skip;
use tempfile::TempDir;

use super::database::{Database, Kind};
use super::ledger::{Ledger, Told};
use crate::server_process::ServerProcess;

/// How long writes may take to be possible again.
const RECOVERY: Duration = Duration::from_secs(60);

/// A database may end itself when its disk is full, as MariaDB does when it cannot make a file longer. A request waits so
/// many seconds for it to come back, and then is refused.
const PATIENCE: &str = "database_timeout = 5\n";

/// The disk of a shared database fills up.
pub(super) fn of_a_database(kind: &'static Kind) {
    let Some(disk) = Disk::mount(kind.disk) else { return };
    let Some(mut database) = Database::start_below(kind, disk.folder()) else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("claviger.toml");
    fs::write(&file, database.configuration() + PATIENCE).unwrap();
    let server = ServerProcess::start(folder.path(), &["--config", file.to_str().unwrap()]);
    let ledger = Ledger::default();
    fill_and_free(&disk, &server, &ledger, || {}, || database.run_again());
    let there = ledger.verify(&[|| server.client()]);
    println!("{} made, {} refused, of which {there} are there", ledger.made(), ledger.refusals().len());
}

/// That of the embedded database does. What was there can be read all the while.
#[test]
fn a_full_disk_refuses_writes_to_sqlite_and_loses_nothing_that_was_acknowledged() {
    let Some(disk) = Disk::mount(16) else { return };
    let folder = tempfile::tempdir().unwrap();
    let data = disk.folder().join("sqlite").display().to_string();
    let settings = ["--sqlite-path", &data];
    let server = ServerProcess::start(folder.path(), &settings);
    let ledger = Ledger::default();
    let look = || ledger.verify_without_writing(&mut server.client());
    fill_and_free(&disk, &server, &ledger, look, || {});
    let refusals = ledger.refusals();
    assert!(refusals.iter().all(|text| text.contains("the storage is full")), "{refusals:?}");
    ledger.verify(&[|| server.client()]);
    drop(server);
    let server = ServerProcess::start(folder.path(), &settings);
    ledger.verify(&[|| server.client()]);
}

/// Writes until the disk is full, does something, makes room, does something else, and writes on.
fn fill_and_free(
    disk: &Disk,
    server: &ServerProcess,
    ledger: &Ledger,
    when_full: impl FnOnce(),
    when_free: impl FnOnce(),
) {
    let mut client = server.client();
    for number in 0..20 {
        assert_eq!(ledger.ask(&mut client, &format!("before {number}")), Told::Made, "{}", server.log());
    }
    let ballast = disk.fill_but(1 << 20);
    let mut number = 0;
    while ledger.refusals().is_empty() {
        let told = ledger.ask(&mut client, &format!("filling {number}"));
        assert_ne!(told, Told::Nothing, "{}", server.log());
        number += 1;
        assert!(number < 20_000, "the disk does not fill up");
    }
    when_full();
    fs::remove_file(ballast).unwrap();
    when_free();
    let start = Instant::now();
    while ledger.ask(&mut client, &format!("after {:?}", start.elapsed())) != Told::Made {
        assert!(start.elapsed() < RECOVERY, "{:?}\n{}", ledger.refusals().last(), server.log());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// A small disk in memory.
struct Disk {
    folder: TempDir,
}

impl Disk {
    /// `None`, after saying so, where this user may not mount and nobody insists, as CI does. Then the storage's own test
    /// fills SQLite by a limit on its pages.
    fn mount(mebibytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={mebibytes}m,mode=0755");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "claviger-test"]).arg(folder.path());
        let mounted = mount.output().unwrap();
        if !mounted.status.success() {
            let why = String::from_utf8_lossy(&mounted.stderr);
            skip(&format!("this user may not mount a small disk ({})", why.trim()));
            return None;
        }
        Some(Self { folder })
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Leaves no more than so many bytes, by a file that can be removed.
    fn fill_but(&self, left: u64) -> PathBuf {
        let path = self.folder().join("ballast");
        let (mut file, zeros) = (File::create(&path).unwrap(), vec![0; 64 << 10]);
        // Until it is full; then the end of the file is given back.
        while file.write_all(&zeros).is_ok() {}
        let length = file.metadata().unwrap().len();
        file.set_len(length.saturating_sub(left)).unwrap();
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Whoever still uses it is ending.
        let _ = Command::new("umount").arg("--lazy").arg(self.folder.path()).output();
    }
}
