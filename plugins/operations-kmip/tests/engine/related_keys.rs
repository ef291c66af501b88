//! Keys that are made from others and change with them.

use std::collections::BTreeSet;

use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::attributes::{Attributes, Link, kinds};
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::message::RequestMessage;
use claviger_plugin_sdk::kmip::payloads::{
    CreateKeyPairRequest, CreateKeyPairResponse, CreateRequest, CreateResponse, GetRequest, GetResponse,
    ReKeyKeyPairRequest, ReKeyKeyPairResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{LinkType, RevocationReasonCode};
use claviger_plugin_sdk::prelude::*;

use crate::keys::{bytes, plainly};
use crate::server::{START, Server};
use crate::toy_family::{FAMILY, toy_attribute};

pub(crate) fn attributes() -> Attributes {
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicAlgorithm>(FAMILY);
    attributes.put::<kinds::CryptographicUsageMask>(0x20_0000);
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    attributes
}

fn linked(link_type: LinkType, to: &str) -> Attributes {
    let mut attributes = attributes();
    attributes.push::<kinds::Link>(Link { link_type, linked_object_identifier: to.into() });
    attributes
}

pub(crate) fn made_from(parent: &str) -> Attributes {
    linked(LinkType::PARENT_LINK, parent)
}

impl Server {
    /// A pair of alice's: the identifiers of the private and of the public key.
    pub(crate) async fn family(&self, private: Attributes) -> (String, String) {
        let request = CreateKeyPairRequest {
            common_attributes: Some(attributes()),
            private_key_attributes: Some(private),
            public_key_attributes: None,
            common_protection_storage_masks: None,
            private_protection_storage_masks: None,
            public_protection_storage_masks: None,
        };
        let made: CreateKeyPairResponse = self.run(OperationCode::CREATE_KEY_PAIR, request).await.unwrap();
        (made.private_key_unique_identifier, made.public_key_unique_identifier)
    }

    /// A key of a user's, made from another.
    pub(crate) async fn issue(&self, user: &str, template: Attributes) -> Result<String> {
        let request = CreateRequest {
            object_type: ObjectType::PRIVATE_KEY,
            attributes: template,
            protection_storage_masks: None,
        };
        let made: CreateResponse = self.run_as(user, OperationCode::CREATE, request).await?;
        Ok(made.unique_identifier)
    }

    fn renewal(private: &str, asked: Attributes) -> ReKeyKeyPairRequest {
        ReKeyKeyPairRequest {
            private_key_unique_identifier: Some(private.into()),
            offset: None,
            common_attributes: None,
            private_key_attributes: Some(asked),
            public_key_attributes: None,
            common_protection_storage_masks: None,
            private_protection_storage_masks: None,
            public_protection_storage_masks: None,
        }
    }

    async fn renew(&self, user: &str, private: &str) -> Result<ReKeyKeyPairResponse> {
        let request = Self::renewal(private, toy_attribute("renew", "yes"));
        self.run_as(user, OperationCode::RE_KEY_KEY_PAIR, request).await
    }

    async fn key_of(&self, user: &str, id: &str) -> Vec<u8> {
        let request = GetRequest { unique_identifier: Some(id.into()), ..plainly() };
        let got: GetResponse = self.run_as(user, OperationCode::GET, request).await.unwrap();
        bytes(&got.object)
    }
}

#[tokio::test]
async fn a_key_is_made_from_the_one_that_it_names_and_changes_it() {
    let server = Server::new();
    let (private, _) = server.family(attributes()).await;
    let before = server.key_of("alice", &private).await;
    let id = server.issue("alice", made_from(&private)).await.unwrap();
    let after = server.key_of("alice", &private).await;
    assert_eq!((before[16], after[16], &before[..16]), (0, 1, &after[..16]));
    assert_eq!(server.key_of("alice", &id).await, [&[0], &before[..16]].concat());
    let made = server.attributes(&id).await;
    assert_eq!(made.vendor("toy", "made"), Some(&Value::TextString("from another".into())));
    assert_eq!(made.one::<kinds::ObjectType>(), Some(ObjectType::PRIVATE_KEY));
    assert_eq!(made.one::<kinds::CryptographicLength>(), Some(136));
    assert!(made.contains(Tag::ORIGINAL_CREATION_DATE) && made.contains(Tag::DIGEST));
    let parent = server.attributes(&private).await;
    assert_eq!(parent.vendor("toy", "changed"), Some(&Value::TextString("yes".into())));
    assert_eq!(parent.vendor("toy", "made"), Some(&Value::TextString("as a pair".into())));
    let digest = parent.one::<kinds::Digest>().unwrap();
    assert_eq!(digest.digest_value.unwrap()[..], openssl::sha::sha256(&after));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keys_that_two_servers_make_from_one_at_once_are_all_made_and_none_is_lost() {
    let one = std::sync::Arc::new(Server::new());
    let other = std::sync::Arc::new(one.another());
    let (private, _) = one.family(attributes()).await;
    let making: Vec<_> = (0..50)
        .map(|n| {
            let (server, private) = (if n % 2 == 0 { one.clone() } else { other.clone() }, private.clone());
            tokio::spawn(async move { server.issue("alice", made_from(&private)).await })
        })
        .collect();
    let mut numbers = BTreeSet::new();
    for made in making {
        let id = made.await.unwrap().unwrap();
        numbers.insert(one.key_of("alice", &id).await[0]);
    }
    assert_eq!(numbers, (0..50).collect());
    assert_eq!(one.key_of("alice", &private).await[16], 50);
}

#[tokio::test]
async fn who_makes_a_key_from_another_needs_the_right_that_the_scheme_names_and_owns_what_he_makes() {
    let server = Server::new();
    let (private, _) = server.family(attributes()).await;
    let refused = |result: Result<String>| result.unwrap_err().reason();
    let absent = refused(server.issue("bob", made_from(&private)).await);
    assert_eq!(absent, ResultReason::OBJECT_NOT_FOUND);
    server.grant(&private, "carol", OperationCode::ENCRYPT).await;
    assert_eq!(refused(server.issue("carol", made_from(&private)).await), ResultReason::PERMISSION_DENIED);
    server.grant(&private, "bob", OperationCode::GET).await;
    let his = server.issue("bob", made_from(&private)).await.unwrap();
    assert_eq!(server.key_of("bob", &his).await[0], 0);
    assert_eq!(server.get(&his).await.unwrap_err().reason(), ResultReason::OBJECT_NOT_FOUND);
    assert_eq!(server.key_of("alice", &private).await[16], 1);
}

#[tokio::test]
async fn a_key_is_made_from_an_active_private_key_of_the_kind_for_it() {
    let server = Server::new();
    let (private, public) = server.family(attributes()).await;
    let refused = |result: Result<String>| result.unwrap_err().reason();
    assert_eq!(refused(server.issue("alice", attributes()).await), ResultReason::INVALID_FIELD);
    let of_public = refused(server.issue("alice", made_from(&public)).await);
    assert_eq!(of_public, ResultReason::INVALID_OBJECT_TYPE);
    let child = server.issue("alice", made_from(&private)).await.unwrap();
    let of_child = refused(server.issue("alice", made_from(&child)).await);
    assert_eq!(of_child, ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK);
    let mut later = Attributes::new();
    later.put::<kinds::ActivationDate>(DateTime(START + 1000));
    let (not_yet, _) = server.family(later).await;
    let of_not_yet = refused(server.issue("alice", made_from(&not_yet)).await);
    assert_eq!(of_not_yet, ResultReason::WRONG_KEY_LIFECYCLE_STATE);
}

#[tokio::test]
async fn a_key_that_cannot_be_made_leaves_its_parent_as_it_was() {
    let server = Server::new();
    let (private, public) = server.family(attributes()).await;
    let mut taken = made_from(&private);
    taken.put::<kinds::UniqueIdentifier>(public.as_str().into());
    let refused = server.issue("alice", taken).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::OBJECT_ALREADY_EXISTS);
    let mut oversteps = made_from(&private);
    oversteps.extend(toy_attribute("oversteps", "yes"));
    let refused = server.issue("alice", oversteps).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INTERNAL_SERVER_ERROR);
    assert_eq!(server.key_of("alice", &private).await[16], 0);
    assert_eq!(server.attributes(&private).await.vendor("toy", "changed"), None);
}

