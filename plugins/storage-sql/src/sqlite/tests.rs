//! The store as a whole.

mod durability;
mod folder;
mod long_searches;
mod plans;

use std::sync::Arc;

use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::store::ObjectStore;
use claviger_plugin_sdk::store_conformance;
use claviger_plugin_sdk::testkit::store::Fixture;
use tempfile::TempDir;

use super::SqliteStore;

store_conformance!(sqlite, || async {
    let folder = Arc::new(TempDir::new().unwrap());
    let open = move || -> Arc<dyn ObjectStore> { Arc::new(SqliteStore::open(folder.path(), false).unwrap()) };
    let store = open();
    Fixture::persistent(
        store,
        Box::new(move || -> BoxFuture<'static, _> { Box::pin(std::future::ready(open())) }),
    )
});
