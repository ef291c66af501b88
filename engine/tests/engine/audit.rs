//! One audit record an item, with what became of it.

use std::sync::atomic::Ordering;

use claviger_engine::RequiredAudit;
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::message::ResponseMessage;
use claviger_plugin_sdk::kmip::tables::enumerations::BatchErrorContinuationOption;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::testkit::RecordBuilder;

use crate::support::operations::{COUNT, FOR_GOOD, GIVES_AWAY, PANICS, SAYS_MORE, SHARE, UNSHARE};
use crate::support::world::{facts, item, message};
use crate::support::{Ask, NOW, Setup, World};

#[tokio::test]
async fn a_record_tells_who_did_what_to_which_object() {
    let world = World::start();
    world.call("alice", OperationCode::CREATE, Ask::of("a")).await.unwrap();
    world.failure("bob", OperationCode::GET, Ask::of("a")).await;
    let records = world.audit.take();
    let [created, refused] = &records[..] else { panic!("{records:?}") };
    assert_eq!(created.user.as_deref(), Some("alice"));
    assert_eq!(created.proven_by.as_deref(), Some("doorkeeper"));
    assert_eq!(created.operation, Some(OperationCode::CREATE));
    assert_eq!(created.objects.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["a"]);
    assert_eq!((created.failure, created.item), (None, 0));
    // The clock of the message, and what the item took since.
    assert!((NOW * 1000..(NOW + 60) * 1000).contains(&created.time), "{}", created.time);
    assert_eq!(refused.user.as_deref(), Some("bob"));
    assert_eq!(refused.failure, Some(ResultReason::OBJECT_NOT_FOUND));
    assert_eq!((created.operation_name, refused.operation_name), (Some("Create"), Some("Get")));
    assert_eq!(refused.objects.iter().map(|id| id.as_str()).collect::<Vec<_>>(), ["a"]);
    assert_ne!(created.request, refused.request);
}

#[tokio::test]
async fn a_change_of_rights_is_recorded_with_whose_and_which() {
    let world = World::start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    for (operation, user, which) in [
        (SHARE, "bob", vec![OperationCode::ENCRYPT]),
        (UNSHARE, "bob", vec![OperationCode::ENCRYPT]),
        (GIVES_AWAY, "carol", Vec::new()),
    ] {
        world.call("alice", operation, Ask::of("k").comment(user)).await.unwrap();
        let [record] = &world.audit.take()[..] else { panic!("one record") };
        let rights = record.rights.as_ref().unwrap();
        assert_eq!((&rights.subjects, &rights.operations), (&vec![user.to_owned()], &which));
    }
    world.failure("alice", SHARE, Ask::of("k").comment("bob")).await;
    assert_eq!(world.audit.take()[0].rights, None, "it is no more alice's");
}

#[tokio::test]
async fn what_the_record_of_one_item_says_is_not_said_of_the_next() {
    let world = World::start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    let mut message = message(vec![
        item(SHARE, Ask::of("k").comment("bob")),
        item(COUNT, Ask::of("absent")),
        item(FOR_GOOD, Ask::NOTHING),
        item(COUNT, Ask::of("k")),
    ]);
    message.request_header.batch_error_continuation_option = Some(BatchErrorContinuationOption::CONTINUE);
    world.send(message).await.unwrap();
    let records = world.audit.take();
    let told: Vec<_> = records
        .iter()
        .map(|record| {
            let objects: Vec<_> = record.objects.iter().map(|id| id.as_str()).collect();
            (record.item, record.operation, objects, record.rights.is_some(), record.failure)
        })
        .collect();
    let absent = Some(ResultReason::OBJECT_NOT_FOUND);
    assert_eq!(
        told,
        [
            (0, Some(SHARE), vec!["k"], true, None),
            (1, Some(COUNT), vec!["absent"], false, absent),
            (2, Some(FOR_GOOD), vec![], false, None),
            (3, Some(COUNT), vec!["k"], false, None),
        ]
    );
    let first = &records[0];
    assert!(records.iter().all(|record| record.request == first.request && record.user == first.user));
}

