//! The databases of a folder, and each of them as a store.

mod at_rest;
mod making;
mod opening;
mod refusals;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use claviger_plugin_sdk::authentication::{ConnectionFacts, Transport};
use claviger_plugin_sdk::databases::Databases as _;
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::{ChangeSet, ObjectStore, StoreFactory as _, StoreSource as _};
use claviger_plugin_sdk::testkit::snapshot::Observed;
use claviger_plugin_sdk::testkit::store::Fixture;
use claviger_plugin_sdk::testkit::{RecordBuilder, SeededRandom};
use claviger_plugin_sdk::{BoxFuture, Error, Result};
use claviger_plugin_sdk::{snapshot_conformance, store_conformance};
use tempfile::TempDir;

use super::folder::Folder;
use super::{EncryptedDatabases, SqliteEncFactory};

store_conformance!(sqlite_enc, || async {
    let folder = Arc::new(TempDir::new().unwrap());
    let token = create(&databases(folder.path(), 1)).await;
    let open = move || -> Arc<dyn ObjectStore> { open(&databases(folder.path(), 1), &token).unwrap() };
    let store = open();
    Fixture::persistent(
        store,
        Box::new(move || -> BoxFuture<'static, _> { Box::pin(std::future::ready(open())) }),
    )
});

snapshot_conformance!(sqlite_enc_snapshots, || async {
    let folder = Arc::new(TempDir::new().unwrap());
    let all = databases(folder.path(), 1);
    let token = create(&all).await;
    let store = open(&all, &token).unwrap();
    let settings = Settings::new("/".into(), [("sqlite-path", folder.path().display().to_string())]);
    let shared = Arc::new((folder, settings, facts(&token)));
    let take = Box::new(move || -> BoxFuture<'static, _> {
        let shared = shared.clone();
        Box::pin(async move { SqliteEncFactory.upkeep().unwrap().snapshot(&shared.1, &shared.2).await })
    });
    Observed { store, take }
});

/// The databases of a folder, of which so many may be open.
fn databases(folder: &Path, most: usize) -> EncryptedDatabases {
    EncryptedDatabases::new(Folder::take(folder.to_owned(), false).unwrap(), most, Duration::from_secs(600))
}

/// Makes a database and gives its token.
async fn create(databases: &EncryptedDatabases) -> String {
    static SEED: AtomicU64 = AtomicU64::new(1);
    let mut random = SeededRandom::new(SEED.fetch_add(1, Ordering::Relaxed));
    let token = databases.create(&mut random).await.unwrap();
    String::from_utf8(token.to_vec()).unwrap()
}

/// The facts of a request that brings a token.
fn facts(token: &str) -> ConnectionFacts {
    let headers = vec![("kmsdatabasesecret".to_owned(), token.to_owned())];
    ConnectionFacts { transport: Transport::Https, headers, ..ConnectionFacts::internal() }
}

fn open(databases: &EncryptedDatabases, token: &str) -> Result<Arc<dyn ObjectStore>> {
    databases.open(&facts(token))
}

fn refusal(databases: &EncryptedDatabases, token: &str) -> Error {
    open(databases, token).map(drop).unwrap_err()
}

async fn put(store: &Arc<dyn ObjectStore>, id: &str, tag: &str) {
    let puts = vec![RecordBuilder::new(id).tag(tag).put()];
    store.apply(ChangeSet { puts, ..ChangeSet::default() }).await.unwrap();
}

async fn ids(store: &Arc<dyn ObjectStore>) -> Vec<ObjectId> {
    let all = Filter::All(vec![]);
    store.locate(&all, &Page::first(1000)).await.unwrap().ids
}

async fn names(store: &Arc<dyn ObjectStore>) -> Vec<String> {
    ids(store).await.iter().map(ToString::to_string).collect()
}

/// The names of the files in a folder that begin with a digit.
fn files(folder: &Path) -> Vec<String> {
    let files =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> =
        files.filter(|name| name.starts_with(|first: char| first.is_ascii_digit())).collect();
    files.sort_unstable();
    files
}
