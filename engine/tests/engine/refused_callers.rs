//! Callers whom nobody accepts: how often they may try, and what audit is told of them.

use std::sync::Arc;
use std::time::Duration;

use claviger_engine::{HeldOff, Limits, RequiredAudit};
use claviger_plugin_sdk::authentication::{ConnectionFacts, Transport};
use claviger_plugin_sdk::prelude::*;

use crate::support::operations::{COUNT, MAY_CREATE};
use crate::support::world::{Setup, facts};
use crate::support::{Ask, World};
use claviger_plugin_sdk::testkit::RecordBuilder;

fn world(failures_per_minute: u32) -> World {
    Setup { limits: Limits { failures_per_minute, ..Limits::default() }, ..Setup::default() }.start()
}

/// The facts of a caller from an address.
fn from(address: &str, user: &str) -> Arc<ConnectionFacts> {
    let peer = Some(format!("{address}:4000").parse().unwrap());
    Arc::new(ConnectionFacts { transport: Transport::Https, peer, ..(*facts(&[("user", user)])).clone() })
}

async fn refused(world: &World, address: &str, user: &str) -> Option<HeldOff> {
    let error = world.engine.authenticate(from(address, user)).await.unwrap_err();
    assert_eq!(error.reason(), ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
    assert_eq!(error.message(), "authentication was not successful");
    HeldOff::of(&error)
}

#[tokio::test]
async fn an_address_that_fails_too_often_has_to_wait_and_those_who_were_accepted_there_have_not() {
    let world = world(3);
    world.engine.authenticate(from("192.0.2.1", "alice")).await.unwrap();
    for _ in 0..3 {
        assert_eq!(refused(&world, "192.0.2.1", "mallory").await, None);
    }
    let wait = Duration::from_secs(1);
    assert_eq!(refused(&world, "192.0.2.1", "mallory").await, Some(HeldOff { wait }));
    assert_eq!(refused(&world, "192.0.2.1", "bob").await, Some(HeldOff { wait }), "he is not even looked at");
    world.engine.authenticate(from("192.0.2.1", "alice")).await.unwrap();
    world.engine.authenticate(from("192.0.2.2", "bob")).await.unwrap();
    world.clock.advance(1);
    world.engine.authenticate(from("192.0.2.1", "bob")).await.unwrap();
}

#[tokio::test]
async fn records_of_refused_callers_say_from_where_and_why_and_are_not_too_many() {
    let world = world(2);
    for _ in 0..2 {
        refused(&world, "192.0.2.1", "mallory").await;
    }
    for _ in 0..1_000 {
        refused(&world, "192.0.2.1", "mallory").await;
    }
    let [first, second] = &world.audit.take()[..] else { panic!() };
    assert_eq!((first.peer, first.transport), (Some([192, 0, 2, 1].into()), Transport::Https));
    assert_eq!(first.refusal.as_deref(), Some("refused by doorkeeper: known to be bad"));
    assert_eq!((first.user.as_deref(), first.repeated, second.repeated), (None, 1, 1));
    world.engine.settle_refusals(false);
    assert_eq!(world.audit.take().len(), 0, "it is not time yet");
    world.clock.advance(10);
    world.engine.settle_refusals(false);
    let [summed] = &world.audit.take()[..] else { panic!() };
    assert_eq!((summed.repeated, summed.peer), (1_000, None));
    assert_eq!(summed.failure, Some(ResultReason::AUTHENTICATION_NOT_SUCCESSFUL));
}

#[tokio::test]
async fn a_connection_that_tls_refuses_is_recorded() {
    let world = world(2);
    let nobody = ConnectionFacts { headers: Vec::new(), ..(*from("192.0.2.1", "")).clone() };
    world.engine.refuse_connection(&nobody, "client certificate: expired");
    let [record] = &world.audit.take()[..] else { panic!() };
    assert_eq!(record.refusal.as_deref(), Some("refused by TLS: client certificate: expired"));
}

#[tokio::test]
async fn where_audit_is_required_what_it_does_not_keep_is_not_done() {
    let refused = Some(ResultReason::GENERAL_FAILURE);
    for (required_audit, writes, material) in [
        (RequiredAudit::Nothing, None, None),
        (RequiredAudit::Writes, refused, None),
        (RequiredAudit::WritesAndMaterial, refused, refused),
    ] {
        let world = Setup { required_audit, ..Setup::default() }.start();
        world.put(RecordBuilder::new("k").owner("alice")).await;
        world.audit.refuse_intents(true);
        assert_eq!(world.call("alice", OperationCode::CREATE, Ask::of("a")).await.err().map(reason), writes);
        assert_eq!(world.stored("a").await.is_some(), writes.is_none());
        assert_eq!(world.call("alice", COUNT, Ask::of("k")).await.err().map(reason), writes);
        let got = world.call("alice", OperationCode::GET, Ask::of("k")).await;
        assert_eq!(got.err().map(reason), material, "it writes nothing, and tells the key");
        world.call("alice", OperationCode::GET_ATTRIBUTES, Ask::of("k")).await.unwrap();
        let told: Vec<_> = world.audit.take().into_iter().map(|record| record.failure).collect();
        let expected = [writes, writes, material, None];
        assert_eq!(told, expected, "what failed is recorded all the same, if it can be");
        world.audit.refuse_intents(false);
        world.call("alice", OperationCode::CREATE, Ask::of("b")).await.unwrap();
        let intents = world.audit.take_intents();
        let named: Vec<_> = intents.iter().flat_map(|intent| &intent.objects).map(|id| id.as_str()).collect();
        let expected: &[&str] = if writes.is_some() { &["b"] } else { &[] };
        assert_eq!(named, expected);
    }
}

#[tokio::test]
async fn what_may_write_and_does_not_is_no_write_that_audit_has_to_keep() {
    let world = Setup { required_audit: RequiredAudit::Writes, ..Setup::default() }.start();
    world.audit.refuse_intents(true);
    world.call("alice", MAY_CREATE, Ask::NOTHING).await.unwrap();
    let refused = world.call("alice", MAY_CREATE, Ask::of("a")).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::GENERAL_FAILURE);
    assert!(world.stored("a").await.is_none());
}

fn reason(error: Error) -> ResultReason {
    error.reason()
}
