//! Encapsulate and Decapsulate.

use claviger_plugin_sdk::kmip::attributes::{Attributes, Link, UsageLimits, kinds};
use claviger_plugin_sdk::kmip::payloads::encapsulation::{
    DECAPSULATE, DecapsulateRequest, DecapsulateResponse, ENCAPSULATE, EncapsulateRequest,
    EncapsulateResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{LinkType, UsageLimitsUnit};
use claviger_plugin_sdk::prelude::*;

use crate::keys::{EVERY_USE, aes, bytes};
use crate::server::{START, Server};
use crate::toy_pair::{private, public, toy};

const AGREES: CryptographicUsageMask = CryptographicUsageMask::KEY_AGREEMENT;

/// Attributes of the key that the secret becomes.
fn aes_128() -> Attributes {
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::CryptographicLength>(128);
    attributes
}

fn encapsulation(id: &str, attributes: Attributes) -> EncapsulateRequest {
    EncapsulateRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: None,
        attributes,
        protection_storage_masks: None,
    }
}

fn decapsulation(id: &str, data: ByteString) -> DecapsulateRequest {
    DecapsulateRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: None,
        data,
        attributes: aes_128(),
        protection_storage_masks: None,
    }
}

impl Server {
    /// An Active pair: private, public.
    async fn agreeing_pair(&self) -> (String, String) {
        let mut attributes = toy(AGREES);
        attributes.put::<kinds::ActivationDate>(DateTime(START));
        let private = private(KeyFormatType::PKCS_8, [7; 16]);
        let public = public(KeyFormatType::X_509, [7; 16]);
        (
            self.register(private, attributes.clone()).await.unwrap(),
            self.register(public, attributes).await.unwrap(),
        )
    }

    async fn encapsulate(&self, request: EncapsulateRequest) -> Result<EncapsulateResponse> {
        self.run(ENCAPSULATE, request).await
    }

    async fn decapsulate(&self, request: DecapsulateRequest) -> Result<DecapsulateResponse> {
        self.run(DECAPSULATE, request).await
    }
}

#[tokio::test]
async fn both_sides_get_the_same_key_with_the_attributes_that_they_ask_for() {
    let server = Server::new();
    let (private, public) = server.agreeing_pair().await;
    let made = server.encapsulate(encapsulation(&public, aes_128())).await.unwrap();
    let taken = server.decapsulate(decapsulation(&private, made.data.clone())).await.unwrap();
    let (one, other) = (made.unique_identifier, taken.unique_identifier);
    assert_ne!(one, other);
    let secret = bytes(&server.get(&one).await.unwrap());
    assert_eq!(bytes(&server.get(&other).await.unwrap()), secret);
    assert_ne!(secret, *made.data);
    for (id, from) in [(&one, &public), (&other, &private)] {
        let attributes = server.attributes(id).await;
        assert_eq!(attributes.one::<kinds::CryptographicUsageMask>(), Some(EVERY_USE));
        let link_type = LinkType::DERIVATION_BASE_OBJECT_LINK;
        let expected = Link { link_type, linked_object_identifier: from.as_str().into() };
        assert_eq!(attributes.one::<kinds::Link>(), Some(expected));
    }
}

#[tokio::test]
async fn a_secret_is_not_cut_to_another_length() {
    let server = Server::new();
    let (_, public) = server.agreeing_pair().await;
    let refused = server.encapsulate(encapsulation(&public, aes(EVERY_USE))).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_FIELD);
    let mut no_algorithm = aes_128();
    no_algorithm.remove(Tag::CRYPTOGRAPHIC_ALGORITHM);
    let refused = server.encapsulate(encapsulation(&public, no_algorithm)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_FIELD);
}

#[tokio::test]
async fn a_damaged_ciphertext_and_the_wrong_half_of_the_pair_are_refused() {
    let server = Server::new();
    let (private, public) = server.agreeing_pair().await;
    let short = server.decapsulate(decapsulation(&private, vec![1].into())).await.unwrap_err();
    assert_eq!(short.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE);
    let wrong = server.decapsulate(decapsulation(&public, vec![1; 16].into())).await.unwrap_err();
    assert_eq!(wrong.reason(), ResultReason::INVALID_OBJECT_TYPE);
    let wrong = server.encapsulate(encapsulation(&private, aes_128())).await.unwrap_err();
    assert_eq!(wrong.reason(), ResultReason::INVALID_OBJECT_TYPE);
}

#[tokio::test]
async fn encapsulating_is_a_use_that_the_key_must_allow_and_takes_the_right_to_encrypt() {
    let server = Server::new();
    let (_, public_id) = server.agreeing_pair().await;
    let as_bob = || async {
        let request = encapsulation(&public_id, aes_128());
        server.run_as::<_, EncapsulateResponse>("bob", ENCAPSULATE, request).await
    };
    assert_eq!(as_bob().await.unwrap_err().reason(), ResultReason::OBJECT_NOT_FOUND);
    server.grant(&public_id, "bob", OperationCode::ENCRYPT).await;
    assert!(as_bob().await.is_ok());
    let mut attributes = toy(CryptographicUsageMask::VERIFY);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    let verifies = server.register(public(KeyFormatType::X_509, [8; 16]), attributes).await.unwrap();
    let refused = server.encapsulate(encapsulation(&verifies, aes_128())).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK);
}

#[tokio::test]
async fn protect_stop_date_ends_encapsulation_and_process_start_date_begins_decapsulation() {
    let server = Server::new();
    let mut attributes = toy(AGREES);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    attributes.put::<kinds::ProtectStopDate>(DateTime(START + 10));
    attributes.put::<kinds::ProcessStartDate>(DateTime(START + 10));
    let private = server.register(private(KeyFormatType::PKCS_8, [7; 16]), attributes.clone()).await.unwrap();
    let public = server.register(public(KeyFormatType::X_509, [7; 16]), attributes).await.unwrap();
    let made = server.encapsulate(encapsulation(&public, aes_128())).await.unwrap();
    let early = server.decapsulate(decapsulation(&private, made.data.clone())).await.unwrap_err();
    assert_eq!(early.reason(), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
    server.clock.advance(10);
    let late = server.encapsulate(encapsulation(&public, aes_128())).await.unwrap_err();
    assert_eq!(late.reason(), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
    server.decapsulate(decapsulation(&private, made.data)).await.unwrap();
}

#[tokio::test]
async fn the_bytes_of_the_secret_are_taken_from_a_key_that_is_limited_in_bytes() {
    let server = Server::new();
    let mut attributes = toy(AGREES);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    attributes.put::<kinds::UsageLimits>(UsageLimits { total: 20, count: None, unit: UsageLimitsUnit::BYTE });
    let public = server.register(public(KeyFormatType::X_509, [7; 16]), attributes).await.unwrap();
    server.encapsulate(encapsulation(&public, aes_128())).await.unwrap();
    assert_eq!(server.left(&public).await, 4);
    let refused = server.encapsulate(encapsulation(&public, aes_128())).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::USAGE_LIMIT_EXCEEDED);
}
