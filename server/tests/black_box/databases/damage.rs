//! Databases of other versions, and what `db check` finds.

use std::path::Path;

use rusqlite::Connection;

use super::{db, fill};
use crate::server_process::ServerProcess;

fn write(folder: &Path, sql: &str) -> usize {
    let connection = Connection::open(folder.join("sqlite-data/claviger.db")).unwrap();
    connection.execute(sql, []).unwrap()
}

fn filled() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    fill(&mut server.client());
    folder
}

#[test]
fn what_is_damaged_is_found() {
    let folder = filled();
    assert!(db(folder.path(), &["check"]).succeeded().contains(": 0 faults, 0 warnings."));
    for (sql, found) in [
        ("INSERT INTO permission VALUES (77, 1, 'bob', 10)", "fault: 1 grants on absent objects"),
        ("INSERT INTO name VALUES ('bob', 'his', 78)", "fault: 1 names claimed for absent objects"),
        (
            "UPDATE name SET name = 'another' WHERE name = 'limited'",
            "names are claimed for it that it does not have",
        ),
        ("UPDATE object SET usage_left = 11 WHERE usage_left = 6", "11 uses are left of it, and 10 is all"),
        ("UPDATE object SET owner = 'eve' WHERE seq = 1", "it is found by another owner than it has"),
        ("UPDATE object SET state = 3 WHERE seq = 1", "it is found by another state than it has"),
        ("DELETE FROM indexed WHERE attribute = 0 AND object = 1", "a tag is missing in the index"),
        // Algorithm and length, 16 bytes each, follow the key's bytes.
        (
            "UPDATE content SET body = CAST(substr(body, 1, length(body) - 40) || x'0102030405060708' || \
             substr(body, length(body) - 31) AS BLOB) WHERE object = 1",
            "it is not what its Digest (SHA_256) says",
        ),
        ("UPDATE content SET body = x'01ff' WHERE object = 2", "a stored record cannot be read"),
        ("DELETE FROM content WHERE object = 3", "fault: 1 objects without content"),
    ] {
        let folder = filled();
        assert!(write(folder.path(), sql) > 0, "{sql}");
        let ended = db(folder.path(), &["check"]);
        assert!(ended.answer.contains(found), "{sql}: {}", ended.answer);
        assert!(ended.failed(1).contains(" faults"));
    }
}

#[test]
fn a_link_that_leads_nowhere_is_a_warning() {
    let folder = filled();
    let pair = "SELECT object FROM content WHERE object = 3";
    assert!(write(folder.path(), &format!("DELETE FROM object WHERE seq IN ({pair})")) > 0);
    for table in ["content", "indexed", "permission", "name"] {
        write(folder.path(), &format!("DELETE FROM {table} WHERE object = 3"));
    }
    let answer = db(folder.path(), &["check"]).succeeded();
    assert!(answer.contains("a link leads to ") && answer.contains("0 faults, 1 warnings."), "{answer}");
}

#[test]
fn a_database_is_brought_to_the_version_of_the_build() {
    let folder = tempfile::tempdir().unwrap();
    let migrate = |arguments: &[&str]| db(folder.path(), &[&["migrate"], arguments].concat());
    let answer = migrate(&["--dry-run"]).succeeded();
    assert!(answer.contains("would be brought from nothing to version"), "{answer}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let answer = migrate(&[]).succeeded();
    assert!(answer.contains("was brought from nothing to version"), "{answer}");
    let answer = migrate(&[]).succeeded();
    assert!(answer.contains("there is nothing to do"), "{answer}");
    write(folder.path(), "UPDATE schema_version SET version = 999");
    for arguments in [&[][..], &["--dry-run"]] {
        let said = migrate(arguments).failed(1);
        assert!(said.contains("it has version 999 and this build knows"), "{said}");
    }
    let said = db(folder.path(), &["check"]).failed(1);
    assert!(said.contains("version 999"), "{said}");
}
