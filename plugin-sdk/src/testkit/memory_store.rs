//! The reference store: what a store does, in the simplest code that does it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use claviger_kmip::tables::enumerations::OperationCode;

use crate::BoxFuture;
use crate::authentication::ConnectionFacts;
use crate::clock::Clock;
use crate::error::Result;
use crate::filter::{Cursor, Filter, Grants, Index, Page};
use crate::record::{ObjectId, Revision};
use crate::shared_bytes::SharedBytes;
use crate::store::{
    ApplyError, ChangeSet, Document, DocumentPage, DocumentPut, FoundIds, FoundPage, Grant, GrantQuery,
    NameClaims, ObjectStore, Put, Rewrite, Rewritten, StoreProperties, StoreSource, Stored, Subject,
    UsageLeft,
};
use crate::upkeep::{KeptDocument, KeptObject, Snapshot, SnapshotCounts};

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
        Box::new(MemorySnapshot {
            contents: self.contents().clone(),
            now,
            given: None,
            documents_given: None,
        })
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

#[derive(Clone, Default)]
struct Contents {
    last_place: i64,
    objects: BTreeMap<ObjectId, Object>,
    grants: BTreeSet<Grant>,
    names: BTreeMap<(Arc<str>, String), ObjectId>,
    documents: BTreeMap<(String, String), Document>,
}

#[derive(Clone)]
struct Object {
    place: Cursor,
    revision: Revision,
    body: SharedBytes,
    index: Arc<Index>,
    usage_left: Option<i64>,
}

impl Contents {
    fn stored(&self, id: &ObjectId, subjects: &[Subject]) -> Option<Stored> {
        let object = self.objects.get(id)?;
        let held = |grant: &&Grant| grant.object == *id && subjects.contains(&grant.subject);
        Some(Stored {
            id: id.clone(),
            revision: object.revision,
            body: object.body.clone(),
            usage_left: object.usage_left,
            grants: self.grants.iter().filter(held).cloned().collect(),
        })
    }

    fn kept(&self, id: &ObjectId) -> Option<KeptObject> {
        let object = self.objects.get(id)?;
        let mut claims: Vec<NameClaims> = Vec::new();
        for ((owner, name), _) in self.names.iter().filter(|(_, object)| *object == id) {
            match claims.last_mut().filter(|claim| claim.owner == *owner) {
                Some(claim) => claim.names.push(name.clone()),
                None => claims.push(NameClaims {
                    object: id.clone(),
                    owner: owner.clone(),
                    names: vec![name.clone()],
                }),
            }
        }
        Some(KeptObject {
            id: id.clone(),
            revision: object.revision,
            body: object.body.clone(),
            usage_left: object.usage_left,
            grants: self.grants.iter().filter(|grant| grant.object == *id).cloned().collect(),
            claims,
        })
    }

    fn find(&self, filter: &Filter, page: &Page, subjects: &[Subject]) -> FoundPage {
        let mut matches: Vec<(Cursor, &ObjectId)> = self
            .objects
            .iter()
            .filter(|(id, object)| filter.matches(id, &object.index, &GrantsOn { id, all: &self.grants }))
            .map(|(id, object)| (object.place, id))
            .collect();
        matches.sort_unstable_by(|left, right| right.cmp(left));
        let total = page.count.then_some(matches.len() as u64);
        let wanted: Vec<(Cursor, &ObjectId)> = matches
            .into_iter()
            .filter(|(place, _)| page.after.is_none_or(|after| *place < after))
            .skip(usize::try_from(page.offset).unwrap_or(usize::MAX))
            .take(usize::try_from(page.limit).unwrap_or(usize::MAX))
            .collect();
        FoundPage {
            last: wanted.last().map(|(place, _)| *place),
            records: wanted.iter().filter_map(|(_, id)| self.stored(id, subjects)).collect(),
            total,
        }
    }

    fn document(&self, kind: &str, id: &str, now: i64) -> Option<&Document> {
        self.documents
            .get(&(kind.to_owned(), id.to_owned()))
            .filter(|document| document.expires.is_none_or(|expires| now <= expires))
    }

    fn documents(&self, kind: &str, page: &DocumentPage, now: i64) -> Vec<(String, Document)> {
        self.documents
            .iter()
            .filter(|((of, id), _)| of == kind && page.after.as_ref().is_none_or(|after| id > after))
            .filter_map(|((_, id), _)| Some((id.clone(), self.document(kind, id, now)?.clone())))
            .take(usize::try_from(page.limit).unwrap_or(usize::MAX))
            .collect()
    }

