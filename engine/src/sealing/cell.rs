//! What is known of one store: its data keys, and how far a rotation is.

use std::sync::atomic::AtomicU64;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::store::ObjectStore;
use tokio::sync::Mutex;

use super::figures::Figures;
use super::ring::Ring;
use super::{Shared, decision};

/// What is known of one store.
#[derive(Default)]
pub(super) struct Cell {
    known: RwLock<Option<Known>>,
    /// Held by whoever reads the document of keys.
    reading: Mutex<()>,
    /// How far a rotation is.
    pub(super) figures: Figures,
    /// How many contents are read together; not known yet if 0.
    pub(super) page: AtomicU64,
}

/// Data keys, and when they were read.
struct Known {
    ring: Arc<Ring>,
    read: Instant,
}

/// How new the data keys have to be.
#[derive(Clone, Copy)]
pub(super) enum Needed<'r> {
    /// As they are known.
    Known,
    /// Read within this time.
    Within(Duration),
    /// Read after these, with which something could not be done.
    NewerThan(&'r Arc<Ring>),
}

impl Cell {
    /// The data keys. When they are first asked for, what the options ask for is begun.
    ///
    /// # Errors
    /// The store or whatever holds a server key fails, or the store is under a server key that this server does not have.
    pub(super) async fn ring(
        &self,
        shared: &Shared,
        store: &dyn ObjectStore,
        needed: Needed<'_>,
    ) -> Result<Arc<Ring>> {
        if let Some(ring) = self.known(needed) {
            return Ok(ring);
        }
        let _reading = self.reading.lock().await;
        if let Some(ring) = self.known(needed) {
            return Ok(ring);
        }
        let read = Instant::now();
        let ring = match self.known(Needed::Known) {
            Some(before) => Ring::follow(shared, store, before).await?,
            None => Arc::new(decision::decided(shared, store).await.inspect_err(|error| {
                // Where there is one store for everybody the start says so.
                if shared.source.databases().is_some() {
                    let namespace = store.namespace();
                    tracing::warn!(%namespace, ?error, "a database cannot be used with the server keys that were given");
                }
            })?),
        };
        self.figures.set_finished(ring.is_finished());
        let known = Known { ring: ring.clone(), read };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(known);
        Ok(ring)
    }

    fn known(&self, needed: Needed<'_>) -> Option<Arc<Ring>> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let Known { ring, read } = known.as_ref()?;
        let is_enough = match needed {
            Needed::Known => true,
            Needed::Within(time) => read.elapsed() < time,
            Needed::NewerThan(old) => !Arc::ptr_eq(old, ring),
        };
        is_enough.then(|| ring.clone())
    }
}