#[tokio::test]
async fn a_pair_that_is_changed_in_its_place_keeps_its_identifiers_and_takes_all_keys_along() {
    let server = Server::new();
    let (private, public) = server.family(attributes()).await;
    server.grant(&private, "bob", OperationCode::GET).await;
    let hers = server.issue("alice", made_from(&private)).await.unwrap();
    let his = server.issue("bob", made_from(&private)).await.unwrap();
    let before = server.key_of("alice", &private).await;
    let renewed = server.renew("alice", &private).await.unwrap();
    let ids = (renewed.private_key_unique_identifier, renewed.public_key_unique_identifier);
    assert_eq!(ids, (private.clone(), public.clone()));
    let after = server.key_of("alice", &private).await;
    assert_ne!(before[..16], after[..16]);
    assert_eq!(
        server.key_of("alice", &public).await,
        after[..16].iter().map(|byte| !byte).collect::<Vec<_>>()
    );
    assert_eq!(server.key_of("alice", &hers).await, [&[0], &after[..16]].concat());
    assert_eq!(server.key_of("bob", &his).await, [&[1], &after[..16]].concat());
}

#[tokio::test]
async fn a_change_in_place_takes_the_right_to_re_key_on_both_keys() {
    let server = Server::new();
    let (private, public) = server.family(attributes()).await;
    let before = server.key_of("alice", &private).await;
    let refused = |result: Result<ReKeyKeyPairResponse>| result.unwrap_err().reason();
    assert_eq!(refused(server.renew("bob", &private).await), ResultReason::OBJECT_NOT_FOUND);
    server.grant(&private, "bob", OperationCode::RE_KEY_KEY_PAIR).await;
    assert_eq!(refused(server.renew("bob", &private).await), ResultReason::OBJECT_NOT_FOUND);
    assert_eq!(server.key_of("alice", &private).await, before);
    server.grant(&public, "bob", OperationCode::RE_KEY_KEY_PAIR).await;
    server.renew("bob", &private).await.unwrap();
    assert_ne!(server.key_of("alice", &private).await, before);
}

