//! Change Owner, and what becomes of what is left of destroyed objects.

use claviger_plugin_sdk::kmip::attributes::{Name, kinds};
use claviger_plugin_sdk::kmip::payloads::access::{
    CHANGE_OWNER, ChangeOwnerRequest, ChangeOwnerResponse, PURGE, PurgeRequest, PurgeResponse,
};
use claviger_plugin_sdk::kmip::payloads::{
    DestroyRequest, DestroyResponse, GetAttributesRequest, GetAttributesResponse, GetRequest, GetResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::NameType;
use claviger_plugin_sdk::prelude::*;

use crate::keys::{EVERY_USE, aes, plainly};
use crate::server::{START, Server};

impl Server {
    pub(crate) async fn hand_over(&self, by: &str, id: &str, to: &str) -> Result<ChangeOwnerResponse> {
        let request = ChangeOwnerRequest { unique_identifier: Some(id.into()), username: to.into() };
        self.run_as(by, CHANGE_OWNER, request).await
    }

    async fn remove(&self, by: &str, id: &str) -> Result<DestroyResponse> {
        let request = DestroyRequest { unique_identifier: Some(id.into()), remove: Some(true) };
        self.run_as(by, OperationCode::DESTROY, request).await
    }

    async fn purge(&self, by: &str, until: i64, most: Option<i32>) -> Result<i32> {
        let request = PurgeRequest { destroy_date: DateTime(until), maximum_items: most };
        let answer: PurgeResponse = self.run_as(by, PURGE, request).await?;
        Ok(answer.located_items)
    }

    async fn is_known(&self, id: &str) -> bool {
        let request =
            GetAttributesRequest { unique_identifier: Some(id.into()), attribute_reference: vec![] };
        let answer: Result<GetAttributesResponse> = self.run(OperationCode::GET_ATTRIBUTES, request).await;
        answer.is_ok()
    }

    async fn gets(&self, user: &str, id: &str) -> bool {
        let request = GetRequest { unique_identifier: Some(id.into()), ..plainly() };
        let answer: Result<GetResponse> = self.run_as(user, OperationCode::GET, request).await;
        answer.is_ok()
    }
}

fn reason<T: std::fmt::Debug>(result: Result<T>) -> ResultReason {
    result.unwrap_err().reason()
}

#[tokio::test]
async fn an_owner_gives_an_object_of_any_type_away_for_good() {
    let server = Server::new();
    for (object_type, id) in server.one_of_each().await {
        assert_eq!(server.hand_over("alice", &id, "bob").await.unwrap().unique_identifier, id);
        assert!(server.gets("bob", &id).await && !server.gets("alice", &id).await, "{object_type:?}");
        assert_eq!(reason(server.hand_over("alice", &id, "alice").await), ResultReason::OBJECT_NOT_FOUND);
        server.hand_over("bob", &id, "alice").await.unwrap();
    }
}

#[tokio::test]
async fn an_operator_gives_away_what_others_left_and_gets_nothing_by_it() {
    let server = Server::new();
    let id = server.active().await;
    assert_eq!(reason(server.hand_over("operator", &id, "operator").await), ResultReason::PERMISSION_DENIED);
    server.hand_over("operator", &id, "bob").await.unwrap();
    assert!(server.gets("bob", &id).await && !server.gets("operator", &id).await);
    assert_eq!(reason(server.hand_over("carol", &id, "carol").await), ResultReason::OBJECT_NOT_FOUND);
}

#[tokio::test]
async fn grants_outlive_a_change_of_owner_and_give_no_right_to_it() {
    let server = Server::new();
    let id = server.active().await;
    server.grant(&id, "carol", OperationCode::GET).await;
    assert_eq!(reason(server.hand_over("carol", &id, "carol").await), ResultReason::PERMISSION_DENIED);
    server.hand_over("alice", &id, "bob").await.unwrap();
    assert!(server.gets("carol", &id).await);
}

#[tokio::test]
async fn a_new_owner_does_not_have_two_objects_of_one_name() {
    let server = Server::new();
    let named = || {
        let mut attributes = aes(EVERY_USE);
        let name_type = NameType::UNINTERPRETED_TEXT_STRING;
        attributes.push::<kinds::Name>(Name { value: "the one".into(), name_type });
        attributes
    };
    let first = server.create(named()).await;
    server.hand_over("alice", &first, "bob").await.unwrap();
    // The name is free for alice again.
    let second = server.create(named()).await;
    let refused = server.hand_over("alice", &second, "bob").await;
    assert_eq!(reason(refused), ResultReason::NON_UNIQUE_NAME_ATTRIBUTE);
    assert!(server.gets("alice", &second).await);
}

#[tokio::test]
async fn an_owner_is_one_user() {
    let server = Server::new();
    let id = server.active().await;
    for nobody in ["", "*", "a\nb", "group:readers"] {
        assert_eq!(reason(server.hand_over("alice", &id, nobody).await), ResultReason::INVALID_FIELD);
    }
    server.hand_over("alice", &id, "alice").await.unwrap();
}

#[tokio::test]
async fn an_owner_removes_an_object_or_what_is_left_of_it() {
    let server = Server::new();
    for (object_type, id) in server.one_of_each().await {
        let refused = server.remove("alice", &id).await;
        assert_eq!(reason(refused), ResultReason::WRONG_KEY_LIFECYCLE_STATE, "{object_type:?}");
    }
    let (at_once, destroyed) = (server.create(aes(EVERY_USE)).await, server.create(aes(EVERY_USE)).await);
    server.grant(&at_once, "bob", OperationCode::DESTROY).await;
    assert_eq!(reason(server.remove("bob", &at_once).await), ResultReason::PERMISSION_DENIED);
    server.remove("alice", &at_once).await.unwrap();
    server.destroy(&destroyed).await.unwrap();
    assert!(!server.is_known(&at_once).await && server.is_known(&destroyed).await);
    server.remove("alice", &destroyed).await.unwrap();
    assert!(!server.is_known(&destroyed).await);
}

#[tokio::test]
async fn what_was_destroyed_long_ago_is_purged_and_nothing_else() {
    let server = Server::new();
    let mut ids = Vec::new();
    for _ in 0..3 {
        let id = server.create(aes(EVERY_USE)).await;
        server.destroy(&id).await.unwrap();
        ids.push(id);
        server.clock.advance(100);
    }
    let alive = server.active().await;
    assert_eq!(reason(server.purge("alice", START, None).await), ResultReason::PERMISSION_DENIED);
    assert_eq!(server.purge("operator", START + 100, Some(1)).await.unwrap(), 1);
    assert_eq!(server.purge("operator", START + 100, None).await.unwrap(), 1);
    assert_eq!(server.purge("operator", START + 100, None).await.unwrap(), 0);
    assert_eq!(reason(server.purge("operator", START, Some(-1)).await), ResultReason::INVALID_FIELD);
    let known =
        [server.is_known(&ids[0]).await, server.is_known(&ids[1]).await, server.is_known(&ids[2]).await];
    assert_eq!((known, server.is_known(&alive).await), ([false, false, true], true));
}
