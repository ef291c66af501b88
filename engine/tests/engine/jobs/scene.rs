//! Servers that share a storage, and a user who submits operations and asks after them.

use std::sync::Arc;

use claviger_engine::ItemOutcome;
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::message::{RequestBatchItem, RequestMessage};
use claviger_plugin_sdk::kmip::tables::enumerations::AsynchronousIndicator;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::testkit::{FakeClock, MemoryStore, RecordBuilder};

use crate::support::operations::{COUNT, PEEK};
use crate::support::store::{Stop, TestStore};
use crate::support::world::{Audited, item, message};
use crate::support::{Ask, NOW, Setup, World};

/// Storage that servers share, and the time that they agree on.
pub(super) struct Storage {
    memory: MemoryStore,
    pub(super) clock: Arc<FakeClock>,
}

impl Storage {
    pub(super) fn new() -> Self {
        let clock = Arc::new(FakeClock::at(NOW));
        Self { memory: MemoryStore::with_clock(clock.clone()), clock }
    }

    /// A server that shares the storage with others.
    pub(super) fn server(&self) -> World {
        self.setup().start()
    }

    pub(super) fn setup(&self) -> Setup {
        Setup { clock: self.clock.clone(), ..Setup::store(TestStore::shared(self.memory.clone())) }
    }

    /// A server that has the storage for itself.
    pub(super) fn only_server(&self) -> World {
        Setup { stores: vec![TestStore::over(self.memory.clone())], ..self.setup() }.start()
    }
}

pub(super) async fn world() -> World {
    let world = Storage::new().server();
    world.put(RecordBuilder::new("k").owner("alice")).await;
    world
}

pub(super) fn later(items: Vec<RequestBatchItem>) -> RequestMessage {
    let mut message = message(items);
    message.request_header.asynchronous_indicator =
        Some(Value::Enumeration(AsynchronousIndicator::MANDATORY.0));
    message
}

pub(super) async fn outcomes(world: &World, user: &str, message: RequestMessage) -> Vec<ItemOutcome> {
    world.engine.handle_in(&world.user(user).await, &Standard, message).await.unwrap()
}

/// Submits an operation of a user.
pub(super) async fn submit(world: &World, user: &str, operation: OperationCode, ask: Ask) -> ByteString {
    outcomes(world, user, later(vec![item(operation, ask)])).await.remove(0).pending.expect("a job")
}

pub(super) async fn count_later(world: &World) -> ByteString {
    submit(world, "alice", COUNT, Ask::of("k")).await
}

/// What the job's user gets who asks after it without waiting.
pub(super) async fn peek(world: &World, correlation: &ByteString) -> ItemOutcome {
    let ask = Ask::NOTHING.stream(correlation.clone());
    outcomes(world, "alice", message(vec![item(PEEK, ask)])).await.remove(0)
}

pub(super) async fn poll_as(world: &World, user: &str, correlation: &ByteString) -> ItemOutcome {
    let ask = Ask::NOTHING.stream(correlation.clone());
    outcomes(world, user, message(vec![item(OperationCode::POLL, ask)])).await.remove(0)
}

pub(super) async fn poll(world: &World, correlation: &ByteString) -> ItemOutcome {
    poll_as(world, "alice", correlation).await
}

pub(super) async fn poll_failure(world: &World, correlation: &ByteString) -> ResultReason {
    poll(world, correlation).await.result.unwrap_err().reason()
}

pub(super) async fn cancel(world: &World, user: &str, correlation: &ByteString) -> String {
    let ask = Ask::NOTHING.stream(correlation.clone());
    world.call(user, OperationCode::CANCEL, ask).await.unwrap().comment.unwrap()
}

/// How often the object was counted.
pub(super) async fn count(world: &World) -> i32 {
    world.stored("k").await.unwrap().attributes.one::<kinds::RotateGeneration>().unwrap_or(0)
}

/// Lets the time pass in which a job can be canceled, and runs what is due.
pub(super) async fn run(world: &World) {
    world.clock.advance(2);
    world.engine.run_due_jobs().await;
}

/// A job that has read its object and not written anything, in a server of its own.
pub(super) async fn half_way(world: &World, server: &World) -> (Arc<Stop>, tokio::task::JoinHandle<()>) {
    world.clock.advance(2);
    let stop = server.store.stop_after_get();
    let running = tokio::spawn({
        let server = server.clone();
        async move { server.engine.run_due_jobs().await }
    });
    stop.is_reached().await;
    (stop, running)
}

/// What audit calls a job.
pub(super) fn named(correlation: &ByteString) -> Option<Arc<str>> {
    Some(correlation.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
}

/// The one record of a job that failed, without those of others about it.
pub(super) fn failed(
    world: &World,
    correlation: &ByteString,
) -> (Option<OperationCode>, Option<ResultReason>) {
    let name = named(correlation);
    let records = world.audit.take().into_iter();
    let of_job = |record: &Audited| record.asynchronous == name && !record.pending;
    let [record] = &records.filter(of_job).collect::<Vec<_>>()[..] else { panic!("one record") };
    assert_eq!(record.user.as_deref(), Some("alice"));
    (record.operation, record.failure)
}
