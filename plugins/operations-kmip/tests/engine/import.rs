//! Import (KMIP 2.1 section 6.1.25).

use claviger_plugin_sdk::kmip::attributes::{Attributes, Digest, UsageLimits, kinds};
use claviger_plugin_sdk::kmip::payloads::{ImportRequest, ImportResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::{HashingAlgorithm, UsageLimitsUnit};
use claviger_plugin_sdk::prelude::*;

use crate::keys::{EVERY_USE, aes, bytes, raw};
use crate::server::{START, Server};

fn request(id: &str, key: u8, attributes: Attributes, replace: bool) -> ImportRequest {
    ImportRequest {
        unique_identifier: id.into(),
        object_type: ObjectType::SYMMETRIC_KEY,
        replace_existing: Some(replace),
        key_wrap_type: None,
        attributes,
        object: raw(&[key; 32]),
    }
}

impl Server {
    async fn import_as(&self, user: &str, request: ImportRequest) -> Result<String> {
        let answer: ImportResponse = self.run_as(user, OperationCode::IMPORT, request).await?;
        Ok(answer.unique_identifier)
    }
}

#[tokio::test]
async fn supplied_values_are_honoured_and_the_digest_is_computed() {
    let server = Server::new();
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::State>(State::DEACTIVATED);
    attributes.put::<kinds::InitialDate>(DateTime(START - 1000));
    attributes.put::<kinds::OriginalCreationDate>(DateTime(START - 2000));
    attributes.put::<kinds::LastChangeDate>(DateTime(START - 500));
    attributes.put::<kinds::LeaseTime>(Interval(60));
    attributes.push::<kinds::Digest>(Digest {
        hashing_algorithm: HashingAlgorithm::SHA_256,
        digest_value: Some(vec![0; 32].into()),
        key_format_type: Some(KeyFormatType::RAW),
    });
    let id = server.import_as("alice", request("mine", 1, attributes, false)).await.unwrap();
    assert_eq!(id, "mine");
    let attributes = server.attributes("mine").await;
    assert_eq!(attributes.one::<kinds::State>(), Some(State::DEACTIVATED));
    assert_eq!(attributes.one::<kinds::InitialDate>(), Some(DateTime(START - 1000)));
    assert_eq!(attributes.one::<kinds::OriginalCreationDate>(), Some(DateTime(START - 2000)));
    assert_eq!(attributes.one::<kinds::LastChangeDate>(), Some(DateTime(START - 500)));
    assert_eq!(attributes.one::<kinds::LeaseTime>(), Some(Interval(60)));
    let digests: Vec<Digest> = attributes.all::<kinds::Digest>().collect();
    // printf '\x01%.0s' $(seq 32) | sha256sum
    let expected = "72cd6e8422c407fb6d098690f1130b7ded7ec2f7f5e1d30bd9d521f015363793";
    assert_eq!(digests.len(), 1);
    assert_eq!(hex::encode(&**digests[0].digest_value.as_ref().unwrap()), expected);
}

#[tokio::test]
async fn empty_text_lets_the_server_choose() {
    let server = Server::new();
    let id = server.import_as("alice", request("", 1, aes(EVERY_USE), false)).await.unwrap();
    assert!(!id.is_empty());
}

#[tokio::test]
async fn an_existing_object_is_replaced_only_on_demand_and_only_by_its_owner() {
    let server = Server::new();
    server.import_as("alice", request("k", 1, aes(EVERY_USE), false)).await.unwrap();
    let again = server.import_as("alice", request("k", 2, aes(EVERY_USE), false)).await.unwrap_err();
    assert_eq!(again.reason(), ResultReason::OBJECT_ALREADY_EXISTS);
    server.import_as("alice", request("k", 2, aes(EVERY_USE), true)).await.unwrap();
    assert_eq!(bytes(&server.get("k").await.unwrap()), [2; 32]);
    let stranger = server.import_as("bob", request("k", 3, aes(EVERY_USE), true)).await.unwrap_err();
    assert_eq!(stranger.reason(), ResultReason::OBJECT_ALREADY_EXISTS);
    assert_eq!(bytes(&server.get("k").await.unwrap()), [2; 32]);
}

#[tokio::test]
async fn what_contradicts_the_key_is_refused() {
    let server = Server::new();
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::CryptographicLength>(128);
    let refused = server.import_as("alice", request("k", 1, attributes, false)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_FIELD);
}

#[tokio::test]
async fn usage_limits_come_back_with_what_was_left_of_them() {
    let server = Server::new();
    let limited = |total, count| {
        let mut attributes = aes(EVERY_USE);
        let unit = UsageLimitsUnit::OBJECT;
        attributes.put::<kinds::UsageLimits>(UsageLimits { total, count, unit });
        attributes
    };
    for replace in [false, true] {
        server.import_as("alice", request("k", 1, limited(50, Some(20)), replace)).await.unwrap();
        assert_eq!(server.left("k").await, 20);
    }
    server.import_as("alice", request("k", 1, limited(50, Some(0)), true)).await.unwrap();
    assert_eq!(server.left("k").await, 0);
    server.import_as("alice", request("new", 1, limited(50, None), false)).await.unwrap();
    assert_eq!(server.left("new").await, 50);
    for (total, count) in [(10, Some(40)), (10, Some(-1)), (-1, None)] {
        let refused = server.import_as("alice", request("k", 1, limited(total, count), true)).await;
        assert_eq!(refused.unwrap_err().reason(), ResultReason::INVALID_ATTRIBUTE_VALUE);
    }
    assert_eq!(server.left("k").await, 0);
}
