//! Items of an Undo batch see what earlier ones did, though nothing is written yet.

use std::sync::atomic::Ordering;

use claviger_plugin_sdk::kmip::message::RequestBatchItem;
use claviger_plugin_sdk::kmip::tables::enumerations::BatchErrorContinuationOption;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::testkit::RecordBuilder;

use crate::support::operations::{COUNT, PURGE, SHARE, UNSHARE};
use crate::support::tags::tagged;
use crate::support::world::{item, message, tell};
use crate::support::{Ask, Tell, World};

async fn undo(world: &World, items: Vec<RequestBatchItem>) -> Vec<Result<Tell>> {
    let mut message = message(items);
    message.request_header.batch_error_continuation_option = Some(BatchErrorContinuationOption::UNDO);
    world.send(message).await.unwrap().into_iter().map(tell).collect()
}

fn locate(tag: &str) -> RequestBatchItem {
    item(OperationCode::LOCATE, Ask::NOTHING.comment(tag))
}

fn describe(id: &str) -> RequestBatchItem {
    item(OperationCode::GET_ATTRIBUTES, Ask::of(id))
}

fn ids(told: &Result<Tell>) -> &[String] {
    &told.as_ref().unwrap().unique_identifier
}

#[tokio::test]
async fn get_and_find_see_a_pending_creation() {
    let world = World::start();
    world.put(RecordBuilder::new("old").owner("alice").tag("t")).await;
    let applies = world.store.applies.load(Ordering::SeqCst);
    let create = item(OperationCode::CREATE, Ask::of("new").attributes(tagged(&["t"])));
    let told = undo(&world, vec![create, item(OperationCode::GET, Ask::of("new")), locate("t")]).await;
    assert_eq!(ids(&told[1]), ["new"]);
    // Newest first.
    assert_eq!(ids(&told[2]), ["new", "old"]);
    assert_eq!(told[2].as_ref().unwrap().comment.as_deref(), Some("2"));
    assert_eq!(world.store.applies.load(Ordering::SeqCst) - applies, 1);
}

#[tokio::test]
async fn get_and_find_see_a_pending_change() {
    let world = World::start();
    world.put(RecordBuilder::new("k").owner("alice").tag("stored")).await;
    let change = item(OperationCode::SET_ATTRIBUTE, Ask::of("k").comment("new").attributes(tagged(&["t"])));
    let told = undo(&world, vec![change, describe("k"), locate("t"), locate("stored")]).await;
    assert_eq!(told[1].as_ref().unwrap().comment.as_deref(), Some("new"));
    assert_eq!(ids(&told[2]), ["k"]);
    // The tags follow the attributes, and this one was not among them.
    assert!(ids(&told[3]).is_empty());
}

#[tokio::test]
async fn changes_of_one_object_add_up() {
    let world = World::start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    undo(&world, vec![item(COUNT, Ask::of("k")), item(COUNT, Ask::of("k")), item(COUNT, Ask::of("k"))]).await;
    use claviger_plugin_sdk::kmip::attributes::kinds;
    assert_eq!(world.stored("k").await.unwrap().attributes.one::<kinds::RotateGeneration>(), Some(3));
}

#[tokio::test]
async fn get_and_find_do_not_see_what_is_purged() {
    let world = World::start();
    world.put(RecordBuilder::new("k").owner("alice").tag("t")).await;
    let told = undo(&world, vec![item(PURGE, Ask::of("k")), locate("t"), describe("k")]).await;
    assert!(ids(&told[1]).is_empty());
    assert_eq!(told[2].as_ref().unwrap_err().reason(), ResultReason::OBJECT_NOT_FOUND);
    // The failure undid the purge.
    assert!(world.stored("k").await.is_some());
}

#[tokio::test]
async fn an_object_that_is_created_and_purged_was_never_there() {
    let world = World::start();
    let told = undo(&world, vec![item(OperationCode::CREATE, Ask::of("k")), item(PURGE, Ask::of("k"))]).await;
    assert!(told.iter().all(Result::is_ok));
    assert_eq!(world.stored("k").await, None);
    assert_eq!(
        world.failure("alice", OperationCode::GET, Ask::of("k")).await,
        ResultReason::OBJECT_NOT_FOUND
    );
}

#[tokio::test]
async fn a_pending_state_counts() {
    let world = World::start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    let encrypt = item(OperationCode::ENCRYPT, Ask::of("k").data(b"x"));
    let told = undo(&world, vec![item(OperationCode::REVOKE, Ask::of("k")), encrypt]).await;
    assert_eq!(told[1].as_ref().unwrap_err().reason(), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
}

#[tokio::test]
async fn two_pending_objects_of_one_name_are_refused() {
    let world = World::start();
    let create = |id: &str| item(OperationCode::CREATE, Ask::of(id).comment("the name"));
    let told = undo(&world, vec![create("a"), create("b")]).await;
    assert_eq!(told[1].as_ref().unwrap_err().reason(), ResultReason::NON_UNIQUE_NAME_ATTRIBUTE);
    assert_eq!(world.stored("a").await, None);
}

#[tokio::test]
async fn two_pending_objects_of_one_identifier_are_refused() {
    let world = World::start();
    let create = || item(OperationCode::CREATE, Ask::of("a"));
    let told = undo(&world, vec![create(), create()]).await;
    assert_eq!(told[1].as_ref().unwrap_err().reason(), ResultReason::OBJECT_ALREADY_EXISTS);
    assert_eq!(world.stored("a").await, None);
}

#[tokio::test]
async fn grants_of_an_undo_batch_are_written_with_it() {
    let world = World::start();
    let encrypt = |world: World| async move { world.call("bob", OperationCode::ENCRYPT, Ask::of("k")).await };
    let share = |code| item(code, Ask::of("k").comment("bob"));
    let told = undo(&world, vec![create_usable("k"), share(SHARE)]).await;
    assert!(told.iter().all(Result::is_ok), "{told:?}");
    assert!(encrypt(world.clone()).await.is_ok());
    undo(&world, vec![share(UNSHARE), item(COUNT, Ask::of("k"))]).await;
    assert_eq!(encrypt(world).await.unwrap_err().reason(), ResultReason::OBJECT_NOT_FOUND);
}

fn create_usable(id: &str) -> RequestBatchItem {
    use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CryptographicUsageMask>(CryptographicUsageMask::UNRESTRICTED.0 as i32);
    item(OperationCode::CREATE, Ask::of(id).attributes(attributes))
}
