//! The parts of a change set about documents.

use std::collections::BTreeMap;

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::{ApplyError, Document, DocumentPut};

use super::{Plan, State};
use crate::database::Database;
use crate::document::{encode, is_current};
use crate::keys::Mac;
use crate::layout::{document_name, kind_name};
use crate::sealed::{Kind, seal};

/// Seconds that Redis keeps a document beyond its time. Whether it is over is for the clock of the server to say, which
/// may be behind that of Redis.
const KEPT_LONGER: i64 = 24 * 60 * 60;

/// Documents, as the change set has left them so far.
pub(super) struct Documents<'s> {
    db: &'s Database,
    state: &'s State,
    now: i64,
    changed: BTreeMap<Mac, Changed<'s>>,
}

struct Changed<'s> {
    kind: &'s str,
    id: &'s str,
    document: Option<Document>,
}

impl<'s> Documents<'s> {
    pub(super) fn of(db: &'s Database, state: &'s State, now: i64) -> Self {
        Self { db, state, now, changed: BTreeMap::new() }
    }

    pub(super) fn put(&mut self, put: &'s DocumentPut) -> Result<(), ApplyError> {
        let name = document_name(&self.db.keys, &put.kind, &put.id);
        let current = match self.changed.get(&name) {
            Some(changed) => changed.document.as_ref(),
            None => self.state.documents.get(&name).and_then(|(_, document)| document.as_ref()),
        };
        let current =
            current.filter(|document| is_current(document, self.now)).map(|document| document.revision);
        if current != put.expected {
            return Err(ApplyError::Conflict);
        }
        let revision = Revision(current.map_or(0, |revision| revision.0) + 1);
        let document = put.content.as_ref().map(|(body, expires)| Document {
            revision,
            expires: *expires,
            body: body.clone(),
        });
        self.changed.insert(name, Changed { kind: &put.kind, id: &put.id, document });
        Ok(())
    }

    /// Writes a document in other bytes that mean the same.
    pub(super) fn rewrite(
        &mut self,
        kind: &'s str,
        id: &'s str,
        from: &[u8],
        to: &[u8],
    ) -> Result<(), ApplyError> {
        let name = document_name(&self.db.keys, kind, id);
        let current = self.current(&name).filter(|document| *document.body == *from);
        let mut document = current.cloned().ok_or(ApplyError::Conflict)?;
        document.body = to.into();
        self.changed.insert(name, Changed { kind, id, document: Some(document) });
        Ok(())
    }

    /// The document, if it is there and its time is not over.
    fn current(&self, name: &Mac) -> Option<&Document> {
        let document = match self.changed.get(name) {
            Some(changed) => changed.document.as_ref(),
            None => self.state.documents.get(name).and_then(|(_, document)| document.as_ref()),
        };
        document.filter(|document| is_current(document, self.now))
    }

    /// Adds what has to be compared and written.
    pub(super) fn write(self, plan: &mut Plan) -> Result<()> {
        let (keys, layout) = (&self.db.keys, &self.db.layout);
        for (name, (stamp, _)) in &self.state.documents {
            plan.transaction.check(layout.document(name), stamp.clone());
        }
        for (name, Changed { kind, id, document }) in &self.changed {
            let (key, kind_name) = (layout.document(name), kind_name(keys, kind));
            let of_kind = layout.documents(&kind_name);
            let Some(document) = document else {
                plan.transaction.delete(key);
                plan.transaction.remove(of_kind, &name.0);
                continue;
            };
            let sealed = seal(keys, Kind::Document, name, &encode(kind, id, document))?;
            match document.expires {
                Some(expires) => plan.transaction.set_until(key, sealed, expires.saturating_add(KEPT_LONGER)),
                None => plan.transaction.set(key, sealed),
            }
            if self.state.documents.get(name).is_none_or(|(_, before)| before.is_none()) {
                plan.transaction.add(of_kind, &name.0);
                let sealed = seal(keys, Kind::Family, &kind_name, kind.as_bytes())?;
                plan.transaction.field(layout.document_kinds(), &kind_name.0, sealed);
            }
        }
        Ok(())
    }
}
