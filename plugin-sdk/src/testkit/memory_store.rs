//! The reference store: what a store does, in the simplest code that does it.

mod contents;
mod snapshot;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::BoxFuture;
use crate::authentication::ConnectionFacts;
use crate::clock::Clock;
use crate::error::Result;
use crate::filter::{Filter, Page};
use crate::record::ObjectId;
use crate::store::{
    ApplyError, ChangeSet, Document, DocumentPage, FoundIds, FoundPage, Grant, GrantQuery, ObjectStore,
    StoreProperties, StoreSource, Stored, Subject,
};
use crate::upkeep::Snapshot;

use contents::Contents;
use snapshot::MemorySnapshot;

/// A store in memory, gone with the process. Cloning gives another handle of the same store.
#[derive(Clone)]
pub struct MemoryStore {
    namespace: Arc<str>,
    clock: Arc<dyn Clock>,
    contents: Arc<Mutex<Contents>>,
}

impl MemoryStore {
    /// An empty store whose documents expire by the time of day.
    pub fn new() -> Self {
        Self::with_clock(Arc::new(TimeOfDay))
    }

    /// An empty store whose documents expire by this clock.
    pub fn with_clock(clock: Arc<dyn Clock>) -> Self {
        Self { namespace: "memory".into(), clock, contents: Arc::default() }
    }

    /// One state of the store.
    pub fn snapshot(&self) -> Box<dyn Snapshot> {
        let now = self.clock.now_millis() / 1000;
        Box::new(MemorySnapshot::new(self.contents().clone(), now))
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl StoreSource for MemoryStore {
    fn open(&self, _: &ConnectionFacts) -> Result<Arc<dyn ObjectStore>> {
        Ok(Arc::new(self.clone()))
    }
}

impl ObjectStore for MemoryStore {
    fn namespace(&self) -> &Arc<str> {
        &self.namespace
    }

    fn properties(&self) -> StoreProperties {
        StoreProperties { sole_writer: true }
    }

    fn get<'a>(&'a self, ids: &'a [ObjectId], subjects: &'a [Subject]) -> BoxFuture<'a, Result<Vec<Stored>>> {
        let contents = self.contents();
        let records = ids.iter().filter_map(|id| contents.stored(id, subjects)).collect();
        Box::pin(async { Ok(records) })
    }

    fn find<'a>(
        &'a self,
        filter: &'a Filter,
        page: &'a Page,
        subjects: &'a [Subject],
    ) -> BoxFuture<'a, Result<FoundPage>> {
        let found = self.contents().find(filter, page, subjects);
        Box::pin(async { Ok(found) })
    }

    fn locate<'a>(&'a self, filter: &'a Filter, page: &'a Page) -> BoxFuture<'a, Result<FoundIds>> {
        let found = self.contents().find(filter, page, &[]);
        let ids = found.records.into_iter().map(|stored| stored.id).collect();
        Box::pin(async move { Ok(FoundIds { ids, total: found.total }) })
    }

    fn grants<'a>(&'a self, query: &'a GrantQuery) -> BoxFuture<'a, Result<Vec<Grant>>> {
        let wanted = |grant: &&Grant| match query {
            GrantQuery::Object(id) => grant.object == *id,
            GrantQuery::Subjects(subjects) => subjects.contains(&grant.subject),
        };
        let grants = self.contents().grants.iter().filter(wanted).cloned().collect();
        Box::pin(async { Ok(grants) })
    }

    fn document<'a>(&'a self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        let now = self.clock.now_millis() / 1000;
        let document = self.contents().document(kind, id, now).cloned();
        Box::pin(async { Ok(document) })
    }

    fn documents<'a>(
        &'a self,
        kind: &'a str,
        page: &'a DocumentPage,
    ) -> BoxFuture<'a, Result<Vec<(String, Document)>>> {
        let now = self.clock.now_millis() / 1000;
        let documents = self.contents().documents(kind, page, now);
        Box::pin(async { Ok(documents) })
    }

    fn document_kinds(&self) -> BoxFuture<'_, Result<Vec<String>>> {
        let mut kinds: Vec<String> = self.contents().documents.keys().map(|(kind, _)| kind.clone()).collect();
        kinds.dedup();
        Box::pin(async { Ok(kinds) })
    }

    fn apply(&self, change: ChangeSet) -> BoxFuture<'_, Result<(), ApplyError>> {
        let now = self.clock.now_millis() / 1000;
        let mut contents = self.contents();
        let mut changed = contents.clone();
        let result = changed.apply(change, now);
        if result.is_ok() {
            *contents = changed;
        }
        Box::pin(async { result })
    }

    fn health(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

struct TimeOfDay;

impl Clock for TimeOfDay {
    fn now_millis(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}
