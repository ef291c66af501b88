//! Whose job it is, and what its user may do when it runs.

use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::message::RequestBatchItem;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::{ChangeSet, Grant, ObjectStore as _, Subject};

use super::scene::*;
use crate::support::operations::COUNT;
use crate::support::world::{Audited, item};
use crate::support::{Ask, NOW, World};

#[tokio::test]
async fn only_the_user_who_made_a_request_knows_of_it() {
    let world = world().await;
    let correlation = count_later(&world).await;
    let refused = poll_as(&world, "bob", &correlation).await.result.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_ASYNCHRONOUS_CORRELATION_VALUE);
    assert_eq!(cancel(&world, "bob", &correlation).await, "None");
    assert!(poll(&world, &correlation).await.result.is_ok());
}

#[tokio::test]
async fn authority_counts_when_the_job_runs() {
    let world = world().await;
    let grant =
        Grant { object: ObjectId::new("k").unwrap(), subject: Subject::User("bob".into()), operation: COUNT };
    world.grant("k", grant.subject.clone(), COUNT).await;
    let allowed = submit(&world, "bob", COUNT, Ask::of("k")).await;
    run(&world).await;
    let withdrawn = submit(&world, "bob", COUNT, Ask::of("k")).await;
    world.store.apply(ChangeSet { revocations: vec![grant], ..ChangeSet::default() }).await.unwrap();
    run(&world).await;
    assert!(poll_as(&world, "bob", &allowed).await.result.is_ok());
    let refused = poll_as(&world, "bob", &withdrawn).await.result.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::OBJECT_NOT_FOUND);
    assert_eq!(count(&world).await, 1);
}

#[tokio::test]
async fn the_groups_of_the_user_count_too() {
    let world = world().await;
    world.grant("k", Subject::Group("staff".into()), COUNT).await;
    let caller = world.caller(&[("user", "bob"), ("groups", "staff")]).await;
    let message = later(vec![item(COUNT, Ask::of("k"))]);
    let outcomes = world.engine.handle_in(&caller, &Standard, message).await.unwrap();
    let correlation = outcomes[0].pending.clone().unwrap();
    assert!(poll_as(&world, "bob", &correlation).await.result.is_ok());
}

#[tokio::test]
async fn credentials_that_narrow_the_objects_are_for_the_moment() {
    let world = world().await;
    let narrowed = world.caller(&[("user", "alice"), ("only", "blue")]).await;
    let message_of = |item: RequestBatchItem| later(vec![item]);
    let outcomes =
        world.engine.handle_in(&narrowed, &Standard, message_of(item(COUNT, Ask::of("k")))).await.unwrap();
    assert_eq!(outcomes[0].result.as_ref().unwrap_err().reason(), ResultReason::PERMISSION_DENIED);
    // Nor do they show what was asked for without them.
    let correlation = count_later(&world).await;
    let ask = Ask::NOTHING.stream(correlation);
    let told = world.call_in(&narrowed, &Standard, OperationCode::POLL, ask).await;
    assert_eq!(told.unwrap_err().reason(), ResultReason::INVALID_ASYNCHRONOUS_CORRELATION_VALUE);
}

/// What becomes of an operation that is submitted with credentials for these operations that end at a time.
async fn submitted_with(
    world: &World,
    operations: &[OperationCode],
    until: i64,
    (operation, ask): (OperationCode, Ask),
) -> Result<()> {
    let operations: Vec<String> = operations.iter().map(|code| code.0.to_string()).collect();
    let (operations, until) = (operations.join(","), until.to_string());
    let headers = [("user", "alice"), ("operations", &*operations), ("until", &*until)];
    let message = later(vec![item(operation, ask)]);
    let caller = world.caller(&headers).await;
    let submitted = world.engine.handle_in(&caller, &Standard, message).await.unwrap().remove(0);
    run(world).await;
    poll(world, &submitted.pending.unwrap()).await.result.map(drop)
}

#[tokio::test]
async fn credentials_that_narrow_the_operations_narrow_the_job_when_it_runs() {
    let world = world().await;
    let refused = |ran: Result<()>| ran.unwrap_err().reason() == ResultReason::PERMISSION_DENIED;
    let register = || (OperationCode::REGISTER, Ask::of("new"));
    // As at once: whatever makes an object needs Create, too.
    let at_once = world.caller(&[("user", "alice"), ("operations", "3")]).await;
    assert_eq!(OperationCode::REGISTER.0, 3);
    assert!(world.call_in(&at_once, &Standard, OperationCode::REGISTER, Ask::of("new")).await.is_err());
    assert!(refused(submitted_with(&world, &[OperationCode::REGISTER], i64::MAX, register()).await));
    let both = [OperationCode::REGISTER, OperationCode::CREATE];
    assert!(submitted_with(&world, &both, i64::MAX, register()).await.is_ok());
    let counted = || (COUNT, Ask::of("k"));
    assert!(submitted_with(&world, &[COUNT], i64::MAX, counted()).await.is_ok());
    assert_eq!(count(&world).await, 1);
}

#[tokio::test]
async fn a_job_does_not_outlive_the_credentials_that_it_was_submitted_with() {
    let world = world().await;
    let counted = || (COUNT, Ask::of("k"));
    // It runs two seconds later.
    let over = submitted_with(&world, &[COUNT], NOW + 1, counted()).await.unwrap_err();
    assert_eq!(over.reason(), ResultReason::PERMISSION_DENIED);
    let of_run = |record: &Audited| record.asynchronous.is_some() && !record.pending;
    let [ended] = &world.audit.take().into_iter().filter(of_run).collect::<Vec<_>>()[..] else {
        panic!("one")
    };
    assert_eq!((ended.operation, ended.failure), (Some(COUNT), Some(ResultReason::PERMISSION_DENIED)));
    assert_eq!(count(&world).await, 0);
    assert!(submitted_with(&world, &[COUNT], NOW + 4, counted()).await.is_ok());
    assert_eq!(count(&world).await, 1);
}
