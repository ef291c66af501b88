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

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &[&str]) -> Vec<ObjectId> {
        names.iter().map(|name| ObjectId::new(name).unwrap()).collect()
    }

    #[tokio::test]
    async fn writers_of_one_object_wait_for_one_another() {
        let contention = Contention::new();
        let held = contention.hold("store", &ids(&["a", "b"])).await;
        let wanted = ids(&["b"]);
        let mut second = Box::pin(contention.hold("store", &wanted));
        let a_moment = std::time::Duration::from_millis(10);
        assert!(tokio::time::timeout(a_moment, &mut second).await.is_err());
        drop(held);
        assert_eq!(second.await.len(), 1);
    }

    #[tokio::test]
    async fn an_object_that_is_named_twice_is_waited_for_once() {
        assert_eq!(Contention::new().hold("store", &ids(&["a", "a"])).await.len(), 1);
    }
}
