//! Writers that get in one another's way.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::testkit::{MemoryStore, RecordBuilder};

use crate::support::operations::COUNT;
use crate::support::store::TestStore;
use crate::support::{Ask, Setup, World};

async fn count(world: &World) -> Option<i32> {
    world.stored("counter").await.unwrap().attributes.one::<kinds::RotateGeneration>()
}

async fn counter(setup: Setup) -> World {
    let world = setup.start();
    world.put(RecordBuilder::new("counter").owner("alice")).await;
    world
}

#[tokio::test]
async fn an_overtaken_change_runs_again_from_resolve() {
    let world = counter(Setup::default()).await;
    world.store.conflicts.store(3, Ordering::SeqCst);
    let reads = world.store.reads.load(Ordering::SeqCst);
    world.call("alice", COUNT, Ask::of("counter")).await.unwrap();
    assert_eq!(world.store.reads.load(Ordering::SeqCst) - reads, 4);
    assert_eq!(count(&world).await, Some(1));
}

#[tokio::test]
async fn an_object_that_went_away_meanwhile_is_not_found_when_the_change_runs_again() {
    let world = counter(Setup::default()).await;
    let stop = world.store.stop_after_get();
    let counting = tokio::spawn({
        let world = world.clone();
        async move { world.failure("alice", COUNT, Ask::of("counter")).await }
    });
    stop.is_reached().await;
    world.call("alice", crate::support::operations::PURGE, Ask::of("counter")).await.unwrap();
    stop.let_go();
    assert_eq!(counting.await.unwrap(), ResultReason::OBJECT_NOT_FOUND);
}

#[tokio::test]
async fn a_change_that_is_always_overtaken_ends_at_its_deadline() {
    let mut setup = Setup::default();
    setup.limits.retry_for = Duration::from_millis(50);
    let world = counter(setup).await;
    world.store.conflicts.store(usize::MAX, Ordering::SeqCst);
    let started = Instant::now();
    let refused = world.call("alice", COUNT, Ask::of("counter")).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::GENERAL_FAILURE);
    assert_eq!(refused.class(), ErrorClass::Conflict);
    let took = started.elapsed();
    assert!(took >= Duration::from_millis(50) && took < Duration::from_secs(2), "{took:?}");
    assert_eq!(count(&world).await, None);
}

async fn all_count(worlds: &[World], times: usize) {
    let mut tasks = Vec::new();
    for n in 0..times {
        let world = worlds[n % worlds.len()].clone();
        tasks.push(tokio::spawn(
            async move { world.call("alice", COUNT, Ask::of("counter")).await.map(drop) },
        ));
    }
    for task in tasks {
        task.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_changes_of_one_object_are_all_kept() {
    let world = counter(Setup::store(TestStore::dawdling())).await;
    all_count(std::slice::from_ref(&world), 60).await;
    assert_eq!(count(&world).await, Some(60));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_two_servers_on_one_storage_are_all_kept() {
    let storage = MemoryStore::new();
    let one = counter(Setup::store(TestStore::shared(storage.clone()))).await;
    let other = Setup::store(TestStore::shared(storage)).start();
    all_count(&[one.clone(), other], 40).await;
    assert_eq!(count(&one).await, Some(40));
}

#[tokio::test]
async fn a_name_is_unique_for_its_owner_and_free_for_others() {
    let world = World::start();
    let named = |id: &str| Ask::of(id).comment("the name");
    world.call("alice", OperationCode::CREATE, named("a")).await.unwrap();
    let reason = world.failure("alice", OperationCode::CREATE, named("b")).await;
    assert_eq!(reason, ResultReason::NON_UNIQUE_NAME_ATTRIBUTE);
    world.call("bob", OperationCode::CREATE, named("c")).await.unwrap();
}

#[tokio::test]
async fn an_identifier_is_taken_even_by_an_object_that_the_caller_may_not_see() {
    let world = World::start();
    world.call("alice", OperationCode::CREATE, Ask::of("a")).await.unwrap();
    let reason = world.failure("bob", OperationCode::CREATE, Ask::of("a")).await;
    assert_eq!(reason, ResultReason::OBJECT_ALREADY_EXISTS);
}

#[tokio::test]
async fn what_writes_is_finished_though_the_client_goes_away() {
    let world = counter(Setup::default()).await;
    world.call("alice", OperationCode::GET, Ask::of("counter")).await.unwrap();
    world.audit.take();
    let stop = world.store.stop_after_apply();
    let client = tokio::spawn({
        let world = world.clone();
        async move { world.call("alice", OperationCode::DESTROY, Ask::of("counter")).await.map(drop) }
    });
    stop.is_reached().await;
    client.abort();
    assert!(client.await.unwrap_err().is_cancelled());
    stop.let_go();
    let mut records = world.audit.take();
    while records.is_empty() {
        tokio::task::yield_now().await;
        records = world.audit.take();
    }
    assert_eq!((records[0].operation, records[0].failure), (Some(OperationCode::DESTROY), None));
    // The cache has heard of it.
    let reason = world.failure("alice", OperationCode::GET, Ask::of("counter")).await;
    assert_eq!(reason, ResultReason::OBJECT_DESTROYED);
}
