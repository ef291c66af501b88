//! One object of each type, for what must hold whatever the type.

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{
    KeyBlock, KeyValue, ManagedObject, OpaqueObject, PgpKey, PlainKeyValue, SecretData, SplitKey,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{OpaqueDataType, SecretDataType};
use claviger_plugin_sdk::prelude::*;

use crate::keys::{EVERY_USE, raw};
use crate::pki::{Party, certificate};
use crate::server::Server;
use crate::toy_pair::{private, public};
use crate::toy_split::TOY_SPLIT;

/// A password.
pub(crate) fn password(bytes: &[u8]) -> ManagedObject {
    ManagedObject::SecretData(SecretData {
        secret_data_type: SecretDataType::PASSWORD,
        key_block: KeyBlock {
            key_format_type: KeyFormatType::RAW,
            key_compression_type: None,
            key_value: Some(KeyValue::Plain(PlainKeyValue {
                key_material: Value::ByteString(bytes.into()),
                attributes: None,
            })),
            cryptographic_algorithm: None,
            cryptographic_length: None,
            key_wrapping_data: None,
        },
    })
}

/// One of three parts of an AES key, two of which restore it.
pub(crate) fn share(place: i32) -> ManagedObject {
    ManagedObject::SplitKey(SplitKey {
        split_key_parts: 3,
        key_part_identifier: place,
        split_key_threshold: 2,
        split_key_method: TOY_SPLIT,
        prime_field_size: None,
        key_block: KeyBlock {
            key_format_type: KeyFormatType::RAW,
            key_compression_type: None,
            key_value: Some(KeyValue::Plain(PlainKeyValue {
                key_material: Value::ByteString([&place.to_be_bytes()[..], &[5; 16]].concat().into()),
                attributes: None,
            })),
            cryptographic_algorithm: Some(CryptographicAlgorithm::AES),
            cryptographic_length: Some(128),
            key_wrapping_data: None,
        },
    })
}

/// Bytes of a kind that is the client's own.
pub(crate) fn opaque(bytes: &[u8]) -> ManagedObject {
    ManagedObject::OpaqueObject(OpaqueObject {
        opaque_data_type: OpaqueDataType(0x8000_0001),
        opaque_data_value: bytes.into(),
    })
}

/// A PGP key.
pub(crate) fn pgp_key(text: &[u8]) -> ManagedObject {
    let key_block = password(text).key_block().unwrap().clone();
    ManagedObject::PgpKey(PgpKey { pgp_key_version: 4, key_block })
}

impl Server {
    /// Registers one of each for alice, Active, with every use where the type has uses.
    pub(crate) async fn one_of_each(&self) -> Vec<(ObjectType, String)> {
        let mut ids = Vec::new();
        let objects = [
            raw(&[1; 32]),
            private(KeyFormatType::PKCS_8, [1; 16]),
            public(KeyFormatType::X_509, [1; 16]),
            share(1),
            password(b"secret"),
            opaque(b"opaque"),
            pgp_key(b"-----BEGIN PGP PUBLIC KEY BLOCK-----"),
            certificate(&Party::authority("anyone", None).der()),
        ];
        for object in objects {
            let object_type = object.object_type();
            let mut attributes = Attributes::new();
            attributes.put::<kinds::ActivationDate>(DateTime(1));
            if object_type != ObjectType::OPAQUE_OBJECT {
                attributes.put::<kinds::CryptographicUsageMask>(EVERY_USE);
            }
            ids.push((object_type, self.register(object, attributes).await.unwrap()));
        }
        ids
    }
}
