//! Which scheme claims a key.

use std::collections::BTreeMap;

use claviger_kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::scheme::{Capability, SchemeEntry};

/// Schemes by algorithm and capability, each list sorted by name so that the order of linking does not matter.
#[derive(Default)]
pub(super) struct SchemeTable {
    by_key: BTreeMap<(u32, Capability), Vec<&'static SchemeEntry>>,
}

impl SchemeTable {
    pub(super) fn new(entries: impl IntoIterator<Item = &'static SchemeEntry>) -> Self {
        let mut by_key: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for entry in entries {
            by_key.entry((entry.algorithm.0, entry.scheme.capability())).or_default().push(entry);
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
        let algorithm = facts.algorithm?;
        self.by_key
            .get(&(algorithm.0, capability))?
            .iter()
            .find(|entry| (entry.claims)(facts, parameters))
            .copied()
    }
}
