//! What the store holds, and how a change set changes it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use claviger_kmip::tables::enumerations::OperationCode;

use crate::error::Result;
use crate::filter::{Cursor, Filter, Grants, Index, Page};
use crate::record::{ObjectId, Revision};
use crate::shared_bytes::SharedBytes;
use crate::store::{
    ApplyError, ChangeSet, Document, DocumentPage, DocumentPut, FoundPage, Grant, NameClaims, Put, Rewrite,
    Rewritten, Stored, Subject, UsageLeft,
};
use crate::upkeep::KeptObject;

/// Objects with the grants on them, names and documents.
#[derive(Clone, Default)]
pub(super) struct Contents {
    last_place: i64,
    pub(super) objects: BTreeMap<ObjectId, Object>,
    pub(super) grants: BTreeSet<Grant>,
    names: BTreeMap<(Arc<str>, String), ObjectId>,
    pub(super) documents: BTreeMap<(String, String), Document>,
}

#[derive(Clone)]
pub(super) struct Object {
    pub(super) place: Cursor,
    revision: Revision,
    body: SharedBytes,
    pub(super) index: Arc<Index>,
    usage_left: Option<i64>,
}

impl Contents {
    pub(super) fn stored(&self, id: &ObjectId, subjects: &[Subject]) -> Option<Stored> {
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

    pub(super) fn kept(&self, id: &ObjectId) -> Option<KeptObject> {
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

    pub(super) fn find(&self, filter: &Filter, page: &Page, subjects: &[Subject]) -> FoundPage {
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

    pub(super) fn document(&self, kind: &str, id: &str, now: i64) -> Option<&Document> {
        self.documents
            .get(&(kind.to_owned(), id.to_owned()))
            .filter(|document| document.expires.is_none_or(|expires| now <= expires))
    }

    pub(super) fn documents(&self, kind: &str, page: &DocumentPage, now: i64) -> Vec<(String, Document)> {
        self.documents
            .iter()
            .filter(|((of, id), _)| of == kind && page.after.as_ref().is_none_or(|after| id > after))
            .filter_map(|((_, id), _)| Some((id.clone(), self.document(kind, id, now)?.clone())))
            .take(usize::try_from(page.limit).unwrap_or(usize::MAX))
            .collect()
    }

    /// Applies the parts in the order that [`ChangeSet`] documents.
    pub(super) fn apply(&mut self, change: ChangeSet, now: i64) -> Result<(), ApplyError> {
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
