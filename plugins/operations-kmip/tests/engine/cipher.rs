//! Encrypt, Decrypt, Check and RNG Retrieve. Expected values: NIST SP 800-38A, F.1.5 and F.2.5; OASIS test case
//! TC-STREAM-ENC-1-14.

use claviger_plugin_sdk::kmip::attributes::{UsageLimits, kinds};
use claviger_plugin_sdk::kmip::message::{
    RequestBatchItem, RequestHeader, RequestMessage, ResponseBatchItem, ResponseMessage,
};
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::payloads::{
    CheckRequest, CheckResponse, DecryptRequest, DecryptResponse, EncryptRequest, EncryptResponse,
    RngRetrieveRequest, RngRetrieveResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    BatchErrorContinuationOption, BlockCipherMode, RevocationReasonCode, UsageLimitsUnit,
};
use claviger_plugin_sdk::prelude::*;

use crate::keys::{EVERY_USE, aes, raw};
use crate::server::{START, Server};

const KEY: &str = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
const BLOCKS: &str = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
const IV: &str = "000102030405060708090a0b0c0d0e0f";
const IN_CBC: &str = "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d";
const IN_ECB: &str = "f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870";

pub(crate) fn mode(mode: BlockCipherMode) -> CryptographicParameters {
    CryptographicParameters { block_cipher_mode: Some(mode), ..CryptographicParameters::NONE }
}

pub(crate) fn plaintext(id: &str, data: &[u8]) -> EncryptRequest {
    EncryptRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: None,
        data: Some(data.into()),
        iv_counter_nonce: None,
        correlation_value: None,
        init_indicator: None,
        final_indicator: None,
        authenticated_encryption_additional_data: None,
    }
}

pub(crate) fn ciphertext(id: &str, data: ByteString) -> DecryptRequest {
    DecryptRequest {
        unique_identifier: Some(id.into()),
        cryptographic_parameters: None,
        data: Some(data),
        iv_counter_nonce: None,
        correlation_value: None,
        init_indicator: None,
        final_indicator: None,
        authenticated_encryption_additional_data: None,
        authenticated_encryption_tag: None,
    }
}

