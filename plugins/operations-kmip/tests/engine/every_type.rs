//! One object of each type, for what must hold whatever the type.

use claviger_plugin_sdk::kmip::attributes::{AttributeTable, Attributes, Presence, kinds};
use claviger_plugin_sdk::kmip::objects::{
    KeyBlock, KeyValue, ManagedObject, OpaqueObject, PgpKey, PlainKeyValue, SecretData, SplitKey,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    CertificateRequestType, OpaqueDataType, SecretDataType,
};
use claviger_plugin_sdk::prelude::*;

use crate::certificates::{request as certificate_request, request_object};
use crate::keys::{EVERY_USE, raw};
use crate::pki::{Party, certificate, ec_key};
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

#[tokio::test]
async fn an_object_has_what_objects_of_its_type_always_have() {
    let server = Server::new();
    let mut objects = server.one_of_each().await;
    let request = certificate_request(&ec_key(), "anyone").to_der().unwrap();
    let request = request_object(CertificateRequestType::PKCS_10, &request);
    let id = server.register(request, Attributes::new()).await.unwrap();
    objects.push((ObjectType::CERTIFICATE_REQUEST, id));
    objects.push((ObjectType::SYMMETRIC_KEY, server.active().await));
    // KMIP 2.1 section 4.26, table 81, for the types that have no other; the keys are registered in these formats.
    let format = |object_type| match object_type {
        ObjectType::CERTIFICATE => KeyFormatType::X_509,
        ObjectType::CERTIFICATE_REQUEST => KeyFormatType::PKCS_10,
        ObjectType::OPAQUE_OBJECT => KeyFormatType::OPAQUE,
        ObjectType::PRIVATE_KEY => KeyFormatType::PKCS_8,
        ObjectType::PUBLIC_KEY => KeyFormatType::X_509,
        _ => KeyFormatType::RAW,
    };
    for (object_type, id) in objects {
        let attributes = server.attributes(&id).await;
        let always = AttributeTable::standard()
            .iter()
            .filter(|rule| rule.presence == Presence::Always && rule.objects.contains(object_type));
        for rule in always {
            assert!(attributes.contains(rule.tag), "a {object_type:?} lacks its {}", rule.name);
        }
        assert_eq!(attributes.one::<kinds::KeyFormatType>(), Some(format(object_type)), "{object_type:?}");
        // Sections 4.13, 4.15 and 4.21 make exceptions. What a PGP key holds the server does not look into.
        let opaque = [ObjectType::OPAQUE_OBJECT, ObjectType::PGP_KEY].contains(&object_type);
        let has = |tag| attributes.contains(tag);
        assert!(has(Tag::CRYPTOGRAPHIC_ALGORITHM) || opaque || object_type == ObjectType::SECRET_DATA);
        assert!(has(Tag::CRYPTOGRAPHIC_LENGTH) || opaque, "{object_type:?}");
        assert!(has(Tag::DIGEST), "{object_type:?}");
    }
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
