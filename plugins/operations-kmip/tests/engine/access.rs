//! Grant, Revoke Right, List Rights, Owned, Obtained.

use std::sync::{Arc, Mutex};

use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::message::{RequestBatchItem, RequestHeader, RequestMessage};
use claviger_plugin_sdk::kmip::payloads::access::{
    GRANT, GrantRequest, GrantResponse, LIST_RIGHTS, ListRightsRequest, ListRightsResponse, OBTAINED, OWNED,
    ObtainedResponse, OwnedResponse, REVOKE_RIGHT, RevokeRightRequest, RevokeRightResponse,
};
use claviger_plugin_sdk::kmip::payloads::{
    CreateRequest, GetAttributesRequest, GetAttributesResponse, GetRequest, GetResponse, LocateRequest,
    LocateResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    BatchErrorContinuationOption, EncodingOption, KeyWrapType,
};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::{FoundPage, ObjectStore, StoreSource, Subject};
use claviger_plugin_sdk::testkit::MemoryStore;
use claviger_plugin_sdk::{BoxFuture, forward_to_store};

use crate::keys::{EVERY_USE, aes, plainly, raw};
use crate::server::Server;
use crate::wrapping::specification;

impl Server {
    pub(crate) async fn grant_as(
        &self,
        owner: &str,
        id: &str,
        user: &str,
        operation: OperationCode,
    ) -> Result<GrantResponse> {
        let request = GrantRequest {
            unique_identifier: Some(id.into()),
            username: user.into(),
            operation: vec![operation],
        };
        self.run_as(owner, GRANT, request).await
    }

    /// Lets a user do something with an object of alice's.
    pub(crate) async fn grant(&self, id: &str, user: &str, operation: OperationCode) {
        self.grant_as("alice", id, user, operation).await.unwrap();
    }

    async fn take_back(&self, id: &str, user: &str, operation: OperationCode) -> Result<RevokeRightResponse> {
        let request = RevokeRightRequest {
            unique_identifier: Some(id.into()),
            username: user.into(),
            operation: vec![operation],
        };
        self.run(REVOKE_RIGHT, request).await
    }

    async fn bob_gets(&self, id: &str) -> Result<GetResponse> {
        let request = GetRequest { unique_identifier: Some(id.into()), ..plainly() };
        self.run_as("bob", OperationCode::GET, request).await
    }

    async fn rights(&self, id: &str) -> Vec<(String, Vec<OperationCode>)> {
        let request = ListRightsRequest { unique_identifier: Some(id.into()) };
        let listed: ListRightsResponse = self.run(LIST_RIGHTS, request).await.unwrap();
        listed.right.into_iter().map(|right| (right.username, right.operation)).collect()
    }

    async fn obtained_by_bob(&self) -> ObtainedResponse {
        self.run_as("bob", OBTAINED, Empty {}).await.unwrap()
    }
}

#[tokio::test]
async fn a_grant_lasts_until_it_is_taken_back() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    assert_eq!(server.bob_gets(&id).await.unwrap_err().reason(), ResultReason::OBJECT_NOT_FOUND);
    server.grant_as("alice", &id, "bob", OperationCode::GET).await.unwrap();
    server.grant_as("alice", &id, "bob", OperationCode::GET).await.unwrap();
    server.bob_gets(&id).await.unwrap();
    assert_eq!(server.rights(&id).await, [("bob".to_owned(), vec![OperationCode::GET])]);
    server.take_back(&id, "bob", OperationCode::GET).await.unwrap();
    server.take_back(&id, "bob", OperationCode::GET).await.unwrap();
    assert!(server.bob_gets(&id).await.is_err());
    assert!(server.rights(&id).await.is_empty());
}

#[tokio::test]
async fn one_right_is_not_another() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    server.grant_as("alice", &id, "bob", OperationCode::ENCRYPT).await.unwrap();
    assert_eq!(server.bob_gets(&id).await.unwrap_err().reason(), ResultReason::PERMISSION_DENIED);
}