fn unhex(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

impl Server {
    async fn known_key(&self) -> String {
        let id = self.register(raw(&unhex(KEY)), aes(EVERY_USE)).await.unwrap();
        self.activate(&id).await;
        id
    }

    pub(crate) async fn encrypt(&self, request: EncryptRequest) -> Result<EncryptResponse> {
        self.run(OperationCode::ENCRYPT, request).await
    }

    pub(crate) async fn decrypt(&self, request: DecryptRequest) -> Result<DecryptResponse> {
        self.run(OperationCode::DECRYPT, request).await
    }
}

#[tokio::test]
async fn parameters_of_the_request_come_before_those_of_the_key() {
    let server = Server::new();
    let mut attributes = aes(EVERY_USE);
    attributes.push::<kinds::CryptographicParameters>(mode(BlockCipherMode::ECB));
    let id = server.register(raw(&unhex(KEY)), attributes).await.unwrap();
    server.activate(&id).await;
    let of_key = server.encrypt(plaintext(&id, &unhex(BLOCKS))).await.unwrap();
    assert_eq!(hex::encode(&*of_key.data.unwrap()), IN_ECB);
    let of_request = EncryptRequest {
        cryptographic_parameters: Some(mode(BlockCipherMode::CBC)),
        iv_counter_nonce: Some(unhex(IV).into()),
        ..plaintext(&id, &unhex(BLOCKS))
    };
    assert_eq!(hex::encode(&*server.encrypt(of_request).await.unwrap().data.unwrap()), IN_CBC);
}

#[tokio::test]
async fn a_stream_gives_what_one_request_gives() {
    let server = Server::new();
    let id = server.known_key().await;
    let blocks = unhex(BLOCKS);
    let part = |range: std::ops::Range<usize>| EncryptRequest {
        cryptographic_parameters: Some(mode(BlockCipherMode::CBC)),
        iv_counter_nonce: Some(unhex(IV).into()),
        ..plaintext(&id, &blocks[range])
    };
    let first = EncryptRequest { init_indicator: Some(true), ..part(0..8) };
    let first = server.encrypt(first).await.unwrap();
    assert_eq!(first.data, None);
    let next = EncryptRequest { correlation_value: first.correlation_value, ..part(8..24) };
    let next = server.encrypt(next).await.unwrap();
    let last = EncryptRequest {
        correlation_value: next.correlation_value,
        final_indicator: Some(true),
        ..part(24..32)
    };
    let last = server.encrypt(last).await.unwrap();
    assert_eq!(last.correlation_value, None);
    let all = [&*next.data.unwrap(), &*last.data.unwrap()].concat();
    assert_eq!(hex::encode(all), IN_CBC);
}

#[tokio::test]
async fn three_parts_are_encrypted_and_decrypted_under_the_correlation_value_of_the_first() {
    let server = Server::new();
    let id = server.known_key().await;
    let blocks = unhex(BLOCKS);
    let part = |range: std::ops::Range<usize>, correlation: Option<&ByteString>| EncryptRequest {
        cryptographic_parameters: Some(mode(BlockCipherMode::CBC)),
        iv_counter_nonce: Some(unhex(IV).into()),
        correlation_value: correlation.cloned(),
        ..plaintext(&id, &blocks[range])
    };
    let first = EncryptRequest { init_indicator: Some(true), ..part(0..16, None) };
    let correlation = server.encrypt(first).await.unwrap().correlation_value.unwrap();
    let next = server.encrypt(part(16..24, Some(&correlation))).await.unwrap();
    assert_eq!(next.correlation_value.as_ref(), Some(&correlation));
    let last = EncryptRequest { final_indicator: Some(true), ..part(24..32, Some(&correlation)) };
    server.encrypt(last.clone()).await.unwrap();
    assert_eq!(server.encrypt(last).await.unwrap_err().reason(), ResultReason::INVALID_CORRELATION_VALUE);

    let encrypted = unhex(IN_CBC);
    let part = |range: std::ops::Range<usize>, correlation: Option<&ByteString>| DecryptRequest {
        cryptographic_parameters: Some(mode(BlockCipherMode::CBC)),
        iv_counter_nonce: Some(unhex(IV).into()),
        correlation_value: correlation.cloned(),
        ..ciphertext(&id, encrypted[range].into())
    };
    let first = DecryptRequest { init_indicator: Some(true), ..part(0..16, None) };
    let first = server.decrypt(first).await.unwrap();
    let correlation = first.correlation_value.unwrap();
    let next = server.decrypt(part(16..32, Some(&correlation))).await.unwrap();
    let last =
        DecryptRequest { final_indicator: Some(true), ..part(32..encrypted.len(), Some(&correlation)) };
    let last = server.decrypt(last).await.unwrap();
    let all: Vec<u8> =
        [first.data, next.data, last.data].into_iter().flatten().flat_map(ByteString::into_vec).collect();
    assert_eq!(all, blocks);
}

#[tokio::test]
async fn a_stream_belongs_to_its_user_key_and_operation_and_ends_once() {
    let server = Server::new();
    let id = server.known_key().await;
    let first = EncryptRequest {
        cryptographic_parameters: Some(mode(BlockCipherMode::ECB)),
        init_indicator: Some(true),
        ..plaintext(&id, &unhex(BLOCKS))
    };
    let correlation_value = server.encrypt(first).await.unwrap().correlation_value;
    let decrypt =
        DecryptRequest { correlation_value: correlation_value.clone(), ..ciphertext(&id, vec![].into()) };
    let refused = server.decrypt(decrypt).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_CORRELATION_VALUE);
    let last = || EncryptRequest {
        correlation_value: correlation_value.clone(),
        final_indicator: Some(true),
        data: None,
        ..plaintext(&id, &[])
    };
    server.encrypt(last()).await.unwrap();
    assert_eq!(server.encrypt(last()).await.unwrap_err().reason(), ResultReason::INVALID_CORRELATION_VALUE);
}

#[tokio::test]
async fn data_are_required_in_one_request() {
    let server = Server::new();
    let id = server.known_key().await;
    let refused = server.encrypt(EncryptRequest { data: None, ..plaintext(&id, &[]) }).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::MISSING_DATA);
}

#[tokio::test]
async fn a_deactivated_key_decrypts_and_does_not_encrypt() {
    let server = Server::new();
    let id = server.known_key().await;
    let ecb = || Some(mode(BlockCipherMode::ECB));
    let request = || EncryptRequest { cryptographic_parameters: ecb(), ..plaintext(&id, &unhex(BLOCKS)) };
    let encrypted = server.encrypt(request()).await.unwrap().data.unwrap();
    server.revoke(&id, RevocationReasonCode::SUPERSEDED).await.unwrap();
    let refused = server.encrypt(request()).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
    let decrypt = DecryptRequest { cryptographic_parameters: ecb(), ..ciphertext(&id, encrypted) };
    assert_eq!(hex::encode(&*server.decrypt(decrypt).await.unwrap().data.unwrap()), BLOCKS);
}

