//! Which generation a key is of, and what kind of key it is: its own attributes say so.

use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::objects::{KeyBlock, KeyValue, PlainKeyValue};
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, KeyFormatType, ObjectType};
use claviger_plugin_sdk::kmip::{ByteString, Value};
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::{Error, Result};
use serde::Deserialize;

use crate::generation::{Generation, KeyKind, malformed, wrong};
use crate::generation_12::Generation12;
use crate::generation_14::Generation14;
use crate::generation_16::Generation16;

/// The algorithm of the keys, and that which asks for one plaintext.
pub(crate) const COVERCRYPT: CryptographicAlgorithm = CryptographicAlgorithm(0x8880_0004);
/// The algorithm that asks for several plaintexts.
pub(crate) const COVERCRYPT_BULK: CryptographicAlgorithm = CryptographicAlgorithm(0x8880_0005);
/// The format of master private keys and user keys.
pub(crate) const SECRET_KEY: KeyFormatType = KeyFormatType(0x8880_000C);
/// The format of master public keys.
pub(crate) const PUBLIC_KEY: KeyFormatType = KeyFormatType(0x8880_000D);

/// Whose the attributes are.
const VENDOR: &str = "cosmian";
/// The structure of a master key of generation 12 or 14.
const POLICY: &str = "cover_crypt_policy";
/// The structure of a master key of generation 16.
const STRUCTURE: &str = "cover_crypt_access_structure";
/// The access policy of a user key.
const ACCESS_POLICY: &str = "cover_crypt_access_policy";
/// The attributes to rotate.
const ATTRIBUTES: &str = "cover_crypt_attributes";
/// The action on a master key.
const ACTION: &str = "cover_crypt_rekey_action";

const GENERATIONS: [&'static dyn Generation; 3] = [&Generation14, &Generation12, &Generation16];

/// The access structure that attributes carry, with the generation that it is of.
pub(crate) struct StructureOf<'a> {
    /// The generation.
    pub(crate) generation: &'static dyn Generation,
    /// The structure.
    pub(crate) bytes: &'a [u8],
    attribute: &'static str,
}

impl<'a> StructureOf<'a> {
    /// Reads the attributes of a master key, or of a template of one; nothing if they carry no structure.
    ///
    /// # Errors
    /// Invalid Attribute Value: the version of the structure is none that the server knows.
    pub(crate) fn of(attributes: &'a Attributes) -> Result<Option<Self>> {
        if let Some(bytes) = vendor(attributes, STRUCTURE) {
            return Ok(Some(Self { generation: &Generation16, bytes, attribute: STRUCTURE }));
        }
        let Some(bytes) = vendor(attributes, POLICY) else { return Ok(None) };
        let unreadable = |error| wrong("the Covercrypt policy cannot be read; it is JSON").because(error);
        let version: Version = serde_json::from_slice(bytes).map_err(unreadable)?;
        let generation: &'static dyn Generation = match version.version {
            None | Some("V1") => &Generation12,
            Some("V2") => &Generation14,
            Some(other) => {
                let other: String = other.chars().take(20).collect();
                return Err(wrong(format!(
                    "version {other} of the Covercrypt policy is not known; there are V1 and V2"
                )));
            }
        };
        Ok(Some(Self { generation, bytes, attribute: POLICY }))
    }

    /// Reads the attributes of a master key.
    ///
    /// # Errors
    /// As `of`; Invalid Attribute Value: they carry no structure.
    pub(crate) fn demanded(attributes: &'a Attributes) -> Result<Self> {
        let missing = || {
            wrong(format!("a Covercrypt master key has the attribute {POLICY} or {STRUCTURE} of {VENDOR}"))
        };
        Self::of(attributes)?.ok_or_else(missing)
    }

    /// The attribute for another structure of the same master key.
    pub(crate) fn replaced(&self, structure: &[u8]) -> Attributes {
        let mut attributes = Attributes::new();
        attributes.set_vendor(VENDOR, self.attribute, Value::ByteString(structure.into()));
        attributes
    }
}

#[derive(Deserialize)]
struct Version<'a> {
    version: Option<&'a str>,
}

/// The access policy of a user key, or of a template of one; nothing if the attributes carry none.
///
/// # Errors
/// Invalid Attribute Value: it is no UTF-8.
pub(crate) fn access_policy(attributes: &Attributes) -> Result<Option<&str>> {
    let text = |bytes| str::from_utf8(bytes).map_err(|_| wrong("the access policy is no UTF-8"));
    vendor(attributes, ACCESS_POLICY).map(text).transpose()
}

/// The attribute for an access policy.
pub(crate) fn with_access_policy(policy: &str) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.set_vendor(VENDOR, ACCESS_POLICY, Value::ByteString(policy.as_bytes().into()));
    attributes
}

/// What the attributes ask to be done to a master key; nothing if they ask nothing.
///
/// # Errors
/// Invalid Attribute Value: it cannot be read.
pub(crate) fn action(attributes: &Attributes) -> Result<Option<crate::action::Action>> {
    use crate::action::Action;
    match (vendor(attributes, ACTION), vendor(attributes, ATTRIBUTES)) {
        (Some(json), _) => Action::from_json(json).map(Some),
        (None, Some(json)) => Action::rotate(json).map(Some),
        (None, None) => Ok(None),
    }
}

fn vendor<'a>(attributes: &'a Attributes, name: &str) -> Option<&'a [u8]> {
    match attributes.vendor(VENDOR, name)? {
        Value::ByteString(bytes) => Some(bytes),
        Value::TextString(text) => Some(text.as_bytes()),
        _ => None,
    }
}

/// What kind of key the facts are of.
pub(crate) fn kind(key: &KeyFacts<'_>) -> KeyKind {
    match key.object_type {
        ObjectType::PUBLIC_KEY => KeyKind::MasterPublic,
        _ if vendor(key.attributes, POLICY).is_some() || vendor(key.attributes, STRUCTURE).is_some() => {
            KeyKind::MasterPrivate
        }
        _ => KeyKind::User,
    }
}

/// The generation in whose form the bytes are a key of this kind. The forms of user keys tell them apart.
pub(crate) fn generation_by_form(kind: KeyKind, bytes: &[u8]) -> Option<&'static dyn Generation> {
    GENERATIONS.into_iter().find(|generation| generation.has_form(kind, bytes))
}

/// The bytes of a key.
///
/// # Errors
/// Cryptographic Failure: the material is none of Covercrypt.
pub(crate) fn bytes(material: &Material) -> Result<&ByteString> {
    match (material.format(), material.value()) {
        (SECRET_KEY | PUBLIC_KEY | KeyFormatType::RAW, Value::ByteString(bytes)) => Ok(bytes),
        _ => Err(malformed("key")),
    }
}

/// The length of a key in bits.
pub(crate) fn length(bytes: &[u8]) -> i32 {
    i32::try_from(bytes.len().saturating_mul(8)).unwrap_or(i32::MAX)
}

/// A key block for a key.
pub(crate) fn block(format: KeyFormatType, bytes: ByteString) -> KeyBlock {
    KeyBlock {
        key_format_type: format,
        key_compression_type: None,
        cryptographic_algorithm: Some(COVERCRYPT),
        cryptographic_length: Some(length(&bytes)),
        key_value: Some(KeyValue::Plain(PlainKeyValue {
            key_material: Value::ByteString(bytes),
            attributes: None,
        })),
        key_wrapping_data: None,
    }
}

/// What a client is told who wants of a key what it is not for.
pub(crate) fn wrong_kind(message: &'static str) -> Error {
    Error::cryptographic(message)
}
