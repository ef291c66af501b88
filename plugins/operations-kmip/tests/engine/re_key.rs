//! Re-key and Re-key Key Pair: tables 303, 304, 308 and 309 of KMIP 2.1.

use claviger_plugin_sdk::kmip::attributes::{
    Attributes, Link, Name, NewAttribute, RngParameters, UsageLimits, kinds,
};
use claviger_plugin_sdk::kmip::field::TtlvValue as _;
use claviger_plugin_sdk::kmip::payloads::{
    EncryptRequest, EncryptResponse, GetRequest, GetResponse, ReKeyKeyPairRequest, ReKeyKeyPairResponse,
    ReKeyRequest, ReKeyResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    LinkType, NameType, RevocationReasonCode, RngAlgorithm, UsageLimitsUnit,
};
use claviger_plugin_sdk::prelude::*;

use crate::key_pairs::pair;
use crate::keys::{EVERY_USE, aes, bytes, plainly, raw};
use crate::server::{START, Server};
use crate::toy_pair::{private, toy};

const RE_KEY: OperationCode = OperationCode::RE_KEY;
const RE_KEY_PAIR: OperationCode = OperationCode::RE_KEY_KEY_PAIR;

pub(crate) fn re_key(id: &str) -> ReKeyRequest {
    ReKeyRequest {
        unique_identifier: Some(id.into()),
        offset: None,
        attributes: None,
        protection_storage_masks: None,
    }
}

fn re_key_pair(id: &str) -> ReKeyKeyPairRequest {
    ReKeyKeyPairRequest {
        private_key_unique_identifier: Some(id.into()),
        offset: None,
        common_attributes: None,
        private_key_attributes: None,
        public_key_attributes: None,
        common_protection_storage_masks: None,
        private_protection_storage_masks: None,
        public_protection_storage_masks: None,
    }
}

fn name(value: &str) -> Name {
    Name { value: value.into(), name_type: NameType::UNINTERPRETED_TEXT_STRING }
}

fn link(link_type: LinkType, id: &str) -> Link {
    Link { link_type, linked_object_identifier: id.into() }
}

impl Server {
    pub(crate) async fn re_key(&self, request: ReKeyRequest) -> Result<String> {
        let answer: ReKeyResponse = self.run(RE_KEY, request).await?;
        Ok(answer.unique_identifier)
    }

    async fn re_key_pair(&self, request: ReKeyKeyPairRequest) -> Result<(String, String)> {
        let answer: ReKeyKeyPairResponse = self.run(RE_KEY_PAIR, request).await?;
        Ok((answer.private_key_unique_identifier, answer.public_key_unique_identifier))
    }

    async fn links(&self, id: &str) -> Vec<Link> {
        self.attributes(id).await.all::<kinds::Link>().collect()
    }
}

#[tokio::test]
async fn a_replacement_takes_over_the_name_and_links_to_what_it_replaces() {
    let server = Server::new();
    let mut attributes = aes(EVERY_USE);
    attributes.push::<kinds::Name>(name("key"));
    attributes.push::<kinds::ObjectGroup>("group".into());
    attributes.put::<kinds::Sensitive>(false);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    let old = server.create(attributes).await;
    server.clock.advance(10);
    let new = server.re_key(re_key(&old)).await.unwrap();
    assert_ne!(bytes(&server.get(&new).await.unwrap()), bytes(&server.get(&old).await.unwrap()));
    assert_eq!(server.links(&old).await, [link(LinkType::REPLACEMENT_OBJECT_LINK, &new)]);
    assert_eq!(server.links(&new).await, [link(LinkType::REPLACED_OBJECT_LINK, &old)]);
    let (old, new) = (server.attributes(&old).await, server.attributes(&new).await);
    assert_eq!((old.one::<kinds::Name>(), new.one::<kinds::Name>()), (None, Some(name("key"))));
    assert_eq!(new.one::<kinds::ObjectGroup>(), Some("group".into()));
    assert_eq!(new.one::<kinds::CryptographicUsageMask>(), Some(EVERY_USE));
    assert_eq!(new.one::<kinds::InitialDate>(), Some(DateTime(START + 10)));
    assert_eq!(new.one::<kinds::ActivationDate>(), Some(DateTime(START)));
    assert_eq!(new.one::<kinds::State>(), Some(State::ACTIVE));
    assert_ne!(new.one::<kinds::Digest>(), old.one::<kinds::Digest>());
    assert_eq!(old.one::<kinds::State>(), Some(State::ACTIVE));
    assert_eq!(
        (old.one::<kinds::RotateLatest>(), new.one::<kinds::RotateLatest>()),
        (Some(false), Some(true))
    );
    assert_eq!(new.one::<kinds::RotateGeneration>(), Some(1));
}

