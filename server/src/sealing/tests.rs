//! The contract of a store, held by a sealed one with the real cipher over a real database.

use std::sync::Arc;

use claviger_engine::sealing::Sealing;
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::{ObjectStore, StoreSource};
use claviger_plugin_sdk::store_conformance;
use claviger_plugin_sdk::testkit::store::Fixture;
use claviger_storage_sql::sqlite::SqliteStore;
use tempfile::TempDir;

use super::options;

store_conformance!(sealed_sqlite, || async {
    let folder = Arc::new(TempDir::new().unwrap());
    let key = folder.path().join("server.key");
    std::fs::write(&key, [7; 32]).unwrap();
    restrict(&key);
    let open = move || opened(folder.clone());
    let store = open().await;
    Fixture::persistent(store, Box::new(move || -> BoxFuture<'static, _> { Box::pin(open()) }))
});

struct Source(Arc<SqliteStore>);

impl StoreSource for Source {
    fn open(&self, _: &ConnectionFacts) -> Result<Arc<dyn ObjectStore>> {
        Ok(self.0.clone())
    }
}

async fn opened(folder: Arc<TempDir>) -> Arc<dyn ObjectStore> {
    let settings = Settings::new(folder.path().to_owned(), [("server-key-file", "server.key".to_owned())]);
    let store = SqliteStore::open(&folder.path().join("data"), false).unwrap();
    let sealing = Sealing::over(Arc::new(Source(Arc::new(store))), options(&settings).unwrap().unwrap());
    sealing.prepare().await.unwrap();
    sealing.open(&ConnectionFacts::internal()).unwrap()
}

fn restrict(file: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).unwrap();
}
