//! Sign and Signature Verify.

use claviger_plugin_sdk::kmip::attributes::{UsageLimits, kinds};
use claviger_plugin_sdk::kmip::payloads::{
    SignRequest, SignResponse, SignatureVerifyRequest, SignatureVerifyResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    RevocationReasonCode, UsageLimitsUnit, ValidityIndicator,
};
use claviger_plugin_sdk::prelude::*;

use crate::key_pairs::pair;
use crate::server::{START, Server};
use crate::toy_pair::{private, toy};

const DATA: &[u8] = b"what is signed";

pub(crate) fn sign(id: &str, data: &[u8]) -> SignRequest {
    SignRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: None,
        data: Some(data.into()),
        digested_data: None,
        correlation_value: None,
        init_indicator: None,
        final_indicator: None,
    }
}

pub(crate) fn verify(id: &str, data: &[u8], signature: &ByteString) -> SignatureVerifyRequest {
    SignatureVerifyRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: None,
        data: Some(data.into()),
        digested_data: None,
        signature_data: Some(signature.clone()),
        correlation_value: None,
        init_indicator: None,
        final_indicator: None,
    }
}

impl Server {
    pub(crate) async fn sign(&self, request: SignRequest) -> Result<SignResponse> {
        self.run(OperationCode::SIGN, request).await
    }

    pub(crate) async fn verify(&self, request: SignatureVerifyRequest) -> Result<SignatureVerifyResponse> {
        self.run(OperationCode::SIGNATURE_VERIFY, request).await
    }

    /// An Active pair of alice's.
    async fn active_pair(&self) -> (String, String) {
        let (private, public) = self.create_pair(pair()).await.unwrap();
        self.activate(&private).await;
        self.activate(&public).await;
        (private, public)
    }

    async fn is_valid(&self, request: SignatureVerifyRequest) -> bool {
        self.verify(request).await.unwrap().validity_indicator == Some(ValidityIndicator::VALID)
    }
}

#[tokio::test]
async fn the_public_key_verifies_what_the_private_key_signed_and_nothing_else() {
    let server = Server::new();
    let (private, public) = server.active_pair().await;
    let signed = server.sign(sign(&private, DATA)).await.unwrap();
    assert_eq!(signed.unique_identifier, private);
    assert_eq!(signed.correlation_value, None);
    let signature = signed.signature_data.unwrap();
    assert!(server.is_valid(verify(&public, DATA, &signature)).await);
    let other = server.verify(verify(&public, b"something else", &signature)).await.unwrap();
    assert_eq!(other.validity_indicator, Some(ValidityIndicator::INVALID));
    assert!(!server.is_valid(verify(&public, DATA, &b"short"[..].into())).await);
}

#[tokio::test]
async fn a_digest_is_signed_in_place_of_the_data() {
    let server = Server::new();
    let (private, public) = server.active_pair().await;
    let of_digest =
        |request: SignRequest| SignRequest { data: None, digested_data: Some(DATA.into()), ..request };
    let signature = server.sign(of_digest(sign(&private, &[]))).await.unwrap().signature_data.unwrap();
    let verified = |data: Option<&[u8]>, digest: Option<&[u8]>| SignatureVerifyRequest {
        data: data.map(ByteString::from),
        digested_data: digest.map(ByteString::from),
        ..verify(&public, &[], &signature)
    };
    assert!(server.is_valid(verified(None, Some(DATA))).await);
    assert!(!server.is_valid(verified(Some(DATA), None)).await);
    let both = server.verify(verified(Some(DATA), Some(DATA))).await.unwrap_err();
    assert_eq!(both.reason(), ResultReason::INVALID_FIELD);
    let neither = server.verify(verified(None, None)).await.unwrap_err();
    assert_eq!(neither.reason(), ResultReason::MISSING_DATA);
    let in_parts = SignRequest { init_indicator: Some(true), ..of_digest(sign(&private, &[])) };
    assert_eq!(server.sign(in_parts).await.unwrap_err().reason(), ResultReason::INVALID_FIELD);
}

#[tokio::test]
async fn parts_are_signed_and_verified_as_the_whole() {
    let server = Server::new();
    let (private, public) = server.active_pair().await;
    let whole = server.sign(sign(&private, DATA)).await.unwrap().signature_data.unwrap();
    let begun = SignRequest { init_indicator: Some(true), ..sign(&private, &DATA[..4]) };
    let begun = server.sign(begun).await.unwrap();
    assert_eq!(begun.signature_data, None);
    let next = SignRequest { correlation_value: begun.correlation_value, ..sign(&private, &DATA[4..9]) };
    let next = server.sign(next).await.unwrap();
    let last = SignRequest {
        correlation_value: next.correlation_value,
        final_indicator: Some(true),
        ..sign(&private, &DATA[9..])
    };
    let last = server.sign(last).await.unwrap();
    assert_eq!(last.signature_data, Some(whole.clone()));
    assert_eq!(last.correlation_value, None);
    // The signature may come with the first part as well as with the last.
    for first in [true, false] {
        let part = |data: &[u8], has_signature: bool| SignatureVerifyRequest {
            signature_data: has_signature.then(|| whole.clone()),
            ..verify(&public, data, &whole)
        };
        let begun = SignatureVerifyRequest { init_indicator: Some(true), ..part(&DATA[..4], first) };
        let begun = server.verify(begun).await.unwrap();
        assert_eq!(begun.validity_indicator, None);
        let last = SignatureVerifyRequest {
            correlation_value: begun.correlation_value,
            final_indicator: Some(true),
            ..part(&DATA[4..], !first)
        };
        assert!(server.is_valid(last).await);
    }
}

