//! Opening the databases that a command reads and writes.

use std::sync::Arc;

use claviger_engine::registry::Registry;
use claviger_engine::sealing::open_snapshot;
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::{DocumentPage, ObjectStore, StoreSource};
use claviger_plugin_sdk::upkeep::{Snapshot, StoreUpkeep};

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
pub(super) async fn snapshot(settings: &Settings, registry: &Registry) -> Result<Box<dyn Snapshot>, Failure> {
    let (upkeep, name) = upkeep(settings, registry)?;
    let options = sealing::options(settings)?;
    let snapshot = upkeep.snapshot(settings, &ConnectionFacts::internal()).await;
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
    clear: bool,
    hint: &str,
) -> Result<Arc<dyn ObjectStore>, Failure> {
    let name = start::store_factory(settings, registry)?.name();
    let mut stores = start::open_storage(settings, registry, false).await?;
    let opened = |stores: &dyn StoreSource| {
        stores.open(&ConnectionFacts::internal()).map_err(|error| failed(name, &error))
    };
    let store = opened(&*stores)?;
    let incomplete = incomplete::is_marked(&*store).await.map_err(|error| failed(name, &error))?;
    if clear || incomplete {
        drop((store, stores));
        stores = start::open_storage(settings, registry, true).await?;
    } else {
        refuse_contents(&*store, name, hint).await?;
    }
    // An empty database is sealed from its beginning.
    let (stores, _) = sealing::over(stores, settings).await?;
    opened(&*stores)
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
