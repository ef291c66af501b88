//! The registry: everything that plugins brought, frozen into tables that the pipeline reads.
//!
//! Registration is settled once, at start: collect, check API versions, take out what the configuration disables,
//! settle conflicts, freeze. Every decision is kept with its reason in the [`Report`].

mod collect;
mod conflict;
mod report;
mod scheme_table;

use std::collections::{BTreeMap, HashMap};

use claviger_kmip::attributes::AttributeTable;
use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::tables::enumerations::{EncodingOption, ObjectType, OperationCode};
use claviger_kmip::vocabulary::Vocabulary;
use claviger_plugin_sdk::audit::AuditSinkFactory;
use claviger_plugin_sdk::authentication::AuthenticatorFactory;
use claviger_plugin_sdk::dialect::Dialect;
use claviger_plugin_sdk::key_value_encoding::KeyValueEncoding;
use claviger_plugin_sdk::new_object_rule::NewObjectRule;
use claviger_plugin_sdk::object_kind::ObjectKind;
use claviger_plugin_sdk::operation::{ErasedOperation, OperationSpec};
use claviger_plugin_sdk::plugin::{Catalogue, Entry, Manifest};
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::routes::Routes;
use claviger_plugin_sdk::scheme::{Capability, Scheme, SchemeEntry};
use claviger_plugin_sdk::settings::{Setting, Settings};
use claviger_plugin_sdk::store::StoreFactory;
use claviger_plugin_sdk::tag_policy::TagPolicy;
use claviger_plugin_sdk::timer::TimerFactory;
use foldhash::fast::RandomState;

pub use conflict::RegistryError;
pub use report::{Decision, Report, Verdict};
use scheme_table::SchemeTable;

/// What the configuration says about plugins.
#[derive(Clone, Debug, Default)]
pub struct RegistryOptions {
    /// Plugins (`claviger-auth-mtls`) or entries (`operation Log`) that are switched off.
    pub disabled: Vec<String>,
    /// Which plugin wins an entry that several claim: (entry, plugin).
    pub prefer: Vec<(String, String)>,
    /// The order of tag policies, authenticators and audit sinks, by name; those that are not named follow by name.
    pub order: Vec<String>,
    /// The values of all settings, for operations that read those of their plugin.
    pub settings: Settings,
    /// The crates that are compiled in. One that did not register was dropped by the linker.
    pub expected: Vec<&'static str>,
}

/// Everything that is registered and enabled.
pub struct Registry {
    manifests: Vec<&'static Manifest>,
    operations: HashMap<u32, &'static dyn ErasedOperation, RandomState>,
    kinds: BTreeMap<u32, &'static dyn ObjectKind>,
    schemes: SchemeTable,
    stores: BTreeMap<&'static str, &'static dyn StoreFactory>,
    authenticators: Vec<&'static dyn AuthenticatorFactory>,
    dialects: BTreeMap<&'static str, &'static dyn Dialect>,
    tag_policies: Vec<&'static dyn TagPolicy>,
    key_value_encodings: BTreeMap<u32, &'static dyn KeyValueEncoding>,
    new_object_rules: Vec<&'static dyn NewObjectRule>,
    audit_sinks: Vec<&'static dyn AuditSinkFactory>,
    routes: Vec<&'static dyn Routes>,
    timers: Vec<&'static dyn TimerFactory>,
    settings: Settings,
    vocabulary: Vocabulary,
    attributes: AttributeTable,
    report: Report,
}

/// The settings of all linked plugins, enabled or not: what the command line is built from before the configuration
/// is known.
pub fn linked_settings() -> Vec<(&'static Manifest, &'static [Setting])> {
    collect::manifests(&claviger_plugin_sdk::plugin::linked())
        .into_iter()
        .map(|manifest| (manifest, manifest.settings))
        .collect()
}

impl Registry {
    /// Builds the registry from everything that is linked into this binary.
    ///
    /// # Errors
    /// A plugin is compiled in and did not register, was built for another plugin API, or claims what another one
    /// claims, too; a configured name is unknown.
    pub fn from_linked(options: &RegistryOptions) -> Result<Self, RegistryError> {
        Self::build(claviger_plugin_sdk::plugin::linked(), options)
    }

