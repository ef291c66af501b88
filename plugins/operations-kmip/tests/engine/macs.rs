//! MAC, MAC Verify, Hash and RNG Seed. Expected values: RFC 4231 section 4.2; OASIS test case CS-AC-M-4-21; FIPS 180-4's
//! example of three letters.

use claviger_plugin_sdk::kmip::attributes::{UsageLimits, kinds};
use claviger_plugin_sdk::kmip::objects::{CryptographicParameters, ManagedObject};
use claviger_plugin_sdk::kmip::payloads::{
    HashRequest, HashResponse, MacRequest, MacResponse, MacVerifyRequest, MacVerifyResponse, RngSeedRequest,
    RngSeedResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{HashingAlgorithm, UsageLimitsUnit, ValidityIndicator};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::settings::Settings;

use crate::keys::{aes, raw};
use crate::server::{START, Server};

/// RFC 4231 section 4.2.
const KEY: [u8; 20] = [0x0B; 20];
const DATA: &[u8] = b"Hi There";
const MAC: &str = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7";
/// MAC Generate and MAC Verify.
const MACS: i32 = 0x180;

fn hmac_key(bytes: &[u8]) -> ManagedObject {
    let mut object = raw(bytes);
    let block = object.key_block_mut().unwrap();
    block.cryptographic_algorithm = Some(CryptographicAlgorithm::HMAC_SHA256);
    object
}

pub(crate) fn mac(id: &str, data: &[u8]) -> MacRequest {
    MacRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: None,
        data: Some(data.into()),
        correlation_value: None,
        init_indicator: None,
        final_indicator: None,
    }
}

fn verify(id: &str, data: &[u8], mac: &str) -> MacVerifyRequest {
    MacVerifyRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: None,
        data: Some(data.into()),
        mac_data: Some(hex::decode(mac).unwrap().into()),
        correlation_value: None,
        init_indicator: None,
        final_indicator: None,
    }
}

fn sha_256(data: &[u8]) -> HashRequest {
    HashRequest {
        cryptographic_parameters: CryptographicParameters {
            hashing_algorithm: Some(HashingAlgorithm::SHA_256),
            ..CryptographicParameters::NONE
        },
        data: Some(data.into()),
        correlation_value: None,
        init_indicator: None,
        final_indicator: None,
    }
}

fn in_hex(bytes: Option<ByteString>) -> Option<String> {
    bytes.map(|bytes| hex::encode(&*bytes))
}

impl Server {
    async fn hmac_key(&self) -> String {
        let mut attributes = aes(MACS);
        attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::HMAC_SHA256);
        attributes.put::<kinds::CryptographicLength>(160);
        attributes.put::<kinds::ActivationDate>(DateTime(START));
        self.register(hmac_key(&KEY), attributes).await.unwrap()
    }

    pub(crate) async fn mac(&self, request: MacRequest) -> Result<MacResponse> {
        self.run(OperationCode::MAC, request).await
    }

    async fn verify_mac(&self, request: MacVerifyRequest) -> Result<MacVerifyResponse> {
        self.run(OperationCode::MAC_VERIFY, request).await
    }

    async fn hash(&self, request: HashRequest) -> Result<HashResponse> {
        self.run(OperationCode::HASH, request).await
    }
}

#[tokio::test]
async fn a_mac_is_made_and_verified_as_the_rfc_says() {
    let server = Server::new();
    let id = server.hmac_key().await;
    let made = server.mac(mac(&id, DATA)).await.unwrap();
    assert_eq!(in_hex(made.mac_data).as_deref(), Some(MAC));
    let validity = async |data, mac| {
        server.verify_mac(verify(&id, data, mac)).await.unwrap().validity_indicator.unwrap()
    };
    assert_eq!(validity(DATA, MAC).await, ValidityIndicator::VALID);
    assert_eq!(validity(b"Hi there", MAC).await, ValidityIndicator::INVALID);
    assert_eq!(validity(DATA, "b034").await, ValidityIndicator::INVALID);
}

#[tokio::test]
async fn an_aes_key_makes_the_hmac_that_its_parameters_name() {
    let server = Server::new();
    let mut attributes = aes(MACS);
    attributes.put::<kinds::CryptographicLength>(128);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    attributes.push::<kinds::CryptographicParameters>(CryptographicParameters {
        cryptographic_algorithm: Some(CryptographicAlgorithm::HMAC_SHA256),
        ..CryptographicParameters::NONE
    });
    let key = raw(&hex::decode("0123456789abcdef0123456789abcdef").unwrap());
    let id = server.register(key, attributes).await.unwrap();
    let data = hex::decode("01020304050607080910111213141516").unwrap();
    let made = server.mac(mac(&id, &data)).await.unwrap();
    let expected = "c911e78196d64c30f631bb079ea37b97a95936d4da764d6a171df030c895ecf9";
    assert_eq!(in_hex(made.mac_data).as_deref(), Some(expected));
}

