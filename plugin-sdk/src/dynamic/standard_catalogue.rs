//! What a loaded plugin knows of what is registered.

use std::sync::LazyLock;

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

/// What is the same in every server: the standard's tables. What is registered in this one is not known here.
pub(super) struct StandardCatalogue;

impl Catalogue for StandardCatalogue {
    fn operations(&self) -> Vec<(OperationCode, &OperationSpec)> {
        Vec::new()
    }

    fn object_types(&self) -> Vec<ObjectType> {
        Vec::new()
    }

    fn object_kind(&self, _: ObjectType) -> Option<&'static dyn ObjectKind> {
        None
    }

    fn scheme(&self, _: Capability, _: &KeyFacts<'_>, _: &CryptographicParameters) -> Option<&Scheme> {
        None
    }

    fn schemes(&self, _: Capability) -> Vec<&'static SchemeEntry> {
        Vec::new()
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
        static NONE: LazyLock<Settings> = LazyLock::new(Settings::default);
        &NONE
    }

    fn plugins(&self) -> Vec<&'static Manifest> {
        Vec::new()
    }
}
