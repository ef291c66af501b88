//! What a client is told of a job, and for how long.

use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::message::ResponseMessage;
use claviger_plugin_sdk::kmip::tables::enumerations::ResultStatus;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::{DocumentPage, ObjectStore as _};

use super::scene::*;
use crate::support::Ask;
use crate::support::operations::{COUNT, PANICS, RENEWS};
use crate::support::world::{item, tell};

#[tokio::test]
async fn an_item_is_answered_by_operation_pending_and_runs_when_its_time_has_come() {
    let world = world().await;
    let outcomes = outcomes(&world, "alice", later(vec![item(COUNT, Ask::of("k"))])).await;
    let correlation = outcomes[0].pending.clone().unwrap();
    let response = world.engine.response(&Standard, outcomes);
    let response = ResponseMessage::from_value(response.tag, response.value).unwrap();
    let [answer] = &response.batch_item[..] else { panic!("one item") };
    assert_eq!(answer.operation, Some(COUNT));
    assert_eq!(answer.result_status, ResultStatus::OPERATION_PENDING);
    assert_eq!(answer.asynchronous_correlation_value.as_ref(), Some(&correlation));
    assert_eq!((correlation.len(), &answer.response_payload), (16, &None));

    world.engine.run_due_jobs().await;
    assert_eq!(count(&world).await, 0);
    assert_eq!(peek(&world, &correlation).await.pending.as_ref(), Some(&correlation));
    run(&world).await;
    run(&world).await;
    assert_eq!(count(&world).await, 1);
    let outcome = peek(&world, &correlation).await;
    assert_eq!((outcome.operation, &outcome.pending), (COUNT, &None));
    assert_eq!(tell(outcome).unwrap().unique_identifier, ["k"]);
}

#[tokio::test]
async fn polling_a_job_does_not_let_it_wait_for_its_turn() {
    let world = world().await;
    let correlation = count_later(&world).await;
    assert_eq!(tell(poll(&world, &correlation).await).unwrap().unique_identifier, ["k"]);
    // Asking again is answered by the same, and runs nothing.
    assert!(poll(&world, &correlation).await.result.is_ok());
    assert_eq!(count(&world).await, 1);
}

#[tokio::test]
async fn a_failure_is_told_as_that_of_the_operation() {
    let world = world().await;
    let correlation = submit(&world, "bob", COUNT, Ask::of("k")).await;
    let outcome = poll_as(&world, "bob", &correlation).await;
    assert_eq!(outcome.operation, COUNT);
    assert_eq!(outcome.result.unwrap_err().reason(), ResultReason::OBJECT_NOT_FOUND);
    let correlation = submit(&world, "alice", PANICS, Ask::NOTHING).await;
    assert_eq!(poll_failure(&world, &correlation).await, ResultReason::INTERNAL_SERVER_ERROR);
    assert_eq!(count(&world).await, 0);
}

#[tokio::test]
async fn what_there_is_to_say_beside_the_payload_is_told_to_who_asks_after_the_job() {
    let world = world().await;
    let correlation = submit(&world, "alice", RENEWS, Ask::of("k")).await;
    assert_eq!(poll(&world, &correlation).await.remark.as_deref(), Some("1 renewed"));
    assert_eq!(peek(&world, &correlation).await.remark.as_deref(), Some("1 renewed"));
}

#[tokio::test]
async fn results_are_kept_for_a_time_and_shorter_once_they_were_fetched() {
    let world = world().await;
    let (fetched, left) = (count_later(&world).await, count_later(&world).await);
    run(&world).await;
    assert!(poll(&world, &fetched).await.result.is_ok());
    world.clock.advance(60);
    assert!(poll(&world, &fetched).await.result.is_ok());
    world.clock.advance(1);
    assert_eq!(poll_failure(&world, &fetched).await, ResultReason::INVALID_ASYNCHRONOUS_CORRELATION_VALUE);
    world.clock.advance(3600 - 60);
    assert_eq!(poll_failure(&world, &left).await, ResultReason::INVALID_ASYNCHRONOUS_CORRELATION_VALUE);
    assert_eq!(world.store.documents("job-item", &DocumentPage::first(9)).await.unwrap(), []);
}

#[tokio::test]
async fn what_a_request_held_is_gone_when_its_job_has_ended() {
    let world = world().await;
    let secret = b"a key in a request";
    let is_kept = async || {
        let documents = world.store.documents("job-item", &DocumentPage::first(9)).await.unwrap();
        assert_eq!(documents.len(), 1);
        documents[0].1.body.windows(secret.len()).any(|bytes| bytes == secret)
    };
    for canceled in [false, true] {
        let ask = Ask { data: Some(secret.to_vec().into()), ..Ask::of("k") };
        let correlation = submit(&world, "alice", COUNT, ask).await;
        assert!(is_kept().await);
        if canceled {
            assert_eq!(cancel(&world, "alice", &correlation).await, "Some(Canceled)");
        } else {
            run(&world).await;
        }
        assert!(!is_kept().await);
        let _ = poll(&world, &correlation).await;
        world.clock.advance(61);
    }
}
