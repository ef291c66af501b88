//! Keys that leave and enter the server wrapped. Expected values: RFC 3394 section 4.

use claviger_plugin_sdk::kmip::attributes::{Link, UsageLimits, kinds};
use claviger_plugin_sdk::kmip::objects::{
    CryptographicParameters, KeyInformation, KeyValue, KeyWrappingData, KeyWrappingSpecification,
    ManagedObject, PlainKeyValue,
};
use claviger_plugin_sdk::kmip::payloads::{
    EncryptRequest, EncryptResponse, GetRequest, ImportRequest, ImportResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    BlockCipherMode, EncodingOption, KeyWrapType, LinkType, UsageLimitsUnit, WrappingMethod,
};
use claviger_plugin_sdk::prelude::*;

use crate::keys::{EVERY_USE, aes, bytes, plainly, raw};
use crate::server::{START, Server};

/// RFC 3394 section 4.6: wrap 256 bits of key data with a 256-bit KEK.
const KEK: &str = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F";
const KEY: &str = "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F";
const WRAPPED: &str = "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21";

fn by(kek: &str) -> KeyInformation {
    KeyInformation {
        unique_identifier: kek.into(),
        cryptographic_parameters: Some(CryptographicParameters {
            block_cipher_mode: Some(BlockCipherMode::NIST_KEY_WRAP),
            ..CryptographicParameters::NONE
        }),
    }
}

pub(crate) fn specification(kek: &str, encoding_option: Option<EncodingOption>) -> KeyWrappingSpecification {
    KeyWrappingSpecification {
        wrapping_method: WrappingMethod::ENCRYPT,
        encryption_key_information: Some(by(kek)),
        mac_signature_key_information: None,
        attribute_name: Vec::new(),
        encoding_option,
    }
}

fn wrapped(kek: &str, bytes: &[u8]) -> ManagedObject {
    let mut object = raw(&[0; 32]);
    let block = object.key_block_mut().unwrap();
    block.key_value = Some(KeyValue::Wrapped(bytes.into()));
    block.key_wrapping_data = Some(KeyWrappingData {
        wrapping_method: WrappingMethod::ENCRYPT,
        encryption_key_information: Some(by(kek)),
        mac_signature_key_information: None,
        mac_signature: None,
        iv_counter_nonce: None,
        encoding_option: Some(EncodingOption::NO_ENCODING),
    });
    object
}

impl Server {
    async fn kek(&self) -> String {
        let kek = self.register(raw(&hex::decode(KEK).unwrap()), aes(EVERY_USE)).await.unwrap();
        self.activate(&kek).await;
        kek
    }

    pub(crate) async fn get_wrapped(
        &self,
        id: &str,
        specification: KeyWrappingSpecification,
    ) -> Result<ManagedObject> {
        self.get_as(GetRequest {
            unique_identifier: Some(id.into()),
            key_wrapping_specification: Some(specification),
            ..plainly()
        })
        .await
    }

    async fn import(&self, id: &str, object: ManagedObject, key_wrap_type: KeyWrapType) -> Result<String> {
        let request = ImportRequest {
            unique_identifier: id.into(),
            object_type: ObjectType::SYMMETRIC_KEY,
            replace_existing: None,
            key_wrap_type: Some(key_wrap_type),
            attributes: aes(EVERY_USE),
            object,
        };
        let answer: ImportResponse = self.run(OperationCode::IMPORT, request).await?;
        Ok(answer.unique_identifier)
    }
}

#[tokio::test]
async fn a_key_leaves_wrapped_as_the_rfc_says_though_it_is_sensitive() {
    let server = Server::new();
    let kek = server.kek().await;
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::Sensitive>(true);
    let id = server.register(raw(&hex::decode(KEY).unwrap()), attributes).await.unwrap();
    let object =
        server.get_wrapped(&id, specification(&kek, Some(EncodingOption::NO_ENCODING))).await.unwrap();
    assert_eq!(hex::encode_upper(bytes(&object)), WRAPPED);
    let data = object.key_block().unwrap().key_wrapping_data.clone().unwrap();
    assert_eq!(data.encryption_key_information, Some(by(&kek)));
}