    /// Builds the registry from these entries: the linked ones, and those of loaded libraries.
    ///
    /// # Errors
    /// As [`Registry::from_linked`].
    pub fn build(entries: Vec<Entry>, options: &RegistryOptions) -> Result<Self, RegistryError> {
        collect::collect(entries, options)
    }

    /// Every decision with its reason.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The operation with this code, if it is enabled.
    pub fn operation(&self, code: OperationCode) -> Option<&'static dyn ErasedOperation> {
        self.operations.get(&code.0).copied()
    }

    /// The store factory with this name.
    pub fn store_factory(&self, name: &str) -> Option<&'static dyn StoreFactory> {
        self.stores.get(name).copied()
    }

    /// The names that `--database-type` takes.
    pub fn store_names(&self) -> Vec<&'static str> {
        self.stores.keys().copied().collect()
    }

    /// The authenticators, in the order in which they are asked.
    pub fn authenticator_factories(&self) -> &[&'static dyn AuthenticatorFactory] {
        &self.authenticators
    }

    /// The audit sinks, in the order in which they are told.
    pub fn audit_sink_factories(&self) -> &[&'static dyn AuditSinkFactory] {
        &self.audit_sinks
    }

    /// The dialect with this name.
    pub fn dialect(&self, name: &str) -> Option<&'static dyn Dialect> {
        self.dialects.get(name).copied()
    }

    /// The timers, by name.
    pub fn timer_factories(&self) -> &[&'static dyn TimerFactory] {
        &self.timers
    }

    /// The rules that every new object has to meet.
    pub fn new_object_rules(&self) -> &[&'static dyn NewObjectRule] {
        &self.new_object_rules
    }

    /// The HTTP routes of plugins.
    pub fn routes(&self) -> &[&'static dyn Routes] {
        &self.routes
    }

    /// The scheme that claims a key with these parameters, with its entry.
    pub fn scheme_entry(
        &self,
        capability: Capability,
        facts: &KeyFacts<'_>,
        parameters: &CryptographicParameters,
    ) -> Option<&'static SchemeEntry> {
        self.schemes.find(capability, facts, parameters)
    }

    /// The names and numbers of KMIP with what plugins added.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The attribute table with what plugins added.
    pub fn attribute_table(&self) -> &AttributeTable {
        &self.attributes
    }
}

impl Catalogue for Registry {
    fn operations(&self) -> Vec<(OperationCode, &OperationSpec)> {
        let mut all: Vec<_> =
            self.operations.values().map(|operation| (operation.spec().code, operation.spec())).collect();
        all.sort_unstable_by_key(|(code, _)| *code);
        all
    }

    fn object_types(&self) -> Vec<ObjectType> {
        self.kinds.values().map(|kind| kind.object_type()).collect()
    }

    fn object_kind(&self, object_type: ObjectType) -> Option<&'static dyn ObjectKind> {
        self.kinds.get(&object_type.0).copied()
    }

    fn scheme(
        &self,
        capability: Capability,
        facts: &KeyFacts<'_>,
        parameters: &CryptographicParameters,
    ) -> Option<&Scheme> {
        self.scheme_entry(capability, facts, parameters).map(|entry| &entry.scheme)
    }

    fn schemes(&self, capability: Capability) -> Vec<&'static SchemeEntry> {
        self.schemes.all(capability)
    }

    fn key_value_encoding(&self, option: EncodingOption) -> Option<&'static dyn KeyValueEncoding> {
        self.key_value_encodings.get(&option.0).copied()
    }

    fn attribute_table(&self) -> &AttributeTable {
        &self.attributes
    }

    fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    fn tag_policies(&self) -> &[&'static dyn TagPolicy] {
        &self.tag_policies
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn plugins(&self) -> Vec<&'static Manifest> {
        self.manifests.clone()
    }
}
