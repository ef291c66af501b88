//! What the server does by itself: automatic rotation (KMIP 2.1 sections 4.48 to 4.54), and purge.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::payloads::{
    QueryAsynchronousRequestsRequest, QueryAsynchronousRequestsResponse,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{LinkType, RevocationReasonCode};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::{DocumentPage, ObjectStore};
use claviger_plugin_sdk::timer::Timer;

use crate::key_pairs::pair;
use crate::keys::{EVERY_USE, aes};
use crate::re_key::re_key;
use crate::server::{START, Server};

const HOUR: u32 = 3600;

fn timers(server: &Server) -> Vec<Arc<dyn Timer>> {
    timers_with(server, &Settings::default())
}

fn timers_with(server: &Server, settings: &Settings) -> Vec<Arc<dyn Timer>> {
    let factories = server.engine.registry().timer_factories();
    factories.iter().filter_map(|factory| factory.start(settings).unwrap()).collect()
}

impl Server {
    /// What the server does by itself now.
    async fn tick(&self) {
        self.engine.run_due_timers(&timers(self)).await;
        self.engine.run_due_jobs().await;
    }

    /// Rotations that were asked for and have not succeeded.
    async fn failed_rotations(&self) -> usize {
        self.store.documents("job", &DocumentPage::first(99)).await.unwrap().len()
    }

    /// What replaces an object.
    async fn successor(&self, id: &str) -> Option<String> {
        let links: Vec<_> = self.attributes(id).await.all::<kinds::Link>().collect();
        let link = links.iter().find(|link| link.link_type == LinkType::REPLACEMENT_OBJECT_LINK)?;
        Some(link.linked_object_identifier.as_text()?.to_owned())
    }
}

fn rotating(mut attributes: Attributes) -> Attributes {
    attributes.put::<kinds::ActivationDate>(DateTime(START));
    attributes.put::<kinds::RotateAutomatic>(true);
    attributes.put::<kinds::RotateInterval>(Interval(HOUR));
    attributes
}

#[tokio::test]
async fn a_key_is_replaced_each_time_its_interval_has_passed() {
    let server = Server::new();
    let mut attributes = rotating(aes(EVERY_USE));
    attributes.put::<kinds::RotateOffset>(Interval(10));
    let first = server.create(attributes).await;
    server.clock.advance(i64::from(HOUR) - 1);
    server.tick().await;
    assert_eq!(server.successor(&first).await, None);
    server.clock.advance(61);
    server.tick().await;
    let second = server.successor(&first).await.unwrap();
    let (old, new) = (server.attributes(&first).await, server.attributes(&second).await);
    assert_eq!(old.one::<kinds::RotateLatest>(), Some(false));
    let now = START + i64::from(HOUR) + 60;
    assert_eq!(new.one::<kinds::InitialDate>(), Some(DateTime(now)));
    // Table 303: the Activation Date is the Initial Date and the Offset.
    assert_eq!(new.one::<kinds::ActivationDate>(), Some(DateTime(now + 10)));
    assert_eq!(new.one::<kinds::RotateGeneration>(), Some(1));
    server.clock.advance(60);
    server.tick().await;
    assert_eq!(server.successor(&second).await, None);
    server.clock.advance(i64::from(HOUR));
    server.tick().await;
    let third = server.successor(&second).await.unwrap();
    assert_eq!(server.attributes(&third).await.one::<kinds::RotateGeneration>(), Some(2));
    assert_eq!(server.successor(&first).await, Some(second));
}

#[tokio::test]
async fn a_pair_is_replaced_through_its_private_key() {
    let server = Server::new();
    let mut request = pair();
    request.common_attributes = request.common_attributes.map(rotating);
    let (private, public) = server.create_pair(request).await.unwrap();
    server.clock.advance(i64::from(HOUR));
    server.tick().await;
    let new = [server.successor(&private).await, server.successor(&public).await].map(Option::unwrap);
    server.clock.advance(60);
    server.tick().await;
    for id in &new {
        assert_eq!(server.successor(id).await, None);
    }
}

