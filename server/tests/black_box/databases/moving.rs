//! Backups, restores and copies.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::json;

use super::backup_content::{contents, entries, identifiers};
use super::{create_many, db, fill};
use crate::server_process::{ServerProcess, command};
use crate::symmetric_key::{about, create_key, field};

#[test]
fn a_backup_that_was_made_while_the_server_runs_restores_everything() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = ServerProcess::start(from.path(), &[]);
    let key = fill(&mut server.client());
    let encrypted = server.client().rest(&about("Encrypt", &key, vec![data()]));
    let (secret, backup) = (from.path().join("secret"), from.path().join("backup"));
    std::fs::write(&secret, format!("{}\n", "0f".repeat(32))).unwrap();
    let (secret, backup) = (secret.to_str().unwrap(), backup.to_str().unwrap());
    let answer = db(from.path(), &["backup", backup, "--backup-key-file", secret]).succeeded();
    assert!(answer.contains("5 objects and ") && answer.contains("It holds key material"), "{answer}");
    let before = contents(from.path());
    assert_eq!(identifiers(&before).len(), 5);
    let in_the_clear = std::fs::read(backup).unwrap();
    assert!(!in_the_clear.windows(key.len()).any(|bytes| bytes == key.as_bytes()), "the backup is encrypted");
    server.client().rest(&about("Encrypt", &key, vec![data()]));
    let answer = db(to.path(), &["restore", backup, "--backup-key-file", secret]).succeeded();
    assert!(answer.contains("are in the sqlite database"), "{answer}");
    assert_eq!(contents(to.path()), before);
    assert!(db(to.path(), &["check"]).succeeded().contains("0 faults, 0 warnings"));
    let restored = ServerProcess::start(to.path(), &[]);
    let fields = ["Data", "IvCounterNonce", "AuthenticatedEncryptionTag"]
        .map(|tag| json!({"tag": tag, "type": "ByteString", "value": field(&encrypted, tag)}));
    let decrypted = restored.client().rest(&about("Decrypt", &key, fields.to_vec()));
    assert_eq!(field(&decrypted, "Data"), DATA);
}

pub(super) const DATA: &str = "636C617669676572";

pub(super) fn data() -> serde_json::Value {
    json!({"tag": "Data", "type": "ByteString", "value": DATA})
}

#[test]
fn a_backup_while_a_server_writes_has_both_keys_of_a_pair_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let ending = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut client = server.client();
                while !ending.load(Ordering::Relaxed) {
                    client.rest(&pair());
                }
            });
        }
        let mut counts = BTreeSet::new();
        for _ in 0..8 {
            let ids: BTreeSet<String> = identifiers(&contents(folder.path())).into_iter().collect();
            for id in &ids {
                let other = id.strip_suffix("_pk").map_or_else(|| format!("{id}_pk"), str::to_owned);
                assert!(ids.contains(&other), "{id} stands alone");
            }
            counts.insert(ids.len());
        }
        ending.store(true, Ordering::Relaxed);
        assert!(counts.len() > 3, "the server wrote meanwhile: {counts:?}");
    });
}

pub(super) fn pair() -> serde_json::Value {
    json!({"tag": "CreateKeyPair", "type": "Structure", "value": [
        {"tag": "CommonAttributes", "type": "Structure", "value": [
            {"tag": "CryptographicAlgorithm", "type": "Enumeration", "value": "EC"},
            {"tag": "CryptographicDomainParameters", "type": "Structure", "value": [
                {"tag": "RecommendedCurve", "type": "Enumeration", "value": "P256"}]},
            {"tag": "ObjectType", "type": "Enumeration", "value": "PrivateKey"}]}]})
}

#[test]
fn a_copy_has_everything_and_leaves_the_database_as_it_was() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = ServerProcess::start(from.path(), &[]);
    fill(&mut server.client());
    let before = contents(from.path());
    let to_path = to.path().to_str().unwrap();
    let answer = db(from.path(), &["copy", "--to-root-data-path", to_path]).succeeded();
    assert!(answer.contains("every one was read back and compared"), "{answer}");
    assert_eq!(contents(to.path()), before);
    assert_eq!(contents(from.path()), before);
    let again = db(from.path(), &["copy", "--to-root-data-path", to_path]).failed(1);
    assert!(again.contains("is not empty") && again.contains("--to-clear-database"), "{again}");
    create_key(&mut server.client());
    db(from.path(), &["copy", "--to-root-data-path", to_path, "--to-clear-database"]).succeeded();
    assert_eq!(identifiers(&contents(to.path())).len(), identifiers(&before).len() + 1);
    assert_eq!(identifiers(&contents(from.path())).len(), identifiers(&before).len() + 1);
}

