//! Records for tests: an AES-256 key with the attributes that a test cares about.

use std::collections::BTreeSet;
use std::sync::Arc;

use claviger_kmip::attributes::{AttributeType, Attributes, Name, kinds};
use claviger_kmip::field::DateTime;
use claviger_kmip::objects::{Key, KeyBlock, KeyValue, ManagedObject, PlainKeyValue};
use claviger_kmip::tables::enumerations::{
    CryptographicAlgorithm, KeyFormatType, NameType, ObjectType, State,
};
use claviger_kmip::{Tag, Value};

use crate::filter::Index;
use crate::record::{ObjectId, Record};
use crate::store::{Put, UsageLeft};

/// Builds the record of an Active AES-256 key whose material is 32 bytes of 7.
#[derive(Clone, Debug)]
pub struct RecordBuilder {
    id: ObjectId,
    owner: Arc<str>,
    material: [u8; 32],
    object: Option<ManagedObject>,
    attributes: Attributes,
    tags: BTreeSet<String>,
}

impl RecordBuilder {
    /// A key with this identifier, which must be valid, owned by `owner`.
    pub fn new(id: &str) -> Self {
        let mut attributes = Attributes::new();
        attributes.put::<kinds::ObjectType>(ObjectType::SYMMETRIC_KEY);
        attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::AES);
        attributes.put::<kinds::CryptographicLength>(256);
        attributes.put::<kinds::State>(State::ACTIVE);
        attributes.put::<kinds::ActivationDate>(DateTime(0));
        Self {
            id: ObjectId::new(id).expect("a test's identifiers are valid"),
            owner: "owner".into(),
            material: [7; 32],
            object: None,
            attributes,
            tags: BTreeSet::new(),
        }
    }

    /// The same key, owned by this user.
    pub fn owner(mut self, owner: &str) -> Self {
        self.owner = owner.into();
        self
    }

    /// The same key with other material.
    pub fn material(mut self, material: [u8; 32]) -> Self {
        self.material = material;
        self
    }

    /// Another object in place of the AES key, with its type and algorithm.
    pub fn object(mut self, object: ManagedObject) -> Self {
        self.attributes.put::<kinds::ObjectType>(object.object_type());
        if let Some(algorithm) = object.key_block().and_then(|block| block.cryptographic_algorithm) {
            self.attributes.put::<kinds::CryptographicAlgorithm>(algorithm);
        }
        self.attributes.remove(Tag::CRYPTOGRAPHIC_LENGTH);
        self.object = Some(object);
        self
    }

    /// The same key with one more tag.
    pub fn tag(mut self, tag: &str) -> Self {
        self.tags.insert(tag.to_owned());
        self
    }

    /// The same key with one more name.
    pub fn name(mut self, name: &str) -> Self {
        let name_type = NameType::UNINTERPRETED_TEXT_STRING;
        self.attributes.push::<kinds::Name>(Name { value: name.to_owned(), name_type });
        self
    }

    /// The same key in this state.
    pub fn state(self, state: State) -> Self {
        self.with::<kinds::State>(state)
    }

    /// The same key with this value of an attribute, in place of what it had.
    pub fn with<A: AttributeType>(mut self, value: A::Value) -> Self {
        self.attributes.put::<A>(value);
        self
    }

    /// The same key without an attribute.
    pub fn without<A: AttributeType>(mut self) -> Self {
        self.attributes.remove(A::TAG);
        self
    }

    /// The record.
    pub fn build(self) -> Record {
        let key_material = Value::ByteString(self.material.to_vec().into());
        let key_block = KeyBlock {
            key_format_type: KeyFormatType::RAW,
            key_compression_type: None,
            key_value: Some(KeyValue::Plain(PlainKeyValue { key_material, attributes: None })),
            cryptographic_algorithm: Some(CryptographicAlgorithm::AES),
            cryptographic_length: Some(256),
            key_wrapping_data: None,
        };
        Record {
            id: self.id,
            owner: self.owner,
            object: self.object.unwrap_or(ManagedObject::SymmetricKey(Key { key_block })),
            attributes: self.attributes,
            tags: self.tags,
        }
    }

    /// The put that creates it.
    pub fn put(self) -> Put {
        let record = self.build();
        Put {
            id: record.id.clone(),
            expected: None,
            body: record.to_bytes().into(),
            index: Index::of(&record),
            usage_left: UsageLeft::Keep,
        }
    }
}
