//! Records that are to be written, and what wakes the thread that writes them.
//!
//! The path of a request appends its records' text to a queue, which costs less than handing records to another thread.
//! A queue that is full drops records rather than stop the server; how many is written into the log, and counted in the
//! metrics.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::Thread;

use tokio::sync::oneshot;

use super::batch::Batch;
use super::draft::Draft;

/// Bytes that may wait to be written.
pub(super) const ROOM: usize = 16 << 20;
/// Bytes for which the thread is woken before its time: few enough to be still in the processor's cache.
const BATCH: usize = 64 << 10;

/// The queue.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    dropped: AtomicU64,
}

/// What the thread is to do.
#[derive(Debug, Default)]
pub(super) struct Orders {
    /// Records that were dropped since.
    pub(super) dropped: u64,
    /// The file was moved away.
    pub(super) reopen: bool,
    /// The end has come.
    pub(super) closing: bool,
}

#[derive(Default)]
struct State {
    batch: Batch,
    orders: Orders,
    /// The writer, if it sleeps until it is woken.
    asleep: Option<Thread>,
    /// The writer, if it lingers for more that is written together.
    lingering: Option<Thread>,
    /// Nobody writes any more.
    closed: bool,
    /// The latest write failed.
    failing: bool,
}

impl Queue {
    /// Takes records, or drops them.
    pub(super) fn push(&self, records: &Draft) {
        let mut state = self.lock();
        if state.closed || state.batch.size() >= ROOM {
            state.orders.dropped += records.records();
            self.lose(records.records());
            return;
        }
        let before = state.batch.size();
        state.batch.add(records);
        let full = before < BATCH && state.batch.size() >= BATCH;
        let woken = state.whom_to_wake(full);
        drop(state);
        if let Some(writer) = woken {
            writer.unpark();
        }
    }

    /// Takes an intent; what is returned tells when it survives a crash. `None` if it cannot be taken.
    pub(super) fn push_intent(&self, intent: &Draft) -> Option<oneshot::Receiver<()>> {
        let (sender, receiver) = oneshot::channel();
        let mut state = self.lock();
        if state.closed || state.failing || state.batch.size() >= ROOM {
            // The writer looks whether it can write again.
            if let Some(writer) = state.asleep.take() {
                writer.unpark();
            }
            return None;
        }
        state.batch.add(intent);
        state.batch.waiting.push(sender);
        let woken = state.whom_to_wake(true);
        drop(state);
        if let Some(writer) = woken {
            writer.unpark();
        }
        Some(receiver)
    }

    /// Has the writer do something soon.
    pub(super) fn order(&self, order: impl FnOnce(&mut Orders)) {
        let mut state = self.lock();
        order(&mut state.orders);
        if let Some(writer) = state.asleep.take().or_else(|| state.lingering.take()) {
            writer.unpark();
        }
    }

    /// Exchanges what is queued for an empty batch, so that both keep their memory.
    pub(super) fn take(&self, batch: &mut Batch) -> Orders {
        let mut state = self.lock();
        std::mem::swap(&mut state.batch, batch);
        let closing = state.orders.closing;
        // Until it waits, nobody has to wake it.
        state.asleep = None;
        state.lingering = None;
        let orders = std::mem::take(&mut state.orders);
        state.orders.closing = closing;
        orders
    }

    /// The calling thread is about to wait. Says whether it may: nothing has come since it took what there was.
    pub(super) fn waits(&self) -> bool {
        let mut state = self.lock();
        let Orders { dropped, reopen, .. } = state.orders;
        let idle = state.batch.count() == 0 && dropped == 0 && !reopen;
        if idle {
            state.asleep = Some(std::thread::current());
        }
        idle
    }

    /// The calling thread lingers for more to be written together. Says whether it may.
    pub(super) fn lingers(&self) -> bool {
        let mut state = self.lock();
        let may = !state.orders.closing && state.batch.waiting.is_empty() && state.batch.size() < BATCH;
        state.lingering = may.then(std::thread::current);
        may
    }

    /// Whether writing fails.
    pub(super) fn set_failing(&self, failing: bool) {
        self.lock().failing = failing;
    }

    /// Nobody writes any more.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        let lost = std::mem::take(&mut state.batch);
        drop(state);
        self.lose(lost.count());
    }

    /// Counts records that are lost.
    pub(super) fn lose(&self, records: u64) {
        self.dropped.fetch_add(records, Ordering::Relaxed);
    }

    /// How many records were lost.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// A panic while the lock is held cannot leave the queue half changed, so a poisoned lock is as good as another.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The writer, if it has to be woken for what has come.
    fn whom_to_wake(&mut self, soon: bool) -> Option<Thread> {
        let lingering = if soon { self.lingering.take() } else { None };
        self.asleep.take().or(lingering)
    }
}
