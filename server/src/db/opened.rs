//! Opening the databases that a command reads and writes.

use std::sync::Arc;

use claviger_engine::registry::Registry;
use claviger_engine::sealing::open_snapshot;
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::{
    ApplyError, ChangeSet, Document, DocumentPage, DocumentPut, ObjectStore, StoreSource,
};
use claviger_plugin_sdk::upkeep::{Snapshot, StoreUpkeep};
use claviger_plugin_sdk::{Error, Result};

use super::filling::AT_ONCE;
use super::incomplete;
use crate::failure::Failure;
use crate::{sealing, start};

/// What can be done with a database, and what its type is called.
///
/// # Errors
/// The type is not in this build, or nothing can be done with it.
pub(super) fn upkeep(
    settings: &Settings,
    registry: &Registry,
) -> Result<(&'static dyn StoreUpkeep, &'static str), Failure> {
    let factory = start::store_factory(settings, registry)?;
    let name = factory.name();
    let upkeep = factory.upkeep().ok_or_else(|| {
        Failure::new(format!("a database of type {name} cannot be read as a whole by this build"))
    })?;
    Ok((upkeep, name))
}

/// One state of the whole database.
///
/// # Errors
/// It cannot be read.
pub(super) async fn snapshot(
    settings: &Settings,
    registry: &Registry,
    facts: &ConnectionFacts,
) -> Result<Box<dyn Snapshot>, Failure> {
    let (upkeep, name) = upkeep(settings, registry)?;
    let options = sealing::options(settings)?;
    let snapshot = upkeep.snapshot(settings, facts).await;
    let snapshot = snapshot.map_err(|error| failed(name, &error))?;
    open_snapshot(options.as_ref(), snapshot).await.map_err(|error| failed(name, &error))
}

/// A database to fill: empty, or emptied because `clear` says so, or because it was filled before and is incomplete.
///
/// # Errors
/// It has contents, or cannot be opened.
pub(super) async fn to_fill(
    settings: &Settings,
    registry: &Registry,
    facts: &ConnectionFacts,
    clear: bool,
    hint: &str,
) -> Result<Arc<dyn ObjectStore>, Failure> {
    let name = start::store_factory(settings, registry)?.name();
    let mut stores = start::open_storage(settings, registry, false).await?;
    let opened = |stores: &dyn StoreSource| stores.open(facts).map_err(|error| failed(name, &error));
    let store = opened(&*stores)?;
    let incomplete = incomplete::is_marked(&*store).await.map_err(|error| failed(name, &error))?;
    match (clear || incomplete, stores.databases().is_some()) {
        (false, _) => refuse_contents(&*store, name, hint).await?,
        // The databases of other groups are to stay.
        (true, true) => empty(&*store).await.map_err(|error| failed(name, &error))?,
        (true, false) => {
            drop((store, stores));
            stores = start::open_storage(settings, registry, true).await?;
        }
    }
    // An empty database is sealed from its beginning.
    let (stores, _) = sealing::over(stores, settings).await?;
    opened(&*stores)
}

/// Removes everything that a store has, bit by bit.
async fn empty(store: &dyn ObjectStore) -> Result<()> {
    let everything = Filter::All(Vec::new());
    loop {
        let found = store.find(&everything, &Page::first(AT_ONCE as u64), &[]).await?;
        if found.records.is_empty() {
            break;
        }
        let purges = found.records.into_iter().map(|stored| (stored.id, stored.revision)).collect();
        remove(store, ChangeSet { purges, ..ChangeSet::default() }).await?;
    }
    for kind in store.document_kinds().await? {
        loop {
            let found = store.documents(&kind, &DocumentPage::first(AT_ONCE as u64)).await?;
            if found.is_empty() {
                break;
            }
            let removal = |(id, document): (String, Document)| DocumentPut {
                kind: kind.clone(),
                id,
                expected: Some(document.revision),
                content: None,
            };
            let documents = found.into_iter().map(removal).collect();
            remove(store, ChangeSet { documents, ..ChangeSet::default() }).await?;
        }
    }
    Ok(())
}

async fn remove(store: &dyn ObjectStore, change: ChangeSet) -> Result<()> {
    store.apply(change).await.map_err(|error| match error {
        ApplyError::Failed(error) => error,
        other => Error::server("something else writes to the database").because(format!("{other:?}")),
    })
}

async fn refuse_contents(store: &dyn ObjectStore, name: &str, hint: &str) -> Result<(), Failure> {
    let objects = store.locate(&Filter::All(Vec::new()), &Page::first(1)).await;
    let mut empty = objects.map_err(|error| failed(name, &error))?.ids.is_empty();
    for kind in store.document_kinds().await.map_err(|error| failed(name, &error))? {
        let page = DocumentPage::first(1);
        let documents = store.documents(&kind, &page).await;
        empty = empty && documents.map_err(|error| failed(name, &error))?.is_empty();
    }
    if empty {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the {name} database that is to be filled is not empty, so nothing was written: name an empty one, or give \
         {hint} to delete EVERYTHING in it first"
    )))
}

/// The failure of a database, with its type.
pub(super) fn failed(name: &str, error: &claviger_plugin_sdk::Error) -> Failure {
    Failure::from_error(&format!("database {name}"), error)
}