#[tokio::test]
async fn usage_limits_end_the_use_and_check_tells_before() {
    let server = Server::new();
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    attributes.put::<kinds::UsageLimits>(UsageLimits { total: 40, count: None, unit: UsageLimitsUnit::BYTE });
    let id = server.create(attributes).await;
    let request = || EncryptRequest {
        cryptographic_parameters: Some(mode(BlockCipherMode::ECB)),
        ..plaintext(&id, &unhex(BLOCKS))
    };
    let check = |count| CheckRequest {
        unique_identifier: Some(id.as_str().into()),
        usage_limits_count: Some(count),
        cryptographic_usage_mask: None,
        lease_time: None,
    };
    server.encrypt(request()).await.unwrap();
    assert_eq!(server.attributes(&id).await.one::<kinds::UsageLimits>().unwrap().count, Some(8));
    let fits: Result<CheckResponse> = server.run(OperationCode::CHECK, check(8)).await;
    assert_eq!(fits.unwrap().unique_identifier.as_ref(), Some(&id));
    let too_much: Result<CheckResponse> = server.run(OperationCode::CHECK, check(9)).await;
    let refused = too_much.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::USAGE_LIMIT_EXCEEDED);
    let told = CheckResponse::from_value(Tag::RESPONSE_PAYLOAD, refused.payload().unwrap().clone()).unwrap();
    assert_eq!((told.unique_identifier, told.usage_limits_count), (None, Some(9)));
    assert_eq!((told.cryptographic_usage_mask, told.lease_time), (None, None));
    assert!(server.encrypt(request()).await.is_err());
}

/// What alice gets for a check of the key that she finds, and for a Get after it.
async fn checked(server: &Server, version: ProtocolVersion, check: CheckRequest) -> [ResponseBatchItem; 2] {
    let items = [
        (OperationCode::LOCATE, Value::Structure(Vec::new())),
        (OperationCode::CHECK, check.into_value()),
        (OperationCode::GET, Value::Structure(Vec::new())),
    ];
    let message = RequestMessage {
        request_header: RequestHeader {
            batch_error_continuation_option: Some(BatchErrorContinuationOption::CONTINUE),
            ..RequestHeader::new(version, 3)
        },
        batch_item: items.map(|(operation, payload)| RequestBatchItem::new(operation, payload)).into(),
    };
    let message = Ttlv::new(Tag::REQUEST_MESSAGE, message.into_value());
    let answer = server.engine.handle(&server.caller("alice").await, message).await;
    let mut items = ResponseMessage::from_value(answer.tag, answer.value).unwrap().batch_item;
    let last = items.pop().unwrap();
    [items.pop().unwrap(), last]
}

#[tokio::test]
async fn a_refused_check_tells_what_is_refused_and_empties_the_id_placeholder() {
    let server = Server::new();
    server.create(aes(0x4)).await;
    let wanting = |mask, seconds| CheckRequest {
        unique_identifier: None,
        usage_limits_count: None,
        cryptographic_usage_mask: Some(mask),
        lease_time: Some(Interval(seconds)),
    };
    let mask = || Ttlv::new(Tag::CRYPTOGRAPHIC_USAGE_MASK, Value::Integer(0xC));
    let lease = || Ttlv::new(Tag::LEASE_TIME, Value::Interval(9999));
    let incompatible = ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK;
    for (version, check, reason, told) in [
        (ProtocolVersion::V2_1, wanting(0xC, 9999), incompatible, vec![mask(), lease()]),
        (ProtocolVersion::V2_1, wanting(0x4, 9999), ResultReason::PERMISSION_DENIED, vec![lease()]),
        // The reason says it all, and does not in 1.4.
        (ProtocolVersion::V2_1, wanting(0xC, 10), incompatible, vec![]),
        (ProtocolVersion::V1_4, wanting(0xC, 10), ResultReason::PERMISSION_DENIED, vec![mask()]),
    ] {
        let [refused, after] = checked(&server, version, check).await;
        assert_eq!(refused.result_reason, Some(reason));
        let told = Some(Value::Structure(told)).filter(|told| *told != Value::Structure(vec![]));
        assert_eq!(refused.response_payload, told.map(Into::into));
        assert_eq!(after.result_reason, Some(ResultReason::ITEM_NOT_FOUND));
    }
    let [allowed, after] = checked(&server, ProtocolVersion::V2_1, wanting(0x4, 10)).await;
    assert_eq!((allowed.result_reason, after.result_reason), (None, None));
}

#[tokio::test]
async fn random_bytes_are_of_the_length_that_is_asked_for() {
    let server = Server::new();
    let request = RngRetrieveRequest { data_length: 32 };
    let answer: RngRetrieveResponse = server.run(OperationCode::RNG_RETRIEVE, request).await.unwrap();
    assert_eq!(answer.data.len(), 32);
}
