//! Create Split Key and Join Split Key (KMIP 2.1 sections 2.8, 6.1.10 and 6.1.27).

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::ManagedObject;
use claviger_plugin_sdk::kmip::payloads::{
    CreateSplitKeyRequest, CreateSplitKeyResponse, JoinSplitKeyRequest, JoinSplitKeyResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{SecretDataType, SplitKeyMethod};
use claviger_plugin_sdk::prelude::*;

use crate::every_type::{opaque, password, share};
use crate::keys::{EVERY_USE, aes, bytes, raw};
use crate::server::Server;
use crate::toy_pair::{private, toy};
use crate::toy_split::TOY_SPLIT;

fn three_of_five(unique_identifier: Option<&str>) -> CreateSplitKeyRequest {
    CreateSplitKeyRequest {
        object_type: ObjectType::SPLIT_KEY,
        unique_identifier: unique_identifier.map(Into::into),
        split_key_parts: 5,
        split_key_threshold: 3,
        split_key_method: TOY_SPLIT,
        prime_field_size: None,
        attributes: Attributes::new(),
        protection_storage_masks: None,
    }
}

fn into_key(object_type: ObjectType, parts: &[&String]) -> JoinSplitKeyRequest {
    JoinSplitKeyRequest {
        object_type,
        unique_identifier: parts.iter().map(|id| id.as_str().into()).collect(),
        secret_data_type: None,
        attributes: None,
        protection_storage_masks: None,
    }
}

impl Server {
    async fn split(&self, request: CreateSplitKeyRequest) -> Result<Vec<String>> {
        let answer: CreateSplitKeyResponse = self.run(OperationCode::CREATE_SPLIT_KEY, request).await?;
        Ok(answer.unique_identifier)
    }

    async fn join(&self, request: JoinSplitKeyRequest) -> Result<String> {
        let answer: JoinSplitKeyResponse = self.run(OperationCode::JOIN_SPLIT_KEY, request).await?;
        Ok(answer.unique_identifier)
    }
}

fn reason<T: std::fmt::Debug>(result: Result<T>) -> ResultReason {
    result.unwrap_err().reason()
}

#[tokio::test]
async fn parts_of_a_key_of_each_type_restore_it() {
    let server = Server::new();
    let keys = [
        (raw(&[9; 16]), aes(EVERY_USE)),
        (private(KeyFormatType::PKCS_8, [3; 16]), toy(CryptographicUsageMask::SIGN)),
        (password(b"secret"), Attributes::new()),
    ];
    for (object, mut attributes) in keys {
        let object_type = object.object_type();
        attributes.remove(Tag::CRYPTOGRAPHIC_LENGTH);
        let id = server.register(object.clone(), attributes).await.unwrap();
        let parts = server.split(three_of_five(Some(&id))).await.unwrap();
        assert_eq!(parts.len(), 5, "{object_type:?}");
        let request = into_key(object_type, &[&parts[0], &parts[4], &parts[2]]);
        let joined = server.join(request).await.unwrap();
        let (before, after) = (server.get(&id).await.unwrap(), server.get(&joined).await.unwrap());
        assert_eq!((after.object_type(), bytes(&after)), (object_type, bytes(&before)));
        assert_eq!(
            server.attributes(&joined).await.one::<kinds::CryptographicAlgorithm>(),
            server.attributes(&id).await.one::<kinds::CryptographicAlgorithm>()
        );
    }
}

#[tokio::test]
async fn each_part_is_an_object_that_tells_its_place() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    let mut request = three_of_five(Some(&id));
    // What the key has counts more than what the request says.
    request.attributes = aes(0x4);
    request.attributes.put::<kinds::CryptographicLength>(128);
    request.attributes.put::<kinds::Comment>("a part".to_owned());
    for (place, part) in (1..).zip(server.split(request).await.unwrap()) {
        let ManagedObject::SplitKey(object) = server.get(&part).await.unwrap() else { panic!("no part") };
        assert_eq!(
            (object.key_part_identifier, object.split_key_parts, object.split_key_threshold),
            (place, 5, 3)
        );
        let attributes = server.attributes(&part).await;
        assert_eq!(attributes.one::<kinds::ObjectType>(), Some(ObjectType::SPLIT_KEY));
        assert_eq!(attributes.one::<kinds::CryptographicLength>(), Some(256));
        assert_eq!(attributes.one::<kinds::CryptographicUsageMask>(), Some(EVERY_USE));
        assert_eq!(attributes.one::<kinds::Comment>().as_deref(), Some("a part"));
        assert_eq!(attributes.one::<kinds::KeyFormatType>(), Some(KeyFormatType::RAW));
        assert!(attributes.contains(Tag::DIGEST));
    }
}

