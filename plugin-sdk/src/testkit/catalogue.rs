//! A catalogue for tests of what asks one.

use claviger_kmip::attributes::AttributeTable;
use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::tables::enumerations::{EncodingOption, ObjectType, OperationCode};
use claviger_kmip::vocabulary::Vocabulary;

use crate::key_value_encoding::KeyValueEncoding;
use crate::object_kind::ObjectKind;
use crate::operation::OperationSpec;
use crate::plugin::{Catalogue, Manifest};
use crate::record::KeyFacts;
use crate::scheme::{Capability, Scheme, SchemeEntry};
use crate::settings::Settings;
use crate::tag_policy::TagPolicy;

/// The standard's vocabulary and attributes, with the object kinds and schemes that a test gives.
#[derive(Default)]
pub struct TestCatalogue {
    /// Object kinds.
    pub kinds: Vec<&'static dyn ObjectKind>,
    /// Schemes.
    pub schemes: Vec<&'static SchemeEntry>,
    /// Settings.
    pub settings: Settings,
}

impl Catalogue for TestCatalogue {
    fn operations(&self) -> Vec<(OperationCode, &OperationSpec)> {
        Vec::new()
    }

    fn object_types(&self) -> Vec<ObjectType> {
        self.kinds.iter().map(|kind| kind.object_type()).collect()
    }

    fn object_kind(&self, object_type: ObjectType) -> Option<&'static dyn ObjectKind> {
        self.kinds.iter().copied().find(|kind| kind.object_type() == object_type)
    }

    fn scheme(
        &self,
        capability: Capability,
        facts: &KeyFacts<'_>,
        parameters: &CryptographicParameters,
    ) -> Option<&Scheme> {
        self.schemes
            .iter()
            .find(|entry| entry.serves(capability, facts) && (entry.claims)(facts, parameters))
            .map(|entry| &entry.scheme)
    }

    fn schemes(&self, capability: Capability) -> Vec<&'static SchemeEntry> {
        self.schemes.iter().copied().filter(|entry| entry.scheme.capability() == capability).collect()
    }

    fn key_value_encoding(&self, _: EncodingOption) -> Option<&'static dyn KeyValueEncoding> {
        None
    }

    fn attribute_table(&self) -> &AttributeTable {
        AttributeTable::standard()
    }

    fn vocabulary(&self) -> &Vocabulary {
        Vocabulary::standard()
    }

    fn tag_policies(&self) -> &[&'static dyn TagPolicy] {
        &[]
    }

    fn settings(&self) -> &Settings {
        &self.settings
    }

    fn plugins(&self) -> Vec<&'static Manifest> {
        Vec::new()
    }
}
