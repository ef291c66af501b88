//! Audit records of a message that sinks were not given yet.
//!
//! Sinks are given the records of some items together, so that what holds for all of them is looked at once, and a lock is
//! taken once. None waits for what the message waits for: [`telling`] gives them to the sinks first. Where the message only lets
//! others have their turn they stay, until it goes on or the last is some milliseconds later than the first.

use std::future::poll_fn;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::slice;
use std::sync::{Mutex, MutexGuard, PoisonError};

use claviger_plugin_sdk::audit::AuditRecord;

use super::account;
use super::message::Message;

/// Records that are given together at most: what is left to be saved is little, and they fit the processor's cache.
const TOGETHER: usize = 32;
/// Milliseconds by which the last of them may be later than the first.
const APART: i64 = 10;

/// What sinks were not given yet.
pub(crate) struct Records(Mutex<Waiting>);

struct Waiting {
    records: Vec<AuditRecord>,
    /// How many may wait for one another.
    together: usize,
}

impl Records {
    /// Of a message with so many items. That of a single one is given at once.
    pub(crate) fn of(items: usize) -> Self {
        Self(Mutex::new(Waiting { records: Vec::new(), together: items.clamp(1, TOGETHER) }))
    }

    /// Items come so many times more than the message has them.
    pub(crate) fn expect_more(&self, further: usize) {
        if further > 0 {
            let mut waiting = self.lock();
            waiting.together = waiting.together.saturating_add(further).min(TOGETHER);
        }
    }

    /// Adds a record of the message, and gives all to the sinks when they are enough.
    pub(crate) fn add(&self, message: &Message<'_>, record: AuditRecord) {
        let mut waiting = self.lock();
        let together = waiting.together;
        if together == 1 {
            drop(waiting);
            return account::record(message, slice::from_ref(&record));
        }
        if waiting.records.capacity() == 0 {
            waiting.records.reserve_exact(together);
        }
        let first = waiting.records.first().map_or(record.time, |first| first.time);
        let is_late = record.time.saturating_sub(first) >= APART;
        waiting.records.push(record);
        if is_late || waiting.records.len() >= together {
            waiting.give(message);
        }
    }

    /// Gives all to the sinks.
    pub(crate) fn tell(&self, message: &Message<'_>) {
        self.lock().give(message);
    }

    /// A panic while the lock is held leaves none half told.
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn give(&mut self, message: &Message<'_>) {
        if !self.records.is_empty() {
            // If a sink panics they are gone: others may have them, and would get them twice.
            let mut records = mem::take(&mut self.records);
            account::record(message, &records);
            records.clear();
            self.records = records;
        }
    }
}

/// Works on a message. Sinks are told of the items that have ended whenever the work waits for something, when it is done, and
/// when it panics or is given up.
pub(crate) async fn telling<T>(message: &Message<'_>, mut work: Pin<&mut impl Future<Output = T>>) -> T {
    let at_the_end = TellsAtTheEnd(message);
    let done = poll_fn(|task| {
        let polled = work.as_mut().poll(task);
        if polled.is_pending() && !message.pace.gives_way() {
            message.records.tell(message);
        }
        polled
    });
    let done = done.await;
    // Not by the guard, which would hide a panic.
    message.records.tell(message);
    drop(at_the_end);
    done
}

struct TellsAtTheEnd<'m>(&'m Message<'m>);

impl Drop for TellsAtTheEnd<'_> {
    fn drop(&mut self) {
        // A sink that panics while another panic is on its way would end the process.
        let _ = catch_unwind(AssertUnwindSafe(|| self.0.records.tell(self.0)));
    }
}
