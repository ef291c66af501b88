//! Which kinds of documents there may be. Most requests look for documents of kinds that nobody ever wrote, such as
//! defaults for new objects; that costs no query then.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::store::DocumentPut;
use rusqlite::Connection;

use super::failed;

/// All kinds that are in the database, and perhaps more: a kind is known before its first document is written, and
/// stays known after the last one is gone.
pub(super) struct DocumentKinds(RwLock<BTreeSet<String>>);

impl DocumentKinds {
    /// The kinds in a database that nobody else writes to.
    ///
    /// # Errors
    /// The storage fails.
    pub(super) fn read(connection: &Connection) -> Result<Self> {
        let mut statement = connection.prepare("SELECT DISTINCT kind FROM document").map_err(failed)?;
        let kinds = statement.query_map([], |row| row.get(0)).map_err(failed)?;
        let kinds: BTreeSet<String> = kinds.collect::<Result<_, _>>().map_err(failed)?;
        Ok(Self(RwLock::new(kinds)))
    }

    /// Whether there may be a document of a kind.
    pub(super) fn may_have(&self, kind: &str) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(kind)
    }

    /// Every kind, in the order of bytes.
    pub(super) fn all(&self) -> Vec<String> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Makes the kinds of documents known that are about to be written.
    pub(super) fn expect(&self, puts: &[DocumentPut]) {
        for put in puts {
            if !self.may_have(&put.kind) {
                self.0.write().unwrap_or_else(PoisonError::into_inner).insert(put.kind.clone());
            }
        }
    }
}
