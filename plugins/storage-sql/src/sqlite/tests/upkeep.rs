//! Snapshots of databases that are absent, of other versions, or damaged.

use claviger_plugin_sdk::filter::Index;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::{ChangeSet, NameClaims, ObjectStore as _, StoreFactory as _};
use claviger_plugin_sdk::testkit::RecordBuilder;
use claviger_plugin_sdk::upkeep::{LayoutVersions, Snapshot as _};
use rusqlite::Connection;
use tempfile::TempDir;

use super::super::upkeep::snapshot_of;
use super::super::{DATABASE, SqliteFactory, SqliteStore, schema};

async fn versions(folder: &TempDir) -> LayoutVersions {
    let settings = Settings::new("/".into(), [("sqlite-path", folder.path().display().to_string())]);
    SqliteFactory.upkeep().unwrap().versions(&settings).await.unwrap()
}

fn refusal(folder: &TempDir) -> String {
    snapshot_of(folder.path()).err().unwrap().message().to_owned()
}

fn write(folder: &TempDir, sql: &str) {
    Connection::open(folder.path().join(DATABASE)).unwrap().execute_batch(sql).unwrap();
}

#[tokio::test]
async fn where_there_is_no_database_none_is_made() {
    let folder = TempDir::new().unwrap();
    assert!(refusal(&folder).starts_with("there is no database at "));
    assert_eq!(versions(&folder).await, LayoutVersions { stored: None, known: schema::known_version() });
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_database_of_another_version_gives_no_snapshot() {
    let folder = TempDir::new().unwrap();
    drop(SqliteStore::open(folder.path(), false).unwrap());
    write(&folder, "UPDATE schema_version SET version = 0");
    assert_eq!(versions(&folder).await.stored, Some(0));
    assert!(refusal(&folder).contains("db migrate"), "{}", refusal(&folder));
    write(&folder, "UPDATE schema_version SET version = 1000000");
    assert!(refusal(&folder).contains("version 1000000"), "{}", refusal(&folder));
}

#[tokio::test]
async fn what_belongs_to_nothing_is_found() {
    let folder = TempDir::new().unwrap();
    let store = SqliteStore::open(folder.path(), false).unwrap();
    let record = RecordBuilder::new("k").owner("ann").tag("red").name("n").build();
    let claims = vec![NameClaims { object: record.id.clone(), owner: "ann".into(), names: vec!["n".into()] }];
    let put = RecordBuilder::new("k").owner("ann").tag("red").name("n").put();
    store.apply(ChangeSet { puts: vec![put], claims, ..ChangeSet::default() }).await.unwrap();
    drop(store);
    let mut sound = snapshot_of(folder.path()).unwrap();
    assert_eq!(sound.faults().await.unwrap(), [""; 0]);
    write(
        &folder,
        "INSERT INTO permission VALUES (77, 1, 'bob', 10);
         INSERT INTO name VALUES ('bob', 'his', 78);
         INSERT INTO indexed VALUES (0, 0, 'blue', 79), (0, 0, 'green', 1);
         INSERT INTO content VALUES (80, x'', x'');
         DELETE FROM indexed WHERE attribute = 0 AND value = 'red';",
    );
    assert_eq!(sound.faults().await.unwrap(), [""; 0], "a snapshot stays as it was");
    let mut snapshot = snapshot_of(folder.path()).unwrap();
    let expected = [
        "1 contents of absent objects",
        "1 grants on absent objects",
        "1 names claimed for absent objects",
        "1 entries of the index for absent objects",
        "1 entries of the index for values that their objects do not have",
    ];
    assert_eq!(snapshot.faults().await.unwrap(), expected);
    let faults = snapshot.index_faults(&record.id, &Index::of(&record)).await.unwrap();
    assert_eq!(faults, ["a tag is missing in the index"]);
    write(&folder, "DELETE FROM content WHERE object = 1");
    let mut snapshot = snapshot_of(folder.path()).unwrap();
    assert_eq!(snapshot.faults().await.unwrap()[0], "1 objects without content");
    assert_eq!(&*snapshot.objects(1).await.unwrap()[0].body, b"");
}
