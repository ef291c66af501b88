//! What was acknowledged is there after a crash, and nothing else is half there.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use claviger_plugin_sdk::ErrorClass;
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::record::{ObjectId, Revision};
use claviger_plugin_sdk::store::{ApplyError, ChangeSet, NameClaims, ObjectStore};
use claviger_plugin_sdk::testkit::RecordBuilder;
use tempfile::TempDir;

use crate::sqlite::connection::DatabaseFile;
use crate::sqlite::key::DatabaseKey;
use crate::sqlite::readers::Readers;
use crate::sqlite::writer::Writer;
use crate::sqlite::{DATABASE, SqliteStore, connection, query, schema};

/// Two objects that only make sense together, with a name and tags.
fn pair(id: &str) -> ChangeSet {
    let half = |half: &str| RecordBuilder::new(&format!("{id} {half}")).tag("all").tag(id).put();
    let object = ObjectId::new(&format!("{id} left")).unwrap();
    let claims = vec![NameClaims { object, owner: "owner".into(), names: vec![id.to_owned()] }];
    ChangeSet { puts: vec![half("left"), half("right")], claims, ..ChangeSet::default() }
}

async fn tagged(store: &SqliteStore, tag: &str) -> usize {
    store.find(&Filter::Tag(tag.into()), &Page::first(100_000), &[]).await.unwrap().records.len()
}

#[tokio::test]
async fn acknowledged_changes_survive_kill_and_no_half_is_left() {
    let folder = TempDir::new().unwrap();
    let mut acknowledged: Vec<String> = Vec::new();
    for round in 0..20 {
        acknowledged.extend(write_and_be_killed(&folder, round));
        let store = SqliteStore::open(folder.path(), false).unwrap();
        for id in &acknowledged {
            assert_eq!(tagged(&store, id).await, 2, "{id} was acknowledged");
        }
        let all = store.find(&Filter::Tag("all".into()), &Page::first(100_000), &[]).await.unwrap().records;
        for record in &all {
            let id = record.id.as_str().split_once(' ').unwrap().0;
            assert_eq!(tagged(&store, id).await, 2, "{id} is whole");
        }
    }
    assert!(acknowledged.len() > 20, "only {} changes were acknowledged", acknowledged.len());
}

/// Runs `the_process_that_is_killed` until it has acknowledged some changes, and kills it.
fn write_and_be_killed(folder: &TempDir, round: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "sqlite::tests::durability::the_process_that_is_killed",
            "--ignored",
            "--nocapture",
        ])
        .env("CLAVIGER_TEST_FOLDER", folder.path())
        .env("CLAVIGER_TEST_ROUND", round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let acknowledged = |line: String| line.strip_prefix("written ").map(str::to_owned);
    let mut ids: Vec<String> = lines.by_ref().filter_map(acknowledged).take(3 + round).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    ids.extend(lines.filter_map(acknowledged));
    ids
}

#[test]
#[ignore = "a part of the test with kill"]
fn the_process_that_is_killed() {
    let folder = std::env::var("CLAVIGER_TEST_FOLDER").unwrap();
    let round = std::env::var("CLAVIGER_TEST_ROUND").unwrap();
    let store = Arc::new(SqliteStore::open(folder.as_ref(), false).unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let writers = (0..4).map(|writer| {
            let (store, round) = (store.clone(), round.clone());
            tokio::task::spawn(async move {
                for turn in 0.. {
                    let id = format!("{round}.{writer}.{turn}");
                    store.apply(pair(&id)).await.unwrap();
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "\nwritten {id}").unwrap();
                    out.flush().unwrap();
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
    });
}

#[tokio::test]
async fn a_full_disk_fails_the_change_that_does_not_fit_and_leaves_the_others_whole() {
    fill_the_disk(DatabaseFile::plain).await;
}

#[tokio::test]
async fn a_full_disk_does_so_to_an_encrypted_database_too() {
    fill_the_disk(|file| DatabaseFile::encrypted(file, DatabaseKey::new(&[7; 32]).unwrap())).await;
}

/// Writes to a database that has little room until nothing fits any more, and makes room.
async fn fill_the_disk(database: impl Fn(PathBuf) -> DatabaseFile) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join(DATABASE);
    connection::make_file(&file).unwrap();
    let mut writing = database(file.clone()).open_for_writing().unwrap();
    schema::migrate(&mut writing).unwrap();
    writing.pragma_update(None, "max_page_count", 40).unwrap();
    let writer = Writer::start(writing).unwrap();
    let readers = Readers::new(database(file.clone())).unwrap();
    let found = |id: &str| {
        let filter = Filter::Tag(id.to_owned());
        readers.read(|reading| query::find(reading, &filter, &Page::first(9), &[])).unwrap().records.len()
    };
    let mut results = Vec::new();
    for turn in 0..20 {
        // Ten at once, so that those that fit and those that do not are in one commit.
        let group: Vec<_> = (0..10).map(|n| writer.apply(pair(&format!("{turn}.{n}")))).collect();
        for (n, result) in group.into_iter().enumerate() {
            results.push((format!("{turn}.{n}"), result.await));
        }
    }
    let (mut acknowledged, mut refused) = (Vec::new(), Vec::new());
    for (id, result) in results {
        match result {
            Ok(()) => {
                assert_eq!(found(&id), 2, "{id} was acknowledged");
                acknowledged.push(id);
            }
            Err(ApplyError::Failed(error)) => {
                assert_eq!(error.message(), "the storage is full; nothing was written");
                assert_eq!(error.class(), ErrorClass::Storage);
                assert_eq!(found(&id), 0, "{id} failed");
                refused.push(id);
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(acknowledged.len() > 10 && refused.len() > 10, "{} {}", acknowledged.len(), refused.len());
    writer.health().unwrap();

    // What goes makes room for others, without a restart.
    let (gone, kept) = acknowledged.split_at(acknowledged.len() / 2);
    for id in gone {
        writer.apply(purge_of_pair(id)).await.unwrap();
    }
    writer.apply(pair(&refused[0])).await.unwrap();
    drop(writer);
    assert_eq!(found(&refused[0]), 2, "it fits now");
    assert!(gone.iter().all(|id| found(id) == 0) && kept.iter().all(|id| found(id) == 2));

    // And so does a larger disk.
    let writer = Writer::start(database(file).open_for_writing().unwrap()).unwrap();
    for id in &refused[1..] {
        writer.apply(pair(id)).await.unwrap();
    }
    assert!(kept.iter().chain(&refused).all(|id| found(id) == 2));
}

/// Removes both objects of a pair.
fn purge_of_pair(id: &str) -> ChangeSet {
    let half = |half: &str| (ObjectId::new(&format!("{id} {half}")).unwrap(), Revision(1));
    ChangeSet { purges: vec![half("left"), half("right")], ..ChangeSet::default() }
}