    /// Applies the parts in the order that [`ChangeSet`] documents.
    fn apply(&mut self, change: ChangeSet, now: i64) -> Result<(), ApplyError> {
        for (id, revision) in &change.unchanged {
            self.check(id, *revision)?;
        }
        for (id, revision) in &change.purges {
            self.check(id, *revision)?;
            self.purge(id);
        }
        for put in change.puts {
            let first = change.first_revisions.get(&put.id).copied().unwrap_or(Revision(1));
            self.put(put, first)?;
        }
        self.claim(&change.claims)?;
        for grant in change.grants {
            self.existing(&grant.object)?;
            self.grants.insert(grant);
        }
        for grant in &change.revocations {
            self.grants.remove(grant);
        }
        for (id, uses) in &change.consumptions {
            self.consume(id, *uses)?;
        }
        change.documents.into_iter().try_for_each(|put| self.put_document(put, now))?;
        change.rewrites.into_iter().try_for_each(|rewrite| self.rewrite(rewrite, now))
    }

    fn existing(&mut self, id: &ObjectId) -> Result<&mut Object, ApplyError> {
        self.objects.get_mut(id).ok_or(ApplyError::Conflict)
    }

    fn check(&mut self, id: &ObjectId, revision: Revision) -> Result<&mut Object, ApplyError> {
        self.existing(id).and_then(|object| {
            if object.revision == revision { Ok(object) } else { Err(ApplyError::Conflict) }
        })
    }

    fn purge(&mut self, id: &ObjectId) {
        self.objects.remove(id);
        self.grants.retain(|grant| grant.object != *id);
        self.names.retain(|_, object| object != id);
    }

    fn put(&mut self, put: Put, first: Revision) -> Result<(), ApplyError> {
        let index = Arc::new(put.index);
        match put.expected {
            Some(expected) => {
                let object = self.check(&put.id, expected)?;
                object.revision = Revision(expected.0 + 1);
                object.body = put.body;
                object.index = index;
                if let UsageLeft::Set(left) = put.usage_left {
                    object.usage_left = left;
                }
            }
            None if self.objects.contains_key(&put.id) => return Err(ApplyError::Exists(put.id)),
            None => {
                self.last_place += 1;
                let usage_left = match put.usage_left {
                    UsageLeft::Set(left) => left,
                    UsageLeft::Keep => None,
                };
                let (place, revision) = (Cursor(self.last_place), first);
                self.objects.insert(put.id, Object { place, revision, body: put.body, index, usage_left });
            }
        }
        Ok(())
    }

    fn claim(&mut self, claims: &[NameClaims]) -> Result<(), ApplyError> {
        for claim in claims {
            self.existing(&claim.object)?;
            self.names.retain(|_, object| *object != claim.object);
        }
        for claim in claims {
            for name in &claim.names {
                let holder = self
                    .names
                    .entry((claim.owner.clone(), name.clone()))
                    .or_insert_with(|| claim.object.clone());
                if *holder != claim.object {
                    return Err(ApplyError::NameTaken(name.clone()));
                }
            }
        }
        Ok(())
    }

    fn consume(&mut self, id: &ObjectId, uses: u64) -> Result<(), ApplyError> {
        let object = self.existing(id)?;
        if let Some(left) = object.usage_left {
            let uses = i64::try_from(uses).ok().filter(|uses| *uses <= left);
            let uses = uses.ok_or_else(|| ApplyError::UsageExceeded(id.clone()))?;
            object.usage_left = Some(left - uses);
        }
        Ok(())
    }

    fn put_document(&mut self, put: DocumentPut, now: i64) -> Result<(), ApplyError> {
        let current = self.document(&put.kind, &put.id, now).map(|document| document.revision);
        if current != put.expected {
            return Err(ApplyError::Conflict);
        }
        let revision = Revision(current.map_or(0, |revision| revision.0) + 1);
        let key = (put.kind, put.id);
        match put.content {
            Some((body, expires)) => self.documents.insert(key, Document { revision, expires, body }),
            None => self.documents.remove(&key),
        };
        Ok(())
    }

    fn rewrite(&mut self, rewrite: Rewrite, now: i64) -> Result<(), ApplyError> {
        match rewrite.of {
            Rewritten::Record(id) => {
                let object = self.existing(&id)?;
                if object.body != rewrite.from {
                    return Err(ApplyError::Conflict);
                }
                object.body = rewrite.to;
            }
            Rewritten::Document { kind, id } => {
                let current =
                    self.document(&kind, &id, now).is_some_and(|current| *current.body == *rewrite.from);
                let document = self.documents.get_mut(&(kind, id)).filter(|_| current);
                document.ok_or(ApplyError::Conflict)?.body = (*rewrite.to).into();
            }
        }
        Ok(())
    }
}

