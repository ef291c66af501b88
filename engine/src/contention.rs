//! Writers of one object in this process, one after the other once they got in one another's way.
//!
//! Writing is optimistic: nobody waits unless a change was overtaken. Then the item takes the locks of the objects it
//! wanted to write before it runs again, so contention is settled here and not by asking the store again and again. Whoever
//! comes to one of these objects meanwhile lets that item write first: else those who have little to do would overtake
//! the one who has much, again and again.

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

    /// Waits for the locks of these objects, and holds them. They are taken in one order, so two items that hold nothing yet
    /// never wait for one another.
    pub(crate) async fn hold<'i>(
        &self,
        namespace: &str,
        ids: impl IntoIterator<Item = &'i ObjectId>,
    ) -> Held<'_> {
        let places = self.places(namespace, ids);
        let mut guards = Vec::with_capacity(places.len());
        for stripe in places.iter().filter_map(|place| self.stripes.get(*place)) {
            guards.push(stripe.lock().await);
        }
        Held { places, guards }
    }

    /// Waits until nobody holds the locks of these objects, and holds none.
    pub(crate) async fn pass<'i>(&self, namespace: &str, ids: impl IntoIterator<Item = &'i ObjectId>) {
        for stripe in self.places(namespace, ids).into_iter().filter_map(|place| self.stripes.get(place)) {
            if stripe.try_lock().is_err() {
                drop(stripe.lock().await);
            }
        }
    }

    /// The locks of these objects, each once, in the order in which they are taken.
    fn places<'i>(&self, namespace: &str, ids: impl IntoIterator<Item = &'i ObjectId>) -> Vec<usize> {
        let place = |id| usize::try_from(self.hasher.hash_one((namespace, id))).unwrap_or(0) % STRIPES;
        let mut places: Vec<usize> = ids.into_iter().map(place).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// Whether the locks of these objects are among those that are held.
    pub(crate) fn are_held<'i>(
        &self,
        held: &Held<'_>,
        namespace: &str,
        ids: impl IntoIterator<Item = &'i ObjectId>,
    ) -> bool {
        self.places(namespace, ids).iter().all(|place| held.places.contains(place))
    }
}

/// Locks that are held while it lives.
#[derive(Default)]
pub(crate) struct Held<'c> {
    places: Vec<usize>,
    guards: Vec<MutexGuard<'c, ()>>,
}

impl Held<'_> {
    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.guards.is_empty()
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
        let passes = ids(&["b", "a"]);
        let mut third = Box::pin(contention.pass("store", &passes));
        let a_moment = std::time::Duration::from_millis(10);
        assert!(tokio::time::timeout(a_moment, &mut second).await.is_err());
        assert!(tokio::time::timeout(a_moment, &mut third).await.is_err());
        drop(held);
        let held = second.await;
        assert_eq!(held.guards.len(), 1);
        assert!(contention.are_held(&held, "store", &wanted));
        assert!(tokio::time::timeout(a_moment, &mut third).await.is_err(), "whoever held first goes first");
        drop(held);
        third.await;
    }

    #[tokio::test]
    async fn an_object_that_is_named_twice_is_waited_for_once() {
        assert_eq!(Contention::new().hold("store", &ids(&["a", "a"])).await.guards.len(), 1);
    }
}