#[tokio::test]
async fn a_key_is_imported_wrapped_or_unwrapped() {
    let server = Server::new();
    let kek = server.kek().await;
    let object = || wrapped(&kek, &hex::decode(WRAPPED).unwrap());
    server.import("kept", object(), KeyWrapType::AS_REGISTERED).await.unwrap();
    assert_eq!(server.get("kept").await.unwrap(), object());
    let link = server.attributes("kept").await.one::<kinds::Link>().unwrap();
    assert_eq!(link.link_type, LinkType::WRAPPING_KEY_LINK);
    server.import("opened", object(), KeyWrapType::NOT_WRAPPED).await.unwrap();
    assert_eq!(hex::encode_upper(bytes(&server.get("opened").await.unwrap())), KEY);
    let request = GetRequest {
        unique_identifier: Some("kept".into()),
        key_wrap_type: Some(KeyWrapType::NOT_WRAPPED),
        ..plainly()
    };
    assert_eq!(server.get_as(request).await.unwrap(), server.get("opened").await.unwrap());
}

/// KMIP 2.1 section 11.25: only its owner knows the encoding of an opaque key.
#[tokio::test]
async fn a_key_of_unknown_encoding_is_not_used_whether_it_is_stored_plain_or_wrapped() {
    let server = Server::new();
    let kek = server.kek().await;
    let mut opaque = wrapped(&kek, &hex::decode(WRAPPED).unwrap());
    opaque.key_block_mut().unwrap().key_format_type = KeyFormatType::OPAQUE;
    for (id, key_wrap_type) in [("kept", KeyWrapType::AS_REGISTERED), ("opened", KeyWrapType::NOT_WRAPPED)] {
        server.import(id, opaque.clone(), key_wrap_type).await.unwrap();
        server.activate(id).await;
        let encrypt = EncryptRequest {
            unique_identifier: Some(id.into()),
            cryptographic_parameters: None,
            data: Some(vec![0; 16].into()),
            iv_counter_nonce: None,
            correlation_value: None,
            init_indicator: None,
            final_indicator: None,
            authenticated_encryption_additional_data: None,
        };
        let refused: Result<EncryptResponse> = server.run(OperationCode::ENCRYPT, encrypt).await;
        assert_eq!(refused.unwrap_err().reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED, "{id}");
    }
}

#[tokio::test]
async fn wrapped_bytes_may_stand_in_a_structure_and_come_back_so() {
    let server = Server::new();
    let kek = server.kek().await;
    let mut object = wrapped(&kek, &[]);
    object.key_block_mut().unwrap().key_value = Some(KeyValue::Plain(PlainKeyValue {
        key_material: Value::ByteString(hex::decode(WRAPPED).unwrap().into()),
        attributes: None,
    }));
    let id = server.register(object.clone(), aes(EVERY_USE)).await.unwrap();
    assert_eq!(server.get(&id).await.unwrap(), object);
    server.import("opened", object, KeyWrapType::NOT_WRAPPED).await.unwrap();
    assert_eq!(hex::encode_upper(bytes(&server.get("opened").await.unwrap())), KEY);
}

#[tokio::test]
async fn ttlv_encoding_carries_the_key_value_and_comes_back() {
    let server = Server::new();
    let kek = server.kek().await;
    let id = server.register(raw(&hex::decode(KEY).unwrap()), aes(EVERY_USE)).await.unwrap();
    let mut wanted = specification(&kek, None);
    wanted.attribute_name = vec!["Cryptographic Usage Mask".into()];
    let object = server.get_wrapped(&id, wanted).await.unwrap();
    // Header, Key Material of 32 bytes, Attributes with the mask; and the integrity check of 8 bytes.
    assert_eq!(bytes(&object).len(), 8 + (8 + 32) + (8 + 16) + 8);
    server.import("back", object, KeyWrapType::NOT_WRAPPED).await.unwrap();
    assert_eq!(hex::encode_upper(bytes(&server.get("back").await.unwrap())), KEY);
}

