//! A map that forgets the oldest when it is full, so that strangers cannot fill the memory.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// A map of so many entries at most.
pub(crate) struct Bounded<K, V> {
    most: usize,
    entries: HashMap<K, (V, u64)>,
    by_age: BTreeMap<u64, K>,
    next: u64,
}

impl<K: Clone + Eq + Hash, V> Bounded<K, V> {
    /// An empty map.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, entries: HashMap::new(), by_age: BTreeMap::new(), next: 0 }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(key).map(|(value, _)| value)
    }

    /// Sets the value of a key, which is the newest from now on.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        self.remove(&key);
        self.by_age.insert(self.next, key.clone());
        self.entries.insert(key, (value, self.next));
        self.next += 1;
        if self.entries.len() > self.most
            && let Some((_, oldest)) = self.by_age.pop_first()
        {
            self.entries.remove(&oldest);
        }
    }

    /// Forgets a key.
    pub(crate) fn remove(&mut self, key: &K) {
        if let Some((_, age)) = self.entries.remove(key) {
            self.by_age.remove(&age);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut map = Bounded::new(2);
        map.insert("a", 1);
        map.insert("b", 2);
        map.insert("a", 3);
        map.insert("c", 4);
        assert_eq!((map.get(&"a"), map.get(&"b"), map.get(&"c")), (Some(&3), None, Some(&4)));
        map.remove(&"a");
        map.insert("d", 5);
        assert_eq!((map.get(&"a"), map.get(&"c"), map.get(&"d")), (None, Some(&4), Some(&5)));
        assert_eq!((map.entries.len(), map.by_age.len()), (2, 2));
    }
}
