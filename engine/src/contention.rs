//! Writers of one object in this process, one after the other once they got in one another's way.
//!
//! Writing is optimistic: nobody waits unless a change was overtaken. Then the item takes the locks of the objects it
//! wanted to write before it runs again, so contention is settled here and not by asking the store again and again.

use std::hash::{BuildHasher, RandomState};

use claviger_plugin_sdk::record::ObjectId;
use tokio::sync::{Mutex, MutexGuard};

const STRIPES: usize = 256;

/// Locks by object; several objects may share one.
pub(crate) struct Contention {
    stripes: Box<[Mutex<()>]>,
    hasher: RandomState,
}

impl Contention {
    pub(crate) fn new() -> Self {
        Self { stripes: (0..STRIPES).map(|_| Mutex::new(())).collect(), hasher: RandomState::new() }
    }

    /// Waits for the locks of these objects. They are taken in one order, so two items never wait for one another.
    pub(crate) async fn hold<'i>(
        &self,
        namespace: &str,
        ids: impl IntoIterator<Item = &'i ObjectId>,
    ) -> Vec<MutexGuard<'_, ()>> {
        let mut places: Vec<usize> = ids
            .into_iter()
            .map(|id| usize::try_from(self.hasher.hash_one((namespace, id))).unwrap_or(0) % STRIPES)
            .collect();
        places.sort_unstable();
        places.dedup();
        let mut held = Vec::with_capacity(places.len());
        for stripe in places.into_iter().filter_map(|place| self.stripes.get(place)) {
            held.push(stripe.lock().await);
        }
        held
    }
}