#[tokio::test]
async fn an_offset_gives_an_expired_key_a_successor_with_the_same_life_cycle() {
    // OASIS test case TC-92.
    let server = Server::new();
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    attributes.put::<kinds::DeactivationDate>(DateTime(START + 120));
    let old = server.create(attributes).await;
    server.clock.advance(300);
    assert_eq!(server.state(&old).await, State::DEACTIVATED);
    let same = server.re_key(re_key(&old)).await.unwrap();
    assert_eq!(server.state(&same).await, State::DEACTIVATED);
    let new = server.re_key(ReKeyRequest { offset: Some(Interval(0)), ..re_key(&old) }).await.unwrap();
    let new = server.attributes(&new).await;
    assert_eq!(new.one::<kinds::ActivationDate>(), Some(DateTime(START + 300)));
    assert_eq!(new.one::<kinds::DeactivationDate>(), Some(DateTime(START + 420)));
    assert_eq!(new.one::<kinds::State>(), Some(State::ACTIVE));
}

#[tokio::test]
async fn a_compromised_key_is_replaced_by_one_that_is_not() {
    // OASIS test case TC-93.
    let server = Server::new();
    let old = server.active().await;
    server.revoke(&old, RevocationReasonCode::KEY_COMPROMISE).await.unwrap();
    let new = server.attributes(&server.re_key(re_key(&old)).await.unwrap()).await;
    assert_eq!(new.one::<kinds::State>(), Some(State::ACTIVE));
    assert!(!new.contains(Tag::REVOCATION_REASON) && !new.contains(Tag::COMPROMISE_DATE));
    assert_eq!(server.state(&old).await, State::COMPROMISED);
}

#[tokio::test]
async fn limits_are_full_again() {
    let server = Server::new();
    let mut attributes = aes(EVERY_USE);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    attributes.put::<kinds::UsageLimits>(UsageLimits {
        total: 2,
        count: None,
        unit: UsageLimitsUnit::OBJECT,
    });
    let old = server.create(attributes).await;
    let encrypt = EncryptRequest {
        unique_identifier: Some(old.as_str().into()),
        cryptographic_parameters: None,
        data: Some(vec![0; 16].into()),
        iv_counter_nonce: None,
        correlation_value: None,
        init_indicator: None,
        final_indicator: None,
        authenticated_encryption_additional_data: None,
    };
    let _: EncryptResponse = server.run(OperationCode::ENCRYPT, encrypt).await.unwrap();
    let count = async |id: &str| server.attributes(id).await.one::<kinds::UsageLimits>().unwrap().count;
    let new = server.re_key(re_key(&old)).await.unwrap();
    assert_eq!((count(&old).await, count(&new).await), (Some(1), Some(2)));
}

#[tokio::test]
async fn attributes_of_the_request_go_before_those_of_the_key() {
    let server = Server::new();
    let old = server.create(aes(EVERY_USE)).await;
    let asked = |attributes| ReKeyRequest { attributes: Some(attributes), ..re_key(&old) };
    let mut shorter = Attributes::new();
    shorter.put::<kinds::CryptographicLength>(128);
    shorter.put::<kinds::UniqueIdentifier>("chosen".into());
    assert_eq!(server.re_key(asked(shorter)).await.unwrap(), "chosen");
    assert_eq!(bytes(&server.get("chosen").await.unwrap()).len(), 16);
    let mut read_only = Attributes::new();
    read_only.put::<kinds::State>(State::ACTIVE);
    let refused = server.re_key(asked(read_only)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::ATTRIBUTE_READ_ONLY);
    let mut wrong = Attributes::new();
    wrong.put::<kinds::CryptographicLength>(129);
    let refused = server.re_key(asked(wrong)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_ATTRIBUTE_VALUE);
}

#[tokio::test]
async fn a_key_may_be_replaced_again_and_again() {
    let server = Server::new();
    let first = server.create(aes(EVERY_USE)).await;
    let second = server.re_key(re_key(&first)).await.unwrap();
    let third = server.re_key(re_key(&second)).await.unwrap();
    let generation = server.attributes(&third).await.one::<kinds::RotateGeneration>();
    assert_eq!(generation, Some(2));
    let expected =
        [link(LinkType::REPLACED_OBJECT_LINK, &first), link(LinkType::REPLACEMENT_OBJECT_LINK, &third)];
    assert_eq!(server.links(&second).await, expected);
}

