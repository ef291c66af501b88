//! The manifest of the tests' plugin, and manifests of others.

use claviger_plugin_sdk::kmip::attributes::{
    AttributeRule, ClientMay, ObjectTypes, Occurs, OnRekey, Presence, Shape, Source, Visibility,
};
use claviger_plugin_sdk::plugin::{API_VERSION, Entry, EntryKind, Manifest};
use claviger_plugin_sdk::prelude::*;

pub(crate) const NAME: &str = "test-plugin";

static MANIFEST: Manifest = Manifest { attributes: &[SERVERS_OWN], ..named(NAME) };
static OTHER: Manifest = named("other-plugin");

/// The tag of an attribute that only the server gives.
pub(crate) const MARK: Tag = Tag(0x54_0001);

const SERVERS_OWN: AttributeRule = AttributeRule {
    tag: MARK,
    name: "Mark",
    shape: Shape::Any,
    occurs: Occurs::Once,
    presence: Presence::Maybe,
    source: Source::Server,
    modify: ClientMay::Never,
    delete: ClientMay::Never,
    rekey: OnRekey::Dropped,
    since: ProtocolVersion::V2_1,
    until: None,
    objects: ObjectTypes::All,
    implicit: &[],
    visibility: Visibility::ServerOnly,
};

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
