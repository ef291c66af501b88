//! Servers that share a storage, and servers that end: each job runs once.

use std::time::Duration;

use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::testkit::RecordBuilder;

use super::scene::*;
use crate::support::operations::COUNT;
use crate::support::world::tell;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_run_each_job_once() {
    let storage = Storage::new();
    let (one, other) = (storage.server(), storage.server());
    one.put(RecordBuilder::new("k").owner("alice")).await;
    let mut jobs = Vec::new();
    for _ in 0..20 {
        jobs.push(count_later(&one).await);
    }
    storage.clock.advance(2);
    tokio::join!(one.engine.run_due_jobs(), other.engine.run_due_jobs());
    // What one of them had not finished when the other looked is finished by now.
    for job in &jobs {
        assert!(poll(&one, job).await.result.is_ok());
    }
    assert_eq!(count(&one).await, 20);
}

#[tokio::test]
async fn another_server_answers_for_a_job_that_runs_elsewhere() {
    let storage = Storage::new();
    let (one, other) = (storage.server(), storage.server());
    one.put(RecordBuilder::new("k").owner("alice")).await;
    let correlation = count_later(&one).await;
    let (stop, running) = half_way(&one, &one).await;
    let polling = tokio::spawn({
        let correlation = correlation.clone();
        async move { poll(&other, &correlation).await }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    stop.let_go();
    running.await.unwrap();
    assert_eq!(tell(polling.await.unwrap()).unwrap().unique_identifier, ["k"]);
    assert_eq!(count(&one).await, 1);
}

#[tokio::test]
async fn a_server_that_was_believed_dead_does_not_write_when_it_goes_on() {
    let storage = Storage::new();
    let (slow, other) = (storage.server(), storage.server());
    slow.put(RecordBuilder::new("k").owner("alice")).await;
    let correlation = count_later(&slow).await;
    let (stop, running) = half_way(&slow, &slow).await;
    // It may take its time as long as its lease holds.
    run(&other).await;
    assert!(peek(&other, &correlation).await.pending.is_some());
    storage.clock.advance(60);
    other.engine.run_due_jobs().await;
    assert_eq!(count(&other).await, 1);
    stop.let_go();
    running.await.unwrap();
    assert_eq!(count(&other).await, 1);
    assert!(peek(&slow, &correlation).await.result.is_ok());
}

#[tokio::test]
async fn a_job_that_a_crash_cut_off_runs_again() {
    let storage = Storage::new();
    let (dead, other) = (storage.server(), storage.server());
    dead.put(RecordBuilder::new("k").owner("alice")).await;
    let correlation = count_later(&dead).await;
    let (_stop, running) = half_way(&dead, &dead).await;
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    run(&other).await;
    assert!(peek(&other, &correlation).await.pending.is_some());
    storage.clock.advance(60);
    run(&other).await;
    assert!(peek(&other, &correlation).await.result.is_ok());
    assert_eq!(count(&other).await, 1);
}

#[tokio::test]
async fn a_server_alone_on_its_storage_waits_for_no_lease_after_a_restart() {
    let storage = Storage::new();
    let dead = storage.only_server();
    dead.put(RecordBuilder::new("k").owner("alice")).await;
    let correlation = count_later(&dead).await;
    let (_stop, running) = half_way(&dead, &dead).await;
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    let again = storage.only_server();
    again.engine.run_due_jobs().await;
    assert!(peek(&again, &correlation).await.pending.is_none());
    assert_eq!(count(&again).await, 1);
}

#[tokio::test]
async fn what_ends_the_server_each_time_is_given_up() {
    let storage = Storage::new();
    storage.server().put(RecordBuilder::new("k").owner("alice")).await;
    let correlation = count_later(&storage.server()).await;
    for _ in 0..3 {
        let server = storage.server();
        let (_stop, running) = half_way(&server, &server).await;
        running.abort();
        assert!(running.await.unwrap_err().is_cancelled());
        storage.clock.advance(60);
    }
    let server = storage.server();
    run(&server).await;
    assert_eq!(failed(&server, &correlation), (Some(COUNT), Some(ResultReason::INTERNAL_SERVER_ERROR)));
    assert_eq!(poll_failure(&server, &correlation).await, ResultReason::INTERNAL_SERVER_ERROR);
    assert_eq!(count(&server).await, 0);
}
