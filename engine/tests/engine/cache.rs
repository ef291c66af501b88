//! What is remembered is never older than what was acknowledged.

use std::sync::atomic::Ordering;

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::{ObjectId, Revision};
use claviger_plugin_sdk::store::{ChangeSet, ObjectStore};
use claviger_plugin_sdk::testkit::{MemoryStore, RecordBuilder};

use crate::support::operations::{SHARE, UNSHARE};
use crate::support::schemes::parses;
use crate::support::store::TestStore;
use crate::support::{Ask, Setup, World};

fn key(id: &str) -> RecordBuilder {
    let mask = CryptographicUsageMask::UNRESTRICTED.0 as i32;
    RecordBuilder::new(id).owner("alice").with::<kinds::CryptographicUsageMask>(mask)
}

fn encrypt(
    world: &World,
    user: &'static str,
    id: &str,
) -> impl Future<Output = Option<ResultReason>> + use<> {
    let (world, ask) = (world.clone(), Ask::of(id).data(b"x"));
    async move { world.call(user, OperationCode::ENCRYPT, ask).await.err().map(|error| error.reason()) }
}

fn reads(world: &World) -> usize {
    world.store.reads.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_known_key_is_used_without_asking_the_store_and_parsed_once() {
    let world = World::start();
    world.put(key("k").material([41; 32])).await;
    assert_eq!(encrypt(&world, "alice", "k").await, None);
    let before = reads(&world);
    for _ in 0..10 {
        assert_eq!(encrypt(&world, "alice", "k").await, None);
    }
    assert_eq!((reads(&world), parses([41; 32])), (before, 1));
}

#[tokio::test]
async fn a_new_key_is_known_at_once() {
    let world = World::start();
    let mut told = world.call("alice", OperationCode::CREATE, Ask::NOTHING).await.unwrap();
    let id = told.unique_identifier.remove(0);
    let before = reads(&world);
    world.call("alice", OperationCode::GET, Ask::of(id.as_str())).await.unwrap();
    assert_eq!(reads(&world), before);
}

/// How many of these objects are used without asking the store.
async fn known(world: &World, ids: &[String]) -> usize {
    let mut known = 0;
    for id in ids {
        let before = reads(world);
        world.call("alice", OperationCode::GET, Ask::of(id.as_str())).await.unwrap();
        known += usize::from(reads(world) == before);
    }
    known
}

#[tokio::test]
async fn what_is_known_has_a_bound_in_bytes_whether_it_is_read_or_new() {
    const BODY: usize = 10_000;
    let mut setup = Setup::default();
    // Few enough for one part of the cache.
    setup.limits.cached_objects = 32;
    setup.limits.cached_bytes = 5 * BODY;
    let world = setup.start();
    let ids = |kind: &str| (0..20).map(|n| format!("{kind}{n}")).collect::<Vec<_>>();
    let (read, new) = (ids("read"), ids("new"));
    for id in &read {
        world.put(key(id).with::<kinds::Comment>("x".repeat(BODY))).await;
    }
    assert_eq!(known(&world, &read).await, 0);
    // Backwards: what is read anew pushes out others.
    let again: Vec<_> = read.into_iter().rev().collect();
    let found = known(&world, &again).await;
    assert!((1..=5).contains(&found), "{found}");

    for id in &new {
        let mut attributes = Attributes::new();
        attributes.put::<kinds::Comment>("x".repeat(BODY));
        world
            .call("alice", OperationCode::CREATE, Ask::of(id.as_str()).attributes(attributes))
            .await
            .unwrap();
    }
    let newest_first: Vec<_> = new.into_iter().rev().collect();
    let found = known(&world, &newest_first).await;
    assert!((1..=5).contains(&found), "{found}");
}

#[tokio::test]
async fn what_is_known_has_a_bound_in_number_however_small_it_is() {
    let mut setup = Setup::default();
    setup.limits.cached_objects = 8;
    let world = setup.start();
    let ids: Vec<_> = (0..40).map(|n| format!("k{n}")).collect();
    for id in &ids {
        world.put(key(id)).await;
    }
    assert_eq!(known(&world, &ids).await, 0);
    let again: Vec<_> = ids.into_iter().rev().collect();
    let found = known(&world, &again).await;
    assert!((1..=8).contains(&found), "{found}");
}

#[tokio::test]
async fn an_object_of_more_than_a_mebibyte_is_not_kept_and_pushes_out_nothing() {
    let world = World::start();
    world.put(key("large").with::<kinds::Comment>("x".repeat(1 << 20))).await;
    world.put(key("small")).await;
    let ids = ["small".to_owned(), "large".to_owned()];
    assert_eq!(known(&world, &ids).await, 0);
    assert_eq!(known(&world, &ids[..1]).await, 1);
    assert_eq!(known(&world, &ids[1..]).await, 0);
}

#[tokio::test]
async fn a_change_of_attributes_parses_the_key_again() {
    let world = World::start();
    world.put(key("k").material([42; 32])).await;
    encrypt(&world, "alice", "k").await;
    world.call("alice", OperationCode::SET_ATTRIBUTE, Ask::of("k").comment("new")).await.unwrap();
    assert_eq!(encrypt(&world, "alice", "k").await, None);
    assert_eq!(parses([42; 32]), 2);
}

#[tokio::test]
async fn a_grantee_is_known_until_the_grants_change() {
    let world = World::start();
    world.put(key("k")).await;
    world.call("alice", SHARE, Ask::of("k").comment("bob")).await.unwrap();
    assert_eq!(encrypt(&world, "bob", "k").await, None);
    let before = reads(&world);
    assert_eq!(encrypt(&world, "bob", "k").await, None);
    assert_eq!(reads(&world), before);

    assert_eq!(encrypt(&world, "carol", "k").await, Some(ResultReason::OBJECT_NOT_FOUND));
    world.call("alice", SHARE, Ask::of("k").comment("carol")).await.unwrap();
    assert_eq!(encrypt(&world, "carol", "k").await, None);
    world.call("alice", UNSHARE, Ask::of("k").comment("bob")).await.unwrap();
    assert_eq!(encrypt(&world, "bob", "k").await, Some(ResultReason::OBJECT_NOT_FOUND));
    assert_eq!(encrypt(&world, "carol", "k").await, None);
}

#[tokio::test]
async fn a_reader_that_a_writer_overtook_does_not_bring_the_old_record_back() {
    let world = World::start();
    world.put(key("k")).await;
    let stop = world.store.stop_after_get();
    let reader = tokio::spawn(encrypt(&world, "alice", "k"));
    stop.is_reached().await;
    world.call("alice", OperationCode::REVOKE, Ask::of("k")).await.unwrap();
    stop.let_go();
    // It began before the revocation was acknowledged.
    assert_eq!(reader.await.unwrap(), None);
    assert_eq!(encrypt(&world, "alice", "k").await, Some(ResultReason::WRONG_KEY_LIFECYCLE_STATE));
}

#[tokio::test]
async fn a_reader_that_a_change_of_grants_overtook_does_not_bring_the_old_grants_back() {
    let world = World::start();
    world.put(key("k")).await;
    world.call("alice", SHARE, Ask::of("k").comment("bob")).await.unwrap();
    let stop = world.store.stop_after_get();
    let reader = tokio::spawn(encrypt(&world, "bob", "k"));
    stop.is_reached().await;
    world.call("alice", UNSHARE, Ask::of("k").comment("bob")).await.unwrap();
    // The object is in the cache again, with the revision that it had.
    assert_eq!(encrypt(&world, "alice", "k").await, None);
    stop.let_go();
    assert_eq!(reader.await.unwrap(), None);
    assert_eq!(encrypt(&world, "bob", "k").await, Some(ResultReason::OBJECT_NOT_FOUND));
}

#[tokio::test]
async fn a_creator_that_a_writer_overtook_does_not_bring_the_new_record_back() {
    let world = World::start();
    let stop = world.store.stop_after_apply();
    let creator = tokio::spawn({
        let world = world.clone();
        async move { world.call("alice", OperationCode::CREATE, Ask::of("k")).await.map(drop) }
    });
    stop.is_reached().await;
    // Written and not yet acknowledged: others can find it.
    world.call("alice", OperationCode::DESTROY, Ask::of("k")).await.unwrap();
    stop.let_go();
    creator.await.unwrap().unwrap();
    assert_eq!(
        world.failure("alice", OperationCode::GET, Ask::of("k")).await,
        ResultReason::OBJECT_DESTROYED
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_acknowledged_revocation_holds_whatever_readers_are_doing() {
    let world = Setup::store(TestStore::dawdling()).start();
    for round in 0..40 {
        let id = format!("k{round}");
        world.put(key(&id)).await;
        let readers: Vec<_> = (0..8).map(|_| tokio::spawn(encrypt(&world, "alice", &id))).collect();
        let revoker = world.call("alice", OperationCode::REVOKE, Ask::of(id.as_str()));
        revoker.await.unwrap();
        assert_eq!(encrypt(&world, "alice", &id).await, Some(ResultReason::WRONG_KEY_LIFECYCLE_STATE));
        for reader in readers {
            reader.await.unwrap();
        }
        assert_eq!(encrypt(&world, "alice", &id).await, Some(ResultReason::WRONG_KEY_LIFECYCLE_STATE));
    }
}

#[tokio::test]
async fn what_another_server_writes_to_a_shared_storage_is_seen() {
    let storage = MemoryStore::new();
    let one = Setup::store(TestStore::shared(storage.clone())).start();
    let other = Setup::store(TestStore::shared(storage)).start();
    one.put(key("k").material([43; 32])).await;
    for _ in 0..3 {
        assert_eq!(encrypt(&one, "alice", "k").await, None);
    }
    // The store is asked each time, but the key is parsed once.
    assert_eq!(parses([43; 32]), 1);
    other.call("alice", SHARE, Ask::of("k").comment("bob")).await.unwrap();
    assert_eq!(encrypt(&one, "bob", "k").await, None);
    other.call("alice", UNSHARE, Ask::of("k").comment("bob")).await.unwrap();
    assert_eq!(encrypt(&one, "bob", "k").await, Some(ResultReason::OBJECT_NOT_FOUND));
    other.call("alice", OperationCode::REVOKE, Ask::of("k")).await.unwrap();
    assert_eq!(encrypt(&one, "alice", "k").await, Some(ResultReason::WRONG_KEY_LIFECYCLE_STATE));
}

#[tokio::test]
async fn an_object_that_another_server_made_in_place_of_a_known_one_is_used_instead() {
    let storage = MemoryStore::new();
    let one = Setup::store(TestStore::shared(storage.clone())).start();
    one.put(key("k").material([44; 32])).await;
    assert_eq!(encrypt(&one, "alice", "k").await, None);
    let purges = vec![(ObjectId::new("k").unwrap(), Revision(1))];
    let puts = vec![key("k").material([45; 32]).put()];
    storage.apply(ChangeSet { purges, puts, ..ChangeSet::default() }).await.unwrap();
    assert_eq!(encrypt(&one, "alice", "k").await, None);
    assert_eq!((parses([44; 32]), parses([45; 32])), (1, 1), "both have revision 1");
}