#[tokio::test]
async fn parts_are_authenticated_as_the_whole() {
    let server = Server::new();
    let id = server.hmac_key().await;
    let begun = MacRequest { init_indicator: Some(true), ..mac(&id, &DATA[..3]) };
    let begun = server.mac(begun).await.unwrap();
    assert_eq!(begun.mac_data, None);
    let last = MacRequest {
        correlation_value: begun.correlation_value,
        final_indicator: Some(true),
        ..mac(&id, &DATA[3..])
    };
    assert_eq!(in_hex(server.mac(last).await.unwrap().mac_data).as_deref(), Some(MAC));
    let begun = MacVerifyRequest { init_indicator: Some(true), ..verify(&id, &DATA[..3], MAC) };
    let begun = server.verify_mac(begun).await.unwrap();
    assert_eq!(begun.validity_indicator, None);
    let last = MacVerifyRequest {
        correlation_value: begun.correlation_value,
        final_indicator: Some(true),
        mac_data: None,
        ..verify(&id, &DATA[3..], MAC)
    };
    let verified = server.verify_mac(last).await.unwrap();
    assert_eq!(verified.validity_indicator, Some(ValidityIndicator::VALID));
}

#[tokio::test]
async fn the_correlation_value_of_the_first_part_serves_all_parts() {
    let server = Server::new();
    let id = server.hmac_key().await;
    let part = |data, correlation: &ByteString| MacRequest {
        correlation_value: Some(correlation.clone()),
        ..mac(&id, data)
    };
    let begun = server.mac(MacRequest { init_indicator: Some(true), ..mac(&id, &DATA[..3]) }).await.unwrap();
    let correlation = begun.correlation_value.unwrap();
    let next = server.mac(part(&DATA[3..5], &correlation)).await.unwrap();
    assert_eq!(next.correlation_value.as_ref(), Some(&correlation));
    let last = MacRequest { final_indicator: Some(true), ..part(&DATA[5..], &correlation) };
    assert_eq!(in_hex(server.mac(last.clone()).await.unwrap().mac_data).as_deref(), Some(MAC));
    assert_eq!(server.mac(last).await.unwrap_err().reason(), ResultReason::INVALID_CORRELATION_VALUE);

    let part = |data, correlation: &ByteString| MacVerifyRequest {
        correlation_value: Some(correlation.clone()),
        ..verify(&id, data, MAC)
    };
    let begun = MacVerifyRequest { init_indicator: Some(true), ..verify(&id, &DATA[..3], MAC) };
    let correlation = server.verify_mac(begun).await.unwrap().correlation_value.unwrap();
    server.verify_mac(part(&DATA[3..5], &correlation)).await.unwrap();
    let last = MacVerifyRequest { final_indicator: Some(true), ..part(&DATA[5..], &correlation) };
    let verified = server.verify_mac(last).await.unwrap();
    assert_eq!(verified.validity_indicator, Some(ValidityIndicator::VALID));
}

#[tokio::test]
async fn what_is_missing_is_named() {
    let server = Server::new();
    let id = server.hmac_key().await;
    let no_data = MacRequest { data: None, ..mac(&id, &[]) };
    assert_eq!(server.mac(no_data).await.unwrap_err().reason(), ResultReason::MISSING_DATA);
    let no_data = MacVerifyRequest { data: None, ..verify(&id, &[], MAC) };
    assert_eq!(server.verify_mac(no_data).await.unwrap_err().reason(), ResultReason::MISSING_DATA);
    let no_mac = MacVerifyRequest { mac_data: None, ..verify(&id, DATA, MAC) };
    assert_eq!(server.verify_mac(no_mac).await.unwrap_err().reason(), ResultReason::MISSING_DATA);
    let unknown = MacRequest { correlation_value: Some(vec![1].into()), ..mac(&id, DATA) };
    assert_eq!(server.mac(unknown).await.unwrap_err().reason(), ResultReason::INVALID_CORRELATION_VALUE);
}

#[tokio::test]
async fn usage_mask_and_limits_of_the_key_hold() {
    let server = Server::new();
    let encrypts = server.active().await;
    let refused = server.mac(mac(&encrypts, DATA)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK);
    let mut attributes = aes(MACS);
    attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::HMAC_SHA256);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    attributes.put::<kinds::UsageLimits>(UsageLimits { total: 8, count: None, unit: UsageLimitsUnit::BYTE });
    let limited = server.create(attributes).await;
    server.mac(mac(&limited, DATA)).await.unwrap();
    let used_up = server.mac(mac(&limited, DATA)).await.unwrap_err();
    assert_eq!(used_up.reason(), ResultReason::USAGE_LIMIT_EXCEEDED);
}

