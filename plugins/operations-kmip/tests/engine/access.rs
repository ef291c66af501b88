//! Grant, Revoke Right, List Rights, Owned, Obtained.

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::payloads::access::{
    GRANT, GrantRequest, GrantResponse, LIST_RIGHTS, ListRightsRequest, ListRightsResponse, OBTAINED, OWNED,
    ObtainedResponse, OwnedResponse, REVOKE_RIGHT, RevokeRightRequest, RevokeRightResponse,
};
use claviger_plugin_sdk::kmip::payloads::{
    GetAttributesRequest, GetAttributesResponse, GetRequest, GetResponse, LocateRequest, LocateResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::KeyWrapType;
use claviger_plugin_sdk::prelude::*;

use crate::keys::{EVERY_USE, aes, plainly, raw};
use crate::server::Server;

impl Server {
    async fn grant_as(
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
    assert_eq!(owned.objects[1].key_wrap_type, KeyWrapType::NOT_WRAPPED);
    assert_eq!(owned.objects[1].attributes.one::<kinds::CryptographicLength>(), Some(256));
    let none: OwnedResponse = server.run_as("bob", OWNED, Empty {}).await.unwrap();
    assert!(none.objects.is_empty());
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
