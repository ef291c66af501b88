//! The mark of a database that is being filled from a backup or another database. A server refuses it until it is whole.

use std::sync::Arc;

use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::{ApplyError, ChangeSet, DocumentPut, ObjectStore, StoreSource};
use claviger_plugin_sdk::{Error, Result};

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

/// Marks a store, with where its contents come from.
///
/// # Errors
/// The storage fails, or has the mark.
pub(super) async fn mark(store: &Arc<dyn ObjectStore>, origin: &str) -> Result<(), ApplyError> {
    write(store, None, Some(origin)).await
}

/// Takes the mark away: the store is whole.
///
/// # Errors
/// The storage fails, or has no mark.
pub(super) async fn unmark(store: &Arc<dyn ObjectStore>) -> Result<(), ApplyError> {
    let current = store.document(KIND, NAME).await?;
    write(store, current.map(|document| document.revision), None).await
}

async fn write(
    store: &Arc<dyn ObjectStore>,
    expected: Option<Revision>,
    origin: Option<&str>,
) -> Result<(), ApplyError> {
    let put = DocumentPut {
        kind: KIND.to_owned(),
        id: NAME.to_owned(),
        expected,
        content: origin.map(|origin| (origin.as_bytes().into(), None)),
    };
    store.apply(ChangeSet { documents: vec![put], ..ChangeSet::default() }).await
}
