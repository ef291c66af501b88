//! The stores that the server works in by itself, and the databases that clients make of their own.
//!
//! A storage has one store, or a database for each group of users. In that case a request names its database by a token
//! that the server does not keep: what is to be done without a request is done in the databases that are open, and what
//! was remembered of one is forgotten when it is closed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use claviger_kmip::ByteString;
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::store::{ObjectStore, StoreSource};

use crate::pipeline::account;
use crate::{Caller, Core, Engine};

impl Engine {
    /// Whether callers make databases of their own in the storage.
    pub fn has_databases(&self) -> bool {
        self.core.stores.databases().is_some()
    }

    /// Makes an empty database for a caller whom the connection proves, and returns its token. Audit is told.
    ///
    /// # Errors
    /// Authentication Not Successful: who calls is left to the messages on the connection. Permission Denied: what proves
    /// it narrows what the caller may do. Feature Not Supported: the storage has one store. The storage fails.
    pub async fn new_database(&self, caller: &Caller) -> Result<ByteString> {
        let core = &*self.core;
        let made = async {
            caller.check_unrestricted()?;
            let databases = core.stores.databases();
            let databases =
                databases.ok_or_else(|| Error::unsupported("the storage has one store for everybody"))?;
            account::intend_new_database(core, caller).await?;
            let mut random = (core.options.random)();
            databases.create(&mut *random).await
        };
        let made = made.await;
        account::new_database(core, caller, made.as_ref().err().map(Error::reason));
        made
    }

    /// Whether the storage answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn health(&self) -> Result<()> {
        match self.core.stores.databases() {
            Some(databases) => databases.health().await,
            None => self.core.stores.open(&ConnectionFacts::internal())?.health().await,
        }
    }
}

/// The databases that were open when it was last looked.
#[derive(Default)]
pub(crate) struct Opened(Mutex<BTreeSet<Arc<str>>>);

impl Opened {
    /// Those that are not open any more.
    fn closed_since(&self, open: BTreeSet<Arc<str>>) -> BTreeSet<Arc<str>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let closed = known.difference(&open).cloned().collect();
        *known = open;
        closed
    }
}

/// The stores of a storage in which there may be something to do: the only one, or those of the databases that are open.
/// Each is kept open while it is held, so they come one by one.
///
/// # Errors
/// The storage cannot be opened.
pub(crate) fn at_hand(source: &dyn StoreSource) -> Result<impl Iterator<Item = Arc<dyn ObjectStore>>> {
    let (own, opened) = match source.databases() {
        Some(databases) => (None, databases.opened()),
        None => (Some(source.open(&ConnectionFacts::internal())?), Vec::new()),
    };
    let store = |namespace: Arc<str>| source.databases()?.opened_store(&namespace);
    Ok(own.into_iter().chain(opened.into_iter().filter_map(store)))
}

impl Core {
    /// The stores in which there may be something to do, after what was remembered of others was forgotten.
    pub(crate) fn stores_at_hand(&self) -> impl Iterator<Item = Arc<dyn ObjectStore>> {
        self.forget_closed();
        let stores = at_hand(&*self.stores);
        let stores = stores.inspect_err(|error| tracing::warn!(?error, "the storage cannot be opened"));
        stores.into_iter().flatten()
    }

    fn forget_closed(&self) {
        let Some(databases) = self.stores.databases() else { return };
        let closed = self.opened.closed_since(databases.opened().into_iter().collect());
        if !closed.is_empty() {
            self.objects.forget_stores(&closed);
            self.streams.end_idle();
        }
    }
}
