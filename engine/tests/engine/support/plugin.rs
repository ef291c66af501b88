//! The manifest of the tests' plugin, and manifests of others.

use claviger_plugin_sdk::plugin::{API_VERSION, Entry, EntryKind, Manifest};

pub(crate) const NAME: &str = "test-plugin";

static MANIFEST: Manifest = named(NAME);
static OTHER: Manifest = named("other-plugin");

/// A manifest with this name.
pub(crate) const fn named(name: &'static str) -> Manifest {
    Manifest {
        name,
        version: "1.2.3",
        api: API_VERSION,
        licence: "Apache-2.0",
        summary: "For tests.",
        settings: &[],
        vocabulary: &[],
        attributes: &[],
    }
}

pub(crate) fn manifest() -> Entry {
    Entry::new(NAME, EntryKind::Manifest(&MANIFEST))
}

pub(crate) fn other_manifest() -> Entry {
    Entry::new(OTHER.name, EntryKind::Manifest(&OTHER))
}