#[tokio::test]
async fn several_servers_replace_a_key_once() {
    let one = Server::new();
    let other = one.another();
    let first = one.create(rotating(aes(EVERY_USE))).await;
    one.clock.advance(i64::from(HOUR));
    // Both look before either has replaced it, and the first one is gone then.
    one.engine.run_due_timers(&timers(&one)).await;
    one.clock.advance(60);
    other.engine.run_due_timers(&timers(&other)).await;
    let third = one.another();
    tokio::join!(other.engine.run_due_jobs(), third.engine.run_due_jobs());
    // One that has nothing in its cache sees what is stored.
    let second = one.another().successor(&first).await.unwrap();
    one.clock.advance(60);
    other.tick().await;
    let sees = one.another();
    assert_eq!(sees.successor(&first).await, Some(second.clone()));
    assert_eq!(sees.successor(&second).await, None);
}

#[tokio::test]
async fn the_owner_gets_the_new_key_and_is_not_bothered_with_the_request() {
    let server = Server::new();
    let first = server.create(rotating(aes(EVERY_USE))).await;
    server.clock.advance(i64::from(HOUR));
    server.engine.run_due_timers(&timers(&server)).await;
    let all = QueryAsynchronousRequestsRequest { asynchronous_correlation_values: None, operations: None };
    let listed: QueryAsynchronousRequestsResponse =
        server.run(OperationCode::QUERY_ASYNCHRONOUS_REQUESTS, all).await.unwrap();
    assert_eq!(listed.asynchronous_request, []);
    server.engine.run_due_jobs().await;
    let second = server.successor(&first).await.unwrap();
    assert!(server.get(&second).await.is_ok());
}

#[tokio::test]
async fn what_was_revoked_or_replaced_by_hand_is_not_replaced() {
    let server = Server::new();
    let [revoked, replaced] =
        [server.create(rotating(aes(EVERY_USE))).await, server.create(rotating(aes(EVERY_USE))).await];
    server.clock.advance(i64::from(HOUR));
    // The requests are made, and something comes in between.
    server.engine.run_due_timers(&timers(&server)).await;
    server.revoke(&revoked, RevocationReasonCode::SUPERSEDED).await.unwrap();
    let by_hand = server.re_key(re_key(&replaced)).await.unwrap();
    server.engine.run_due_jobs().await;
    server.clock.advance(60);
    server.tick().await;
    assert_eq!(server.successor(&revoked).await, None);
    assert_eq!(server.successor(&replaced).await, Some(by_hand.clone()));
    assert_eq!(server.successor(&by_hand).await, None);
}

#[tokio::test]
async fn a_rotation_that_fails_is_tried_again_after_an_hour() {
    let server = Server::new();
    let mut attributes = rotating(aes(EVERY_USE));
    // Moving this by the Offset would go beyond all dates.
    attributes.put::<kinds::DeactivationDate>(DateTime(i64::MAX));
    attributes.put::<kinds::RotateOffset>(Interval(10));
    let failing = server.create(attributes).await;
    let sound = server.create(rotating(aes(EVERY_USE))).await;
    server.clock.advance(i64::from(HOUR));
    server.tick().await;
    assert!(server.successor(&sound).await.is_some());
    assert_eq!(server.failed_rotations().await, 1);
    server.clock.advance(120);
    server.tick().await;
    assert_eq!(server.failed_rotations().await, 1);
    server.clock.advance(i64::from(HOUR) + 60);
    assert_eq!(server.failed_rotations().await, 0);
    server.tick().await;
    assert_eq!(server.failed_rotations().await, 1);
    assert_eq!(server.successor(&failing).await, None);
}

#[tokio::test]
async fn what_is_left_of_a_destroyed_object_goes_when_the_retention_period_is_over() {
    const DAY: i64 = 24 * 60 * 60;
    let server = Server::new();
    let settings = Settings::new("/".into(), [("purge-destroyed-after", "2".to_owned())]);
    let [kept, destroyed] = [server.create(aes(EVERY_USE)).await, server.create(aes(EVERY_USE)).await];
    server.destroy(&destroyed).await.unwrap();
    server.clock.advance(2 * DAY - 1);
    let tick = async || {
        server.engine.run_due_timers(&timers_with(&server, &settings)).await;
        server.engine.run_due_jobs().await;
        server.clock.advance(600);
    };
    tick().await;
    assert_eq!(server.state(&destroyed).await, State::DESTROYED);
    // Without a period it stays.
    server.tick().await;
    assert_eq!(server.state(&destroyed).await, State::DESTROYED);
    tick().await;
    let gone = server.get(&destroyed).await.unwrap_err();
    assert_eq!(gone.reason(), ResultReason::OBJECT_NOT_FOUND);
    assert_eq!(server.state(&kept).await, State::PRE_ACTIVE);
    assert_eq!(server.failed_rotations().await, 0);
}
