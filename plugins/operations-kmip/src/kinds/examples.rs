//! Objects for tests.

use claviger_plugin_sdk::kmip::objects::{
    Key, KeyBlock, KeyInformation, KeyValue, KeyWrappingData, ManagedObject, PlainKeyValue, SecretData,
    SplitKey,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{SecretDataType, SplitKeyMethod, WrappingMethod};
use claviger_plugin_sdk::prelude::*;

/// A raw AES key.
pub(crate) fn symmetric(bytes: &[u8]) -> ManagedObject {
    key(KeyFormatType::RAW, Value::ByteString(bytes.into()), bytes.len())
}

/// The same key as a Transparent Symmetric Key.
pub(crate) fn transparent(bytes: &[u8]) -> ManagedObject {
    let material = Value::Structure(vec![Ttlv::new(Tag::KEY, Value::ByteString(bytes.into()))]);
    key(KeyFormatType::TRANSPARENT_SYMMETRIC_KEY, material, bytes.len())
}

/// Bytes that a key called `kek` wrapped.
pub(crate) fn wrapped() -> ManagedObject {
    let mut object = symmetric(&[0; 24]);
    if let Some(block) = object.key_block_mut() {
        block.key_value = Some(KeyValue::Wrapped(vec![0; 24].into()));
        block.key_wrapping_data = Some(KeyWrappingData {
            wrapping_method: WrappingMethod::ENCRYPT,
            encryption_key_information: Some(KeyInformation {
                unique_identifier: "kek".into(),
                cryptographic_parameters: None,
            }),
            mac_signature_key_information: None,
            mac_signature: None,
            iv_counter_nonce: None,
            encoding_option: None,
        });
    }
    object
}

/// One of five parts of an AES key, three of which restore it.
pub(crate) fn share(identifier: u32, bytes: &[u8]) -> ManagedObject {
    let mut block = block(KeyFormatType::RAW, Value::ByteString(bytes.into()));
    block.cryptographic_algorithm = Some(CryptographicAlgorithm::AES);
    block.cryptographic_length = i32::try_from(bytes.len() * 8).ok();
    ManagedObject::SplitKey(SplitKey {
        split_key_parts: 5,
        key_part_identifier: identifier.cast_signed(),
        split_key_threshold: 3,
        split_key_method: SplitKeyMethod::POLYNOMIAL_SHARING_GF_2_8,
        prime_field_size: None,
        key_block: block,
    })
}

/// A password.
pub(crate) fn password(bytes: &[u8]) -> ManagedObject {
    ManagedObject::SecretData(SecretData {
        secret_data_type: SecretDataType::PASSWORD,
        key_block: block(KeyFormatType::RAW, Value::ByteString(bytes.into())),
    })
}

fn key(format: KeyFormatType, material: Value, bytes: usize) -> ManagedObject {
    let mut block = block(format, material);
    block.cryptographic_algorithm = Some(CryptographicAlgorithm::AES);
    block.cryptographic_length = i32::try_from(bytes * 8).ok();
    ManagedObject::SymmetricKey(Key { key_block: block })
}

fn block(format: KeyFormatType, material: Value) -> KeyBlock {
    KeyBlock {
        key_format_type: format,
        key_compression_type: None,
        key_value: Some(KeyValue::Plain(PlainKeyValue { key_material: material, attributes: None })),
        cryptographic_algorithm: None,
        cryptographic_length: None,
        key_wrapping_data: None,
    }
}