#[tokio::test]
async fn only_the_owner_gives_and_not_to_himself() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    server.grant_as("alice", &id, "bob", OperationCode::GET).await.unwrap();
    let passed_on = server.grant_as("bob", &id, "carol", OperationCode::GET).await.unwrap_err();
    assert_eq!(passed_on.reason(), ResultReason::PERMISSION_DENIED);
    let to_self = server.grant_as("alice", &id, "alice", OperationCode::GET).await.unwrap_err();
    assert_eq!(to_self.reason(), ResultReason::PERMISSION_DENIED);
    let of_none = server.grant_as("alice", "nothing", "bob", OperationCode::GET).await.unwrap_err();
    assert_eq!(of_none.reason(), ResultReason::OBJECT_NOT_FOUND);
}

#[tokio::test]
async fn owned_lists_all_of_the_callers_objects_also_destroyed_ones() {
    let server = Server::new();
    let first = server.create(aes(EVERY_USE)).await;
    let second = server.create(aes(EVERY_USE)).await;
    server.destroy(&second).await.unwrap();
    let owned: OwnedResponse = server.run(OWNED, Empty {}).await.unwrap();
    let states: Vec<_> =
        owned.objects.iter().map(|object| (object.unique_identifier.clone(), object.state)).collect();
    assert_eq!(states, [(second, State::DESTROYED), (first, State::PRE_ACTIVE)]);
    assert_eq!(owned.objects[1].attributes.one::<kinds::CryptographicLength>(), Some(256));
    let none: OwnedResponse = server.run_as("bob", OWNED, Empty {}).await.unwrap();
    assert!(none.objects.is_empty());
}

#[tokio::test]
async fn an_owned_key_is_told_to_be_wrapped_if_it_is_stored_so() {
    let server = Server::new();
    let kek = server.active().await;
    let plain = server.create(aes(EVERY_USE)).await;
    let object =
        server.get_wrapped(&plain, specification(&kek, Some(EncodingOption::NO_ENCODING))).await.unwrap();
    let wrapped = server.register(object, aes(EVERY_USE)).await.unwrap();
    let owned: OwnedResponse = server.run(OWNED, Empty {}).await.unwrap();
    let told: Vec<_> =
        owned.objects.into_iter().map(|object| (object.unique_identifier, object.key_wrap_type)).collect();
    let expected = [
        (wrapped, KeyWrapType::AS_REGISTERED),
        (plain, KeyWrapType::NOT_WRAPPED),
        (kek, KeyWrapType::NOT_WRAPPED),
    ];
    assert_eq!(told, expected);
}

/// A store that remembers how it was searched.
struct Watched {
    inner: MemoryStore,
    pages: Mutex<Vec<Page>>,
}

impl ObjectStore for Watched {
    forward_to_store!(inner: namespace, properties, get, locate, grants, apply);
    forward_to_store!(inner: document, documents, document_kinds, health);

    fn find<'a>(
        &'a self,
        filter: &'a Filter,
        page: &'a Page,
        subjects: &'a [Subject],
    ) -> BoxFuture<'a, Result<FoundPage>> {
        self.pages.lock().unwrap().push(page.clone());
        self.inner.find(filter, page, subjects)
    }
}

struct Source(Arc<Watched>);

impl StoreSource for Source {
    fn open(&self, _: &ConnectionFacts) -> Result<Arc<dyn ObjectStore>> {
        Ok(self.0.clone())
    }
}

#[tokio::test]
async fn owned_objects_are_read_a_few_at_a_time_each_page_from_where_the_last_one_ended() {
    let store = Arc::new(Watched { inner: MemoryStore::new(), pages: Mutex::default() });
    let server = Server::on(Arc::new(Source(store.clone())));
    let mut ids = Vec::new();
    for _ in 0..40 {
        ids.insert(0, server.create(aes(EVERY_USE)).await);
    }
    store.pages.lock().unwrap().clear();
    let told = |owned: OwnedResponse| -> Vec<String> {
        owned.objects.into_iter().map(|object| object.unique_identifier).collect()
    };
    assert_eq!(told(server.run(OWNED, Empty {}).await.unwrap()), ids);
    let pages = std::mem::take(&mut *store.pages.lock().unwrap());
    assert_eq!(pages.len(), 3);
    assert!(pages.iter().all(|page| page.limit == 16 && page.offset == 0), "{pages:?}");
    assert!(pages[0].after.is_none() && pages[1].after > pages[2].after, "{pages:?}");

    // With what the message has changed and not written yet.
    let create = CreateRequest {
        object_type: ObjectType::SYMMETRIC_KEY,
        attributes: aes(EVERY_USE),
        protection_storage_masks: None,
    };
    let items = vec![
        RequestBatchItem::new(OperationCode::CREATE, create.into_value()),
        RequestBatchItem::new(OWNED, Empty {}.into_value()),
    ];
    let mut header = RequestHeader::new(ProtocolVersion::V2_1, 2);
    header.batch_error_continuation_option = Some(BatchErrorContinuationOption::UNDO);
    let message = RequestMessage { request_header: header, batch_item: items };
    let alice = server.caller("alice").await;
    let mut outcomes = server.engine.handle_in(&alice, &Standard, message).await.unwrap();
    let payload = outcomes.remove(1).result.unwrap().into_value();
    let owned = told(OwnedResponse::from_value(Tag::RESPONSE_PAYLOAD, payload).unwrap());
    assert_eq!(owned.len(), 41);
    assert_eq!(owned[1..], ids);
}