#[tokio::test]
async fn whoever_replaces_a_key_its_owner_and_its_grants_stay() {
    let server = Server::new();
    let old = server.create(aes(EVERY_USE)).await;
    let as_bob = || async { server.run_as::<_, ReKeyResponse>("bob", RE_KEY, re_key(&old)).await };
    assert_eq!(as_bob().await.unwrap_err().reason(), ResultReason::OBJECT_NOT_FOUND);
    server.grant(&old, "bob", OperationCode::GET).await;
    assert_eq!(as_bob().await.unwrap_err().reason(), ResultReason::PERMISSION_DENIED);
    server.grant(&old, "bob", RE_KEY).await;
    let new = as_bob().await.unwrap().unique_identifier;
    let get = GetRequest { unique_identifier: Some(new.as_str().into()), ..plainly() };
    let got: Result<GetResponse> = server.run_as("bob", OperationCode::GET, get).await;
    assert!(got.is_ok());
    // What bob may not do with the old one he may not do with the new one.
    let destroy = claviger_plugin_sdk::kmip::payloads::DestroyRequest {
        unique_identifier: Some(new.as_str().into()),
        remove: None,
    };
    let refused: Result<Empty> = server.run_as("bob", OperationCode::DESTROY, destroy).await;
    assert_eq!(refused.unwrap_err().reason(), ResultReason::PERMISSION_DENIED);
    assert!(server.destroy(&new).await.is_ok());
}

#[tokio::test]
async fn a_key_that_is_stored_wrapped_is_replaced_by_one_that_the_same_key_wraps() {
    let server = Server::new();
    let kek = server.active().await;
    let mut attributes = aes(EVERY_USE);
    attributes.push::<kinds::Link>(link(LinkType::WRAPPING_KEY_LINK, &kek));
    let old = server.create(attributes).await;
    let new = server.re_key(re_key(&old)).await.unwrap();
    let data = server.get(&new).await.unwrap().key_block().unwrap().key_wrapping_data.clone().unwrap();
    assert_eq!(data.encryption_key_information.unwrap().unique_identifier, kek.as_str().into());
    assert!(server.links(&new).await.contains(&link(LinkType::WRAPPING_KEY_LINK, &kek)));
    server.revoke(&kek, RevocationReasonCode::SUPERSEDED).await.unwrap();
    assert!(server.re_key(re_key(&new)).await.is_err());
}

#[tokio::test]
async fn what_is_not_there_is_not_replaced() {
    let server = Server::new();
    let old = server.create(aes(EVERY_USE)).await;
    server.destroy(&old).await.unwrap();
    let destroyed = server.re_key(re_key(&old)).await.unwrap_err();
    assert_eq!(destroyed.reason(), ResultReason::OBJECT_DESTROYED);
    let mut elsewhere = raw(&[7; 32]);
    elsewhere.key_block_mut().unwrap().key_value = None;
    let id = server.register(elsewhere, aes(EVERY_USE)).await.unwrap();
    let absent = server.re_key(re_key(&id)).await.unwrap_err();
    assert_eq!(absent.reason(), ResultReason::KEY_VALUE_NOT_PRESENT);
}

#[tokio::test]
async fn a_pair_is_replaced_key_by_key() {
    let server = Server::new();
    let mut request = pair();
    request.private_key_attributes.as_mut().unwrap().push::<kinds::Name>(name("mine"));
    request.public_key_attributes.as_mut().unwrap().push::<kinds::Name>(name("yours"));
    let old = server.create_pair(request).await.unwrap();
    let new = server
        .re_key_pair(ReKeyKeyPairRequest { offset: Some(Interval(60)), ..re_key_pair(&old.0) })
        .await
        .unwrap();
    let replaces = |id: &str| link(LinkType::REPLACED_OBJECT_LINK, id);
    assert_eq!(server.links(&new.0).await, [link(LinkType::PUBLIC_KEY_LINK, &new.1), replaces(&old.0)]);
    assert_eq!(server.links(&new.1).await, [link(LinkType::PRIVATE_KEY_LINK, &new.0), replaces(&old.1)]);
    let replaced = |id: &str| link(LinkType::REPLACEMENT_OBJECT_LINK, id);
    assert!(server.links(&old.0).await.contains(&replaced(&new.0)));
    assert!(server.links(&old.1).await.contains(&replaced(&new.1)));
    for (old, new, called, usage) in [(&old.0, &new.0, "mine", 1), (&old.1, &new.1, "yours", 2)] {
        let (old, new) = (server.attributes(old).await, server.attributes(new).await);
        assert_eq!((old.one::<kinds::Name>(), new.one::<kinds::Name>()), (None, Some(name(called))));
        assert_eq!(new.one::<kinds::CryptographicUsageMask>(), Some(usage));
        assert_eq!(new.one::<kinds::ActivationDate>(), Some(DateTime(START + 60)));
        assert_eq!(new.one::<kinds::State>(), Some(State::PRE_ACTIVE));
        assert_eq!(new.one::<kinds::RotateGeneration>(), Some(1));
    }
    assert_ne!(bytes(&server.get(&old.0).await.unwrap()), bytes(&server.get(&new.0).await.unwrap()));
}