#[tokio::test]
async fn a_new_key_is_split_that_exists_in_no_other_form() {
    let server = Server::new();
    let request = CreateSplitKeyRequest { attributes: aes(EVERY_USE), ..three_of_five(None) };
    let parts = server.split(request).await.unwrap();
    let one =
        server.join(into_key(ObjectType::SYMMETRIC_KEY, &[&parts[0], &parts[1], &parts[2]])).await.unwrap();
    let other =
        server.join(into_key(ObjectType::SYMMETRIC_KEY, &[&parts[4], &parts[3], &parts[2]])).await.unwrap();
    let key = server.get(&one).await.unwrap();
    assert_eq!((bytes(&key).len(), &key), (32, &server.get(&other).await.unwrap()));
    let without_algorithm = server.split(three_of_five(None)).await;
    assert_eq!(reason(without_algorithm), ResultReason::INVALID_FIELD);
}

#[tokio::test]
async fn too_few_parts_or_parts_of_different_keys_restore_nothing() {
    let server = Server::new();
    let (one, other) = (server.create(aes(EVERY_USE)).await, server.create(aes(EVERY_USE)).await);
    let mine = server.split(three_of_five(Some(&one))).await.unwrap();
    let theirs = server.split(three_of_five(Some(&other))).await.unwrap();
    let failure = ResultReason::CRYPTOGRAPHIC_FAILURE;
    let join = |parts: &[&String]| server.join(into_key(ObjectType::SYMMETRIC_KEY, parts));
    assert_eq!(reason(join(&[&mine[1], &mine[3]]).await), failure);
    assert_eq!(reason(join(&[&mine[1], &mine[3], &mine[3]]).await), failure);
    assert_eq!(reason(join(&[&mine[1], &mine[3], &theirs[0]]).await), failure);
    assert_eq!(reason(join(&[]).await), ResultReason::INVALID_FIELD);
    assert_eq!(reason(join(&[&one, &mine[1], &mine[3]]).await), ResultReason::INVALID_OBJECT_TYPE);
}

#[tokio::test]
async fn parts_and_what_they_restore_are_as_secret_as_the_key() {
    let server = Server::new();
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::Sensitive>(true);
    let sensitive = server.create(attributes).await;
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::Extractable>(false);
    let kept = server.create(attributes).await;
    for (id, refusal) in [(sensitive, ResultReason::SENSITIVE), (kept, ResultReason::NOT_EXTRACTABLE)] {
        let parts = server.split(three_of_five(Some(&id))).await.unwrap();
        assert_eq!(reason(server.get(&parts[0]).await), refusal);
        let mut request = into_key(ObjectType::SYMMETRIC_KEY, &[&parts[0], &parts[1], &parts[2]]);
        let mut attributes = Attributes::new();
        attributes.put::<kinds::Sensitive>(false);
        attributes.put::<kinds::Extractable>(true);
        request.attributes = Some(attributes);
        let joined = server.join(request).await.unwrap();
        assert_eq!(reason(server.get(&joined).await), refusal);
        let history = |attributes: &Attributes| {
            (attributes.one::<kinds::AlwaysSensitive>(), attributes.one::<kinds::NeverExtractable>())
        };
        assert_eq!(history(&server.attributes(&joined).await), history(&server.attributes(&id).await));
    }
}

