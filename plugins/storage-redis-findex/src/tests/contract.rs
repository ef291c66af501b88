//! The contract of stores.

use std::sync::Arc;

use claviger_plugin_sdk::store::ObjectStore;
use claviger_plugin_sdk::store_conformance;
use claviger_plugin_sdk::testkit::store::Fixture;
use claviger_plugin_sdk::testkit::{MemoryStore, service};

use super::support::Place;

store_conformance!(redis, || async {
    match service("REDIS") {
        Some(url) => Place::at(&url).fixture().await,
        // Skipped, as it has said.
        None => Fixture::from(Arc::new(MemoryStore::new()) as Arc<dyn ObjectStore>),
    }
});
