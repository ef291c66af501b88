//! A storage with several databases: nothing of one is reached from another, and what nobody has open is forgotten.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use claviger_engine::Caller;
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::filter::Filter;
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::tables::enumerations::AsynchronousIndicator;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::ObjectStore;
use claviger_plugin_sdk::testkit::{FakeClock, MemoryStore, RecordBuilder};
use claviger_plugin_sdk::timer::Timer;

use crate::support::operations::{COUNT, STREAM};
use crate::support::schemes::parses;
use crate::support::store::TestStore;
use crate::support::world::{facts, item, message};
use crate::support::{Ask, NOW, Setup, World};

/// Two databases whose documents expire by the clock of the test.
fn setup() -> Setup {
    let clock = Arc::new(FakeClock::at(NOW));
    let store = |name| TestStore::over_named(MemoryStore::with_clock(clock.clone()), name);
    Setup { stores: vec![store("one"), store("two")], clock: clock.clone(), ..Setup::default() }
}

async fn put_in(store: &TestStore, builder: RecordBuilder) {
    let change = claviger_plugin_sdk::store::ChangeSet { puts: vec![builder.put()], ..Default::default() };
    store.apply(change).await.unwrap();
}

fn key(material: [u8; 32]) -> RecordBuilder {
    let mask = CryptographicUsageMask::UNRESTRICTED.0 as i32;
    let key = RecordBuilder::new("k").owner("alice").material(material);
    key.with::<kinds::CryptographicUsageMask>(mask)
}

async fn alice_in(world: &World, store: &str) -> Caller {
    world.caller(&[("user", "alice"), ("store", store)]).await
}

async fn encrypt(world: &World, caller: &Caller, data: &[u8]) -> Option<Vec<u8>> {
    let told =
        world.call_in(caller, &Standard, OperationCode::ENCRYPT, Ask::of("k").data(data)).await.unwrap();
    told.data.map(|data| data.to_vec())
}

async fn count(store: &TestStore, id: &str) -> i32 {
    let stored = store.get(&[ObjectId::new(id).unwrap()], &[]).await.unwrap().pop().unwrap();
    let record = claviger_plugin_sdk::record::Record::from_bytes(&stored.body).unwrap();
    record.attributes.one::<kinds::RotateGeneration>().unwrap_or(0)
}

#[tokio::test]
async fn one_identifier_is_two_keys_in_two_databases_also_when_both_are_remembered() {
    let world = setup().start();
    put_in(&world.stores[0], key([51; 32])).await;
    put_in(&world.stores[1], key([52; 32])).await;
    let (one, two) = (alice_in(&world, "one").await, alice_in(&world, "two").await);
    let first = [encrypt(&world, &one, b"x").await, encrypt(&world, &two, b"x").await];
    assert_ne!(first[0], first[1]);
    for _ in 0..3 {
        assert_eq!([encrypt(&world, &one, b"x").await, encrypt(&world, &two, b"x").await], first);
    }
    assert_eq!((parses([51; 32]), parses([52; 32])), (1, 1));
    let stores: Vec<_> = world.audit.take().into_iter().map(|record| record.store.unwrap()).collect();
    assert_eq!(stores.iter().map(|store| &**store).collect::<Vec<_>>(), ["one", "two"].repeat(4));
}

