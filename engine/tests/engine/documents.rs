//! What handlers keep that is no object.

use claviger_plugin_sdk::kmip::message::RequestBatchItem;
use claviger_plugin_sdk::kmip::tables::enumerations::BatchErrorContinuationOption;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::ObjectStore;

use crate::support::operations::{FORGET, NOTE, NOTES};
use crate::support::store::TestStore;
use crate::support::world::{Setup, item, message, tell};
use crate::support::{Ask, Tell, World};

fn note(id: &str, text: &str) -> Ask {
    Ask::NOTHING.data(id.as_bytes()).comment(text)
}

async fn undo(world: &World, items: Vec<RequestBatchItem>) -> Vec<Result<Tell>> {
    let mut message = message(items);
    message.request_header.batch_error_continuation_option = Some(BatchErrorContinuationOption::UNDO);
    world.send(message).await.unwrap().into_iter().map(tell).collect()
}

#[tokio::test]
async fn a_document_is_there_for_later_messages_until_it_is_removed() {
    let world = World::start();
    world.call("alice", NOTE, note("n", "a")).await.unwrap();
    let told = world.call("bob", NOTE, note("n", "b")).await.unwrap();
    assert_eq!(told.data.as_deref(), Some(&b"ab"[..]));
    world.call("alice", FORGET, note("n", "")).await.unwrap();
    assert_eq!(world.failure("alice", FORGET, note("n", "")).await, ResultReason::OBJECT_NOT_FOUND);
}

#[tokio::test]
async fn items_of_an_undo_batch_see_documents_of_earlier_ones() {
    let world = World::start();
    for id in ["a", "b", "c"] {
        world.call("alice", NOTE, note(id, "stored")).await.unwrap();
    }
    let items =
        [(NOTE, note("n", "x")), (NOTE, note("n", "y")), (FORGET, note("a", "")), (NOTES, note("", ""))];
    let told = undo(&world, items.map(|(code, ask)| item(code, ask)).into()).await;
    assert_eq!(told[1].as_ref().unwrap().data.as_deref(), Some(&b"xy"[..]));
    assert_eq!(told[3].as_ref().unwrap().unique_identifier, ["b", "c"]);
    let stored = world.store.document("note", "n").await.unwrap().unwrap();
    assert_eq!((stored.revision.0, &*stored.body), (1, &b"xy"[..]));
    assert_eq!(world.store.document("note", "a").await.unwrap(), None);
}

#[tokio::test]
async fn a_document_of_a_batch_that_is_undone_was_never_there() {
    let world = World::start();
    let told = undo(&world, vec![item(NOTE, note("n", "x")), item(FORGET, note("absent", ""))]).await;
    assert!(told[1].is_err());
    assert_eq!(world.store.document("note", "n").await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_of_one_document_lose_nothing() {
    let world = Setup::store(TestStore::dawdling()).start();
    let writers: Vec<_> = (0..16)
        .map(|_| {
            let world = world.clone();
            tokio::spawn(async move { world.call("alice", NOTE, note("n", "x")).await.unwrap() })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let stored = world.store.document("note", "n").await.unwrap().unwrap();
    assert_eq!((stored.revision.0, stored.body.len()), (16, 16));
}
