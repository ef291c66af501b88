//! Batches: Continue, Stop and Undo; what items leave to later ones.

use std::sync::atomic::Ordering::SeqCst;

use claviger_engine::Limits;
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::message::{RequestBatchItem, RequestMessage};
use claviger_plugin_sdk::kmip::payload::Payload;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    BatchErrorContinuationOption as Option_, Data, ResultStatus, UniqueIdentifier as Which,
};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::testkit::RecordBuilder;

use crate::support::operations::{COUNT, FOR_GOOD};
use crate::support::tags::tagged;
use crate::support::world::{item, message, tell};
use crate::support::{Ask, Setup, World};

fn batch(option: Option_, items: Vec<RequestBatchItem>) -> RequestMessage {
    let mut message = message(items);
    message.request_header.batch_error_continuation_option = Some(option);
    message
}

fn create(id: &str) -> RequestBatchItem {
    item(OperationCode::CREATE, Ask::of(id))
}

fn failing() -> RequestBatchItem {
    item(OperationCode::GET, Ask::of("absent"))
}

async fn statuses(world: &World, message: RequestMessage) -> Vec<ResultStatus> {
    let outcomes = world.send(message).await.unwrap();
    let response = world.engine.response(&Standard, outcomes);
    let response =
        claviger_plugin_sdk::kmip::message::ResponseMessage::from_value(response.tag, response.value)
            .unwrap();
    response.batch_item.into_iter().map(|item| item.result_status).collect()
}

const DONE: ResultStatus = ResultStatus::SUCCESS;
const FAILED: ResultStatus = ResultStatus::OPERATION_FAILED;
const UNDONE: ResultStatus = ResultStatus::OPERATION_UNDONE;

#[tokio::test]
async fn continue_goes_on_after_a_failure() {
    let world = World::start();
    let items = vec![create("a"), failing(), create("b")];
    assert_eq!(statuses(&world, batch(Option_::CONTINUE, items)).await, [DONE, FAILED, DONE]);
    assert!(world.stored("a").await.is_some() && world.stored("b").await.is_some());
}

#[tokio::test]
async fn stop_keeps_what_was_done_and_does_no_more() {
    let world = World::start();
    let items = vec![create("a"), failing(), create("b")];
    assert_eq!(statuses(&world, batch(Option_::STOP, items.clone())).await, [DONE, FAILED]);
    assert!(world.stored("a").await.is_some() && world.stored("b").await.is_none());
    // It is the default.
    let world = World::start();
    assert_eq!(statuses(&world, message(items)).await, [DONE, FAILED]);
}

#[tokio::test]
async fn undo_leaves_no_trace() {
    let world = World::start();
    world.put(RecordBuilder::new("old").owner("alice")).await;
    let before = world.stored("old").await;
    let items = vec![
        create("a"),
        item(OperationCode::SET_ATTRIBUTE, Ask::of("old").comment("changed")),
        item(OperationCode::DESTROY, Ask::of("old")),
        failing(),
        create("b"),
    ];
    assert_eq!(statuses(&world, batch(Option_::UNDO, items)).await, [UNDONE, UNDONE, UNDONE, FAILED]);
    assert_eq!(world.stored("a").await, None);
    assert_eq!(world.stored("old").await, before);
    // Nor does the cache remember anything.
    assert_eq!(
        world.failure("alice", OperationCode::GET, Ask::of("a")).await,
        ResultReason::OBJECT_NOT_FOUND
    );
    assert!(world.call("alice", OperationCode::GET, Ask::of("old")).await.is_ok());
}

#[tokio::test]
async fn undo_writes_all_items_when_none_fails() {
    let world = World::start();
    let items =
        vec![create("a"), item(OperationCode::SET_ATTRIBUTE, Ask::of("a").comment("new")), create("b")];
    assert_eq!(statuses(&world, batch(Option_::UNDO, items)).await, [DONE, DONE, DONE]);
    let told = world.call("alice", OperationCode::GET_ATTRIBUTES, Ask::of("a")).await.unwrap();
    assert_eq!(told.comment.as_deref(), Some("new"));
    assert!(world.stored("b").await.is_some());
}

#[tokio::test]
async fn an_operation_that_cannot_be_undone_is_refused_in_an_undo_batch() {
    let world = World::start();
    let items = vec![create("a"), item(FOR_GOOD, Ask::NOTHING)];
    let outcomes = world.send(batch(Option_::UNDO, items)).await.unwrap();
    assert!(outcomes[0].undone);
    assert_eq!(outcomes[1].result.as_ref().unwrap_err().reason(), ResultReason::FEATURE_NOT_SUPPORTED);
    assert_eq!(world.stored("a").await, None);
    // Alone there is nothing that would have to be undone.
    let alone = batch(Option_::UNDO, vec![item(FOR_GOOD, Ask::NOTHING)]);
    assert_eq!(statuses(&world, alone).await, [DONE]);
}