#[tokio::test]
async fn obtained_lists_what_others_gave_to_the_caller_or_to_everyone() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    assert!(server.obtained_by_bob().await.objects.is_empty());
    server.grant_as("alice", &id, "bob", OperationCode::GET).await.unwrap();
    server.grant_as("alice", &id, "*", OperationCode::ENCRYPT).await.unwrap();
    let obtained = server.obtained_by_bob().await.objects;
    assert_eq!(obtained.len(), 1);
    assert_eq!(
        (obtained[0].unique_identifier.as_str(), obtained[0].username.as_str()),
        (id.as_str(), "alice")
    );
    assert_eq!(obtained[0].state, State::PRE_ACTIVE);
    assert_eq!(obtained[0].operation, [OperationCode::GET, OperationCode::ENCRYPT]);
    let own: ObtainedResponse = server.run(OBTAINED, Empty {}).await.unwrap();
    assert!(own.objects.is_empty());
}

#[tokio::test]
async fn a_group_holds_rights_under_a_name_that_is_no_users() {
    let server = Server::new();
    let id = server.create(aes(EVERY_USE)).await;
    server.grant_as("alice", &id, "group:readers", OperationCode::GET).await.unwrap();
    server.grant_as("alice", &id, "readers", OperationCode::ENCRYPT).await.unwrap();
    let listed = [
        ("group:readers".to_owned(), vec![OperationCode::GET]),
        ("readers".to_owned(), vec![OperationCode::ENCRYPT]),
    ];
    assert_eq!(server.rights(&id).await, listed);
    let nameless = server.grant_as("alice", &id, "group:", OperationCode::GET).await.unwrap_err();
    assert_eq!(nameless.reason(), ResultReason::INVALID_FIELD);
    server.take_back(&id, "group:readers", OperationCode::GET).await.unwrap();
    assert_eq!(server.rights(&id).await, listed[1..]);
}

#[tokio::test]
async fn an_operator_sees_every_object_and_no_digest() {
    let server = Server::new();
    let id = server.register(raw(&[9; 32]), aes(EVERY_USE)).await.unwrap();
    let attributes = async |user| -> Attributes {
        let request =
            GetAttributesRequest { unique_identifier: Some((&*id).into()), attribute_reference: vec![] };
        let told: GetAttributesResponse =
            server.run_as(user, OperationCode::GET_ATTRIBUTES, request).await.unwrap();
        told.attributes
    };
    assert!(attributes("alice").await.contains(Tag::DIGEST));
    let seen = attributes("operator").await;
    assert_eq!(seen.one::<kinds::CryptographicLength>(), Some(256));
    assert!(!seen.contains(Tag::DIGEST));

    let locate = async |user, attributes: Attributes| -> Vec<String> {
        let request = LocateRequest {
            maximum_items: None,
            offset_items: None,
            storage_status_mask: None,
            object_group_member: None,
            attributes: Some(attributes),
        };
        let told: LocateResponse = server.run_as(user, OperationCode::LOCATE, request).await.unwrap();
        told.unique_identifier
    };
    assert_eq!(locate("operator", Attributes::new()).await, [id.as_str()]);
    assert!(locate("bob", Attributes::new()).await.is_empty());
    // Nor is the digest guessed.
    let mut digest = Attributes::new();
    digest.add(Tag::DIGEST, attributes("alice").await.get(Tag::DIGEST).unwrap().clone());
    assert_eq!(locate("alice", digest.clone()).await, [id.as_str()]);
    assert!(locate("operator", digest).await.is_empty());
}
