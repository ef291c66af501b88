//! Which scheme claims a key.

use std::collections::HashMap;

use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::tables::enumerations::CryptographicAlgorithm;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::scheme::{Capability, SchemeEntry};
use foldhash::fast::RandomState;

/// Schemes by algorithm and capability, each list sorted by name so that the order of linking does not matter.
#[derive(Default)]
pub(super) struct SchemeTable {
    by_key: HashMap<Key, Vec<&'static SchemeEntry>, RandomState>,
}

/// An algorithm, or none for the schemes that work on any key, and a capability.
type Key = (Option<CryptographicAlgorithm>, Capability);

impl SchemeTable {
    pub(super) fn new(entries: impl IntoIterator<Item = &'static SchemeEntry>) -> Self {
        let mut by_key: HashMap<_, Vec<_>, _> = HashMap::default();
        for entry in entries {
            let capability = entry.scheme.capability();
            for algorithm in entry.algorithms {
                by_key.entry((Some(*algorithm), capability)).or_default().push(entry);
            }
            if entry.algorithms.is_empty() {
                by_key.entry((None, capability)).or_default().push(entry);
            }
        }
        for list in by_key.values_mut() {
            list.sort_by_key(|entry| entry.name);
        }
        Self { by_key }
    }

    /// The first scheme that claims the key with these parameters.
    pub(super) fn find(
        &self,
        capability: Capability,
        facts: &KeyFacts<'_>,
        parameters: &CryptographicParameters,
    ) -> Option<&'static SchemeEntry> {
        let of = |algorithm| self.by_key.get(&(algorithm, capability)).into_iter().flatten();
        let claims = |entry: &&&SchemeEntry| (entry.claims)(facts, parameters);
        let named = facts.algorithm.and_then(|algorithm| of(Some(algorithm)).find(claims));
        named.or_else(|| of(None).find(claims)).copied()
    }

    /// All schemes of a capability, sorted by name.
    pub(super) fn all(&self, capability: Capability) -> Vec<&'static SchemeEntry> {
        let lists = self.by_key.iter().filter(|((_, offered), _)| *offered == capability);
        let mut all: Vec<&'static SchemeEntry> = lists.flat_map(|(_, list)| list).copied().collect();
        all.sort_by_key(|entry| entry.name);
        all.dedup_by(|one, other| std::ptr::eq(*one, *other));
        all
    }
}
