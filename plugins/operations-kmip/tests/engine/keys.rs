//! What most scenarios start with.

use claviger_plugin_sdk::kmip::attributes::{AttributeReference, Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{Key, KeyBlock, KeyValue, ManagedObject, PlainKeyValue};
use claviger_plugin_sdk::kmip::payloads::{
    ActivateRequest, ActivateResponse, CreateRequest, CreateResponse, GetAttributesRequest,
    GetAttributesResponse, GetRequest, GetResponse, RegisterRequest, RegisterResponse,
};
use claviger_plugin_sdk::prelude::*;

use crate::server::Server;

/// Encrypt, Decrypt, Wrap Key, Unwrap Key.
pub(crate) const EVERY_USE: i32 = 0x3C;

/// Attributes of an AES-256 key with these uses.
pub(crate) fn aes(usage: i32) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::AES);
    attributes.put::<kinds::CryptographicLength>(256);
    attributes.put::<kinds::CryptographicUsageMask>(usage);
    attributes
}

/// A raw AES key.
pub(crate) fn raw(bytes: &[u8]) -> ManagedObject {
    ManagedObject::SymmetricKey(Key {
        key_block: KeyBlock {
            key_format_type: KeyFormatType::RAW,
            key_compression_type: None,
            key_value: Some(KeyValue::Plain(PlainKeyValue {
                key_material: Value::ByteString(bytes.into()),
                attributes: None,
            })),
            cryptographic_algorithm: Some(CryptographicAlgorithm::AES),
            cryptographic_length: i32::try_from(bytes.len() * 8).ok(),
            key_wrapping_data: None,
        },
    })
}

impl Server {
    /// Creates a key of alice's.
    pub(crate) async fn create(&self, attributes: Attributes) -> String {
        self.try_create(attributes).await.unwrap()
    }

    pub(crate) async fn try_create(&self, attributes: Attributes) -> Result<String> {
        let request = CreateRequest {
            object_type: ObjectType::SYMMETRIC_KEY,
            attributes,
            protection_storage_masks: None,
        };
        let created: CreateResponse = self.run(OperationCode::CREATE, request).await?;
        Ok(created.unique_identifier)
    }

    /// Creates an Active key of alice's with every use.
    pub(crate) async fn active(&self) -> String {
        let id = self.create(aes(EVERY_USE)).await;
        self.activate(&id).await;
        id
    }

    pub(crate) async fn activate(&self, id: &str) {
        let request = ActivateRequest { unique_identifier: Some(id.into()) };
        let _: ActivateResponse = self.run(OperationCode::ACTIVATE, request).await.unwrap();
    }

    /// Registers a key of alice's.
    pub(crate) async fn register(&self, object: ManagedObject, attributes: Attributes) -> Result<String> {
        let object_type = object.object_type();
        let request = RegisterRequest { object_type, attributes, object, protection_storage_masks: None };
        let registered: RegisterResponse = self.run(OperationCode::REGISTER, request).await?;
        Ok(registered.unique_identifier)
    }

    pub(crate) async fn attributes(&self, id: &str) -> Attributes {
        self.attributes_of(id, Vec::new()).await
    }

    pub(crate) async fn attributes_of(&self, id: &str, references: Vec<AttributeReference>) -> Attributes {
        let request =
            GetAttributesRequest { unique_identifier: Some(id.into()), attribute_reference: references };
        let answer: GetAttributesResponse = self.run(OperationCode::GET_ATTRIBUTES, request).await.unwrap();
        answer.attributes
    }

    pub(crate) async fn state(&self, id: &str) -> State {
        self.attributes(id).await.one::<kinds::State>().unwrap()
    }

    /// Gets an object of alice's as it is stored.
    pub(crate) async fn get(&self, id: &str) -> Result<ManagedObject> {
        self.get_as(GetRequest { unique_identifier: Some(id.into()), ..plainly() }).await
    }

    pub(crate) async fn get_as(&self, request: GetRequest) -> Result<ManagedObject> {
        let answer: GetResponse = self.run(OperationCode::GET, request).await?;
        Ok(answer.object)
    }
}

/// A Get that asks for nothing in particular.
pub(crate) fn plainly() -> GetRequest {
    GetRequest {
        unique_identifier: None,
        key_format_type: None,
        key_wrap_type: None,
        key_compression_type: None,
        key_wrapping_specification: None,
    }
}

/// The bytes of a raw or wrapped key value.
pub(crate) fn bytes(object: &ManagedObject) -> Vec<u8> {
    match object.key_block().unwrap().key_value.as_ref().unwrap() {
        KeyValue::Wrapped(bytes) => bytes.to_vec(),
        KeyValue::Plain(PlainKeyValue { key_material: Value::ByteString(bytes), .. }) => bytes.to_vec(),
        KeyValue::Plain(other) => panic!("not bytes: {other:?}"),
    }
}