#[tokio::test]
async fn revoked_keys_and_keys_that_the_pair_did_not_make_stay_as_they_are() {
    let server = Server::new();
    let (private, _) = server.family(attributes()).await;
    let (other, _) = server.family(attributes()).await;
    let revoked = server.issue("alice", made_from(&private)).await.unwrap();
    server.revoke(&revoked, RevocationReasonCode::UNSPECIFIED).await.unwrap();
    let mut stranger = server.get(&server.issue("alice", made_from(&other)).await.unwrap()).await.unwrap();
    stranger.key_block_mut().unwrap().cryptographic_algorithm = Some(FAMILY);
    let stranger = server.register(stranger, made_from(&private)).await.unwrap();
    let before = [server.key_of("alice", &revoked).await, server.key_of("alice", &stranger).await];
    server.renew("alice", &private).await.unwrap();
    assert_eq!([server.key_of("alice", &revoked).await, server.key_of("alice", &stranger).await], before);
}

#[tokio::test]
async fn keys_that_are_stored_wrapped_are_left_out_and_named_in_the_answer() {
    let server = Server::new();
    let (private, _) = server.family(attributes()).await;
    let kek = server.active().await;
    let mut wrapped = made_from(&private);
    wrapped.push::<kinds::Link>(Link {
        link_type: LinkType::WRAPPING_KEY_LINK,
        linked_object_identifier: kek.as_str().into(),
    });
    let wrapped = server.issue("alice", wrapped).await.unwrap();
    let plain = server.issue("alice", made_from(&private)).await.unwrap();
    let before = server.key_of("alice", &wrapped).await;
    let request = Server::renewal(&private, toy_attribute("renew", "yes")).into_value();
    let message = RequestMessage::of_one(ProtocolVersion::V2_1, OperationCode::RE_KEY_KEY_PAIR, request);
    let caller = server.caller("alice").await;
    let outcome = server.engine.handle_in(&caller, &Standard, message).await.unwrap().remove(0);
    outcome.result.unwrap();
    let remark = outcome.remark.unwrap();
    assert!(remark.contains(&wrapped) && !remark.contains(&plain), "{remark}");
    assert_eq!(server.key_of("alice", &wrapped).await, before);
    let secret = server.key_of("alice", &private).await;
    assert_eq!(server.key_of("alice", &plain).await[1..], secret[..16]);
}

#[tokio::test]
async fn a_pair_that_is_stored_wrapped_makes_no_keys_and_does_not_change() {
    let server = Server::new();
    let kek = server.active().await;
    let (private, _) = server.family(linked(LinkType::WRAPPING_KEY_LINK, &kek)).await;
    let refused = server.issue("alice", made_from(&private)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::KEY_WRAP_TYPE_NOT_SUPPORTED);
    let refused = server.renew("alice", &private).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::KEY_WRAP_TYPE_NOT_SUPPORTED);
}

#[tokio::test]
async fn a_request_that_the_scheme_does_not_take_replaces_the_pair_as_kmip_has_it() {
    let server = Server::new();
    let (private, public) = server.family(attributes()).await;
    let before = server.key_of("alice", &private).await;
    let request = Server::renewal(&private, Attributes::new());
    let made: ReKeyKeyPairResponse = server.run(OperationCode::RE_KEY_KEY_PAIR, request).await.unwrap();
    assert!(made.private_key_unique_identifier != private && made.public_key_unique_identifier != public);
    assert_eq!(server.key_of("alice", &private).await, before);
}

#[tokio::test]
async fn types_that_no_scheme_makes_from_others_are_refused_as_before() {
    let server = Server::new();
    let mut rsa = attributes();
    rsa.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::RSA);
    assert_eq!(server.issue("alice", rsa).await.unwrap_err().reason(), ResultReason::INVALID_OBJECT_TYPE);
}