#[tokio::test]
async fn three_parts_are_signed_and_verified_under_the_correlation_value_of_the_first() {
    let server = Server::new();
    let (private, public) = server.active_pair().await;
    let whole = server.sign(sign(&private, DATA)).await.unwrap().signature_data.unwrap();
    let begun = SignRequest { init_indicator: Some(true), ..sign(&private, &DATA[..4]) };
    let correlation_value = server.sign(begun).await.unwrap().correlation_value;
    let part = |data| SignRequest { correlation_value: correlation_value.clone(), ..sign(&private, data) };
    server.sign(part(&DATA[4..9])).await.unwrap();
    let last = SignRequest { final_indicator: Some(true), ..part(&DATA[9..]) };
    assert_eq!(server.sign(last).await.unwrap().signature_data, Some(whole.clone()));

    let begun = SignatureVerifyRequest { init_indicator: Some(true), ..verify(&public, &DATA[..4], &whole) };
    let correlation_value = server.verify(begun).await.unwrap().correlation_value;
    let part = |data| SignatureVerifyRequest {
        correlation_value: correlation_value.clone(),
        ..verify(&public, data, &whole)
    };
    server.verify(part(&DATA[4..9])).await.unwrap();
    assert!(
        server.is_valid(SignatureVerifyRequest { final_indicator: Some(true), ..part(&DATA[9..]) }).await
    );
}

#[tokio::test]
async fn a_verification_in_parts_needs_a_signature_at_its_end() {
    let server = Server::new();
    let (_, public) = server.active_pair().await;
    let part =
        || SignatureVerifyRequest { signature_data: None, ..verify(&public, DATA, &ByteString::default()) };
    let begun = server.verify(SignatureVerifyRequest { init_indicator: Some(true), ..part() }).await.unwrap();
    let last = SignatureVerifyRequest {
        correlation_value: begun.correlation_value,
        final_indicator: Some(true),
        ..part()
    };
    assert_eq!(server.verify(last).await.unwrap_err().reason(), ResultReason::MISSING_DATA);
    assert_eq!(server.verify(part()).await.unwrap_err().reason(), ResultReason::MISSING_DATA);
}

#[tokio::test]
async fn usage_mask_state_and_limits_of_the_key_hold() {
    let server = Server::new();
    let mut attributes = toy(CryptographicUsageMask::SIGN);
    attributes.put::<kinds::UsageLimits>(UsageLimits {
        total: 1,
        count: None,
        unit: UsageLimitsUnit::OBJECT,
    });
    let id = server.register(private(KeyFormatType::RAW, [7; 16]), attributes).await.unwrap();
    let sleeping = server.sign(sign(&id, DATA)).await.unwrap_err();
    assert_eq!(sleeping.reason(), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
    server.activate(&id).await;
    let signature = server.sign(sign(&id, DATA)).await.unwrap().signature_data.unwrap();
    let used_up = server.sign(sign(&id, DATA)).await.unwrap_err();
    assert_eq!(used_up.reason(), ResultReason::USAGE_LIMIT_EXCEEDED);
    let verifies = server.verify(verify(&id, DATA, &signature)).await.unwrap_err();
    assert_eq!(verifies.reason(), ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK);
}

#[tokio::test]
async fn a_deactivated_pair_verifies_and_does_not_sign() {
    let server = Server::new();
    let (private, public) = server.active_pair().await;
    let signature = server.sign(sign(&private, DATA)).await.unwrap().signature_data.unwrap();
    for id in [&private, &public] {
        server.revoke(id, RevocationReasonCode::SUPERSEDED).await.unwrap();
    }
    let refused = server.sign(sign(&private, DATA)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
    assert!(server.is_valid(verify(&public, DATA, &signature)).await);
}

#[tokio::test]
async fn a_key_that_no_scheme_signs_with_says_so() {
    let server = Server::new();
    let mut object = private(KeyFormatType::PKCS_8, [7; 16]);
    object.key_block_mut().unwrap().cryptographic_algorithm = Some(CryptographicAlgorithm::XMSS);
    let mut attributes = toy(CryptographicUsageMask::SIGN);
    attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::XMSS);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    let id = server.register(object, attributes).await.unwrap();
    let refused = server.sign(sign(&id, DATA)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS);
}
