//! What the commands refuse, and what they say.

use std::fs;

use super::backup_content::contents_of;
use super::{db, fill};
use crate::sealing::key_file;
use crate::server_process::{ServerProcess, bare_command, command};

/// A folder with a database and a backup of it, whose path comes with it.
fn backed_up() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    fill(&mut server.client());
    drop(server);
    let backup = folder.path().join("backup").to_str().unwrap().to_owned();
    db(folder.path(), &["backup", &backup, "--plaintext"]).succeeded();
    (folder, backup)
}

#[test]
fn a_backup_that_is_altered_or_cut_off_changes_nothing() {
    let (_folder, backup) = backed_up();
    let good = fs::read(&backup).unwrap();
    let target = tempfile::tempdir().unwrap();
    let mut altered = good.clone();
    altered[good.len() / 2] ^= 1;
    let mut newer = good.clone();
    newer[17] = 9;
    for (bytes, why) in [
        (&altered[..], "cannot be used"),
        (&good[..good.len() - 1], "it is cut off"),
        (&good[..good.len() / 2], "it is cut off"),
        (&newer, "has format 9 and this build reads 1"),
        (b"PK\x03\x04 something else", "is no backup of a Claviger database"),
    ] {
        fs::write(&backup, bytes).unwrap();
        let said = db(target.path(), &["restore", &backup]).failed(1);
        assert!(said.contains(why), "{said}");
        assert_eq!(fs::read_dir(target.path()).unwrap().count(), 0, "nothing was made");
    }
}

#[test]
fn a_database_with_contents_is_not_overwritten_unless_told_to() {
    let (folder, backup) = backed_up();
    let said = db(folder.path(), &["restore", &backup]).failed(1);
    assert!(said.contains("is not empty") && said.contains("--clear-database"), "{said}");
    db(folder.path(), &["restore", &backup, "--clear-database"]).succeeded();
    let database = folder.path().join("sqlite-data").join("claviger.db");
    fs::write(&database, [0x5C; 10_000]).unwrap();
    db(folder.path(), &["restore", &backup]).failed(1);
    db(folder.path(), &["restore", &backup, "--clear-database"]).succeeded();
    let key = key_file(folder.path(), "server.key", [7; 32]);
    db(folder.path(), &["restore", &backup, "--clear-database", "--server-key-file", &key]).succeeded();
    assert!(db(folder.path(), &["check", "--server-key-file", &key]).succeeded().contains(" 0 faults"));
}

#[test]
fn a_database_that_was_cleared_and_could_not_be_sealed_is_incomplete() {
    let (folder, backup) = backed_up();
    let sealing = ["--server-key-file", "/no/such/key"];
    db(folder.path(), &[&["restore", &backup, "--clear-database"], &sealing[..]].concat()).failed(1);
    let output = command(folder.path()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("the database is incomplete"), "{said}");
    db(folder.path(), &["restore", &backup]).succeeded();
}

#[test]
fn a_database_that_a_server_uses_is_not_filled() {
    let (folder, backup) = backed_up();
    let _server = ServerProcess::start(folder.path(), &[]);
    let said = db(folder.path(), &["restore", &backup, "--clear-database"]).failed(1);
    assert!(said.contains("another server"), "{said}");
}

#[test]
fn a_backup_has_to_be_encrypted_or_told_not_to_be() {
    let (folder, backup) = backed_up();
    let other = folder.path().join("other").to_str().unwrap().to_owned();
    let said = db(folder.path(), &["backup", &other]).failed(2);
    assert!(said.contains("--plaintext") && said.contains("--backup-key-file"), "{said}");
    let said = db(folder.path(), &["backup", &other, "--plaintext", "--backup-key-file", "x"]).failed(2);
    assert!(said.contains("cannot be used with"), "{said}");
    let said = db(folder.path(), &["backup", &backup, "--plaintext"]).failed(2);
    assert!(said.contains("exists"), "{said}");
    let said = db(folder.path(), &["backup", &other, "--backup-key-file", "/no/such/file"]).failed(1);
    assert!(said.contains("/no/such/file"), "{said}");
    let said = db(folder.path(), &["backup", "/no/such/folder/x", "--plaintext"]).failed(1);
    assert!(said.contains("/no/such/folder/x"), "{said}");
}

#[test]
fn a_database_is_not_copied_onto_itself() {
    let (folder, _) = backed_up();
    let path = folder.path().to_str().unwrap();
    for arguments in [["copy", "--to-root-data-path", path], ["copy", "--to-sqlite-path", "./sqlite-data"]] {
        let said = db(folder.path(), &arguments).failed(2);
        assert!(said.contains("both databases are the same"), "{said}");
    }
    let other_key = key_file(folder.path(), "server.key", [7; 32]);
    let again = tempfile::tempdir().unwrap();
    let link = again.path().join("link");
    std::os::unix::fs::symlink(folder.path(), &link).unwrap();
    let before = contents_of(folder.path(), &[]);
    for arguments in [
        &["copy", "--to-server-key-file", &other_key, "--to-clear-database"][..],
        &["copy", "--to-root-data-path", link.to_str().unwrap(), "--to-clear-database"],
    ] {
        let said = db(folder.path(), arguments).failed(2);
        assert!(said.contains("both databases are the same"), "{said}");
        assert_eq!(contents_of(folder.path(), &[]), before);
    }
    let said = db(folder.path(), &["copy", "--to-database-type", "oracle"]).failed(2);
    assert!(said.contains("`oracle` is not in this build"), "{said}");
}

#[test]
fn where_there_is_no_database_nothing_is_read_or_made() {
    let folder = tempfile::tempdir().unwrap();
    let backup = folder.path().join("backup");
    for arguments in [&["check"][..], &["backup", backup.to_str().unwrap(), "--plaintext"]] {
        let said = db(folder.path(), arguments).failed(1);
        assert!(said.contains("there is no database at"), "{said}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn every_command_shows_examples() {
    for command in ["migrate", "check", "backup", "restore", "copy", "copy-from-kmip"] {
        let output = bare_command().args(["db", command, "--help"]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success());
        assert!(text.contains("Examples:") && text.contains(&format!("db {command}")), "{text}");
    }
}
