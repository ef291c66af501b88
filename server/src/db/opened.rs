//! Opening the databases that a command reads and writes.

use std::sync::Arc;

use claviger_engine::registry::Registry;
use claviger_engine::sealing::open_snapshot;
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::{DocumentPage, ObjectStore, StoreSource};
use claviger_plugin_sdk::upkeep::{Snapshot, StoreUpkeep};

use super::filling::Filling;
use super::{incomplete, same};
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
pub(crate) async fn snapshot(settings: &Settings, registry: &Registry) -> Result<Box<dyn Snapshot>, Failure> {
    let (upkeep, name) = upkeep(settings, registry)?;
    let options = sealing::options(settings)?;
    let snapshot = upkeep.snapshot(settings, &ConnectionFacts::internal()).await;
    let snapshot = snapshot.map_err(|error| failed(name, &error))?;
    open_snapshot(options.as_ref(), snapshot).await.map_err(|error| failed(name, &error))
}

/// A database that is to be filled.
pub(super) struct Target<'s> {
    /// Which.
    pub(super) settings: &'s Settings,
    /// What this build can do.
    pub(super) registry: &'s Registry,
    /// Whether everything in it is deleted first.
    pub(super) clear: bool,
    /// The flag that says so.
    pub(super) hint: &'static str,
    /// The database that must be another one, if the contents come from one.
    pub(super) source: Option<&'s Settings>,
}

impl Target<'_> {
    /// The database, empty and with the mark of an incomplete one: it was empty, or is emptied because that is wanted, or
    /// because it was filled before and is incomplete.
    ///
    /// # Errors
    /// It has contents, is the source, or cannot be opened.
    pub(super) async fn filling(&self, origin: &str) -> Result<Filling, Failure> {
        // What is damaged or of a newer version can be restored over, since nothing is read of it.
        let found = if self.clear && self.source.is_none() { None } else { self.look().await? };
        let stores = match found {
            Some(stores) => stores,
            None => {
                let stores = start::open_storage(self.settings, self.registry, true).await?;
                // At once: whoever interrupts what follows leaves nothing that passes for a database that is whole.
                let filling = Filling::begin(self.opened(&*stores)?, origin).await?;
                let (stores, _) = sealing::over(stores, self.settings).await?;
                return Ok(filling.over(self.opened(&*stores)?));
            }
        };
        // An empty database is sealed from its beginning.
        let (stores, _) = sealing::over(stores, self.settings).await?;
        Filling::begin(self.opened(&*stores)?, origin).await
    }

    /// The database if it is empty; nothing if it may be cleared.
    async fn look(&self) -> Result<Option<Arc<dyn StoreSource>>, Failure> {
        let name = start::store_factory(self.settings, self.registry)?.name();
        let stores = start::open_storage(self.settings, self.registry, false).await;
        let stores = stores.map_err(|failure| match self.clear {
            true => Failure::new(format!(
                "{failure}; so nobody can tell whether it is the database that is copied, and it was not cleared: delete \
                 it by other means"
            )),
            false => failure,
        })?;
        let store = self.opened(&*stores)?;
        if !self.clear && !incomplete::is_marked(&*store).await.map_err(|error| failed(name, &error))? {
            refuse_contents(&*store, name, self.hint).await?;
            return Ok(Some(stores));
        }
        if let Some(source) = self.source {
            same::refuse(source, &*store, self.registry).await?;
        }
        Ok(None)
    }

    fn opened(&self, stores: &dyn StoreSource) -> Result<Arc<dyn ObjectStore>, Failure> {
        let name = start::store_factory(self.settings, self.registry)?.name();
        stores.open(&ConnectionFacts::internal()).map_err(|error| failed(name, &error))
    }
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
