//! What a store keeps for an object: the object, its attributes, its tags and its owner.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use claviger_kmip::attributes::{Attributes, kinds};
use claviger_kmip::codec::{binary, limits::Limits};
use claviger_kmip::field::{Fields, TtlvValue};
use claviger_kmip::lifecycle::StateDates;
use claviger_kmip::objects::{KeyBlock, KeyValue, ManagedObject};
use claviger_kmip::tables::enumerations::{
    CryptographicAlgorithm, KeyFormatType, ObjectType, WrappingMethod,
};
use claviger_kmip::{ByteString, Tag, Ttlv, Value};

use crate::error::{Error, Result};
use crate::random::RandomSource;

/// The identifier of an object: opaque text of 1 to 255 bytes without control characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(Arc<str>);

impl ObjectId {
    /// Checks and takes an identifier.
    ///
    /// # Errors
    /// Invalid Field: it is empty, longer than 255 bytes, or has control characters.
    pub fn new(text: &str) -> Result<Self> {
        // Most identifiers are ASCII, which is looked at without decoding letters.
        let has_control = match text.is_ascii() {
            true => text.bytes().fold(false, |found, byte| found | byte.is_ascii_control()),
            false => text.chars().any(char::is_control),
        };
        if text.is_empty() || text.len() > 255 || has_control {
            return Err(Error::invalid("a unique identifier has 1 to 255 bytes and no control characters"));
        }
        Ok(Self(text.into()))
    }

    /// A new identifier: a UUID version 4 (RFC 9562 section 5.4).
    pub fn random(random: &mut dyn RandomSource) -> Self {
        let mut bytes = [0; 16];
        random.fill(&mut bytes);
        let number = u128::from_be_bytes(bytes) & !(0xF << 76) & !(0b11 << 62) | 4 << 76 | 0b10 << 62;
        let mut text = String::with_capacity(36);
        for (place, byte) in number.to_be_bytes().into_iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                text.push('-');
            }
            let digits = [byte >> 4, byte & 0xF];
            text.extend(digits.into_iter().filter_map(|digit| char::from_digit(digit.into(), 16)));
        }
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ObjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

/// How often a record has been written; a store compares it before it replaces one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

/// An object with everything that is stored beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its identifier.
    pub id: ObjectId,
    /// The user who may do everything with it.
    pub owner: Arc<str>,
    /// The object. A destroyed key has a key block without key value.
    pub object: ManagedObject,
    /// Its attributes, State and dates among them.
    pub attributes: Attributes,
    /// User and system tags.
    pub tags: BTreeSet<String>,
}

/// The first byte of an encoded record: version 1, not sealed.
const PLAIN_V1: u8 = 1;
/// The first byte of a record that a layer above the store has sealed, which opens it before it is read here.
const SEALED: u8 = 2;
/// For how many bytes an encoded record has room before it grows.
const FIRST_BYTES: usize = 1024;