#[tokio::test]
async fn what_parts_restore_has_no_use_that_a_part_does_not_have() {
    let server = Server::new();
    let id = server.create(aes(0x4 | 0x8)).await;
    let parts = server.split(three_of_five(Some(&id))).await.unwrap();
    for (asked, got) in [(None, 0xC), (Some(0x4 | 0x1), 0x4), (Some(0x0020_0000), 0xC)] {
        let mut request = into_key(ObjectType::SYMMETRIC_KEY, &[&parts[0], &parts[1], &parts[2]]);
        if let Some(asked) = asked {
            let mut attributes = Attributes::new();
            attributes.put::<kinds::CryptographicUsageMask>(asked);
            request.attributes = Some(attributes);
        }
        let joined = server.join(request).await.unwrap();
        let uses = server.attributes(&joined).await.one::<kinds::CryptographicUsageMask>();
        assert_eq!(uses, Some(got), "{asked:?}");
    }
}

#[tokio::test]
async fn only_secrets_are_split_and_only_into_split_keys() {
    let server = Server::new();
    let id = server.register(opaque(b"x"), Attributes::new()).await.unwrap();
    let wrong = ResultReason::INVALID_OBJECT_TYPE;
    assert_eq!(reason(server.split(three_of_five(Some(&id))).await), wrong);
    let key = server.create(aes(EVERY_USE)).await;
    let request =
        CreateSplitKeyRequest { object_type: ObjectType::SYMMETRIC_KEY, ..three_of_five(Some(&key)) };
    assert_eq!(reason(server.split(request).await), wrong);
    let parts = server.split(three_of_five(Some(&key))).await.unwrap();
    let all: Vec<&String> = parts.iter().collect();
    assert_eq!(reason(server.join(into_key(ObjectType::PUBLIC_KEY, &all)).await), wrong);
    assert_eq!(reason(server.split(three_of_five(Some(&parts[0]))).await), wrong);
    let unknown =
        CreateSplitKeyRequest { split_key_method: SplitKeyMethod(0x8000_0002), ..three_of_five(Some(&key)) };
    assert_eq!(reason(server.split(unknown).await), ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS);
}

#[tokio::test]
async fn secret_data_are_restored_with_the_type_that_the_client_says() {
    let server = Server::new();
    let id = server.register(password(b"secret"), Attributes::new()).await.unwrap();
    let parts = server.split(three_of_five(Some(&id))).await.unwrap();
    let request = JoinSplitKeyRequest {
        secret_data_type: Some(SecretDataType::PASSWORD),
        ..into_key(ObjectType::SECRET_DATA, &[&parts[0], &parts[1], &parts[2]])
    };
    let joined = server.join(request).await.unwrap();
    let ManagedObject::SecretData(secret) = server.get(&joined).await.unwrap() else { panic!("no secret") };
    assert_eq!(secret.secret_data_type, SecretDataType::PASSWORD);
}

#[tokio::test]
async fn parts_from_outside_are_joined_too() {
    let server = Server::new();
    let one = server.register(share(1), Attributes::new()).await.unwrap();
    let other = server.register(share(3), Attributes::new()).await.unwrap();
    let joined = server.join(into_key(ObjectType::SYMMETRIC_KEY, &[&one, &other])).await.unwrap();
    assert_eq!(bytes(&server.get(&joined).await.unwrap()), [5; 16]);
    assert_eq!(reason(server.register(share(4), Attributes::new()).await), ResultReason::INVALID_FIELD);
}

#[tokio::test]
async fn whoever_has_no_right_splits_and_joins_nothing() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    let parts = server.split(three_of_five(Some(&id))).await.unwrap();
    let split: Result<CreateSplitKeyResponse> =
        server.run_as("bob", OperationCode::CREATE_SPLIT_KEY, three_of_five(Some(&id))).await;
    assert_eq!(reason(split), ResultReason::OBJECT_NOT_FOUND);
    let request = into_key(ObjectType::SYMMETRIC_KEY, &[&parts[0], &parts[1], &parts[2]]);
    let joined: Result<JoinSplitKeyResponse> =
        server.run_as("bob", OperationCode::JOIN_SPLIT_KEY, request).await;
    assert_eq!(reason(joined), ResultReason::OBJECT_NOT_FOUND);
}