#[tokio::test]
async fn a_wrapping_key_must_be_there_active_and_allowed_to_wrap() {
    let server = Server::new();
    let id = server.active().await;
    let spec = |kek: &str| specification(kek, Some(EncodingOption::NO_ENCODING));
    let absent = server.get_wrapped(&id, spec("nobody")).await.unwrap_err();
    assert_eq!(absent.class(), ErrorClass::NotFound);
    let sleeping = server.create(aes(EVERY_USE)).await;
    let refused = server.get_wrapped(&id, spec(&sleeping)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
    let encrypts = server.create(aes(0xC)).await;
    server.activate(&encrypts).await;
    let refused = server.get_wrapped(&id, spec(&encrypts)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK);
}

#[tokio::test]
async fn a_key_that_is_created_wrapped_has_a_digest_and_can_be_used() {
    let server = Server::new();
    let kek = server.create(aes(EVERY_USE)).await;
    server.activate(&kek).await;
    let mut attributes = aes(EVERY_USE);
    attributes.push::<kinds::Link>(Link {
        link_type: LinkType::WRAPPING_KEY_LINK,
        linked_object_identifier: kek.as_str().into(),
    });
    let id = server.create(attributes).await;
    assert!(server.get(&id).await.unwrap().key_block().unwrap().key_wrapping_data.is_some());
    assert!(server.attributes(&id).await.contains(Tag::DIGEST));
    let request = GetRequest {
        unique_identifier: Some(id.as_str().into()),
        key_wrap_type: Some(KeyWrapType::NOT_WRAPPED),
        ..plainly()
    };
    assert_eq!(bytes(&server.get_as(request).await.unwrap()).len(), 32);
}

#[tokio::test]
async fn bytes_that_the_key_did_not_wrap_are_refused() {
    let server = Server::new();
    let kek = server.kek().await;
    let mut bytes = hex::decode(WRAPPED).unwrap();
    bytes[0] ^= 1;
    let refused = server.import("bad", wrapped(&kek, &bytes), KeyWrapType::NOT_WRAPPED).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE);
}

#[tokio::test]
async fn a_wrapping_key_with_parameters_is_used_with_those_only() {
    let server = Server::new();
    let mut attributes = aes(EVERY_USE);
    attributes.push::<kinds::CryptographicParameters>(CryptographicParameters {
        block_cipher_mode: Some(BlockCipherMode::AES_KEY_WRAP_PADDING),
        ..CryptographicParameters::NONE
    });
    let kek = server.create(attributes).await;
    server.activate(&kek).await;
    let id = server.active().await;
    let refused =
        server.get_wrapped(&id, specification(&kek, Some(EncodingOption::NO_ENCODING))).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
}

#[tokio::test]
async fn the_bytes_that_are_wrapped_are_taken_from_a_wrapping_key_that_is_limited_in_bytes() {
    let server = Server::new();
    let mut limited = aes(EVERY_USE);
    limited.put::<kinds::ActivationDate>(DateTime(START));
    let unit = UsageLimitsUnit::BYTE;
    limited.put::<kinds::UsageLimits>(UsageLimits { total: 70, count: None, unit });
    let kek = server.register(raw(&[1; 32]), limited).await.unwrap();
    let id = server.register(raw(&[2; 32]), aes(EVERY_USE)).await.unwrap();
    let bare = || specification(&kek, Some(EncodingOption::NO_ENCODING));
    for left in [38, 6] {
        server.get_wrapped(&id, bare()).await.unwrap();
        assert_eq!(server.left(&kek).await, left);
    }
    let refused = server.get_wrapped(&id, bare()).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::USAGE_LIMIT_EXCEEDED);
    // A new key that is to be kept wrapped.
    let mut wrapped = aes(EVERY_USE);
    let link_type = LinkType::WRAPPING_KEY_LINK;
    wrapped.push::<kinds::Link>(Link { link_type, linked_object_identifier: kek.as_str().into() });
    let refused = server.try_create(wrapped).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::USAGE_LIMIT_EXCEEDED);
    assert_eq!(server.left(&kek).await, 6);
}