impl Record {
    /// Encodes the record for a store: a header byte that tells version and sealing, then binary TTLV.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FIRST_BYTES);
        bytes.push(PLAIN_V1);
        binary::append_structure(Tag::OBJECTS, &mut bytes, |out| {
            binary::append_text(Tag::UNIQUE_IDENTIFIER, self.id.as_str(), out);
            binary::append_text(Tag::USERNAME, &self.owner, out);
            self.attributes.append(Tag::ATTRIBUTES, out);
            binary::append_structure(Tag::OBJECT_GROUPS, out, |out| {
                self.tags.iter().for_each(|tag| binary::append_text(Tag::OBJECT_GROUP, tag, out));
            });
            // Last, and in memory that is there for all of it, so that none of it is left behind where there was less.
            binary::encode_into(&self.object.clone().into_item(), out);
        });
        bytes
    }

    /// Decodes what [`Record::to_bytes`] encoded.
    ///
    /// # Errors
    /// Internal Server Error: the bytes are no record of a version that this server knows.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let damaged = || Error::server("a stored record cannot be read; restore it from a backup");
        let body = match bytes.split_first() {
            Some((&PLAIN_V1, body)) => body,
            Some((&SEALED, _)) => {
                return Err(Error::server(
                    "a stored record is sealed, and this server was given no server key",
                ));
            }
            _ => return Err(Error::server("a stored record has a version that this server does not know")),
        };
        let tree = binary::decode(body, &Limits::trusted()).map_err(|error| damaged().because(error))?;
        Self::from_tree(tree).map_err(|error| damaged().because(error))
    }

    fn from_tree(tree: Ttlv) -> Result<Self> {
        let mut fields = Fields::of("Record", tree.tag, tree.value)?;
        let mut text = |tag: Tag| match fields.take_first(tag) {
            Some(Value::TextString(text)) => Ok(text),
            _ => Err(Error::server("a record lacks its identifier or owner")),
        };
        let id = ObjectId::new(&text(Tag::UNIQUE_IDENTIFIER)?)?;
        let owner = text(Tag::USERNAME)?.into();
        let attributes = fields
            .take_first(Tag::ATTRIBUTES)
            .ok_or_else(|| Error::server("a record lacks its attributes"))
            .and_then(|value| Ok(Attributes::from_value(Tag::ATTRIBUTES, value)?))?;
        let tags = match fields.take_first(Tag::OBJECT_GROUPS) {
            Some(Value::Structure(items)) => items
                .into_iter()
                .filter_map(|item| if let Value::TextString(tag) = item.value { Some(tag) } else { None })
                .collect(),
            _ => BTreeSet::new(),
        };
        let object = claviger_kmip::field::Field::take(&mut fields, Tag::OBJECT_TYPE)?;
        Ok(Self { id, owner, object, attributes, tags })
    }

    /// What selects a scheme for the object.
    pub fn key_facts(&self) -> KeyFacts<'_> {
        KeyFacts::of(self.object.object_type(), self.object.key_block(), &self.attributes)
    }

    /// The dates that decide its state.
    pub fn state_dates(&self) -> StateDates {
        StateDates::of(&self.attributes)
    }

    /// Whether the key is stored wrapped.
    pub fn is_wrapped(&self) -> bool {
        self.object.key_block().is_some_and(|block| block.key_wrapping_data.is_some())
    }

    /// Whether the key is stored encrypted: one that is wrapped with a MAC or a signature alone can be read.
    pub fn is_encrypted(&self) -> bool {
        let data = self.object.key_block().and_then(|block| block.key_wrapping_data.as_ref());
        data.is_some_and(|data| data.wrapping_method != WrappingMethod::MAC_SIGN)
    }
}

/// What is known of a key without its material: enough to choose a scheme.
#[derive(Clone, Copy, Debug)]
pub struct KeyFacts<'a> {
    /// Symmetric, public, private …
    pub object_type: ObjectType,
    /// The algorithm, if the object has one.
    pub algorithm: Option<CryptographicAlgorithm>,
    /// The length in bits.
    pub length: Option<i32>,
    /// How the material is encoded.
    pub format: Option<KeyFormatType>,
    /// All attributes.
    pub attributes: &'a Attributes,
}

impl<'a> KeyFacts<'a> {
    /// What is known of an object of this type: what its key block tells counts more than its attributes.
    pub fn of(object_type: ObjectType, block: Option<&KeyBlock>, attributes: &'a Attributes) -> Self {
        Self {
            object_type,
            algorithm: block
                .and_then(|block| block.cryptographic_algorithm)
                .or_else(|| attributes.one::<kinds::CryptographicAlgorithm>()),
            length: block
                .and_then(|block| block.cryptographic_length)
                .or_else(|| attributes.one::<kinds::CryptographicLength>()),
            format: block.map(|block| block.key_format_type),
            attributes,
        }
    }
}

/// Plain key material on its way into a scheme. Not `Clone`; its bytes are zeroized on drop.
pub struct Material {
    format: KeyFormatType,
    value: Value,
}

impl Material {
    /// Takes plain material.
    pub fn new(format: KeyFormatType, value: Value) -> Self {
        Self { format, value }
    }

