//! The store as a whole.

mod durability;
mod folder;
mod long_searches;
mod plans;
mod search_costs;
mod upkeep;

use std::sync::Arc;

use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::store::ObjectStore;
use claviger_plugin_sdk::testkit::snapshot::Observed;
use claviger_plugin_sdk::testkit::store::Fixture;
use claviger_plugin_sdk::upkeep::Snapshot;
use claviger_plugin_sdk::{snapshot_conformance, store_conformance};
use tempfile::TempDir;

use super::SqliteStore;
use super::upkeep::snapshot_of;

store_conformance!(sqlite, || async {
    let folder = Arc::new(TempDir::new().unwrap());
    let open = move || -> Arc<dyn ObjectStore> { Arc::new(SqliteStore::open(folder.path(), false).unwrap()) };
    let store = open();
    Fixture::persistent(
        store,
        Box::new(move || -> BoxFuture<'static, _> { Box::pin(std::future::ready(open())) }),
    )
});

snapshot_conformance!(sqlite_snapshots, || async {
    let folder = Arc::new(TempDir::new().unwrap());
    let store = Arc::new(SqliteStore::open(folder.path(), false).unwrap());
    let take = Box::new(move || -> BoxFuture<'static, _> {
        let snapshot = snapshot_of(folder.path()).map(|taken| Box::new(taken) as Box<dyn Snapshot>);
        Box::pin(std::future::ready(snapshot))
    });
    Observed { store, take }
});