#[tokio::test]
async fn an_overtaken_undo_batch_runs_again_as_a_whole() {
    let world = World::start();
    world.put(RecordBuilder::new("counter").owner("alice")).await;
    world.store.conflicts.store(2, std::sync::atomic::Ordering::SeqCst);
    let items = vec![create("a"), item(COUNT, Ask::of("counter")), item(COUNT, Ask::of("counter"))];
    assert_eq!(statuses(&world, batch(Option_::UNDO, items)).await, [DONE, DONE, DONE]);
    let count = world.stored("counter").await.unwrap().attributes;
    let count = count.one::<kinds::RotateGeneration>();
    assert_eq!(count, Some(2));
}

#[tokio::test]
async fn an_unknown_continuation_is_refused() {
    let refused = World::start().send(batch(Option_(77), vec![create("a")])).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_FIELD);
}

#[tokio::test]
async fn the_id_placeholder_is_the_object_that_was_created_last() {
    let world = World::start();
    let items = vec![
        create("a"),
        create("b"),
        item(OperationCode::GET, Ask::of("a")),
        item(OperationCode::GET, Ask::NOTHING),
    ];
    let outcomes = world.send(message(items)).await.unwrap();
    let last = tell(outcomes.into_iter().next_back().unwrap()).unwrap();
    assert_eq!(last.unique_identifier, ["b"]);
}

#[tokio::test]
async fn locate_sets_the_id_placeholder_to_one_hit_and_empties_it_otherwise() {
    let world = World::start();
    for (id, tag) in [("a", "one"), ("b", "two"), ("c", "two")] {
        world.put(RecordBuilder::new(id).owner("alice").tag(tag)).await;
    }
    let find = |tag| item(OperationCode::LOCATE, Ask::NOTHING.comment(tag));
    let get = || item(OperationCode::GET, Ask::NOTHING);
    assert_eq!(statuses(&world, message(vec![find("one"), get()])).await, [DONE, DONE]);
    assert_eq!(statuses(&world, message(vec![create("d"), find("two"), get()])).await, [DONE, DONE, FAILED]);
    assert_eq!(statuses(&world, message(vec![create("e"), find("none"), get()])).await, [DONE, DONE, FAILED]);
}

#[tokio::test]
async fn the_id_placeholder_does_not_outlive_its_message() {
    let world = World::start();
    world.send(message(vec![create("a")])).await.unwrap();
    assert_eq!(world.failure("alice", OperationCode::GET, Ask::NOTHING).await, ResultReason::ITEM_NOT_FOUND);
}

#[tokio::test]
async fn an_enumerated_identifier_names_what_that_operation_returned_last() {
    let world = World::start();
    world.put(RecordBuilder::new("found").owner("alice").tag("t")).await;
    let items = vec![
        create("a"),
        create("b"),
        item(OperationCode::LOCATE, Ask::NOTHING.comment("t")),
        item(OperationCode::GET, Ask::of(UniqueIdentifier::Earlier(Which::CREATE))),
        item(OperationCode::GET, Ask::of(UniqueIdentifier::Earlier(Which::LOCATE))),
        item(OperationCode::GET, Ask::of(UniqueIdentifier::Earlier(Which::ID_PLACEHOLDER))),
    ];
    let outcomes = world.send(message(items)).await.unwrap();
    let told: Vec<String> = outcomes
        .into_iter()
        .skip(3)
        .map(|outcome| tell(outcome).unwrap().unique_identifier.remove(0))
        .collect();
    assert_eq!(told, ["b", "found", "found"]);
}

#[tokio::test]
async fn an_operation_is_repeated_for_each_of_several_identifiers() {
    let world = World::start();
    for id in ["a", "b", "c"] {
        world.put(RecordBuilder::new(id).owner("alice").tag("t")).await;
    }
    let items = vec![
        item(OperationCode::LOCATE, Ask::NOTHING.comment("t")),
        item(OperationCode::DESTROY, Ask::of(UniqueIdentifier::Earlier(Which::LOCATE))),
    ];
    let outcomes = world.send(message(items)).await.unwrap();
    let told: Vec<String> = outcomes
        .into_iter()
        .skip(1)
        .map(|outcome| tell(outcome).unwrap().unique_identifier.remove(0))
        .collect();
    assert_eq!(told, ["c", "b", "a"]);
    let state = world.stored("a").await.unwrap().state_dates().stored;
    assert_eq!(state, State::DESTROYED);
}