/// One state of a store in memory.
struct MemorySnapshot {
    contents: Contents,
    now: i64,
    /// The place of the last object that was given.
    given: Option<Cursor>,
    /// Kind and name of the last document that was given.
    documents_given: Option<(String, String)>,
}

impl MemorySnapshot {
    fn next_objects(&mut self, limit: usize) -> Vec<KeptObject> {
        let mut left: Vec<(Cursor, &ObjectId)> =
            self.contents.objects.iter().map(|(id, object)| (object.place, id)).collect();
        left.retain(|(place, _)| self.given.is_none_or(|given| *place > given));
        left.sort_unstable();
        left.truncate(limit.max(1));
        let objects = left.iter().filter_map(|(_, id)| self.contents.kept(id)).collect();
        self.given = left.last().map(|(place, _)| *place).or(self.given);
        objects
    }

    fn next_documents(&mut self, limit: usize) -> Vec<KeptDocument> {
        let found: Vec<KeptDocument> = self
            .contents
            .documents
            .iter()
            .filter(|(name, _)| self.documents_given.as_ref().is_none_or(|given| *name > given))
            .filter(|((kind, id), _)| self.contents.document(kind, id, self.now).is_some())
            .take(limit.max(1))
            .map(|((kind, id), document)| KeptDocument {
                kind: kind.clone(),
                id: id.clone(),
                document: document.clone(),
            })
            .collect();
        if let Some(last) = found.last() {
            self.documents_given = Some((last.kind.clone(), last.id.clone()));
        }
        found
    }
}

impl Snapshot for MemorySnapshot {
    fn counts(&mut self) -> BoxFuture<'_, Result<SnapshotCounts>> {
        let names = self.contents.documents.keys();
        let documents =
            names.filter(|(kind, id)| self.contents.document(kind, id, self.now).is_some()).count();
        let counts =
            SnapshotCounts { objects: self.contents.objects.len() as u64, documents: documents as u64 };
        Box::pin(async move { Ok(counts) })
    }

    fn objects(&mut self, limit: usize) -> BoxFuture<'_, Result<Vec<KeptObject>>> {
        let objects = self.next_objects(limit);
        Box::pin(async { Ok(objects) })
    }

    fn object<'a>(&'a mut self, id: &'a ObjectId) -> BoxFuture<'a, Result<Option<KeptObject>>> {
        let object = self.contents.kept(id);
        Box::pin(async { Ok(object) })
    }

    fn documents(&mut self, limit: usize) -> BoxFuture<'_, Result<Vec<KeptDocument>>> {
        let documents = self.next_documents(limit);
        Box::pin(async { Ok(documents) })
    }

    fn document<'a>(&'a mut self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        let document = self.contents.document(kind, id, self.now).cloned();
        Box::pin(async { Ok(document) })
    }

    fn absent<'a>(&'a mut self, ids: &'a [ObjectId]) -> BoxFuture<'a, Result<Vec<ObjectId>>> {
        let absent = ids.iter().filter(|id| !self.contents.objects.contains_key(id)).cloned().collect();
        Box::pin(async { Ok(absent) })
    }

    fn index_faults<'a>(
        &'a mut self,
        id: &'a ObjectId,
        expected: &'a Index,
    ) -> BoxFuture<'a, Result<Vec<String>>> {
        let differs = self.contents.objects.get(id).is_none_or(|object| *object.index != *expected);
        let faults = differs.then(|| "the index is that of another record".to_owned());
        Box::pin(async { Ok(faults.into_iter().collect()) })
    }

    fn faults(&mut self) -> BoxFuture<'_, Result<Vec<String>>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

struct GrantsOn<'a> {
    id: &'a ObjectId,
    all: &'a BTreeSet<Grant>,
}

impl Grants for GrantsOn<'_> {
    fn holds(&self, subject: &Subject, operations: Option<&[OperationCode]>) -> bool {
        self.all.iter().any(|grant| {
            grant.object == *self.id
                && grant.subject == *subject
                && operations.is_none_or(|operations| operations.contains(&grant.operation))
        })
    }
}

struct TimeOfDay;

impl Clock for TimeOfDay {
    fn now_millis(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}
