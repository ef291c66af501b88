//! Objects for tests.

use claviger_plugin_sdk::kmip::objects::{Key, KeyBlock, KeyValue, ManagedObject, PlainKeyValue, SecretData};
use claviger_plugin_sdk::kmip::tables::enumerations::SecretDataType;
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