/// How a Locate and a Destroy of its three hits end with credentials that have so many uses, and how a Query after it.
async fn with_uses(option: Option_, uses: &str, conflicts: usize) -> (Vec<Option<ResultReason>>, bool) {
    let world = World::start();
    for id in ["a", "b", "c"] {
        world.put(RecordBuilder::new(id).owner("alice").tag("t")).await;
    }
    world.store.conflicts.store(conflicts, SeqCst);
    let caller = world.caller(&[("user", "alice"), ("uses", uses)]).await;
    let items = vec![
        item(OperationCode::LOCATE, Ask::NOTHING.comment("t")),
        item(OperationCode::DESTROY, Ask::of(UniqueIdentifier::Earlier(Which::LOCATE))),
    ];
    let outcomes = world.engine.handle_in(&caller, &Standard, batch(option, items)).await.unwrap();
    let failures = outcomes.iter().map(|outcome| outcome.result.as_ref().err().map(Error::reason)).collect();
    let one_more = message(vec![item(OperationCode::LOCATE, Ask::NOTHING.comment("t"))]);
    (failures, world.engine.handle_in(&caller, &Standard, one_more).await.is_ok())
}

#[tokio::test]
async fn each_object_for_which_an_operation_is_repeated_is_a_use_of_what_narrows() {
    let refused = Some(ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
    for option in [Option_::CONTINUE, Option_::STOP, Option_::UNDO] {
        assert_eq!(with_uses(option, "3", 0).await.0, [None, refused]);
        assert_eq!(with_uses(option, "4", 0).await, (vec![None; 4], false));
    }
    // Those of an attempt that was overtaken are not counted again.
    assert_eq!(with_uses(Option_::UNDO, "5", 1).await, (vec![None; 4], true));
}

#[tokio::test]
async fn an_operation_is_not_repeated_more_often_than_a_message_may_have_items() {
    let mut setup = Setup::default();
    setup.limits.batch_items = 3;
    let world = setup.start();
    for id in ["a", "b", "c"] {
        world.put(RecordBuilder::new(id).owner("alice").tag("t")).await;
    }
    let items = vec![
        item(OperationCode::LOCATE, Ask::NOTHING.comment("t")),
        item(OperationCode::DESTROY, Ask::of(UniqueIdentifier::Earlier(Which::LOCATE))),
    ];
    let outcomes = world.send(message(items)).await.unwrap();
    assert_eq!(outcomes.len(), 2);
    assert_eq!(outcomes[1].result.as_ref().unwrap_err().reason(), ResultReason::INVALID_FIELD);
    assert_eq!(world.stored("a").await.unwrap().state_dates().stored, State::ACTIVE);
}

#[tokio::test]
async fn an_integer_counts_all_identifiers_of_the_response() {
    let world = World::start();
    world.put(RecordBuilder::new("x").owner("alice")).await;
    let get = |n| item(OperationCode::GET, Ask::of(UniqueIdentifier::Nth(n)));
    // Get returns an identifier, too (KMIP 2.1 section 4.58).
    let items = vec![
        create("a"),
        item(OperationCode::GET, Ask::of("x")),
        create("b"),
        get(0),
        get(1),
        get(2),
        get(-1),
    ];
    let outcomes = world.send(message(items)).await.unwrap();
    let told: Vec<String> = outcomes
        .into_iter()
        .skip(3)
        .map(|outcome| tell(outcome).unwrap().unique_identifier.remove(0))
        .collect();
    assert_eq!(told, ["a", "x", "b", "b"]);
}

#[tokio::test]
async fn an_identifier_that_no_earlier_item_returned_is_not_found() {
    let world = World::start();
    let wrong = [
        UniqueIdentifier::Nth(1),
        UniqueIdentifier::Nth(-2),
        UniqueIdentifier::Nth(i32::MIN),
        UniqueIdentifier::Earlier(Which::REGISTER),
    ];
    for id in wrong {
        let outcomes = world
            .send(message(vec![create("a"), item(OperationCode::GET, Ask::of(id.clone()))]))
            .await
            .unwrap();
        let refused = outcomes[1].result.as_ref().unwrap_err();
        assert_eq!(refused.reason(), ResultReason::ITEM_NOT_FOUND, "{id:?}");
        world.call("alice", crate::support::operations::PURGE, Ask::of("a")).await.unwrap();
    }
}

fn usable(id: &str) -> RecordBuilder {
    let mask = CryptographicUsageMask::UNRESTRICTED.0 as i32;
    RecordBuilder::new(id).owner("alice").with::<kinds::CryptographicUsageMask>(mask)
}

fn referring(operation: OperationCode, id: &str, data: Value) -> RequestBatchItem {
    let mut item = item(operation, Ask::of(id));
    let Payload::Tree(Value::Structure(fields)) = &mut item.request_payload else { panic!() };
    fields.push(Ttlv::new(Tag::DATA, data));
    item
}

#[tokio::test]
async fn data_of_an_ephemeral_item_goes_to_a_later_item_and_not_to_the_client() {
    let world = World::start();
    world.put(usable("k")).await;
    let mut first = item(OperationCode::ENCRYPT, Ask::of("k").data(b"secret"));
    first.ephemeral = Some(true);
    let second = referring(OperationCode::DECRYPT, "k", Value::Enumeration(Data::ENCRYPT.0));
    let outcomes = world.send(message(vec![first, second])).await.unwrap();
    let mut told = outcomes.into_iter().map(|outcome| tell(outcome).unwrap().data);
    assert_eq!(told.next().unwrap(), None);
    assert_eq!(told.next().unwrap().as_deref(), Some(&b"secret"[..]));
}

#[tokio::test]
async fn data_may_be_named_by_number_and_be_returned_as_well() {
    let world = World::start();
    world.put(usable("k")).await;
    let items = vec![
        item(OperationCode::ENCRYPT, Ask::of("k").data(b"first")),
        item(OperationCode::ENCRYPT, Ask::of("k").data(b"second")),
        referring(OperationCode::DECRYPT, "k", Value::Integer(0)),
        referring(OperationCode::DECRYPT, "k", Value::Integer(1)),
        referring(OperationCode::ENCRYPT, "k", Value::Integer(-1)),
    ];
    let outcomes = world.send(message(items)).await.unwrap();
    let told: Vec<Option<ByteString>> =
        outcomes.into_iter().map(|outcome| tell(outcome).unwrap().data).collect();
    assert!(told[0].is_some() && told[1].is_some());
    assert_eq!(told[2].as_deref(), Some(&b"first"[..]));
    assert_eq!(told[3].as_deref(), Some(&b"second"[..]));
    // The last data before the item are those of the second decryption.
    assert_eq!(told[4], told[1]);
}

#[tokio::test]
async fn data_that_no_earlier_item_gave_are_refused() {
    let world = World::start();
    world.put(usable("k")).await;
    for wrong in [Value::Enumeration(Data::SIGN_SIGNATURE_DATA.0), Value::Integer(0), Value::Integer(-1)] {
        let outcomes =
            world.send(message(vec![referring(OperationCode::DECRYPT, "k", wrong)])).await.unwrap();
        assert_eq!(outcomes[0].result.as_ref().unwrap_err().reason(), ResultReason::INVALID_FIELD);
    }
}

#[tokio::test]
async fn a_tag_that_an_undo_batch_adds_to_its_own_object_is_kept() {
    let world = World::start();
    let items = vec![
        item(OperationCode::CREATE, Ask::of("a").attributes(tagged(&["first"]))),
        item(OperationCode::SET_ATTRIBUTE, Ask::of("a").attributes(tagged(&["second"]))),
    ];
    assert_eq!(statuses(&world, batch(Option_::UNDO, items)).await, [DONE, DONE]);
    let tags: Vec<String> = world.stored("a").await.unwrap().tags.into_iter().collect();
    assert_eq!(tags, ["_key", "first", "second"]);
}

#[tokio::test]
async fn when_the_time_of_a_message_is_over_no_further_item_is_begun() {
    let no_time = || {
        let limits = Limits { message_time: std::time::Duration::ZERO, ..Limits::default() };
        Setup { limits, ..Setup::default() }.start()
    };
    let items = vec![create("a"), create("b"), create("c")];
    let world = no_time();
    assert_eq!(statuses(&world, batch(Option_::CONTINUE, items.clone())).await, [DONE, FAILED, FAILED]);
    assert!(world.stored("a").await.is_some() && world.stored("b").await.is_none());
    let late = Some(ResultReason::SERVER_LIMIT_EXCEEDED);
    let told: Vec<_> = world.audit.take().into_iter().map(|record| (record.item, record.failure)).collect();
    assert_eq!(told, [(0, None), (1, late), (2, late)]);
    let world = no_time();
    assert_eq!(statuses(&world, batch(Option_::STOP, items.clone())).await, [DONE, FAILED]);
    let world = no_time();
    assert_eq!(statuses(&world, batch(Option_::UNDO, items)).await, [UNDONE, FAILED]);
    assert!(world.stored("a").await.is_none(), "nothing of it was written");
}
