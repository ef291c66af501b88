//! The documents of a snapshot.

use std::collections::{BTreeMap, BTreeSet};

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::upkeep::KeptDocument;
use redis::cmd;

use super::before::Before;
use crate::database::{AT_ONCE, Database};
use crate::document::{Named, decode, is_current};
use crate::keys::Mac;
use crate::sealed::{self, Kind};

/// The names of the documents that had not expired, those that were not given yet.
pub(super) struct Documents {
    count: u64,
    left: BTreeMap<(String, String), Mac>,
}

impl Documents {
    /// Reads the names.
    ///
    /// # Errors
    /// Redis fails, or a value is damaged.
    pub(super) async fn read(db: &Database, before: &Before, taken: i64) -> Result<Self> {
        let mut left = BTreeMap::new();
        let names: Vec<Mac> = names(db, before).await?.into_iter().collect();
        for some in names.chunks(AT_ONCE) {
            for Named { kind, id, document } in values(db, before, some).await? {
                if is_current(&document, taken) {
                    let name = crate::layout::document_name(&db.keys, &kind, &id);
                    left.insert((kind, id), name);
                }
            }
        }
        Ok(Self { count: left.len() as u64, left })
    }

    /// How many there are in all.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The next names.
    pub(super) fn next(&mut self, limit: usize) -> Vec<Mac> {
        let next = std::iter::from_fn(|| self.left.pop_first());
        next.take(limit).map(|(_, name)| name).collect()
    }
}

/// Reads documents by their names.
///
/// # Errors
/// Redis fails, or a value is damaged.
pub(super) async fn read(db: &Database, before: &Before, names: Vec<Mac>) -> Result<Vec<KeptDocument>> {
    let documents = values(db, before, &names).await?.into_iter();
    Ok(documents.map(|Named { kind, id, document }| KeptDocument { kind, id, document }).collect())
}

async fn values(db: &Database, before: &Before, names: &[Mac]) -> Result<Vec<Named>> {
    let keys = names.iter().map(|name| db.layout.document(name)).collect();
    let values = before.values(db, keys).await?;
    let documents = names.iter().zip(values).filter_map(|(name, value)| value.map(|value| (name, value)));
    documents.map(|(name, value)| decode(&sealed::open(&db.keys, Kind::Document, name, value)?)).collect()
}

/// All that are there, and all that were written since: those that have gone are among them.
async fn names(db: &Database, before: &Before) -> Result<BTreeSet<Mac>> {
    let mut names = BTreeSet::new();
    let kinds: Vec<Vec<u8>> = db.connection.query(cmd("HKEYS").arg(db.layout.document_kinds())).await?;
    for kind in kinds {
        let of_kind = db.layout.documents(&Mac::read(&kind)?);
        let members: Vec<Vec<u8>> = db.connection.query(cmd("SMEMBERS").arg(of_kind)).await?;
        for member in members {
            names.insert(Mac::read(&member)?);
        }
    }
    let prefix = db.layout.document(&Mac([0; 16]));
    let prefix = prefix.split_at(prefix.len() - 16).0;
    for key in before.written(db).await? {
        if let Some(name) = key.strip_prefix(prefix) {
            names.insert(Mac::read(name)?);
        }
    }
    Ok(names)
}
