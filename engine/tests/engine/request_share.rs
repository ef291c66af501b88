//! What a request has of the server: memory for its answer, its place, and its time.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use claviger_engine::{Limits, RequestShare};
use claviger_plugin_sdk::dialect::{Completed, Dialect, ErrorAnswer, Payload, Standard};
use claviger_plugin_sdk::kmip::tables::enumerations::BatchErrorContinuationOption;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::testkit::RecordBuilder;

use crate::support::operations::COUNT;
use crate::support::world::{item, message};
use crate::support::{Ask, Setup, World};

/// So many bytes for an answer, and the most that it was said to have.
#[derive(Debug)]
struct Share {
    bytes: usize,
    had: Arc<AtomicUsize>,
}

impl RequestShare for Share {
    fn answer_has(&self, bytes: usize) -> bool {
        self.had.fetch_max(bytes, Ordering::SeqCst);
        bytes <= self.bytes
    }
}

fn share(bytes: usize) -> (Arc<Share>, Arc<AtomicUsize>) {
    let had = Arc::new(AtomicUsize::new(0));
    (Arc::new(Share { bytes, had: had.clone() }), had)
}

/// Makes three of each payload.
struct Bulky;

impl Dialect for Bulky {
    fn name(&self) -> &'static str {
        "bulky"
    }

    fn request(&self, _: OperationCode, payload: Value, _: DateTime) -> Result<Completed> {
        Ok(Completed { payload: Payload::Bulk(vec![payload; 3]), note: None })
    }

    fn response(
        &self,
        _: OperationCode,
        _: &[Authorized],
        _: Option<Value>,
        payload: Payload,
    ) -> Result<Value> {
        match payload {
            Payload::Bulk(mut payloads) if payloads.len() == 3 => Ok(payloads.remove(0)),
            _ => Err(Error::server("not three")),
        }
    }

    fn error(&self, _: Option<OperationCode>, error: &Error) -> ErrorAnswer {
        ErrorAnswer { status: 422, text: error.to_string() }
    }
}

#[tokio::test]
async fn a_message_that_goes_on_without_its_client_keeps_its_share_until_it_is_done() {
    let world = World::start();
    world.put(RecordBuilder::new("counter").owner("alice")).await;
    let stop = world.store.stop_after_apply();
    let (share, _) = share(usize::MAX);
    let is_held = Arc::downgrade(&share);
    let caller = world.user("alice").await.taking(share);
    let client = tokio::spawn({
        let world = world.clone();
        async move {
            let counting = message(vec![item(COUNT, Ask::of("counter"))]);
            world.engine.handle_in(&caller, &Standard, counting).await.map(drop)
        }
    });
    stop.is_reached().await;
    client.abort();
    assert!(client.await.unwrap_err().is_cancelled());
    assert!(is_held.strong_count() > 0);
    stop.let_go();
    let begin = Instant::now();
    while is_held.strong_count() > 0 {
        assert!(begin.elapsed() < Duration::from_secs(10));
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_answers_of_all_items_together_need_memory_and_where_there_is_none_an_item_fails() {
    let world = World::start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    let of_items = |count| message(vec![item(OperationCode::GET, Ask::of("k")); count]);
    let (enough, had) = share(usize::MAX);
    let alice = world.user("alice").await.taking(enough);
    world.engine.handle_in(&alice, &Standard, of_items(1)).await.unwrap();
    let of_one = had.load(Ordering::SeqCst);
    assert!(of_one > 0);
    let (too_little, had) = share(2 * of_one);
    let alice = world.user("alice").await.taking(too_little);
    let outcomes = world.engine.handle_in(&alice, &Standard, of_items(3)).await.unwrap();
    let reasons: Vec<_> =
        outcomes.iter().map(|outcome| outcome.result.as_ref().err().map(Error::reason)).collect();
    assert_eq!(reasons, [None, None, Some(ResultReason::SERVER_LIMIT_EXCEEDED)]);
    assert_eq!(had.load(Ordering::SeqCst), 3 * of_one);
}

#[tokio::test]
async fn bulk_data_ends_with_the_time_of_its_message() {
    let with_time =
        |message_time| Setup { limits: Limits { message_time, ..Limits::default() }, ..Setup::default() };
    let get = || Ask::of("k");
    let world = with_time(Duration::from_secs(60)).start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    let alice = world.user("alice").await;
    world.call_in(&alice, &Bulky, OperationCode::GET, get()).await.unwrap();
    let world = with_time(Duration::ZERO).start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    let alice = world.user("alice").await;
    let late = world.call_in(&alice, &Bulky, OperationCode::GET, get()).await.unwrap_err();
    assert_eq!(late.reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
    // What is no bulk has no further piece.
    world.call("alice", OperationCode::GET, get()).await.unwrap();
}

#[tokio::test]
async fn each_piece_of_bulk_data_is_a_use_of_what_narrows() {
    let world = World::start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    let get = || Ask::of("k");
    let enough = world.caller(&[("user", "alice"), ("uses", "4")]).await;
    world.call_in(&enough, &Bulky, OperationCode::GET, get()).await.unwrap();
    world.call_in(&enough, &Standard, OperationCode::GET, get()).await.unwrap();
    let one_more = message(vec![item(OperationCode::GET, get())]);
    let used_up = world.engine.handle_in(&enough, &Standard, one_more).await.unwrap_err();
    assert_eq!(used_up.reason(), ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
    let too_few = world.caller(&[("user", "alice"), ("uses", "2")]).await;
    let refused = world.call_in(&too_few, &Bulky, OperationCode::GET, get()).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
}

#[tokio::test]
async fn the_attempts_of_an_undo_batch_share_the_time_of_its_message() {
    let mut setup = Setup::default();
    setup.limits.retry_for = Duration::from_secs(60);
    setup.limits.message_time = Duration::from_millis(50);
    let world = setup.start();
    world.put(RecordBuilder::new("counter").owner("alice")).await;
    world.store.conflicts.store(usize::MAX, Ordering::SeqCst);
    let mut counting = message(vec![item(COUNT, Ask::of("counter")); 2]);
    counting.request_header.batch_error_continuation_option = Some(BatchErrorContinuationOption::UNDO);
    let begin = Instant::now();
    let outcomes = world.send(counting).await.unwrap();
    let last = outcomes.last().unwrap().result.as_ref().unwrap_err();
    assert_eq!(last.reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
    assert!(begin.elapsed() < Duration::from_secs(30));
}