#[tokio::test]
async fn replacing_a_pair_takes_the_right_on_both_keys() {
    let server = Server::new();
    let (private, public) = server.create_pair(pair()).await.unwrap();
    let as_bob = || async {
        server.run_as::<_, ReKeyKeyPairResponse>("bob", RE_KEY_PAIR, re_key_pair(&private)).await
    };
    server.grant(&private, "bob", RE_KEY_PAIR).await;
    assert_eq!(as_bob().await.unwrap_err().reason(), ResultReason::OBJECT_NOT_FOUND);
    server.grant(&public, "bob", RE_KEY_PAIR).await;
    assert!(as_bob().await.is_ok());
}

#[tokio::test]
async fn only_a_private_key_that_names_its_public_key_is_replaced_with_it() {
    let server = Server::new();
    let alone = private(KeyFormatType::PKCS_8, [7; 16]);
    let alone = server.register(alone, toy(CryptographicUsageMask::SIGN)).await.unwrap();
    let refused = server.re_key_pair(re_key_pair(&alone)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_FIELD);
    let (_, public) = server.create_pair(pair()).await.unwrap();
    let refused = server.re_key_pair(re_key_pair(&public)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_OBJECT_TYPE);
}

/// Section 4.52: the most recent object of the set is the latest.
#[tokio::test]
async fn a_key_that_is_replaced_again_has_one_latest_replacement() {
    let server = Server::new();
    let old = server.active().await;
    let first = server.re_key(re_key(&old)).await.unwrap();
    let of_first = server.re_key(re_key(&first)).await.unwrap();
    let second = server.re_key(re_key(&old)).await.unwrap();
    let mut latest = Vec::new();
    for id in [&old, &first, &of_first, &second] {
        latest.push(server.attributes(id).await.one::<kinds::RotateLatest>().unwrap());
    }
    assert_eq!(latest, [false, false, false, true]);
    assert_eq!(server.links(&old).await, [link(LinkType::REPLACEMENT_OBJECT_LINK, &second)]);
}

/// Clients set links themselves, so a link alone makes no object a part of the line.
#[tokio::test]
async fn replacing_a_key_changes_no_object_that_a_client_merely_links_to() {
    let server = Server::new();
    let other = server.re_key(re_key(&server.active().await)).await.unwrap();
    server.grant(&other, "bob", OperationCode::GET).await;
    let linking = async || {
        let mut attributes = aes(EVERY_USE);
        attributes.push::<kinds::Link>(link(LinkType::REPLACEMENT_OBJECT_LINK, &other));
        server.create(attributes).await
    };
    let is_latest = async || server.attributes(&other).await.one::<kinds::RotateLatest>();
    // Of one owner, without a link back.
    server.re_key(re_key(&linking().await)).await.unwrap();
    assert_eq!(is_latest().await, Some(true));
    // Of another owner, with a link back.
    let of_bob = linking().await;
    let back = link(LinkType::REPLACED_OBJECT_LINK, &of_bob).into_value();
    server.add(&other, NewAttribute { tag: Tag::LINK, value: back }).await.unwrap();
    server.hand_over("alice", &of_bob, "bob").await.unwrap();
    let _: ReKeyResponse = server.run_as("bob", RE_KEY, re_key(&of_bob)).await.unwrap();
    assert_eq!(is_latest().await, Some(true));
}

/// Section 4.46.
#[tokio::test]
async fn a_random_number_generator_that_the_server_does_not_have_is_refused() {
    let server = Server::new();
    let of = |rng_algorithm| {
        let mut attributes = Attributes::new();
        attributes.put::<kinds::RandomNumberGenerator>(RngParameters {
            rng_algorithm,
            cryptographic_algorithm: None,
            cryptographic_length: None,
            hashing_algorithm: None,
            drbg_algorithm: None,
            recommended_curve: None,
            fips186_variation: None,
            prediction_resistance: None,
        });
        attributes
    };
    let old = server.active().await;
    for (rng_algorithm, allowed) in [(RngAlgorithm::DRBG, false), (RngAlgorithm::UNSPECIFIED, true)] {
        let mut created = aes(EVERY_USE);
        created.extend(of(rng_algorithm));
        let refused = Err(ResultReason::FEATURE_NOT_SUPPORTED);
        let expected = if allowed { Ok(()) } else { refused };
        let answer = server.try_create(created).await.map(|_| ()).map_err(|error| error.reason());
        assert_eq!(answer, expected);
        let request = ReKeyRequest { attributes: Some(of(rng_algorithm)), ..re_key(&old) };
        let answer = server.re_key(request).await.map(|_| ()).map_err(|error| error.reason());
        assert_eq!(answer, expected);
    }
}