    /// Takes the plain material out of an object: that of its key block, the bytes of an opaque object in format Opaque, or
    /// the public key that a certificate holds, as the certificate itself in format X.509.
    ///
    /// # Errors
    /// Key Value Not Present: there is none, or it is wrapped. Key Format Type Not Supported: it is a symmetric key whose
    /// encoding only its owner knows.
    pub fn of(object: &ManagedObject) -> Result<Self> {
        if let ManagedObject::Certificate(certificate) = object {
            let value = Value::ByteString(certificate.certificate_value.clone());
            return Ok(Self { format: KeyFormatType::X_509, value });
        }
        if let ManagedObject::OpaqueObject(opaque) = object {
            let value = Value::ByteString(opaque.opaque_data_value.clone());
            return Ok(Self { format: KeyFormatType::OPAQUE, value });
        }
        match object.key_block() {
            Some(block)
                if block.key_format_type == KeyFormatType::OPAQUE
                    && matches!(object, ManagedObject::SymmetricKey(_)) =>
            {
                Err(Error::unsupported(
                    "the Key Format Type of the key is Opaque: the server does not know its encoding and cannot use it",
                )
                .with_reason(claviger_kmip::tables::enumerations::ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED))
            }
            Some(block) => Self::of_block(block),
            None => Err(Error::unsupported("an object of this type has no key")),
        }
    }

    /// Takes the plain material out of a key block.
    ///
    /// # Errors
    /// Key Value Not Present: there is none, or it is wrapped.
    pub fn of_block(block: &KeyBlock) -> Result<Self> {
        use claviger_kmip::tables::enumerations::ResultReason;
        let absent = |why: &'static str| {
            Error::new(ResultReason::KEY_VALUE_NOT_PRESENT, crate::error::ErrorClass::State, why)
        };
        match &block.key_value {
            Some(KeyValue::Plain(plain)) if block.key_wrapping_data.is_none() => {
                Ok(Self { format: block.key_format_type, value: plain.key_material.clone() })
            }
            Some(_) => Err(absent("the key is stored wrapped and its wrapping key is not known")),
            None => Err(absent("the server does not hold the value of this key")),
        }
    }

    /// How the material is encoded.
    pub fn format(&self) -> KeyFormatType {
        self.format
    }

    /// The material as it stands in a key value.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The bytes of a symmetric key, whether raw or transparent.
    ///
    /// # Errors
    /// Key Format Type Not Supported: the material is neither.
    pub fn symmetric_key(&self) -> Result<&ByteString> {
        let bytes = match &self.value {
            Value::ByteString(bytes) => Some(bytes),
            Value::Structure(fields) => fields.iter().find_map(|field| match &field.value {
                Value::ByteString(bytes) if field.tag == Tag::KEY => Some(bytes),
                _ => None,
            }),
            _ => None,
        };
        bytes.ok_or_else(|| {
            Error::unsupported("the material is no symmetric key")
                .with_reason(claviger_kmip::tables::enumerations::ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED)
        })
    }
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Material({:?}, redacted)", self.format)
    }
}

/// Takes the material out of an object and leaves the rest: what Destroy does.
pub fn erase_material(object: &mut ManagedObject) {
    match object {
        ManagedObject::OpaqueObject(object) => object.opaque_data_value = ByteString::default(),
        // A certificate is public; its value stays readable in the tombstone.
        ManagedObject::Certificate(_) | ManagedObject::CertificateRequest(_) => {}
        other => {
            if let Some(block) = other.key_block_mut() {
                block.key_value = None;
                block.key_wrapping_data = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Ones;

    impl RandomSource for Ones {
        fn fill(&mut self, buffer: &mut [u8]) {
            buffer.fill(0xFF);
        }
    }

    #[test]
    fn a_new_identifier_is_a_uuid_of_version_4() {
        // Version and variant as RFC 9562 section 5.4 has them.
        assert_eq!(ObjectId::random(&mut Ones).as_str(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
