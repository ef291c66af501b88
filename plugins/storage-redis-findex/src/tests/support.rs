//! Databases for tests: each a prefix of its own in the Redis of `CLAVIGER_TEST_REDIS`.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, Mutex};

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::filter::{Filter, Index, Page};
use claviger_plugin_sdk::kmip::lifecycle::StateDates;
use claviger_plugin_sdk::kmip::tables::enumerations::{ObjectType, State};
use claviger_plugin_sdk::record::{ObjectId, Revision};
use claviger_plugin_sdk::store::{ChangeSet, ObjectStore, Put, UsageLeft};
use claviger_plugin_sdk::testkit::store::Fixture;
use claviger_plugin_sdk::upkeep::Snapshot;
use tracing::Level;
use zeroize::Zeroizing;

use crate::connection::Address;
use crate::database::{Database, Opening};
use crate::keys::{PasswordCost, random};
use crate::snapshot::RedisSnapshot;
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
        RedisStore::open(Opening { clear, ..self.opening() }).await
    }

    /// A snapshot of what is there.
    pub(super) async fn snapshot(&self) -> Result<Box<dyn Snapshot>> {
        let db = Database::open_as_it_is(self.opening()).await?.unwrap();
        Ok(Box::new(RedisSnapshot::take(db).await?))
    }

    fn opening(&self) -> Opening<'_> {
        Opening {
            address: Address { url: &self.url, authorities: None, identity: None },
            prefix: &self.prefix,
            password: Zeroizing::new(self.password.to_owned()),
            label: self.label,
            clear: false,
            // What a password costs is no matter of tests.
            cost: PasswordCost { memory: 64, passes: 1 },
        }
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

/// What tests run in.
pub(super) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}

/// An object to write.
#[derive(Clone)]
pub(super) struct Draft(Put);

/// A new Active symmetric key of `owner`.
pub(super) fn draft(name: &str) -> Draft {
    let index = Index {
        owner: "owner".into(),
        object_type: ObjectType::SYMMETRIC_KEY,
        dates: StateDates { stored: State::ACTIVE, activation: None, deactivation: None },
        archived: false,
        tags: BTreeSet::new(),
        attributes: Vec::new(),
    };
    let body = format!("body of {name}").into_bytes().into();
    Draft(Put { id: id(name), expected: None, body, index, usage_left: UsageLeft::Keep })
}

impl Draft {
    pub(super) fn tag(mut self, tag: &str) -> Self {
        self.0.index.tags.insert(tag.to_owned());
        self
    }

    pub(super) fn expecting(mut self, revision: u64) -> Self {
        self.0.expected = Some(Revision(revision));
        self
    }
}

impl From<Draft> for ChangeSet {
    fn from(draft: Draft) -> Self {
        Self { puts: vec![draft.0], ..Self::default() }
    }
}

pub(super) fn id(name: &str) -> ObjectId {
    ObjectId::new(name).unwrap()
}

/// Writes objects, one after the other.
pub(super) async fn put(store: &RedisStore, objects: impl IntoIterator<Item = Draft>) {
    for object in objects {
        store.apply(object.into()).await.unwrap();
    }
}

/// The identifiers of what is found.
pub(super) async fn find(store: &RedisStore, filter: Filter) -> Vec<String> {
    let found = store.locate(&filter, &Page::first(10_000)).await.unwrap();
    found.ids.iter().map(|id| id.as_str().to_owned()).collect()
}

/// What is logged while this thread works, down to the last detail.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(super) fn of_this_thread() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let builder = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_ansi(false);
        let guard = tracing::subscriber::set_default(builder.with_writer(move || writer.clone()).finish());
        (log, guard)
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
