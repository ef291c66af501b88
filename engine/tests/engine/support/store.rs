//! The reference store, with what a test wants to go wrong or to take long.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::databases::Databases;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::{
    ApplyError, ChangeSet, FoundIds, FoundPage, ObjectStore, StoreProperties, StoreSource, Stored, Subject,
};
use claviger_plugin_sdk::testkit::MemoryStore;
use claviger_plugin_sdk::{BoxFuture, forward_to_store};
use tokio::sync::Notify;

/// A store of which a test holds the strings.
pub(crate) struct TestStore {
    inner: MemoryStore,
    namespace: Arc<str>,
    sole_writer: bool,
    /// So many of the next changes of records conflict.
    pub(crate) conflicts: AtomicUsize,
    /// So many of the next changes of records are written, and the store fails nevertheless.
    pub(crate) unheard: AtomicUsize,
    /// Bytes of the objects that `find` returned.
    pub(crate) found_bytes: AtomicUsize,
    /// How often `get` and `find` were called.
    pub(crate) reads: AtomicUsize,
    /// How often `apply` was called.
    pub(crate) applies: AtomicUsize,
    /// Stops the next `get` after it has read.
    pub(crate) after_get: Mutex<Option<Arc<Stop>>>,
    /// Stops the next `find` after it has read.
    pub(crate) after_find: Mutex<Option<Arc<Stop>>>,
    /// Stops the next `apply` after it has written.
    pub(crate) after_apply: Mutex<Option<Arc<Stop>>>,
    /// Lets other tasks in between reading or writing and answering.
    pub(crate) dawdles: bool,
    /// Is one of several databases, and not open.
    pub(crate) closed: AtomicBool,
}

/// A place at which a store waits until the test lets it go on.
#[derive(Default)]
pub(crate) struct Stop {
    reached: Notify,
    go_on: Notify,
}

impl Stop {
    pub(crate) async fn is_reached(&self) {
        self.reached.notified().await;
    }

    pub(crate) fn let_go(&self) {
        self.go_on.notify_one();
    }
}

impl TestStore {
    pub(crate) fn new() -> Self {
        Self {
            inner: MemoryStore::new(),
            namespace: "test".into(),
            sole_writer: true,
            conflicts: AtomicUsize::new(0),
            unheard: AtomicUsize::new(0),
            found_bytes: AtomicUsize::new(0),
            reads: AtomicUsize::new(0),
            applies: AtomicUsize::new(0),
            after_get: Mutex::default(),
            after_find: Mutex::default(),
            after_apply: Mutex::default(),
            dawdles: false,
            closed: AtomicBool::new(false),
        }
    }

    /// Another server writes to the same storage, too.
    pub(crate) fn shared(inner: MemoryStore) -> Self {
        Self { inner, sole_writer: false, ..Self::new() }
    }

    /// No other server writes to the storage.
    pub(crate) fn over(inner: MemoryStore) -> Self {
        Self { inner, ..Self::new() }
    }

    pub(crate) fn named(name: &str) -> Self {
        Self::over_named(MemoryStore::new(), name)
    }

    pub(crate) fn over_named(inner: MemoryStore, name: &str) -> Self {
        Self { inner, namespace: name.into(), ..Self::new() }
    }

    pub(crate) fn dawdling() -> Self {
        Self { dawdles: true, ..Self::new() }
    }

    /// Stops the next `get` after it has read.
    pub(crate) fn stop_after_get(&self) -> Arc<Stop> {
        Self::stop_at(&self.after_get)
    }

    /// Stops the next `find` after it has read.
    pub(crate) fn stop_after_find(&self) -> Arc<Stop> {
        Self::stop_at(&self.after_find)
    }

    /// Stops the next `apply` after it has written.
    pub(crate) fn stop_after_apply(&self) -> Arc<Stop> {
        Self::stop_at(&self.after_apply)
    }

    fn stop_at(place: &Mutex<Option<Arc<Stop>>>) -> Arc<Stop> {
        let stop = Arc::new(Stop::default());
        *place.lock().unwrap() = Some(stop.clone());
        stop
    }

