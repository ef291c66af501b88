//! Asynchronous requests: answered later, run once, for the user who made them.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use claviger_engine::{ItemOutcome, RequiredAudit};
use claviger_plugin_sdk::audit::AuditRecord;
use claviger_plugin_sdk::authentication::{ConnectionFacts, Transport};
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::message::{RequestBatchItem, RequestMessage, ResponseMessage};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    AsynchronousIndicator, BatchErrorContinuationOption, ResultStatus, UniqueIdentifier as Which,
};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::{ChangeSet, DocumentPage, Grant, ObjectStore, Subject};
use claviger_plugin_sdk::testkit::{FakeClock, MemoryStore, RecordBuilder};

use crate::support::operations::{COUNT, FOR_GOOD, PANICS, PEEK, RENEWS, STREAM};
use crate::support::store::TestStore;
use crate::support::world::{facts, item, message, tell};
use crate::support::{Ask, NOW, Setup, Tell, World};

/// Storage that servers share, and the time that they agree on.
struct Storage {
    memory: MemoryStore,
    clock: Arc<FakeClock>,
}

impl Storage {
    fn new() -> Self {
        let clock = Arc::new(FakeClock::at(NOW));
        Self { memory: MemoryStore::with_clock(clock.clone()), clock }
    }

    /// A server that shares the storage with others.
    fn server(&self) -> World {
        self.setup().start()
    }

    fn setup(&self) -> Setup {
        Setup { clock: self.clock.clone(), ..Setup::store(TestStore::shared(self.memory.clone())) }
    }

    /// A server that has the storage for itself.
    fn only_server(&self) -> World {
        Setup { stores: vec![TestStore::over(self.memory.clone())], ..self.setup() }.start()
    }
}

async fn world() -> World {
    let world = Storage::new().server();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    world
}

fn later(items: Vec<RequestBatchItem>) -> RequestMessage {
    let mut message = message(items);
    message.request_header.asynchronous_indicator =
        Some(Value::Enumeration(AsynchronousIndicator::MANDATORY.0));
    message
}

async fn outcomes(world: &World, user: &str, message: RequestMessage) -> Vec<ItemOutcome> {
    world.engine.handle_in(&world.user(user).await, &Standard, message).await.unwrap()
}

/// Submits an operation of a user.
async fn submit(world: &World, user: &str, operation: OperationCode, ask: Ask) -> ByteString {
    outcomes(world, user, later(vec![item(operation, ask)])).await.remove(0).pending.expect("a job")
}

async fn count_later(world: &World) -> ByteString {
    submit(world, "alice", COUNT, Ask::of("k")).await
}

/// What the job's user gets who asks after it without waiting.
async fn peek(world: &World, correlation: &ByteString) -> ItemOutcome {
    let ask = Ask::NOTHING.stream(correlation.clone());
    outcomes(world, "alice", message(vec![item(PEEK, ask)])).await.remove(0)
}

async fn poll_as(world: &World, user: &str, correlation: &ByteString) -> ItemOutcome {
    let ask = Ask::NOTHING.stream(correlation.clone());
    outcomes(world, user, message(vec![item(OperationCode::POLL, ask)])).await.remove(0)
}

async fn poll(world: &World, correlation: &ByteString) -> ItemOutcome {
    poll_as(world, "alice", correlation).await
}

async fn poll_failure(world: &World, correlation: &ByteString) -> ResultReason {
    poll(world, correlation).await.result.unwrap_err().reason()
}

async fn cancel(world: &World, user: &str, correlation: &ByteString) -> String {
    let ask = Ask::NOTHING.stream(correlation.clone());
    world.call(user, OperationCode::CANCEL, ask).await.unwrap().comment.unwrap()
}

/// How often the object was counted.
async fn count(world: &World) -> i32 {
    world.stored("k").await.unwrap().attributes.one::<kinds::RotateGeneration>().unwrap_or(0)
}

/// Lets the time pass in which a job can be canceled, and runs what is due.
async fn run(world: &World) {
    world.clock.advance(2);
    world.engine.run_due_jobs().await;
}

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
    let of_run = |record: &AuditRecord| record.asynchronous.is_some() && !record.pending;
    let [ended] = &world.audit.take().into_iter().filter(of_run).collect::<Vec<_>>()[..] else {
        panic!("one")
    };
    assert_eq!((ended.operation, ended.failure), (Some(COUNT), Some(ResultReason::PERMISSION_DENIED)));
    assert_eq!(count(&world).await, 0);
    assert!(submitted_with(&world, &[COUNT], NOW + 4, counted()).await.is_ok());
    assert_eq!(count(&world).await, 1);
}

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

/// A job that has read its object and not written anything, in a server of its own.
async fn half_way(world: &World, server: &World) -> (Arc<crate::support::store::Stop>, JoinHandle) {
    world.clock.advance(2);
    let stop = server.store.stop_after_get();
    let running = tokio::spawn({
        let server = server.clone();
        async move { server.engine.run_due_jobs().await }
    });
    stop.is_reached().await;
    (stop, running)
}

type JoinHandle = tokio::task::JoinHandle<()>;

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

