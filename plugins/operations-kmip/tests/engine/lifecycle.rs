//! From creation to destruction (KMIP 2.1 section 4.57).

use claviger_plugin_sdk::kmip::attributes::{Name, RevocationReason, kinds};
use claviger_plugin_sdk::kmip::payloads::{
    CreateRequest, CreateResponse, DestroyRequest, DestroyResponse, RevokeRequest, RevokeResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{NameType, RevocationReasonCode};
use claviger_plugin_sdk::prelude::*;

use crate::keys::{EVERY_USE, aes};
use crate::server::{START, Server};

impl Server {
    pub(crate) async fn revoke(&self, id: &str, code: RevocationReasonCode) -> Result<String> {
        let request = RevokeRequest {
            unique_identifier: Some(id.into()),
            revocation_reason: RevocationReason { code, message: None },
            compromise_occurrence_date: None,
        };
        let answer: RevokeResponse = self.run(OperationCode::REVOKE, request).await?;
        Ok(answer.unique_identifier)
    }

    pub(crate) async fn destroy(&self, id: &str) -> Result<String> {
        let request = DestroyRequest { unique_identifier: Some(id.into()), remove: None };
        let answer: DestroyResponse = self.run(OperationCode::DESTROY, request).await?;
        Ok(answer.unique_identifier)
    }
}

fn reason<T: std::fmt::Debug>(result: Result<T>) -> ResultReason {
    result.unwrap_err().reason()
}

#[tokio::test]
async fn a_new_key_has_every_attribute_that_always_has_a_value() {
    let server = Server::new();
    let attributes = server.attributes(&server.create(aes(EVERY_USE)).await).await;
    for tag in [
        Tag::UNIQUE_IDENTIFIER,
        Tag::SHORT_UNIQUE_IDENTIFIER,
        Tag::OBJECT_TYPE,
        Tag::STATE,
        Tag::INITIAL_DATE,
        Tag::LAST_CHANGE_DATE,
        Tag::ORIGINAL_CREATION_DATE,
        Tag::DIGEST,
        Tag::KEY_FORMAT_TYPE,
        Tag::CRYPTOGRAPHIC_ALGORITHM,
        Tag::CRYPTOGRAPHIC_LENGTH,
        Tag::LEASE_TIME,
        Tag::FRESH,
        Tag::SENSITIVE,
        Tag::ALWAYS_SENSITIVE,
        Tag::EXTRACTABLE,
        Tag::NEVER_EXTRACTABLE,
        Tag::PROTECTION_STORAGE_MASK,
        Tag::RANDOM_NUMBER_GENERATOR,
    ] {
        assert!(attributes.contains(tag), "{tag:?}");
    }
    assert_eq!(attributes.one::<kinds::State>(), Some(State::PRE_ACTIVE));
    assert_eq!(attributes.one::<kinds::InitialDate>(), Some(DateTime(START)));
}

#[tokio::test]
async fn an_active_key_is_deactivated_before_it_is_destroyed() {
    let server = Server::new();
    let id = server.active().await;
    assert_eq!(reason(server.destroy(&id).await), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
    server.clock.advance(60);
    server.revoke(&id, RevocationReasonCode::CESSATION_OF_OPERATION).await.unwrap();
    assert_eq!(server.state(&id).await, State::DEACTIVATED);
    server.destroy(&id).await.unwrap();
    let attributes = server.attributes(&id).await;
    assert_eq!(attributes.one::<kinds::State>(), Some(State::DESTROYED));
    assert_eq!(attributes.one::<kinds::ActivationDate>(), Some(DateTime(START)));
    assert_eq!(attributes.one::<kinds::DeactivationDate>(), Some(DateTime(START + 60)));
    assert_eq!(attributes.one::<kinds::DestroyDate>(), Some(DateTime(START + 60)));
    assert_eq!(reason(server.get(&id).await), ResultReason::OBJECT_DESTROYED);
}

#[tokio::test]
async fn a_destroyed_key_that_was_compromised_stays_known_as_such() {
    let server = Server::new();
    let id = server.active().await;
    server.revoke(&id, RevocationReasonCode::KEY_COMPROMISE).await.unwrap();
    server.destroy(&id).await.unwrap();
    assert_eq!(server.state(&id).await, State::DESTROYED_COMPROMISED);
    let late = server.create(aes(EVERY_USE)).await;
    server.destroy(&late).await.unwrap();
    server.revoke(&late, RevocationReasonCode::KEY_COMPROMISE).await.unwrap();
    assert_eq!(server.state(&late).await, State::DESTROYED_COMPROMISED);
}

#[tokio::test]
async fn a_pre_active_key_is_not_merely_deactivated() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    let refused = server.revoke(&id, RevocationReasonCode::SUPERSEDED).await;
    assert_eq!(reason(refused), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
}

#[tokio::test]
async fn a_compromise_date_needs_a_compromise() {
    let server = Server::new();
    let request = RevokeRequest {
        unique_identifier: Some(server.active().await.into()),
        revocation_reason: RevocationReason { code: RevocationReasonCode::SUPERSEDED, message: None },
        compromise_occurrence_date: Some(DateTime(START)),
    };
    let refused: Result<RevokeResponse> = server.run(OperationCode::REVOKE, request).await;
    assert_eq!(reason(refused), ResultReason::INVALID_FIELD);
}

#[tokio::test]
async fn time_activates_and_deactivates() {
    let server = Server::new();
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::ActivationDate>(DateTime(START + 10));
    attributes.put::<kinds::DeactivationDate>(DateTime(START + 20));
    let id = server.create(attributes).await;
    assert_eq!(server.state(&id).await, State::PRE_ACTIVE);
    server.clock.advance(10);
    assert_eq!(server.state(&id).await, State::ACTIVE);
    server.clock.advance(10);
    assert_eq!(server.state(&id).await, State::DEACTIVATED);
}

#[tokio::test]
async fn a_destroyed_object_leaves_its_name_to_others() {
    let server = Server::new();
    let named = || {
        let mut attributes = aes(EVERY_USE);
        let name_type = NameType::UNINTERPRETED_TEXT_STRING;
        attributes.push::<kinds::Name>(Name { value: "the one".into(), name_type });
        attributes
    };
    let first = server.create(named()).await;
    assert!(server.try_create(named()).await.is_err());
    server.destroy(&first).await.unwrap();
    server.create(named()).await;
}

#[tokio::test]
async fn secret_data_are_generated_too() {
    let server = Server::new();
    let mut attributes = claviger_plugin_sdk::kmip::attributes::Attributes::new();
    attributes.put::<kinds::CryptographicLength>(128);
    let request =
        CreateRequest { object_type: ObjectType::SECRET_DATA, attributes, protection_storage_masks: None };
    let created: CreateResponse = server.run(OperationCode::CREATE, request).await.unwrap();
    let object = server.get(&created.unique_identifier).await.unwrap();
    assert_eq!(crate::keys::bytes(&object).len(), 16);
}

#[tokio::test]
async fn an_algorithm_that_no_plugin_has_is_refused() {
    let server = Server::new();
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm(0x8000_0001));
    assert_eq!(
        reason(server.try_create(attributes).await),
        ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS
    );
}