    async fn pause(&self, place: &Mutex<Option<Arc<Stop>>>) {
        let stop = place.lock().unwrap().take();
        if let Some(stop) = stop {
            stop.reached.notify_one();
            stop.go_on.notified().await;
        }
        if self.dawdles {
            static TURN: AtomicUsize = AtomicUsize::new(0);
            let turn = TURN.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_micros((turn * 7919 % 300) as u64)).await;
        }
    }
}

/// A source of one store, or of several databases: the header `store` names one, and the first one is taken without it.
pub(crate) struct Sources(pub(crate) Vec<Arc<TestStore>>);

impl StoreSource for Sources {
    fn open(&self, facts: &ConnectionFacts) -> Result<Arc<dyn ObjectStore>> {
        let wanted =
            facts.header("store").and_then(|name| self.0.iter().find(|store| *store.namespace == *name));
        match wanted {
            None if self.0.len() > 1 && facts.headers.is_empty() => {
                Err(Error::unsupported("no database of the server's own"))
            }
            wanted => Ok(wanted.unwrap_or(&self.0[0]).clone()),
        }
    }

    fn databases(&self) -> Option<&dyn Databases> {
        (self.0.len() > 1).then_some(self)
    }
}

impl Databases for Sources {
    /// Gives the token and makes nothing.
    fn create<'a>(&'a self, random: &'a mut dyn RandomSource) -> BoxFuture<'a, Result<ByteString>> {
        Box::pin(async { Ok(random.bytes(48)) })
    }

    fn opened(&self) -> Vec<Arc<str>> {
        let open = self.0.iter().filter(|store| !store.closed.load(Ordering::SeqCst));
        open.map(|store| store.namespace.clone()).collect()
    }

    fn opened_store(&self, namespace: &str) -> Option<Arc<dyn ObjectStore>> {
        let mut open = self.0.iter().filter(|store| !store.closed.load(Ordering::SeqCst));
        open.find(|store| *store.namespace == *namespace).map(|store| store.clone() as Arc<dyn ObjectStore>)
    }

    fn health(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

impl ObjectStore for TestStore {
    forward_to_store!(inner: grants, document, documents, document_kinds, health);

    fn namespace(&self) -> &Arc<str> {
        &self.namespace
    }

    fn properties(&self) -> StoreProperties {
        StoreProperties { sole_writer: self.sole_writer }
    }

    fn get<'a>(&'a self, ids: &'a [ObjectId], subjects: &'a [Subject]) -> BoxFuture<'a, Result<Vec<Stored>>> {
        Box::pin(async move {
            self.reads.fetch_add(1, Ordering::SeqCst);
            let read = self.inner.get(ids, subjects).await;
            self.pause(&self.after_get).await;
            read
        })
    }

    fn find<'a>(
        &'a self,
        filter: &'a Filter,
        page: &'a Page,
        subjects: &'a [Subject],
    ) -> BoxFuture<'a, Result<FoundPage>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            let found = self.inner.find(filter, page, subjects).await?;
            let bytes = found.records.iter().map(|stored| stored.body.len()).sum();
            self.found_bytes.fetch_add(bytes, Ordering::SeqCst);
            self.pause(&self.after_find).await;
            Ok(found)
        })
    }

    fn locate<'a>(&'a self, filter: &'a Filter, page: &'a Page) -> BoxFuture<'a, Result<FoundIds>> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.inner.locate(filter, page)
    }

    fn apply(&self, change: ChangeSet) -> BoxFuture<'_, Result<(), ApplyError>> {
        Box::pin(async move {
            self.applies.fetch_add(1, Ordering::SeqCst);
            let changes_records = change.puts.iter().any(|put| put.expected.is_some());
            let left = |conflicts: usize| conflicts.checked_sub(1);
            if changes_records
                && self.conflicts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left).is_ok()
            {
                return Err(ApplyError::Conflict);
            }
            let written = self.inner.apply(change).await;
            self.pause(&self.after_apply).await;
            if changes_records && self.unheard.fetch_update(Ordering::SeqCst, Ordering::SeqCst, left).is_ok()
            {
                return Err(ApplyError::Failed(Error::server("the connection was lost")));
            }
            written
        })
    }
}