/// What audit calls a job.
fn named(correlation: &ByteString) -> Option<Arc<str>> {
    Some(correlation.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
}

#[tokio::test]
async fn a_job_is_recorded_when_it_is_taken_and_when_it_has_run() {
    let world = world().await;
    let correlation = count_later(&world).await;
    let [taken] = &world.audit.take()[..] else { panic!("one record") };
    assert_eq!((taken.operation, taken.pending, taken.failure), (Some(COUNT), true, None));
    run(&world).await;
    let [record] = &world.audit.take()[..] else { panic!("one record") };
    assert_eq!((record.operation, record.user.as_deref()), (Some(COUNT), Some("alice")));
    assert_eq!((record.proven_by.as_deref(), record.failure), (Some("doorkeeper"), None));
    assert_eq!((record.pending, &record.objects[..]), (false, &[ObjectId::new("k").unwrap()][..]));
    assert_eq!((&record.request, &record.asynchronous), (&taken.request, &named(&correlation)));
    assert_eq!(taken.asynchronous, record.asynchronous);
}

#[tokio::test]
async fn the_run_of_a_job_is_recorded_with_the_address_and_the_request_that_it_came_with() {
    let world = world().await;
    let peer = std::net::SocketAddr::from(([192, 0, 2, 7], 4711));
    let transport = Transport::Https;
    let facts = ConnectionFacts { transport, peer: Some(peer), ..(*facts(&[("user", "alice")])).clone() };
    let caller = world.engine.authenticate(Arc::new(facts)).await.unwrap();
    let id = world.engine.new_request(Some("trace-1".into()));
    let mut request = later(vec![item(COUNT, Ask::of("k")), item(COUNT, Ask::of("k"))]);
    request.request_header.client_correlation_value = Some("mine".to_owned());
    world.engine.handle_in(&caller.asking(id.clone()), &Standard, request).await.unwrap();
    run(&world).await;
    let records = world.audit.take();
    assert_eq!(records.iter().map(|record| record.item).collect::<Vec<_>>(), [0, 1, 0, 1]);
    for record in records {
        assert_eq!((record.transport, record.peer), (transport, Some(peer.ip())));
        assert_eq!((record.request, record.request_id), (id.name.clone(), Some("trace-1".into())));
        assert_eq!(record.client_correlation.as_deref(), Some("mine"));
    }
}

/// The one record of a job that failed, without those of others about it.
fn failed(world: &World, correlation: &ByteString) -> (Option<OperationCode>, Option<ResultReason>) {
    let name = named(correlation);
    let records = world.audit.take().into_iter();
    let of_job = |record: &AuditRecord| record.asynchronous == name && !record.pending;
    let [record] = &records.filter(of_job).collect::<Vec<_>>()[..] else { panic!("one record") };
    assert_eq!(record.user.as_deref(), Some("alice"));
    (record.operation, record.failure)
}

#[tokio::test]
async fn a_job_that_panics_or_is_not_begun_is_recorded_with_why() {
    let world = world().await;
    let panics = submit(&world, "alice", PANICS, Ask::of("k")).await;
    run(&world).await;
    assert_eq!(failed(&world, &panics), (Some(PANICS), Some(ResultReason::INTERNAL_SERVER_ERROR)));

    let message = later(vec![item(COUNT, Ask::of("absent")), item(COUNT, Ask::of("k"))]);
    let jobs = outcomes(&world, "alice", message).await;
    run(&world).await;
    let stopped = jobs[1].pending.clone().unwrap();
    assert_eq!(failed(&world, &stopped), (Some(COUNT), Some(ResultReason::GENERAL_FAILURE)));
}

#[tokio::test]
async fn a_job_that_was_done_is_recorded_although_the_server_did_not_hear_that_it_was_written() {
    let world = world().await;
    let job = count_later(&world).await;
    world.store.unheard.store(1, Ordering::SeqCst);
    run(&world).await;
    assert_eq!((count(&world).await, world.store.unheard.load(Ordering::SeqCst)), (1, 0));
    assert_eq!(failed(&world, &job), (Some(COUNT), None));
    assert!(poll(&world, &job).await.result.is_ok());
}

#[tokio::test]
async fn where_audit_is_required_a_job_that_it_does_not_keep_is_not_made() {
    let storage = Storage::new();
    let world = Setup { required_audit: RequiredAudit::Writes, ..storage.setup() }.start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    world.audit.refuse_intents(true);
    let [refused] = &outcomes(&world, "alice", later(vec![item(COUNT, Ask::of("k"))])).await[..] else {
        panic!()
    };
    assert_eq!(refused.result.as_ref().unwrap_err().reason(), ResultReason::GENERAL_FAILURE);
    assert_eq!(refused.pending, None);
    let [record] = &world.audit.take()[..] else { panic!("one record") };
    assert_eq!((record.operation, record.failure), (Some(COUNT), Some(ResultReason::GENERAL_FAILURE)));
    assert_eq!(record.asynchronous, None, "there is no job");
    world.audit.refuse_intents(false);
    count_later(&world).await;
    let [intent] = &world.audit.take_intents()[..] else { panic!("one intent") };
    assert_eq!((intent.operation, intent.user.as_deref()), (Some(COUNT), Some("alice")));
}

#[tokio::test]
async fn the_intents_of_jobs_that_are_made_together_are_kept_together() {
    let world = Setup { required_audit: RequiredAudit::Writes, ..Storage::new().setup() }.start();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    let items = (0..20).map(|_| item(COUNT, Ask::of("k"))).collect();
    assert!(outcomes(&world, "alice", later(items)).await.iter().all(|outcome| outcome.pending.is_some()));
    assert_eq!(world.audit.most_unkept(), 20);
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
async fn what_there_is_to_say_beside_the_payload_is_told_to_who_asks_after_the_job() {
    let world = world().await;
    let correlation = submit(&world, "alice", RENEWS, Ask::of("k")).await;
    assert_eq!(poll(&world, &correlation).await.remark.as_deref(), Some("1 renewed"));
    assert_eq!(peek(&world, &correlation).await.remark.as_deref(), Some("1 renewed"));
}
