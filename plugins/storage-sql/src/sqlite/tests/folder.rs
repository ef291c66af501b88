//! The folder of a database: who may use it and what is in it.

use std::error::Error as _;

use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::store::{ChangeSet, ObjectStore};
use claviger_plugin_sdk::testkit::RecordBuilder;
use rusqlite::Connection;
use tempfile::TempDir;

use crate::sqlite::{DATABASE, SqliteStore};

async fn create(store: &SqliteStore, id: &str) {
    store
        .apply(ChangeSet { puts: vec![RecordBuilder::new(id).put()], ..ChangeSet::default() })
        .await
        .unwrap();
}

async fn count(store: &SqliteStore) -> Option<u64> {
    let page = Page { after: None, offset: 0, limit: 0, count: true };
    store.find(&Filter::All(vec![]), &page, &[]).await.unwrap().total
}

#[test]
fn a_second_server_is_told_what_to_do() {
    let folder = TempDir::new().unwrap();
    let first = SqliteStore::open(folder.path(), false).unwrap();
    // Not even to clear it.
    for clear in [false, true] {
        let error = SqliteStore::open(folder.path(), clear).map(drop).unwrap_err();
        let expected = format!(
            "another server (process {}) uses the database below --sqlite-path: stop it, or give this server a \
             folder of its own",
            std::process::id()
        );
        assert_eq!(error.message(), expected);
    }
    drop(first);
    SqliteStore::open(folder.path(), false).unwrap();
}

#[tokio::test]
async fn clearing_deletes_everything() {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(folder.path(), false).unwrap();
    create(&store, "k").await;
    drop(store);
    let store = SqliteStore::open(folder.path(), false).unwrap();
    assert_eq!(count(&store).await, Some(1));
    drop(store);
    let store = SqliteStore::open(folder.path(), true).unwrap();
    assert_eq!(count(&store).await, Some(0));
    create(&store, "k").await;
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let folder = TempDir::new().unwrap();
    drop(SqliteStore::open(folder.path(), false).unwrap());
    let version = || -> i64 {
        let connection = Connection::open(folder.path().join(DATABASE)).unwrap();
        connection.query_row("SELECT version FROM schema_version", [], |row| row.get(0)).unwrap()
    };
    let connection = Connection::open(folder.path().join(DATABASE)).unwrap();
    connection.execute("UPDATE schema_version SET version = 99", []).unwrap();
    drop(connection);
    let error = SqliteStore::open(folder.path(), false).map(drop).unwrap_err();
    assert!(error.message().starts_with("the database has version 99 and this server knows "), "{error}");
    assert_eq!(version(), 99);
}

#[test]
fn a_file_that_is_no_database_is_refused_without_its_path() {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join(DATABASE), "no database, and longer than a header of SQLite is")
        .unwrap();
    let error = SqliteStore::open(folder.path(), false).map(drop).unwrap_err();
    assert!(error.message().contains("is no plain SQLite database"), "{error}");
    assert!(!error.message().contains(folder.path().to_str().unwrap()));
    assert!(error.source().is_some());
}

#[cfg(unix)]
#[test]
fn folder_and_files_are_for_the_servers_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("new").join("data");
    let _store = SqliteStore::open(&folder, false).unwrap();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for file in std::fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}
