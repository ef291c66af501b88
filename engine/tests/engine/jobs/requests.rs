//! Which requests become jobs, and in which order those of a batch run.

use std::time::Duration;

use claviger_engine::ItemOutcome;
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    AsynchronousIndicator, BatchErrorContinuationOption, UniqueIdentifier as Which,
};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::testkit::RecordBuilder;

use super::scene::*;
use crate::support::operations::{COUNT, FOR_GOOD, STREAM};
use crate::support::world::{item, message, tell};
use crate::support::{Ask, Tell};

#[tokio::test]
async fn what_cannot_be_a_job_is_refused_if_the_client_insists() {
    let world = world().await;
    let reason = |outcome: ItemOutcome| outcome.result.unwrap_err().reason();
    for operation in [OperationCode::POLL, OperationCode::CANCEL, FOR_GOOD] {
        let outcome = outcomes(&world, "alice", later(vec![item(operation, Ask::NOTHING)])).await.remove(0);
        assert_eq!(reason(outcome), ResultReason::FEATURE_NOT_SUPPORTED);
    }
    let part = submit(&world, "alice", STREAM, Ask::of("k").data(b"x")).await;
    assert_eq!(poll_failure(&world, &part).await, ResultReason::FEATURE_NOT_SUPPORTED);
    let mut undo = later(vec![item(COUNT, Ask::of("k")), item(COUNT, Ask::of("k"))]);
    undo.request_header.batch_error_continuation_option = Some(BatchErrorContinuationOption::UNDO);
    assert_eq!(world.send(undo).await.unwrap_err().reason(), ResultReason::FEATURE_NOT_SUPPORTED);
    let mut unknown = message(vec![item(COUNT, Ask::of("k"))]);
    unknown.request_header.asynchronous_indicator = Some(Value::Enumeration(9));
    assert_eq!(world.send(unknown).await.unwrap_err().reason(), ResultReason::INVALID_FIELD);
    // An item that is refused stops those behind it and not those before it.
    let items = vec![item(COUNT, Ask::of("k")), item(FOR_GOOD, Ask::NOTHING), item(COUNT, Ask::of("k"))];
    let outcomes = outcomes(&world, "alice", later(items)).await;
    assert_eq!((outcomes.len(), outcomes[0].pending.is_some(), outcomes[1].result.is_err()), (2, true, true));
}

#[tokio::test]
async fn optional_is_answered_at_once_and_the_boolean_of_1_x_later_where_that_may_be() {
    let world = world().await;
    let ask = async |indicator, operation| {
        let mut message = message(vec![item(operation, Ask::of("k"))]);
        message.request_header.asynchronous_indicator = Some(indicator);
        let outcome = outcomes(&world, "alice", message).await.remove(0);
        assert!(outcome.result.is_ok());
        outcome.pending.is_some()
    };
    for indicator in [AsynchronousIndicator::OPTIONAL, AsynchronousIndicator::PROHIBITED] {
        assert!(!ask(Value::Enumeration(indicator.0), COUNT).await);
    }
    assert!(!ask(Value::Boolean(false), COUNT).await);
    assert!(ask(Value::Boolean(true), COUNT).await);
    assert!(!ask(Value::Boolean(true), FOR_GOOD).await);
}

#[tokio::test]
async fn a_user_has_only_so_many_requests_and_leaves_room_to_others() {
    let mut setup = Storage::new().setup();
    setup.limits.jobs.per_user = 2;
    setup.limits.jobs.in_all = 3;
    let world = setup.start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    let jobs = [count_later(&world).await, count_later(&world).await];
    let one_more = || later(vec![item(COUNT, Ask::of("k"))]);
    let refused = async |user| {
        let outcome = outcomes(&world, user, one_more()).await.remove(0);
        outcome.result.is_err_and(|error| error.reason() == ResultReason::SERVER_LIMIT_EXCEEDED)
    };
    assert!(refused("alice").await);
    assert!(!refused("bob").await);
    assert!(refused("carol").await);
    for job in &jobs {
        assert!(poll(&world, job).await.result.is_ok());
    }
    world.clock.advance(61);
    assert!(!refused("alice").await);
}

#[tokio::test]
async fn a_message_of_jobs_has_its_time_and_no_more() {
    let mut setup = Storage::new().setup();
    setup.limits.message_time = Duration::ZERO;
    let world = setup.start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    let items = (0..3).map(|_| item(COUNT, Ask::of("k"))).collect();
    let [taken, refused] = &outcomes(&world, "alice", later(items)).await[..] else { panic!("two of three") };
    assert!(taken.pending.is_some());
    let error = refused.result.as_ref().unwrap_err();
    assert_eq!(error.reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
}

#[tokio::test]
async fn items_of_a_batch_run_in_order_and_leave_identifiers_to_later_ones() {
    let world = world().await;
    let created = UniqueIdentifier::Earlier(Which::CREATE);
    let items = vec![
        item(OperationCode::CREATE, Ask::of("new")),
        item(COUNT, Ask::of(created)),
        item(OperationCode::GET_ATTRIBUTES, Ask::NOTHING),
    ];
    let jobs: Vec<_> = outcomes(&world, "alice", later(items)).await.into_iter().map(|o| o.pending).collect();
    // To ask for the last one runs all.
    let told = tell(poll(&world, jobs[2].as_ref().unwrap()).await).unwrap();
    assert_eq!(told.unique_identifier, ["new"]);
    for job in jobs.iter().flatten() {
        assert!(peek(&world, job).await.result.is_ok());
    }
    let new = world.stored("new").await.unwrap();
    assert_eq!(new.attributes.one::<kinds::RotateGeneration>(), Some(1));
}

async fn after_a_failure(option: BatchErrorContinuationOption, canceled: bool) -> Result<Tell> {
    let world = world().await;
    let first = if canceled { Ask::of("k") } else { Ask::of("absent") };
    let mut message = later(vec![item(COUNT, first), item(COUNT, Ask::of("k"))]);
    message.request_header.batch_error_continuation_option = Some(option);
    let jobs: Vec<_> = outcomes(&world, "alice", message).await.into_iter().map(|o| o.pending).collect();
    if canceled {
        assert_eq!(cancel(&world, "alice", jobs[0].as_ref().unwrap()).await, "Some(Canceled)");
    }
    run(&world).await;
    tell(poll(&world, jobs[1].as_ref().unwrap()).await)
}

#[tokio::test]
async fn what_follows_a_failed_job_runs_if_the_batch_continues() {
    for canceled in [false, true] {
        let stopped = after_a_failure(BatchErrorContinuationOption::STOP, canceled).await.unwrap_err();
        assert_eq!(stopped.reason(), ResultReason::GENERAL_FAILURE);
        assert!(after_a_failure(BatchErrorContinuationOption::CONTINUE, canceled).await.is_ok());
    }
}
