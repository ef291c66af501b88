//! The mark of a database that is being filled from a backup or another database. A server refuses it until it is whole.

use std::sync::Arc;

use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::random::RandomSource as _;
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::shared_bytes::SharedBytes;
use claviger_plugin_sdk::store::{
    ApplyError, ChangeSet, DocumentPut, ObjectStore, Rewrite, Rewritten, StoreSource,
};
use claviger_plugin_sdk::{Error, Result};

use crate::randomness::LibraryRandom;

/// The kind of the document that is the mark, and its name. The kind comes before all others, so that whoever reads the
/// documents of a store meets it at once.
pub(super) const KIND: &str = "a-restore";
const NAME: &str = "incomplete";

/// Refuses a database that is not whole. Where each request chooses its database, as with sqlite-enc, none is looked at: a
/// server hands out what such a one has so far, and the other commands for databases refuse it.
///
/// # Errors
/// It is not, or the storage fails.
pub(crate) async fn refuse(stores: &dyn StoreSource) -> Result<()> {
    match stores.open(&ConnectionFacts::internal()) {
        Ok(store) if is_marked(&*store).await? => Err(Error::server(
            "the database is incomplete, since the `db restore` or `db copy` that filled it was interrupted: run it again",
        )),
        _ => Ok(()),
    }
}

/// Whether a store has the mark.
///
/// # Errors
/// The storage fails.
pub(super) async fn is_marked(store: &dyn ObjectStore) -> Result<bool> {
    Ok(store.document(KIND, NAME).await?.is_some())
}

/// The mark that one command has set.
pub(super) struct Mark {
    content: SharedBytes,
}

impl Mark {
    /// Marks a store, with where its contents come from.
    ///
    /// # Errors
    /// The storage fails, or has a mark.
    pub(super) async fn set(store: &Arc<dyn ObjectStore>, origin: &str) -> Result<Self, ApplyError> {
        let own = LibraryRandom.bytes(16);
        let own: String = own.iter().map(|byte| format!("{byte:02x}")).collect();
        let mark = Self { content: format!("{origin} ({own})").into_bytes().into() };
        write(store, None, Some(&mark.content)).await?;
        Ok(mark)
    }

    /// What writes nothing, and fails with a conflict unless the store has this mark and no other.
    pub(super) fn is_there(&self) -> Rewrite {
        let of = Rewritten::Document { kind: KIND.to_owned(), id: NAME.to_owned() };
        Rewrite { of, from: self.content.clone(), to: self.content.clone() }
    }

    /// Takes the mark away: the store is whole.
    ///
    /// # Errors
    /// The storage fails, or has another mark or none.
    pub(super) async fn remove(&self, store: &Arc<dyn ObjectStore>) -> Result<(), ApplyError> {
        match store.document(KIND, NAME).await? {
            Some(document) if *document.body == *self.content => {
                write(store, Some(document.revision), None).await
            }
            _ => Err(ApplyError::Conflict),
        }
    }
}

async fn write(
    store: &Arc<dyn ObjectStore>,
    expected: Option<Revision>,
    content: Option<&[u8]>,
) -> Result<(), ApplyError> {
    let put = DocumentPut {
        kind: KIND.to_owned(),
        id: NAME.to_owned(),
        expected,
        content: content.map(|content| (content.into(), None)),
    };
    store.apply(ChangeSet { documents: vec![put], ..ChangeSet::default() }).await
}
