//! One key of a pair, as a trial needs it.

use claviger_kmip::attributes::{Attributes, kinds};
use claviger_kmip::objects::{KeyBlock, KeyValue};
use claviger_kmip::tables::enumerations::{CryptographicAlgorithm, KeyFormatType, ObjectType};
use claviger_kmip::{ByteString, Value};

use crate::record::{KeyFacts, Material};
use crate::scheme::{Formats, KeyDescription, KeyPair, Scheme, SchemeEntry};

/// A key with what an object of its own would tell of it.
pub(super) struct TrialKey {
    pub(super) object_type: ObjectType,
    pub(super) format: KeyFormatType,
    pub(super) value: Value,
    algorithm: Option<CryptographicAlgorithm>,
    length: Option<i32>,
    attributes: Attributes,
}

impl TrialKey {
    /// A key of this type.
    pub(super) fn new(object_type: ObjectType, block: &KeyBlock) -> Self {
        let Some(KeyValue::Plain(plain)) = &block.key_value else { panic!("the key has a plain key value") };
        assert_eq!(block.key_wrapping_data, None);
        Self {
            object_type,
            format: block.key_format_type,
            value: plain.key_material.clone(),
            algorithm: block.cryptographic_algorithm,
            length: block.cryptographic_length,
            attributes: Attributes::new(),
        }
    }

    /// The private and the public key.
    pub(super) fn both(pair: &KeyPair) -> [Self; 2] {
        [Self::new(ObjectType::PRIVATE_KEY, &pair.private), Self::new(ObjectType::PUBLIC_KEY, &pair.public)]
    }

    /// The key in another encoding.
    pub(super) fn with(&self, format: KeyFormatType, value: Value) -> Self {
        Self { format, value, attributes: self.attributes.clone(), ..*self }
    }

    /// The key, whose object tells what the description does.
    pub(super) fn described(mut self, description: &KeyDescription) -> Self {
        self.algorithm = Some(description.algorithm);
        self.length = Some(description.length);
        if let Some(domain) = &description.domain {
            self.attributes.put::<kinds::CryptographicDomainParameters>(domain.clone());
        }
        self
    }

    /// What is known of it.
    pub(super) fn facts(&self) -> KeyFacts<'_> {
        KeyFacts {
            object_type: self.object_type,
            algorithm: self.algorithm,
            length: self.length,
            format: Some(self.format),
            attributes: &self.attributes,
        }
    }

    /// Its material.
    pub(super) fn material(&self) -> Material {
        Material::new(self.format, self.value.clone())
    }

    /// Other bytes in place of the material.
    pub(super) fn replaced(&self, bytes: &[u8]) -> Material {
        Material::new(self.format, Value::ByteString(ByteString::from(bytes)))
    }
}

/// The encodings that an entry knows.
pub(super) fn formats_of(entry: &SchemeEntry) -> &'static dyn Formats {
    match entry.scheme {
        Scheme::Formats(scheme) => scheme,
        _ => panic!("{} knows no encodings of keys", entry.name),
    }
}
