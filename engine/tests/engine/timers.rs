//! What the server does by itself, for the owners of objects.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use claviger_plugin_sdk::filter::Filter;
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::testkit::{FakeClock, MemoryStore, RecordBuilder};
use claviger_plugin_sdk::timer::Timer;

use crate::support::operations::COUNT;
use crate::support::store::TestStore;
use crate::support::{Ask, NOW, Setup, World};

/// Calls an operation for every object with the tag `due`.
struct Calls(OperationCode);

impl Timer for Calls {
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
        (object.id().as_str() != "left").then(|| (self.0, Ask::of(object.id().as_str()).into_value()))
    }
}

fn worlds() -> [World; 2] {
    let clock = Arc::new(FakeClock::at(NOW));
    let memory = MemoryStore::with_clock(clock.clone());
    [(); 2].map(|()| {
        let setup = Setup::store(TestStore::shared(memory.clone()));
        Setup { clock: clock.clone(), ..setup }.start()
    })
}

async fn put(world: &World, id: &str, owner: &str, tag: &str) {
    world.put(RecordBuilder::new(id).owner(owner).tag(tag)).await;
}

async fn tick(world: &World, operation: OperationCode) {
    world.engine.run_due_timers(&[Arc::new(Calls(operation))]).await;
    world.engine.run_due_jobs().await;
}

async fn count(world: &World, id: &str) -> i32 {
    world.stored(id).await.unwrap().attributes.one::<kinds::RotateGeneration>().unwrap_or(0)
}

#[tokio::test]
async fn a_timer_acts_for_the_owner_of_each_object_that_is_due() {
    let [world, _] = worlds();
    for (id, owner, tag) in
        [("a", "alice", "due"), ("b", "bob", "due"), ("left", "bob", "due"), ("c", "bob", "other")]
    {
        put(&world, id, owner, tag).await;
    }
    tick(&world, COUNT).await;
    let mut acted: Vec<_> = world.audit.take();
    acted.sort_by_key(|record| record.objects.clone());
    let who = |n: usize| (acted[n].user.as_deref(), acted[n].proven_by.as_deref(), acted[n].failure);
    assert_eq!(acted.len(), 2);
    assert_eq!(who(0), (Some("alice"), Some("timer test"), None));
    assert_eq!(who(1), (Some("bob"), Some("timer test"), None));
    for (id, times) in [("a", 1), ("b", 1), ("left", 0), ("c", 0)] {
        assert_eq!(count(&world, id).await, times, "{id}");
    }
}

#[tokio::test]
async fn what_a_timer_did_is_recorded_although_the_server_did_not_hear_that_it_was_written() {
    let [world, _] = worlds();
    put(&world, "a", "alice", "due").await;
    world.store.unheard.store(1, Ordering::SeqCst);
    tick(&world, COUNT).await;
    assert_eq!((count(&world, "a").await, world.store.unheard.load(Ordering::SeqCst)), (1, 0));
    let [record] = &world.audit.take()[..] else { panic!("one record") };
    assert_eq!((record.operation, record.failure), (Some(COUNT), None));
}

#[tokio::test]
async fn a_timer_looks_as_often_as_it_says_whatever_the_number_of_servers() {
    let [one, other] = worlds();
    put(&one, "a", "alice", "due").await;
    for (second, times) in [(0, 1), (59, 1), (60, 2)] {
        one.clock.set(NOW + second);
        tick(&one, COUNT).await;
        tick(&other, COUNT).await;
        assert_eq!(count(&one, "a").await, times, "after {second} seconds");
    }
}

#[tokio::test]
async fn an_operation_that_a_timer_does_not_list_is_not_called() {
    let [world, _] = worlds();
    put(&world, "a", "alice", "due").await;
    tick(&world, OperationCode::DESTROY).await;
    assert!(world.audit.take().is_empty());
    assert!(world.call("alice", OperationCode::GET, Ask::of("a")).await.is_ok());
}

#[tokio::test]
async fn there_is_one_request_for_an_object_until_it_has_run() {
    let [one, other] = worlds();
    put(&one, "a", "alice", "due").await;
    for world in [&one, &other, &one] {
        world.engine.run_due_timers(&[Arc::new(Calls(COUNT))]).await;
        world.clock.advance(60);
    }
    tokio::join!(one.engine.run_due_jobs(), other.engine.run_due_jobs());
    one.engine.run_due_jobs().await;
    assert_eq!(count(&one, "a").await, 1);
}

#[tokio::test]
async fn a_request_for_an_object_that_was_changed_since_is_dropped() {
    let [world, _] = worlds();
    put(&world, "a", "alice", "due").await;
    world.engine.run_due_timers(&[Arc::new(Calls(COUNT))]).await;
    world.call("alice", COUNT, Ask::of("a")).await.unwrap();
    world.engine.run_due_jobs().await;
    assert_eq!(count(&world, "a").await, 1);
    world.clock.advance(60);
    tick(&world, COUNT).await;
    assert_eq!(count(&world, "a").await, 2);
}
