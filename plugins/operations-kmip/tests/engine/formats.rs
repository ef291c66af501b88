//! Formats of Get and Export, and what keeps a key inside.

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{KeyValue, ManagedObject, OpaqueObject};
use claviger_plugin_sdk::kmip::payloads::{ExportRequest, ExportResponse, GetRequest};
use claviger_plugin_sdk::kmip::tables::enumerations::OpaqueDataType;
use claviger_plugin_sdk::prelude::*;

use crate::cipher::plaintext;
use crate::keys::{EVERY_USE, aes, plainly, raw};
use crate::server::Server;

#[tokio::test]
async fn a_key_is_handed_out_in_the_format_that_is_asked_for() {
    let server = Server::new();
    let id = server.register(raw(&[7; 32]), aes(EVERY_USE)).await.unwrap();
    let request = |format| GetRequest {
        unique_identifier: Some(id.as_str().into()),
        key_format_type: Some(format),
        ..plainly()
    };
    assert_eq!(server.get_as(request(KeyFormatType::RAW)).await.unwrap(), raw(&[7; 32]));
    let transparent = server.get_as(request(KeyFormatType::TRANSPARENT_SYMMETRIC_KEY)).await.unwrap();
    let block = transparent.key_block().unwrap();
    assert_eq!(block.key_format_type, KeyFormatType::TRANSPARENT_SYMMETRIC_KEY);
    let Some(KeyValue::Plain(plain)) = &block.key_value else { panic!("plain") };
    let key = Ttlv::new(Tag::KEY, Value::ByteString(vec![7; 32].into()));
    assert_eq!(plain.key_material, Value::Structure(vec![key]));
    let refused = server.get_as(request(KeyFormatType::PKCS_8)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
}

#[tokio::test]
async fn a_key_is_created_in_the_format_that_is_asked_for() {
    let server = Server::new();
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::KeyFormatType>(KeyFormatType::TRANSPARENT_SYMMETRIC_KEY);
    let id = server.create(attributes).await;
    let block = server.get(&id).await.unwrap().key_block().unwrap().clone();
    assert_eq!(block.key_format_type, KeyFormatType::TRANSPARENT_SYMMETRIC_KEY);
    let formats: Vec<_> = server
        .attributes(&id)
        .await
        .all::<kinds::Digest>()
        .filter_map(|digest| digest.key_format_type)
        .collect();
    assert_eq!(formats, [KeyFormatType::RAW, KeyFormatType::TRANSPARENT_SYMMETRIC_KEY]);
}

#[tokio::test]
async fn a_sensitive_key_does_not_leave_in_plain_and_one_that_is_not_extractable_not_at_all() {
    let server = Server::new();
    let mut sensitive = aes(EVERY_USE);
    sensitive.put::<kinds::Sensitive>(true);
    let id = server.create(sensitive).await;
    assert_eq!(server.get(&id).await.unwrap_err().reason(), ResultReason::SENSITIVE);
    let mut inside = aes(EVERY_USE);
    inside.put::<kinds::Extractable>(false);
    let id = server.create(inside).await;
    assert_eq!(server.get(&id).await.unwrap_err().reason(), ResultReason::NOT_EXTRACTABLE);
}

#[tokio::test]
async fn get_makes_an_object_no_longer_fresh() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    server.get(&id).await.unwrap();
    assert_eq!(server.attributes(&id).await.one::<kinds::Fresh>(), Some(false));
    server.get(&id).await.unwrap();
}

#[tokio::test]
async fn export_tells_all_attributes_and_of_a_destroyed_key_no_value() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    server.destroy(&id).await.unwrap();
    let request = ExportRequest {
        unique_identifier: Some(id.as_str().into()),
        key_format_type: None,
        key_wrap_type: None,
        key_compression_type: None,
        key_wrapping_specification: None,
    };
    let exported: ExportResponse = server.run(OperationCode::EXPORT, request).await.unwrap();
    assert_eq!(exported.attributes.one::<kinds::State>(), Some(State::DESTROYED));
    assert_eq!(exported.object.key_block().unwrap().key_value, None);
}

#[tokio::test]
async fn a_key_whose_value_is_elsewhere_is_managed_all_the_same() {
    let server = Server::new();
    let mut object = raw(&[7; 32]);
    object.key_block_mut().unwrap().key_value = None;
    let id = server.register(object.clone(), aes(EVERY_USE)).await.unwrap();
    assert_eq!(server.get(&id).await.unwrap(), object);
    assert_eq!(server.attributes(&id).await.one::<kinds::KeyValuePresent>(), Some(false));
}

#[tokio::test]
async fn an_opaque_object_comes_back_as_it_was() {
    let server = Server::new();
    let object = ManagedObject::OpaqueObject(OpaqueObject {
        opaque_data_type: OpaqueDataType(0x8000_0001),
        opaque_data_value: vec![1, 2, 3].into(),
    });
    let id = server.register(object.clone(), Attributes::new()).await.unwrap();
    assert_eq!(server.get(&id).await.unwrap(), object);
    let digest = server.attributes(&id).await.one::<kinds::Digest>().unwrap();
    // printf '\x01\x02\x03' | sha256sum
    let expected = "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81";
    assert_eq!(hex::encode(&*digest.digest_value.unwrap()), expected);
}

#[tokio::test]
async fn an_object_of_another_type_than_stated_is_refused() {
    let server = Server::new();
    let request = claviger_plugin_sdk::kmip::payloads::RegisterRequest {
        object_type: ObjectType::SECRET_DATA,
        attributes: Attributes::new(),
        object: raw(&[7; 32]),
        protection_storage_masks: None,
    };
    let refused: Result<claviger_plugin_sdk::kmip::payloads::RegisterResponse> =
        server.run(OperationCode::REGISTER, request).await;
    assert_eq!(refused.unwrap_err().reason(), ResultReason::INVALID_OBJECT_TYPE);
}

#[tokio::test]
async fn an_opaque_key_comes_back_as_it_was_and_is_not_used() {
    let server = Server::new();
    let mut object = raw(&[7; 40]);
    let block = object.key_block_mut().unwrap();
    block.key_format_type = KeyFormatType::OPAQUE;
    block.cryptographic_length = Some(256);
    let id = server.register(object.clone(), aes(EVERY_USE)).await.unwrap();
    assert_eq!(server.get(&id).await.unwrap(), object);
    let request = |format| GetRequest {
        unique_identifier: Some(id.as_str().into()),
        key_format_type: Some(format),
        ..plainly()
    };
    assert_eq!(server.get_as(request(KeyFormatType::OPAQUE)).await.unwrap(), object);
    let not_raw = server.get_as(request(KeyFormatType::RAW)).await.unwrap_err();
    assert_eq!(not_raw.reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
    server.activate(&id).await;
    let not_used = server.encrypt(plaintext(&id, &[0; 16])).await.unwrap_err();
    assert_eq!(not_used.reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
}
