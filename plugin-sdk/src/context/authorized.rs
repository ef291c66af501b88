//! An object that was admitted, as a handler may see it.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use claviger_kmip::ByteString;
use claviger_kmip::attributes::Attributes;
use claviger_kmip::objects::ManagedObject;
use claviger_kmip::tables::enumerations::{ObjectType, State};

use crate::record::{KeyFacts, ObjectId, Record, Revision};
use crate::target::Purpose;

/// An object that the engine admitted for this item and principal. Only the engine makes one.
///
/// It shows everything but key material; that needs [`Context::material`](super::Context::material) or
/// [`Context::reveal`](super::Context::reveal).
#[derive(Clone)]
pub struct Authorized {
    record: Arc<Record>,
    revision: Revision,
    state: State,
    purpose: Purpose,
    for_operator: bool,
}

impl Authorized {
    /// For the engine alone: states that admission let the object through.
    #[doc(hidden)]
    pub fn engine_only(record: Arc<Record>, revision: Revision, state: State) -> Self {
        Self { record, revision, state, purpose: Purpose::Protect, for_operator: false }
    }

    /// For the engine alone: whether it is about the object of this record.
    #[doc(hidden)]
    pub fn is_of(&self, record: &Arc<Record>) -> bool {
        Arc::ptr_eq(&self.record, record) || self.record.id == record.id
    }

    /// For the engine alone: what the object was admitted for.
    #[doc(hidden)]
    pub fn admitted_for(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    /// For the engine alone: the caller has no right on the object but that of an operator.
    #[doc(hidden)]
    pub fn admitted_for_operator(self, for_operator: bool) -> Self {
        Self { for_operator, ..self }
    }

    /// For the engine alone: what an answer may show of an object that was found, which is all but its value.
    #[doc(hidden)]
    pub fn for_answer(&self) -> Self {
        let mut record = Record::clone(&self.record);
        match &mut record.object {
            ManagedObject::OpaqueObject(object) => object.opaque_data_value = ByteString::default(),
            ManagedObject::Certificate(object) => object.certificate_value = ByteString::default(),
            ManagedObject::CertificateRequest(object) => {
                object.certificate_request_value = ByteString::default();
            }
            other => {
                if let Some(block) = other.key_block_mut() {
                    block.key_value = None;
                }
            }
        }
        Self { record: Arc::new(record), ..self.clone() }
    }

    /// Whether the caller may know of the object as an operator alone. He is told its attributes but for those from which
    /// what is secret could be guessed.
    pub fn is_for_operator(&self) -> bool {
        self.for_operator
    }

    /// What the object was admitted for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The identifier.
    pub fn id(&self) -> &ObjectId {
        &self.record.id
    }

    /// The revision that was read.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The owner.
    pub fn owner(&self) -> &Arc<str> {
        &self.record.owner
    }

    /// The type.
    pub fn object_type(&self) -> ObjectType {
        self.record.object.object_type()
    }

    /// The effective state at the time of the message.
    pub fn state(&self) -> State {
        self.state
    }

    /// The attributes.
    pub fn attributes(&self) -> &Attributes {
        &self.record.attributes
    }

    /// User and system tags.
    pub fn tags(&self) -> &BTreeSet<String> {
        &self.record.tags
    }

    /// What selects a scheme.
    pub fn key_facts(&self) -> KeyFacts<'_> {
        self.record.key_facts()
    }

    /// Whether the key is stored wrapped.
    pub fn is_wrapped(&self) -> bool {
        self.record.is_wrapped()
    }

    /// A copy of the record without its material.
    pub fn without_material(&self) -> Record {
        let mut record = Record::clone(&self.record);
        crate::record::erase_material(&mut record.object);
        record
    }
}

impl fmt::Debug for Authorized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorized({}, {:?})", self.record.id, self.state)
    }
}

#[cfg(test)]
mod tests {
    use claviger_kmip::objects::{Certificate, OpaqueObject};
    use claviger_kmip::tables::enumerations::{CertificateType, OpaqueDataType};

    use super::*;
    use crate::testkit::RecordBuilder;

    #[test]
    fn what_is_kept_for_an_answer_has_the_attributes_of_an_object_and_not_its_value() {
        let value = || ByteString::from(vec![7; 100]);
        let objects = [
            RecordBuilder::new("key"),
            RecordBuilder::new("opaque").object(ManagedObject::OpaqueObject(OpaqueObject {
                opaque_data_type: OpaqueDataType(1),
                opaque_data_value: value(),
            })),
            RecordBuilder::new("certificate").object(ManagedObject::Certificate(Certificate {
                certificate_type: CertificateType::X_509,
                certificate_value: value(),
            })),
        ];
        for object in objects {
            let record = Arc::new(object.build());
            let has_value = |record: &Record| record.to_bytes().windows(32).any(|bytes| bytes == [7; 32]);
            assert!(has_value(&record), "{}", record.id);
            let found = Authorized::engine_only(record.clone(), Revision(1), State::ACTIVE);
            let kept = found.for_answer();
            assert!(!has_value(&kept.record), "{}", record.id);
            assert_eq!((kept.id(), kept.attributes()), (found.id(), found.attributes()));
            assert_eq!(kept.object_type(), found.object_type());
        }
    }
}
