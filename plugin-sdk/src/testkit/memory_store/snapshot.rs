//! One state of the store, to be copied and checked.

use super::contents::Contents;
use crate::BoxFuture;
use crate::error::Result;
use crate::filter::{Cursor, Index};
use crate::record::ObjectId;
use crate::store::Document;
use crate::upkeep::{KeptDocument, KeptObject, Snapshot, SnapshotCounts};

/// One state of a store in memory.
pub(super) struct MemorySnapshot {
    contents: Contents,
    now: i64,
    /// The place of the last object that was given.
    given: Option<Cursor>,
    /// Kind and name of the last document that was given.
    documents_given: Option<(String, String)>,
}

impl MemorySnapshot {
    /// Of these contents, at a time in seconds.
    pub(super) fn new(contents: Contents, now: i64) -> Self {
        Self { contents, now, given: None, documents_given: None }
    }

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