#[tokio::test]
async fn a_change_in_one_database_leaves_the_other_as_it_is() {
    let world = setup().start();
    put_in(&world.stores[0], key([53; 32])).await;
    put_in(&world.stores[1], key([53; 32])).await;
    let (one, two) = (alice_in(&world, "one").await, alice_in(&world, "two").await);
    encrypt(&world, &one, b"x").await;
    encrypt(&world, &two, b"x").await;
    world.call_in(&one, &Standard, OperationCode::REVOKE, Ask::of("k")).await.unwrap();
    let refused = world.call_in(&one, &Standard, OperationCode::ENCRYPT, Ask::of("k").data(b"x")).await;
    assert_eq!(refused.unwrap_err().reason(), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
    encrypt(&world, &two, b"x").await;
}

#[tokio::test]
async fn what_was_remembered_of_a_database_is_forgotten_when_it_is_closed() {
    let world = setup().start();
    put_in(&world.stores[0], key([54; 32])).await;
    put_in(&world.stores[1], key([55; 32])).await;
    let (one, two) = (alice_in(&world, "one").await, alice_in(&world, "two").await);
    world.engine.run_due_jobs().await;
    encrypt(&world, &one, b"x").await;
    encrypt(&world, &two, b"x").await;
    world.stores[0].closed.store(true, Ordering::SeqCst);
    world.engine.run_due_jobs().await;
    encrypt(&world, &one, b"x").await;
    encrypt(&world, &two, b"x").await;
    assert_eq!((parses([54; 32]), parses([55; 32])), (2, 1));
}

#[tokio::test]
async fn jobs_run_in_databases_that_are_open_and_wait_in_others() {
    let world = setup().start();
    let mut waiting = Vec::new();
    for (store, name) in world.stores.iter().zip(["one", "two"]) {
        put_in(store, RecordBuilder::new("k").owner("alice")).await;
        let mut message = message(vec![item(COUNT, Ask::of("k"))]);
        message.request_header.asynchronous_indicator =
            Some(Value::Enumeration(AsynchronousIndicator::MANDATORY.0));
        let caller = alice_in(&world, name).await;
        let outcomes = world.engine.handle_in(&caller, &Standard, message).await.unwrap();
        waiting.push(outcomes[0].pending.clone().unwrap());
    }
    let [one, two] = &world.stores[..] else { panic!() };
    one.closed.store(true, Ordering::SeqCst);
    world.clock.advance(2);
    world.engine.run_due_jobs().await;
    assert_eq!((count(one, "k").await, count(two, "k").await), (0, 1));
    // The job of one database is unknown in the other.
    let caller = alice_in(&world, "two").await;
    let ask = Ask::NOTHING.stream(waiting[0].clone());
    let refused = world.call_in(&caller, &Standard, OperationCode::POLL, ask).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_ASYNCHRONOUS_CORRELATION_VALUE);
    one.closed.store(false, Ordering::SeqCst);
    world.engine.run_due_jobs().await;
    assert_eq!((count(one, "k").await, count(two, "k").await), (1, 1));
}

/// Counts what has the tag `due`.
struct Counts;

impl Timer for Counts {
    fn name(&self) -> &'static str {
        "test"
    }

    fn operations(&self) -> &'static [OperationCode] {
        &[COUNT]
    }

    fn every(&self) -> Duration {
        Duration::from_secs(60)
    }

    fn due(&self, _: DateTime) -> Filter {
        Filter::Tag("due".to_owned())
    }

    fn request(&self, object: &Authorized) -> Option<(OperationCode, Value)> {
        Some((COUNT, Ask::of(object.id().as_str()).into_value()))
    }
}

#[tokio::test]
async fn timers_look_after_every_database_that_is_open() {
    let world = setup().start();
    for store in &world.stores {
        put_in(store, RecordBuilder::new("k").owner("alice").tag("due")).await;
    }
    let [one, two] = &world.stores[..] else { panic!() };
    two.closed.store(true, Ordering::SeqCst);
    world.engine.run_due_timers(&[Arc::new(Counts)]).await;
    world.engine.run_due_jobs().await;
    assert_eq!((count(one, "k").await, count(two, "k").await), (1, 0));
}

#[tokio::test]
async fn users_of_one_name_in_two_databases_have_streams_of_their_own() {
    let mut setup = setup();
    setup.limits.streams_per_user = 1;
    let world = setup.start();
    for (store, name) in world.stores.iter().zip(["one", "two"]) {
        put_in(store, RecordBuilder::new("k").owner("alice")).await;
        let caller = alice_in(&world, name).await;
        world.call_in(&caller, &Standard, STREAM, Ask::of("k").data(b"x")).await.unwrap();
    }
}

#[tokio::test]
async fn whoever_proves_who_he_is_gets_a_database_and_audit_is_told() {
    let world = setup().start();
    assert!(world.engine.has_databases() && !World::start().engine.has_databases());
    let token = world.engine.new_database(&world.user("alice").await).await.unwrap();
    assert_eq!(token.len(), 48);
    let nobody = world.engine.authenticate(facts(&[("other", "header")])).await.unwrap();
    let narrowed = world.caller(&[("user", "bob"), ("only", "red")]).await;
    for (caller, reason) in
        [(nobody, ResultReason::AUTHENTICATION_NOT_SUCCESSFUL), (narrowed, ResultReason::PERMISSION_DENIED)]
    {
        assert_eq!(world.engine.new_database(&caller).await.unwrap_err().reason(), reason);
    }
    let told: Vec<_> =
        world.audit.take().into_iter().map(|record| (record.user.clone(), record.failure)).collect();
    assert_eq!(
        told,
        [
            (Some("alice".into()), None),
            (None, Some(ResultReason::AUTHENTICATION_NOT_SUCCESSFUL)),
            (Some("bob".into()), Some(ResultReason::PERMISSION_DENIED)),
        ]
    );
}

#[tokio::test]
async fn a_storage_with_one_store_makes_no_databases() {
    let world = World::start();
    let refused = world.engine.new_database(&world.user("alice").await).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::FEATURE_NOT_SUPPORTED);
}

#[tokio::test]
async fn the_storage_is_healthy_though_the_server_has_no_database_of_its_own() {
    setup().start().engine.health().await.unwrap();
}