#[test]
fn a_backup_of_a_sealed_database_fits_any_other() {
    let (from, plain, sealed) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let keys = ["one", "two"].map(|name| {
        let file = from.path().join(name);
        std::fs::write(&file, [name.len() as u8 ^ name.as_bytes()[0]; 32]).unwrap();
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        file.to_str().unwrap().to_owned()
    });
    let [one, two] = &keys;
    let server = ServerProcess::start(from.path(), &["--server-key-file", one]);
    fill(&mut server.client());
    let backup = from.path().join("backup");
    let backup = backup.to_str().unwrap();
    let said = db(from.path(), &["backup", backup, "--plaintext"]).failed(1);
    assert!(said.contains("is sealed"), "{said}");
    let said = db(from.path(), &["check", "--server-key-file", two]).failed(1);
    assert!(said.contains("sealed under a server key that this server was not given"), "{said}");
    let answer = db(from.path(), &["check", "--server-key-file", one]).succeeded();
    assert!(answer.contains("5 objects") && answer.contains(" 0 faults, 0 warnings"), "{answer}");
    db(from.path(), &["backup", backup, "--plaintext", "--server-key-file", one]).succeeded();
    db(plain.path(), &["restore", backup]).succeeded();
    assert_eq!(contents(plain.path()), entries(&std::fs::read(backup).unwrap()));
    let to = sealed.path().to_str().unwrap();
    let copy = ["copy", "--to-root-data-path", to, "--server-key-file", one, "--to-server-key-file", two];
    db(from.path(), &copy).succeeded();
    assert!(db(sealed.path(), &["check", "--server-key-file", two]).succeeded().contains(" 0 faults"));
    let again = sealed.path().join("again");
    let again = again.to_str().unwrap();
    db(sealed.path(), &["backup", again, "--plaintext", "--server-key-file", two]).succeeded();
    assert_eq!(entries(&std::fs::read(again).unwrap()), entries(&std::fs::read(backup).unwrap()));
}

/// Where the restore of a backup of 10,000 objects was killed in its midst.
fn interrupted(backup: &str) -> tempfile::TempDir {
    let attempt = || {
        let to = tempfile::tempdir().unwrap();
        let mut restoring = command(to.path()).args(["db", "restore", backup]).spawn().unwrap();
        let mut lines = BufReader::new(restoring.stderr.take().unwrap()).lines().map_while(Result::ok);
        assert!(lines.any(|line| line == "objects restored: 1000 of 10000"));
        restoring.kill().unwrap();
        // Whoever gets no processor for a while may kill it when it is done.
        (!restoring.wait().unwrap().success()).then_some(to)
    };
    (0..10).find_map(|_| attempt()).expect("every restore was done before it was killed")
}

#[test]
fn an_interrupted_restore_is_refused_by_servers_and_done_again() {
    let from = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(from.path(), &[]);
    create_many(&mut server.client(), 10_000);
    drop(server);
    let backup = from.path().join("backup");
    let backup = backup.to_str().unwrap();
    let ended = db(from.path(), &["backup", backup, "--plaintext"]);
    for line in ["objects backed up: 1000 of 10000", "objects backed up: 10000 of 10000"] {
        assert!(ended.said.contains(line), "{}", ended.said);
    }
    ended.succeeded();
    let to = interrupted(backup);
    let refused = command(to.path()).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(said.contains("the database is incomplete"), "{said}");
    assert!(db(to.path(), &["check"]).failed(1).contains("1 faults"));
    let other = from.path().join("other");
    let said = db(to.path(), &["backup", other.to_str().unwrap(), "--plaintext"]).failed(1);
    assert!(said.contains("the database is incomplete"), "{said}");
    assert!(!other.exists());
    db(to.path(), &["restore", backup]).succeeded();
    let restored = contents(to.path());
    assert_eq!(restored, entries(&std::fs::read(backup).unwrap()));
    let ended = db(to.path(), &["check"]);
    assert!(ended.said.contains("objects checked: 10000 of 10000"), "{}", ended.said);
    assert!(ended.succeeded().contains("10000 objects"));
    drop(ServerProcess::start(to.path(), &[]));
}
