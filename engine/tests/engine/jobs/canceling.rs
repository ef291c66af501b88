//! Jobs that their user does not want any more.

use std::time::Duration;

use claviger_plugin_sdk::prelude::*;

use super::scene::*;
use crate::support::Ask;
use crate::support::operations::COUNT;

#[tokio::test]
async fn a_canceled_job_has_no_effect() {
    let world = world().await;
    let correlation = count_later(&world).await;
    assert_eq!(cancel(&world, "alice", &correlation).await, "Some(Canceled)");
    run(&world).await;
    assert_eq!(count(&world).await, 0);
    assert_eq!(poll_failure(&world, &correlation).await, ResultReason::OPERATION_CANCELED_BY_REQUESTER);
    assert_eq!(cancel(&world, "alice", &correlation).await, "Some(Canceled)");
}

#[tokio::test]
async fn what_has_ended_cannot_be_canceled() {
    let world = world().await;
    let done = count_later(&world).await;
    let failed = submit(&world, "alice", COUNT, Ask::of("absent")).await;
    run(&world).await;
    assert_eq!(cancel(&world, "alice", &done).await, "Some(Completed)");
    assert_eq!(cancel(&world, "alice", &failed).await, "Some(Failed)");
    assert_eq!(cancel(&world, "alice", &vec![7; 16].into()).await, "None");
    assert_eq!(count(&world).await, 1);
}

#[tokio::test]
async fn a_job_that_is_canceled_while_it_runs_writes_nothing() {
    let world = world().await;
    let correlation = count_later(&world).await;
    let (stop, running) = half_way(&world, &world).await;
    assert_eq!(cancel(&world, "alice", &correlation).await, "Some(Canceled)");
    stop.let_go();
    running.await.unwrap();
    assert_eq!(count(&world).await, 0);
    assert_eq!(poll_failure(&world, &correlation).await, ResultReason::OPERATION_CANCELED_BY_REQUESTER);
}

#[tokio::test]
async fn a_job_that_is_canceled_while_it_runs_leaves_its_place_at_once() {
    let world = world().await;
    let correlation = count_later(&world).await;
    let (_never_let_go, running) = half_way(&world, &world).await;
    assert_eq!(cancel(&world, "alice", &correlation).await, "Some(Canceled)");
    // Far sooner than the lease, which is renewed every ten seconds, would tell.
    tokio::time::timeout(Duration::from_secs(5), running).await.unwrap().unwrap();
}
