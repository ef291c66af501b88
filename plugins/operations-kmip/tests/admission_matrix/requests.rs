//! The requests of the table, each about one object.

use claviger_plugin_sdk::kmip::attributes::{Attributes, NewAttribute, RevocationReason, kinds};
use claviger_plugin_sdk::kmip::objects::{
    KeyInformation, KeyValue, KeyWrappingData, KeyWrappingSpecification,
};
use claviger_plugin_sdk::kmip::payloads::{DerivationParameters, DeriveKeyRequest, ImportRequest};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    DerivationMethod, EncodingOption, KeyWrapType, RevocationReasonCode, WrappingMethod,
};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::testkit::RecordBuilder;

pub(crate) fn fields(id: &str, more: impl IntoIterator<Item = Ttlv>) -> Value {
    let id = Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString(id.to_owned()));
    Value::Structure(std::iter::once(id).chain(more).collect())
}

pub(crate) fn only_id(id: &str) -> Value {
    fields(id, [])
}

pub(crate) fn only_private_id(id: &str) -> Value {
    Value::Structure(vec![Ttlv::new(Tag::PRIVATE_KEY_UNIQUE_IDENTIFIER, Value::TextString(id.to_owned()))])
}

pub(crate) fn remove(id: &str) -> Value {
    fields(id, [Ttlv::new(Tag::REMOVE, Value::Boolean(true))])
}

pub(crate) fn change_owner(id: &str) -> Value {
    fields(id, [Ttlv::new(Tag::USERNAME, Value::TextString("dave".to_owned()))])
}

pub(crate) fn with_data(id: &str) -> Value {
    fields(id, [Ttlv::new(Tag::DATA, Value::ByteString(vec![0; 32].into()))])
}

pub(crate) fn with_signature(id: &str) -> Value {
    let bytes = |tag| Ttlv::new(tag, Value::ByteString(vec![0; 32].into()));
    fields(id, [bytes(Tag::DATA), bytes(Tag::SIGNATURE_DATA)])
}

pub(crate) fn with_mac(id: &str) -> Value {
    let bytes = |tag| Ttlv::new(tag, Value::ByteString(vec![0; 32].into()));
    fields(id, [bytes(Tag::DATA), bytes(Tag::MAC_DATA)])
}

pub(crate) fn aes_256() -> Ttlv {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::AES);
    attributes.put::<kinds::CryptographicLength>(256);
    Ttlv::new(Tag::ATTRIBUTES, attributes.into_value())
}

pub(crate) fn derive(id: &str) -> Value {
    let request = DeriveKeyRequest {
        object_type: ObjectType::SYMMETRIC_KEY,
        unique_identifier: vec![id.into()],
        derivation_method: DerivationMethod::HASH,
        derivation_parameters: DerivationParameters {
            cryptographic_parameters: None,
            initialization_vector: None,
            derivation_data: Vec::new(),
            salt: None,
            iteration_count: None,
        },
        attributes: Attributes::new(),
    };
    request.into_value()
}

pub(crate) fn encapsulate(id: &str) -> Value {
    fields(id, [aes_256()])
}

pub(crate) fn decapsulate(id: &str) -> Value {
    fields(id, [Ttlv::new(Tag::DATA, Value::ByteString(vec![0; 32].into())), aes_256()])
}

pub(crate) fn revoke(id: &str, code: RevocationReasonCode) -> Value {
    let reason = RevocationReason { code, message: None };
    fields(id, [Ttlv::new(Tag::REVOCATION_REASON, reason.into_value())])
}

pub(crate) fn named_key(id: &str) -> Option<KeyInformation> {
    Some(KeyInformation { unique_identifier: id.into(), cryptographic_parameters: None })
}

pub(crate) fn get_wrapped_by(id: &str) -> Value {
    let wrapping = KeyWrappingSpecification {
        wrapping_method: WrappingMethod::ENCRYPT,
        encryption_key_information: named_key(id),
        mac_signature_key_information: None,
        attribute_name: Vec::new(),
        encoding_option: Some(EncodingOption::NO_ENCODING),
    };
    fields("wrapped", [Ttlv::new(Tag::KEY_WRAPPING_SPECIFICATION, wrapping.into_value())])
}

pub(crate) fn get_authenticated_by(id: &str) -> Value {
    let wrapping = KeyWrappingSpecification {
        wrapping_method: WrappingMethod::MAC_SIGN,
        encryption_key_information: None,
        mac_signature_key_information: named_key(id),
        attribute_name: Vec::new(),
        encoding_option: Some(EncodingOption::NO_ENCODING),
    };
    fields("wrapped", [Ttlv::new(Tag::KEY_WRAPPING_SPECIFICATION, wrapping.into_value())])
}

