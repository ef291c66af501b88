//! Databases for tests: each a prefix of its own in the Redis of `CLAVIGER_TEST_REDIS`.

use std::sync::Arc;

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::store::ObjectStore;
use claviger_plugin_sdk::testkit::store::Fixture;
use zeroize::Zeroizing;

use crate::connection::Address;
use crate::database::Opening;
use crate::keys::{PasswordCost, random};
use crate::store::RedisStore;

/// A database of a test's own.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) url: String,
    pub(super) prefix: String,
    pub(super) password: &'static str,
    pub(super) label: &'static str,
}

impl Place {
    /// A new database at a Redis.
    pub(super) fn at(url: &str) -> Self {
        let prefix = format!("test-{:016x}", u64::from_be_bytes(random().unwrap()));
        Self { url: url.to_owned(), prefix, password: "correct horse", label: "first" }
    }

    pub(super) async fn open(&self) -> Result<RedisStore> {
        self.open_with(false).await
    }

    pub(super) async fn open_with(&self, clear: bool) -> Result<RedisStore> {
        RedisStore::open(Opening {
            address: Address { url: &self.url, authorities: None, identity: None },
            prefix: &self.prefix,
            password: Zeroizing::new(self.password.to_owned()),
            label: self.label,
            clear,
            // What a password costs is no matter of tests.
            cost: PasswordCost { memory: 64, passes: 1 },
        })
        .await
    }

    /// The store with the way to open it again.
    pub(super) async fn fixture(self) -> Fixture {
        let store = Arc::new(self.open().await.unwrap()) as Arc<dyn ObjectStore>;
        let reopen = move || {
            let place = self.clone();
            Box::pin(async move { Arc::new(place.open().await.unwrap()) as Arc<dyn ObjectStore> }) as _
        };
        Fixture::persistent(store, Box::new(reopen))
    }
}