#[tokio::test]
async fn data_are_hashed_at_once_and_in_parts() {
    let server = Server::new();
    let expected = Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(in_hex(server.hash(sha_256(b"abc")).await.unwrap().data).as_deref(), expected);
    let begun = HashRequest { init_indicator: Some(true), ..sha_256(b"a") };
    let begun = server.hash(begun).await.unwrap();
    assert_eq!(begun.data, None);
    let last = HashRequest {
        correlation_value: begun.correlation_value,
        final_indicator: Some(true),
        ..sha_256(b"bc")
    };
    let last = server.hash(last).await.unwrap();
    assert_eq!(in_hex(last.data).as_deref(), expected);
    assert_eq!(last.correlation_value, None);
}

/// The digests of nothing, as the NIST publishes them beside FIPS 202.
#[tokio::test]
async fn a_hash_that_kmip_names_as_an_algorithm_is_asked_for_by_that_name() {
    let server = Server::new();
    let of = |algorithm| HashRequest {
        cryptographic_parameters: CryptographicParameters {
            cryptographic_algorithm: Some(algorithm),
            ..CryptographicParameters::NONE
        },
        ..sha_256(b"")
    };
    let shake_128 = "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26";
    let digest = server.hash(of(CryptographicAlgorithm::SHAKE_128)).await.unwrap();
    assert_eq!(in_hex(digest.data).as_deref(), Some(shake_128));
    let shake_256 = "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f\
                     d75dc4ddd8c0f200cb05019d67b592f6fc821c49479ab48640292eacb3b7c4be";
    let digest = server.hash(of(CryptographicAlgorithm::SHAKE_256)).await.unwrap();
    assert_eq!(in_hex(digest.data).as_deref(), Some(shake_256));
    let no_hash = server.hash(of(CryptographicAlgorithm::AES)).await.unwrap_err();
    assert_eq!(no_hash.reason(), ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS);
}

#[tokio::test]
async fn three_parts_are_hashed_under_the_correlation_value_of_the_first() {
    let server = Server::new();
    let begun = server.hash(HashRequest { init_indicator: Some(true), ..sha_256(b"a") }).await.unwrap();
    let part = |data| HashRequest { correlation_value: begun.correlation_value.clone(), ..sha_256(data) };
    server.hash(part(b"b")).await.unwrap();
    let last = server.hash(HashRequest { final_indicator: Some(true), ..part(b"c") }).await.unwrap();
    let expected = Some("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(in_hex(last.data).as_deref(), expected);
}

#[tokio::test]
async fn a_hash_needs_data_and_an_algorithm_that_the_server_has() {
    let server = Server::new();
    let no_data = HashRequest { data: None, ..sha_256(&[]) };
    assert_eq!(server.hash(no_data).await.unwrap_err().reason(), ResultReason::MISSING_DATA);
    let of = |cryptographic_parameters| HashRequest { cryptographic_parameters, ..sha_256(b"abc") };
    let none = server.hash(of(CryptographicParameters::NONE)).await.unwrap_err();
    assert_eq!(none.reason(), ResultReason::BAD_CRYPTOGRAPHIC_PARAMETERS);
    let unknown = CryptographicParameters {
        hashing_algorithm: Some(HashingAlgorithm::TIGER),
        ..CryptographicParameters::NONE
    };
    let unknown = server.hash(of(unknown)).await.unwrap_err();
    assert_eq!(unknown.reason(), ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS);
}

#[tokio::test]
async fn a_seed_is_used_as_far_as_the_generator_has_use_for_it() {
    let server = Server::new();
    let seed = async |data: ByteString| -> i32 {
        let answer: RngSeedResponse =
            server.run(OperationCode::RNG_SEED, RngSeedRequest { data }).await.unwrap();
        answer.data_length
    };
    assert_eq!(seed(vec![1; 32].into()).await, 16);
    assert_eq!(seed(vec![].into()).await, 0);
}

#[tokio::test]
async fn an_operator_decides_whether_clients_seed_the_generator() {
    let seed = async |setting: &str| -> Result<RngSeedResponse> {
        let server = Server::with_settings(Settings::new("/".into(), [("rng-seed", setting.to_owned())]));
        server.run(OperationCode::RNG_SEED, RngSeedRequest { data: vec![1; 32].into() }).await
    };
    assert_eq!(seed("use").await.unwrap().data_length, 16);
    assert_eq!(seed("ignore").await.unwrap().data_length, 0);
    assert_eq!(seed("refuse").await.unwrap_err().reason(), ResultReason::PERMISSION_DENIED);
}