pub(crate) fn import_wrapped_by(id: &str) -> Value {
    import_unwrapping(KeyWrappingData {
        wrapping_method: WrappingMethod::ENCRYPT,
        encryption_key_information: named_key(id),
        mac_signature_key_information: None,
        mac_signature: None,
        iv_counter_nonce: None,
        encoding_option: None,
    })
}

pub(crate) fn import_authenticated_by(id: &str) -> Value {
    import_unwrapping(KeyWrappingData {
        wrapping_method: WrappingMethod::MAC_SIGN,
        encryption_key_information: None,
        mac_signature_key_information: named_key(id),
        mac_signature: Some(vec![0; 32].into()),
        iv_counter_nonce: None,
        encoding_option: None,
    })
}

pub(crate) fn import_unwrapping(data: KeyWrappingData) -> Value {
    let mut object = RecordBuilder::new("any").build().object;
    let block = object.key_block_mut().unwrap();
    block.key_value = Some(KeyValue::Wrapped(vec![0; 40].into()));
    block.key_wrapping_data = Some(data);
    let request = ImportRequest {
        unique_identifier: "".into(),
        object_type: ObjectType::SYMMETRIC_KEY,
        replace_existing: None,
        key_wrap_type: Some(KeyWrapType::NOT_WRAPPED),
        attributes: Attributes::new(),
        object,
    };
    request.into_value()
}

pub(crate) fn comment() -> Value {
    NewAttribute { tag: Tag::COMMENT, value: Value::TextString("new".to_owned()) }.into_value()
}

pub(crate) fn with_attribute(id: &str) -> Value {
    fields(id, [Ttlv::new(Tag::NEW_ATTRIBUTE, comment())])
}

pub(crate) fn delete_attribute(id: &str) -> Value {
    let reference = Value::Enumeration(Tag::COMMENT.0);
    fields(id, [Ttlv::new(Tag::ATTRIBUTE_REFERENCE, reference)])
}

pub(crate) fn adjust_attribute(id: &str) -> Value {
    fields(
        id,
        [
            Ttlv::new(Tag::ATTRIBUTE_REFERENCE, Value::Enumeration(Tag::PROTECTION_PERIOD.0)),
            Ttlv::new(Tag::ADJUSTMENT_TYPE, Value::Enumeration(1)),
        ],
    )
}

pub(crate) fn allocate(id: &str) -> Value {
    fields(id, [Ttlv::new(Tag::USAGE_LIMITS_COUNT, Value::LongInteger(5))])
}

pub(crate) fn split(id: &str) -> Value {
    fields(
        id,
        [
            Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(ObjectType::SPLIT_KEY.0)),
            Ttlv::new(Tag::SPLIT_KEY_PARTS, Value::Integer(2)),
            Ttlv::new(Tag::SPLIT_KEY_THRESHOLD, Value::Integer(2)),
            Ttlv::new(Tag::SPLIT_KEY_METHOD, Value::Enumeration(1)),
            Ttlv::new(Tag::ATTRIBUTES, Value::Structure(Vec::new())),
        ],
    )
}

pub(crate) fn join(id: &str) -> Value {
    fields(id, [Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(ObjectType::SYMMETRIC_KEY.0))])
}

pub(crate) fn import(id: &str) -> Value {
    let record = RecordBuilder::new(id).build();
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicUsageMask>(12);
    fields(
        id,
        [
            Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(ObjectType::SYMMETRIC_KEY.0)),
            Ttlv::new(Tag::REPLACE_EXISTING, Value::Boolean(true)),
            Ttlv::new(Tag::ATTRIBUTES, attributes.into_value()),
            record.object.into_item(),
        ],
    )
}

pub(crate) fn explain(id: &str) -> Value {
    let operation = Ttlv::new(Tag::OPERATION, Value::Enumeration(OperationCode::GET.0));
    fields(id, [operation, Ttlv::new(Tag::USERNAME, Value::TextString("dave".to_owned()))])
}

pub(crate) fn explain_oneself(id: &str) -> Value {
    fields(id, [Ttlv::new(Tag::OPERATION, Value::Enumeration(OperationCode::GET.0))])
}

pub(crate) fn grant(id: &str) -> Value {
    fields(
        id,
        [
            Ttlv::new(Tag::USERNAME, Value::TextString("dave".to_owned())),
            Ttlv::new(Tag::OPERATION, Value::Enumeration(OperationCode::ENCRYPT.0)),
        ],
    )
}
