//! Good requests of the operations that make, replace and derive keys, or work on data with them.

use claviger_kmip::attributes::{Attributes, CryptographicDomainParameters, kinds};
use claviger_kmip::field::Interval;
use claviger_kmip::message::RequestBatchItem;
use claviger_kmip::objects::CryptographicParameters;
use claviger_kmip::payloads::encapsulation::{
    DECAPSULATE, DecapsulateRequest, ENCAPSULATE, EncapsulateRequest,
};
use claviger_kmip::payloads::*;
use claviger_kmip::tables::enumerations::{
    CryptographicAlgorithm, DerivationMethod, HashingAlgorithm, ObjectType, OperationCode as Op,
    RecommendedCurve,
};

use super::requests::{attributes, item};

/// Requests about a key.
pub(super) fn about_keys(key: &str) -> Vec<RequestBatchItem> {
    let id = || Some(key.into());
    let data = || Some(vec![7; 33].into());
    let hmac = || {
        Some(CryptographicParameters {
            cryptographic_algorithm: Some(CryptographicAlgorithm::HMAC_SHA256),
            ..CryptographicParameters::NONE
        })
    };
    vec![
        item(
            Op::MAC,
            MacRequest {
                unique_identifier: id(),
                cryptographic_parameters: hmac(),
                data: data(),
                correlation_value: None,
                init_indicator: Some(true),
                final_indicator: Some(true),
            },
        ),
        item(
            Op::MAC_VERIFY,
            MacVerifyRequest {
                unique_identifier: id(),
                cryptographic_parameters: hmac(),
                data: data(),
                mac_data: data(),
                correlation_value: None,
                init_indicator: Some(true),
                final_indicator: None,
            },
        ),
        item(
            Op::SIGN,
            SignRequest {
                unique_identifier: id(),
                cryptographic_parameters: None,
                data: data(),
                digested_data: None,
                correlation_value: Some(vec![1; 16].into()),
                init_indicator: None,
                final_indicator: Some(true),
            },
        ),
        item(
            Op::SIGNATURE_VERIFY,
            SignatureVerifyRequest {
                unique_identifier: id(),
                cryptographic_parameters: None,
                data: None,
                digested_data: data(),
                signature_data: data(),
                correlation_value: None,
                init_indicator: None,
                final_indicator: None,
            },
        ),
        item(Op::DERIVE_KEY, derive(key)),
        item(
            Op::RE_KEY,
            ReKeyRequest {
                unique_identifier: id(),
                offset: Some(Interval(60)),
                attributes: Some(attributes()),
                protection_storage_masks: None,
            },
        ),
        item(
            Op::RE_KEY_KEY_PAIR,
            ReKeyKeyPairRequest {
                private_key_unique_identifier: id(),
                offset: Some(Interval(60)),
                common_attributes: Some(on_a_curve()),
                private_key_attributes: None,
                public_key_attributes: None,
                common_protection_storage_masks: None,
                private_protection_storage_masks: None,
                public_protection_storage_masks: None,
            },
        ),
        item(
            ENCAPSULATE,
            EncapsulateRequest {
                unique_identifier: id(),
                cryptographic_parameters: None,
                attributes: attributes(),
                protection_storage_masks: None,
            },
        ),
        item(
            DECAPSULATE,
            DecapsulateRequest {
                unique_identifier: id(),
                cryptographic_parameters: None,
                data: vec![7; 33].into(),
                attributes: attributes(),
                protection_storage_masks: None,
            },
        ),
    ]
}

/// Requests about no object that exists.
pub(super) fn about_none() -> Vec<RequestBatchItem> {
    let sha_256 = CryptographicParameters {
        hashing_algorithm: Some(HashingAlgorithm::SHA_256),
        ..CryptographicParameters::NONE
    };
    vec![
        item(
            Op::CREATE_KEY_PAIR,
            CreateKeyPairRequest {
                common_attributes: Some(on_a_curve()),
                private_key_attributes: Some(uses(1)),
                public_key_attributes: Some(uses(2)),
                common_protection_storage_masks: None,
                private_protection_storage_masks: None,
                public_protection_storage_masks: None,
            },
        ),
        item(
            Op::HASH,
            HashRequest {
                cryptographic_parameters: sha_256,
                data: Some(vec![7; 33].into()),
                correlation_value: None,
                init_indicator: Some(true),
                final_indicator: None,
            },
        ),
        item(Op::RNG_SEED, RngSeedRequest { data: vec![7; 33].into() }),
    ]
}

fn derive(key: &str) -> DeriveKeyRequest {
    DeriveKeyRequest {
        object_type: ObjectType::SYMMETRIC_KEY,
        unique_identifier: vec![key.into()],
        derivation_method: DerivationMethod::HMAC,
        derivation_parameters: DerivationParameters {
            cryptographic_parameters: Some(CryptographicParameters {
                hashing_algorithm: Some(HashingAlgorithm::SHA_256),
                ..CryptographicParameters::NONE
            }),
            initialization_vector: None,
            derivation_data: vec![vec![7; 5].into()],
            salt: Some(vec![8; 5].into()),
            iteration_count: None,
        },
        attributes: attributes(),
    }
}

/// A curve whose keys are made in no time.
fn on_a_curve() -> Attributes {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::EC);
    attributes.put::<kinds::CryptographicDomainParameters>(CryptographicDomainParameters {
        qlength: None,
        recommended_curve: Some(RecommendedCurve::P_256),
    });
    attributes
}

fn uses(mask: i32) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicUsageMask>(mask);
    attributes
}
