//! Pairs of OpenSSL's for the conformance suites.

use std::cell::Cell;

use claviger_plugin_sdk::kmip::Value;
use claviger_plugin_sdk::kmip::objects::{KeyBlock, KeyValue, PlainKeyValue};
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, KeyFormatType};
use claviger_plugin_sdk::scheme::KeyPair;
use openssl::pkey::{PKey, Private};

thread_local! {
    static TURN: Cell<usize> = const { Cell::new(0) };
}

/// The next of these pairs, PKCS #8 and SubjectPublicKeyInfo: each test sees them in turn.
pub(crate) fn next_pair(algorithm: CryptographicAlgorithm, keys: &[PKey<Private>]) -> KeyPair {
    let key = &keys[TURN.replace(TURN.get() + 1) % keys.len()];
    let block = |format, der: Vec<u8>| KeyBlock {
        key_format_type: format,
        key_compression_type: None,
        key_value: Some(KeyValue::Plain(PlainKeyValue {
            key_material: Value::ByteString(der.into()),
            attributes: None,
        })),
        cryptographic_algorithm: Some(algorithm),
        cryptographic_length: Some(key.bits() as i32),
        key_wrapping_data: None,
    };
    KeyPair::new(
        block(KeyFormatType::PKCS_8, key.private_key_to_pkcs8().unwrap()),
        block(KeyFormatType::X_509, key.public_key_to_der().unwrap()),
    )
}
