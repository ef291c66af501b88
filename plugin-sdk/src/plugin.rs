//! Manifests and entries: what a plugin registers at link time.

use claviger_kmip::attributes::AttributeRule;
use claviger_kmip::tables::enumerations::{EncodingOption, ObjectType, OperationCode};
use claviger_kmip::vocabulary::Extension;

use crate::audit::AuditSinkFactory;
use crate::authentication::AuthenticatorFactory;
use crate::dialect::Dialect;
use crate::key_value_encoding::KeyValueEncoding;
use crate::new_object_rule::NewObjectRule;
use crate::object_kind::ObjectKind;
use crate::operation::{ErasedOperation, OperationSpec};
use crate::record::KeyFacts;
use crate::routes::Routes;
use crate::scheme::{Capability, Scheme, SchemeEntry};
use crate::settings::{Setting, Settings};
use crate::store::StoreFactory;
use crate::tag_policy::TagPolicy;
use crate::timer::TimerFactory;

/// The version of the plugin API, unrelated to any release number. A plugin of another major version, or of a
/// newer minor version than the server's, is refused.
pub const API_VERSION: (u16, u16) = (0, 2);

/// What a plugin says of itself, once a crate.
#[derive(Clone, Copy, Debug)]
pub struct Manifest {
    /// The crate's name; entries refer to it.
    pub name: &'static str,
    /// The crate's version.
    pub version: &'static str,
    /// The plugin API that it was built for.
    pub api: (u16, u16),
    /// Its licence, as an SPDX expression.
    pub licence: &'static str,
    /// What it brings, in one line.
    pub summary: &'static str,
    /// Its settings.
    pub settings: &'static [Setting],
    /// Names that it adds to the vocabulary.
    pub vocabulary: &'static [Extension],
    /// Attributes that it adds to the attribute table.
    pub attributes: &'static [AttributeRule],
}

/// One thing that a plugin registers.
pub struct Entry {
    /// The crate that registers it.
    pub plugin: &'static str,
    /// What it is.
    pub kind: EntryKind,
}

impl Entry {
    /// Used by the registration macros.
    pub const fn new(plugin: &'static str, kind: EntryKind) -> Self {
        Self { plugin, kind }
    }
}

/// Everything that can be registered.
#[allow(missing_docs)] // each variant is named after the trait that it holds
#[derive(Clone, Copy)]
pub enum EntryKind {
    Manifest(&'static Manifest),
    Operation(&'static dyn ErasedOperation),
    ObjectKind(&'static dyn ObjectKind),
    KeyValueEncoding(&'static dyn KeyValueEncoding),
    NewObjectRule(&'static dyn NewObjectRule),
    Scheme(&'static SchemeEntry),
    Store(&'static dyn StoreFactory),
    Authenticator(&'static dyn AuthenticatorFactory),
    Dialect(&'static dyn Dialect),
    TagPolicy(&'static dyn TagPolicy),
    AuditSink(&'static dyn AuditSinkFactory),
    Routes(&'static dyn Routes),
    Timer(&'static dyn TimerFactory),
}

inventory::collect!(Entry);

/// All entries that are linked into this binary, in no particular order.
pub fn linked() -> Vec<Entry> {
    inventory::iter::<Entry>.into_iter().map(|entry| Entry::new(entry.plugin, entry.kind)).collect()
}

/// What handlers may know of the registry.
pub trait Catalogue: Send + Sync {
    /// The operations that are enabled, by code.
    fn operations(&self) -> Vec<(OperationCode, &OperationSpec)>;

    /// The object types that are enabled, by code.
    fn object_types(&self) -> Vec<ObjectType>;

    /// The rules of an object type.
    fn object_kind(&self, object_type: ObjectType) -> Option<&'static dyn ObjectKind>;

    /// The scheme that claims a key with these parameters.
    fn scheme(
        &self,
        capability: Capability,
        facts: &KeyFacts<'_>,
        parameters: &claviger_kmip::objects::CryptographicParameters,
    ) -> Option<&Scheme>;

    /// All schemes of a capability, sorted by name.
    fn schemes(&self, capability: Capability) -> Vec<&'static SchemeEntry>;

    /// The encoding of wrapped Key Values that this option means, unless it is one of the specification's.
    fn key_value_encoding(&self, option: EncodingOption) -> Option<&'static dyn KeyValueEncoding>;

    /// The attribute table, with what plugins added.
    fn attribute_table(&self) -> &claviger_kmip::attributes::AttributeTable;

    /// The vocabulary, with what plugins added.
    fn vocabulary(&self) -> &claviger_kmip::vocabulary::Vocabulary;

    /// The tag policies, in order.
    fn tag_policies(&self) -> &[&'static dyn TagPolicy];

    /// The values of all settings: a plugin reads its own.
    fn settings(&self) -> &Settings;

    /// Name and version of each enabled plugin, for Query's server information.
    fn plugins(&self) -> Vec<&'static Manifest>;
}

/// Registers the manifest of a plugin: `plugin! { summary: "…" }`, with `settings`, `vocabulary` and `attributes`
/// where it has some. Name, version and licence are the crate's.
#[macro_export]
macro_rules! plugin {
    (@list $item:ty;) => {
        &[]
    };
    (@list $item:ty; $items:expr) => {{
        const ITEMS: &[$item] = $items;
        ITEMS
    }};
    (
        summary: $summary:literal
        $(, settings: $settings:expr)?
        $(, vocabulary: $vocabulary:expr)?
        $(, attributes: $attributes:expr)?
        $(,)?
    ) => {
        $crate::inventory::submit! {
            $crate::plugin::Entry::new(
                env!("CARGO_PKG_NAME"),
                $crate::plugin::EntryKind::Manifest({
                    static MANIFEST: $crate::plugin::Manifest = $crate::plugin::Manifest {
                        name: env!("CARGO_PKG_NAME"),
                        version: env!("CARGO_PKG_VERSION"),
                        api: $crate::plugin::API_VERSION,
                        licence: env!("CARGO_PKG_LICENSE"),
                        summary: $summary,
                        settings: $crate::plugin!(@list $crate::settings::Setting; $($settings)?),
                        vocabulary: $crate::plugin!(@list $crate::kmip::vocabulary::Extension; $($vocabulary)?),
                        attributes: $crate::plugin!(@list $crate::kmip::attributes::AttributeRule; $($attributes)?),
                    };
                    &MANIFEST
                }),
            )
        }
    };
}
