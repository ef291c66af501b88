//! Keys for tests, made by the schemes that are registered.

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::objects::{KeyBlock, KeyValue};
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, KeyFormatType, ObjectType};
use claviger_plugin_sdk::kmip::{Tag, Value};
use claviger_plugin_sdk::plugin::{EntryKind, linked};
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{
    Capability, Formats, GeneratePair, KeyPair, PairTemplates, Scheme, SchemeEntry,
};
use claviger_plugin_sdk::testkit::SeededRandom;

static NONE: Attributes = Attributes::new();

/// The facts of a key that tells its algorithm alone.
pub(super) fn facts(object_type: ObjectType, algorithm: CryptographicAlgorithm) -> KeyFacts<'static> {
    KeyFacts { object_type, algorithm: Some(algorithm), length: None, format: None, attributes: &NONE }
}

/// What is registered for keys of the algorithm.
fn entry(capability: Capability, algorithm: CryptographicAlgorithm) -> &'static SchemeEntry {
    let facts = facts(ObjectType::PRIVATE_KEY, algorithm);
    let serves = |kind| match kind {
        EntryKind::Scheme(entry) if entry.serves(capability, &facts) => Some(entry),
        _ => None,
    };
    linked().into_iter().find_map(|entry| serves(entry.kind)).unwrap()
}

pub(super) fn generator(algorithm: CryptographicAlgorithm) -> &'static dyn GeneratePair {
    match entry(Capability::GeneratePair, algorithm).scheme {
        Scheme::GeneratePair(scheme) => scheme,
        _ => panic!("pairs"),
    }
}

pub(super) fn formats(algorithm: CryptographicAlgorithm) -> &'static dyn Formats {
    match entry(Capability::Formats, algorithm).scheme {
        Scheme::Formats(scheme) => scheme,
        _ => panic!("formats"),
    }
}

pub(super) fn template(algorithm: CryptographicAlgorithm, bits: Option<i32>) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.add(Tag::CRYPTOGRAPHIC_ALGORITHM, Value::Enumeration(algorithm.0));
    if let Some(bits) = bits {
        attributes.add(Tag::CRYPTOGRAPHIC_LENGTH, Value::Integer(bits));
    }
    attributes
}

pub(super) fn format_value(format: KeyFormatType) -> Value {
    Value::Enumeration(format.0)
}

pub(super) fn made_pair(algorithm: CryptographicAlgorithm, bits: Option<i32>, seed: u64) -> Result<KeyPair> {
    let template = template(algorithm, bits);
    let templates = PairTemplates { private: &template, public: &template };
    generator(algorithm).generate_pair(templates, &mut SeededRandom::new(seed))
}

/// The material of a key block, which is bytes.
pub(super) fn material(block: &KeyBlock) -> &[u8] {
    match &block.key_value {
        Some(KeyValue::Plain(plain)) => bytes(&plain.key_material),
        _ => panic!("plain"),
    }
}

pub(super) fn bytes(value: &Value) -> &[u8] {
    match value {
        Value::ByteString(bytes) => bytes,
        _ => panic!("bytes"),
    }
}

/// The material of a key block.
pub(super) fn key(block: &KeyBlock) -> Material {
    encoded(block.key_format_type, material(block))
}

pub(super) fn encoded(format: KeyFormatType, bytes: &[u8]) -> Material {
    Material::new(format, Value::ByteString(bytes.into()))
}

/// A new pair in the format Raw.
pub(super) fn raw_pair(algorithm: CryptographicAlgorithm, rng: &mut SeededRandom) -> KeyPair {
    let mut template = template(algorithm, None);
    template.add(Tag::KEY_FORMAT_TYPE, format_value(KeyFormatType::RAW));
    generator(algorithm).generate_pair(PairTemplates { private: &template, public: &template }, rng).unwrap()
}