#[tokio::test]
async fn sinks_are_told_of_many_items_together() {
    let world = World::start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    for (items, expected) in [(1, &[1][..]), (2, &[2]), (100, &[32, 32, 32, 4])] {
        // Of a batch with Undo it is known at the end what became of the items.
        let mut message = message(vec![item(OperationCode::GET, Ask::of("k")); items]);
        message.request_header.batch_error_continuation_option = Some(BatchErrorContinuationOption::UNDO);
        world.send(message).await.unwrap();
        assert_eq!(world.audit.take_together(), expected);
        let told: Vec<_> = world.audit.take().into_iter().map(|record| record.item as usize).collect();
        assert_eq!(told, (0..items).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn sinks_are_told_of_what_has_ended_before_the_message_waits() {
    let world = World::start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    let stop = world.store.stop_after_get();
    let items = vec![
        item(FOR_GOOD, Ask::NOTHING),
        item(FOR_GOOD, Ask::NOTHING),
        item(OperationCode::GET, Ask::of("k")),
        item(FOR_GOOD, Ask::NOTHING),
    ];
    let sent = tokio::spawn({
        let world = world.clone();
        async move { world.send(message(items)).await }
    });
    stop.is_reached().await;
    let told: Vec<_> = world.audit.take().into_iter().map(|record| record.item).collect();
    assert_eq!(told, [0, 1]);
    stop.let_go();
    sent.await.unwrap().unwrap();
    let told: Vec<_> = world.audit.take().into_iter().map(|record| record.item).collect();
    assert_eq!(told, [2, 3]);
}

#[tokio::test]
async fn what_has_ended_before_a_panic_is_recorded() {
    let world = World::start();
    world.send(message(vec![item(FOR_GOOD, Ask::NOTHING), item(PANICS, Ask::NOTHING)])).await.unwrap_err();
    let told: Vec<_> =
        world.audit.take().into_iter().map(|record| (record.operation, record.failure)).collect();
    assert_eq!(told, [(Some(FOR_GOOD), None), (None, Some(ResultReason::INTERNAL_SERVER_ERROR))]);
}

#[tokio::test]
async fn an_item_that_ran_again_is_recorded_once() {
    let world = World::start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    world.store.conflicts.store(2, Ordering::SeqCst);
    world.call("alice", COUNT, Ask::of("k")).await.unwrap();
    assert_eq!(world.audit.take().len(), 1);
}

async fn undo(world: &World, last: OperationCode) -> Vec<(u32, Option<ResultReason>)> {
    let items =
        vec![item(OperationCode::CREATE, Ask::of("a")), item(COUNT, Ask::of("k")), item(last, Ask::of("k"))];
    let mut message = message(items);
    message.request_header.batch_error_continuation_option = Some(BatchErrorContinuationOption::UNDO);
    world.send(message).await.unwrap();
    world.audit.take().into_iter().map(|record| (record.item, record.failure)).collect()
}

#[tokio::test]
async fn each_item_of_an_undo_batch_is_recorded_once_with_what_became_of_it() {
    let world = World::start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    let because = Some(ResultReason::OPERATION_NOT_SUPPORTED);
    let undone = undo(&world, OperationCode(0x8000_FFFF)).await;
    assert_eq!(undone, [(0, because), (1, because), (2, because)]);
    world.store.conflicts.store(2, Ordering::SeqCst);
    assert_eq!(undo(&world, COUNT).await, [(0, None), (1, None), (2, None)]);
}

#[tokio::test]
async fn the_intents_of_an_undo_batch_are_kept_together_and_those_of_others_one_by_one() {
    for (option, items, together) in [
        (BatchErrorContinuationOption::UNDO, 9, 9),
        (BatchErrorContinuationOption::UNDO, 300, 256),
        (BatchErrorContinuationOption::STOP, 9, 1),
    ] {
        let world = Setup { required_audit: RequiredAudit::Writes, ..Setup::default() }.start();
        world.put(RecordBuilder::new("k").owner("alice")).await;
        let mut message = message((0..items).map(|_| item(COUNT, Ask::of("k"))).collect());
        message.request_header.batch_error_continuation_option = Some(option);
        assert!(world.send(message).await.unwrap().iter().all(|outcome| outcome.result.is_ok()));
        assert_eq!((world.audit.take_intents().len(), world.audit.most_unkept()), (items, together));
    }
}

#[tokio::test]
async fn what_an_operation_adds_to_its_record_is_there_whatever_becomes_of_it() {
    let world = Setup { required_audit: RequiredAudit::Writes, ..Setup::default() }.start();
    let long = "é".repeat(300);
    for (comment, failure) in [("x", None), (&*long, None), ("fails", Some(ResultReason::GENERAL_FAILURE))] {
        let ask = Ask::NOTHING.comment(comment);
        assert_eq!(world.call("alice", SAYS_MORE, ask).await.err().map(|error| error.reason()), failure);
        let intents = world.audit.take_intents();
        assert_eq!(intents.len(), usize::from(failure.is_none()));
        for record in world.audit.take().iter().chain(&intents) {
            let [detail] = &record.details[..] else { panic!("{record:?}") };
            assert_eq!(detail.name, "comment");
            assert_eq!(detail.text, comment.chars().take(256).collect::<String>());
        }
    }
}

#[tokio::test]
async fn a_message_that_is_refused_as_a_whole_is_recorded_once() {
    let world = World::start();
    let caller = world.user("alice").await;
    let mut wrong = message(vec![item(COUNT, Ask::of("k"))]);
    wrong.request_header.batch_count = 2;
    world.send(wrong.clone()).await.unwrap_err();
    world.engine.handle(&caller, Ttlv::new(Tag::REQUEST_MESSAGE, wrong.into_value())).await;
    world.engine.handle(&caller, Ttlv::structure(Tag::REQUEST_MESSAGE, Vec::new())).await;
    let records = world.audit.take();
    assert_eq!(records.len(), 3);
    for record in records {
        assert_eq!((record.user.as_deref(), record.operation), (Some("alice"), None));
        assert_eq!(record.failure, Some(ResultReason::INVALID_MESSAGE));
    }
}

#[tokio::test]
async fn what_cannot_be_read_and_who_is_not_accepted_is_recorded() {
    let world = World::start();
    let caller = world.user("alice").await;
    let error = Error::invalid("no message").with_reason(ResultReason::CODEC_ERROR);
    world.engine.malformed(&caller, &error);
    world.engine.unreadable(&caller, &error);
    world.engine.authenticate(facts(&[("user", "mallory")])).await.unwrap_err();
    let nobody = world.caller(&[]).await;
    let unproven = message(vec![item(FOR_GOOD, Ask::NOTHING)]);
    world.engine.handle_in(&nobody, &Standard, unproven).await.unwrap_err();
    let told: Vec<_> =
        world.audit.take().into_iter().map(|record| (record.user.clone(), record.failure)).collect();
    let unreadable = (Some("alice".into()), Some(ResultReason::CODEC_ERROR));
    let unknown = (None, Some(ResultReason::AUTHENTICATION_NOT_SUCCESSFUL));
    assert_eq!(told, [unreadable.clone(), unreadable, unknown.clone(), unknown]);
}

#[tokio::test]
async fn a_record_has_the_correlation_values_of_both_sides() {
    let world = World::start();
    let long = "é".repeat(300);
    let mut request = message(vec![item(FOR_GOOD, Ask::NOTHING)]);
    request.request_header.client_correlation_value = Some(long.clone());
    let tree = Ttlv::new(Tag::REQUEST_MESSAGE, request.into_value());
    let answer = world.engine.handle(&world.user("alice").await, tree).await;
    let answer = ResponseMessage::from_value(answer.tag, answer.value).unwrap();
    let [record] = &world.audit.take()[..] else { panic!() };
    assert_eq!(answer.response_header.server_correlation_value.as_deref(), Some(&*record.request));
    let kept = record.client_correlation.as_deref().unwrap();
    assert_eq!((kept.chars().count(), long.starts_with(kept)), (256, true));
}

#[tokio::test]
async fn a_request_that_has_a_name_is_recorded_by_it_and_by_the_one_that_it_came_with() {
    let world = World::start();
    let id = world.engine.new_request(Some("trace-1".into()));
    let caller = world.user("alice").await.asking(id.clone());
    let asked = message(vec![item(FOR_GOOD, Ask::NOTHING)]);
    world.engine.handle_in(&caller, &Standard, asked).await.unwrap();
    world.engine.malformed(&caller, &Error::invalid("no message"));
    world.engine.authenticate_for(&id, facts(&[("user", "mallory")])).await.unwrap_err();
    let records = world.audit.take();
    assert_eq!(records.len(), 3);
    for record in records {
        assert_eq!((record.request, record.request_id), (id.name.clone(), id.given.clone()));
    }
}
