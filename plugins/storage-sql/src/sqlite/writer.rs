//! The thread that writes, and commits together what arrived together.
//!
//! A commit waits for the disk; whatever arrives meanwhile goes into the next one, each change set whole or not at
//! all on its own. Among many callers the next one also waits a moment for those who were just answered, or they would
//! take turns in two halves and pay for twice as many commits. A caller is answered when its change set is on disk.

use std::sync::mpsc::{Receiver, SendError, Sender, channel, sync_channel};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use claviger_plugin_sdk::store::{ApplyError, ChangeSet};
use claviger_plugin_sdk::{Error, Result};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{change, failed, now};

/// The way to the writing thread. Dropping it waits until everything that was handed over is written.
pub(super) struct Writer {
    /// The connection, until there is something to write.
    waiting: Mutex<Option<Connection>>,
    running: OnceLock<Running>,
}

/// The thread.
struct Running {
    changes: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

/// A change set and who waits for it.
struct Job {
    change: ChangeSet,
    answer: oneshot::Sender<Result<(), ApplyError>>,
}

/// How many change sets one commit takes at most, so that the first does not wait for too many others.
const AT_ONCE: usize = 256;

/// How many change sets in one commit make a crowd, for which the next commit waits.
const CROWD: usize = 4;
/// How long: less than what most disks need to make a commit durable.
const GATHERING: Duration = Duration::from_micros(200);

impl Writer {
    /// Starts the thread, which owns the connection from now on.
    pub(super) fn start(connection: Connection) -> Result<Self> {
        let running = Running::start(connection, Builder::new()).map_err(|failed| failed.1)?.into();
        Ok(Self { waiting: Mutex::new(None), running })
    }

    /// Starts the thread with the first change: many databases are open only to be read.
    #[allow(clippy::unnecessary_wraps)] // takes the place of `start`
    pub(super) fn when_needed(connection: Connection) -> Result<Self> {
        Ok(Self { waiting: Mutex::new(Some(connection)), running: OnceLock::new() })
    }

    /// The thread, which is started if it is still to be.
    ///
    /// # Errors
    /// It cannot be started now; the next change tries again.
    fn running(&self, thread: Builder) -> Result<&Running> {
        if let Some(running) = self.running.get() {
            return Ok(running);
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(connection) = waiting.take() {
            match Running::start(connection, thread) {
                Ok(running) => drop(self.running.set(running)),
                Err(failed) => {
                    let (connection, error) = *failed;
                    tracing::error!(?error, "a database cannot be written to now");
                    *waiting = Some(connection);
                    return Err(error);
                }
            }
        }
        self.running.get().ok_or_else(stopped)
    }

    /// Writes a change set; returns when it is on disk.
    pub(super) fn apply(
        &self,
        change: ChangeSet,
    ) -> impl Future<Output = Result<(), ApplyError>> + Send + 'static {
        let (answer, answered) = oneshot::channel();
        match self.running(Builder::new()) {
            Ok(running) => {
                // A thread that is gone drops the job, and the answer's sender with it.
                if let Some(changes) = &running.changes {
                    let _ = changes.send(Job { change, answer });
                }
            }
            Err(error) => drop(answer.send(Err(ApplyError::Failed(error)))),
        }
        async { answered.await.unwrap_or_else(|_| Err(ApplyError::Failed(stopped()))) }
    }

    /// Whether the thread was started.
    #[cfg(test)]
    pub(super) fn is_running(&self) -> bool {
        self.running.get().is_some()
    }

    /// Whether the thread is there, or can still be started.
    ///
    /// # Errors
    /// It has ended.
    pub(super) fn health(&self) -> Result<()> {
        let waits = || self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        match self.running.get().map(|running| &running.thread) {
            Some(Some(thread)) if !thread.is_finished() => Ok(()),
            None if waits() => Ok(()),
            _ => Err(stopped()),
        }
    }
}

impl Running {
    /// Starts the thread; gives the connection back if there can be none.
    fn start(connection: Connection, thread: Builder) -> Result<Self, Box<(Connection, Error)>> {
        let (changes, jobs) = channel();
        let (hand, handed) = sync_channel(1);
        let work = move || {
            if let Ok(connection) = handed.recv() {
                write_until_closed(&connection, &jobs);
            }
        };
        match thread.name("sqlite writer".to_owned()).spawn(work) {
            Ok(thread) => match hand.send(connection) {
                Ok(()) => Ok(Self { changes: Some(changes), thread: Some(thread) }),
                Err(SendError(connection)) => Err(Box::new((connection, stopped()))),
            },
            Err(cause) => {
                let error =
                    Error::storage("the storage cannot write now: no thread can be started; try again");
                Err(Box::new((connection, error.because(cause))))
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.changes = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that writes to SQLite panicked");
        }
    }
}

fn stopped() -> Error {
    Error::storage("the storage has stopped writing; restart the server")
}

fn write_until_closed(connection: &Connection, jobs: &Receiver<Job>) {
    let mut crowded = false;
    while let Ok(first) = jobs.recv() {
        if crowded {
            std::thread::sleep(GATHERING);
        }
        let mut group = vec![first];
        group.extend(jobs.try_iter().take(AT_ONCE - 1));
        crowded = group.len() >= CROWD;
        write_group(connection, group);
    }
}

/// Writes a group and answers. If the storage fails, each is tried alone: one that is too large for the disk does
/// not take the others with it.
fn write_group(connection: &Connection, group: Vec<Job>) {
    match commit(connection, &group) {
        Ok(results) => {
            for (job, result) in group.into_iter().zip(results) {
                // Nobody waits any more when the request was given up; its change is written all the same.
                let _ = job.answer.send(result);
            }
        }
        Err(error) => match <[Job; 1]>::try_from(group) {
            Ok([job]) => {
                if let ApplyError::Failed(cause) = &error {
                    tracing::error!(?cause, "a change was not written");
                }
                let _ = job.answer.send(Err(error));
            }
            Err(group) => group.into_iter().for_each(|job| write_group(connection, vec![job])),
        },
    }
}

/// Commits a group; the result of each of its change sets, or an error if none was written.
///
/// Refusals are rare and savepoints cost a fifth of a change, so they are used only when one is refused.
fn commit(connection: &Connection, group: &[Job]) -> Result<Vec<Result<(), ApplyError>>, ApplyError> {
    let all = in_transaction(connection, || {
        for job in group {
            change::apply(connection, &job.change, now())?;
        }
        Ok(group.iter().map(|_| Ok(())).collect())
    });
    match all {
        Err(
            ApplyError::Conflict
            | ApplyError::Exists(_)
            | ApplyError::NameTaken(_)
            | ApplyError::UsageExceeded(_),
        ) if group.len() > 1 => commit_accepted(connection, group),
        result => result,
    }
}

/// Commits those change sets of a group that are not refused.
fn commit_accepted(
    connection: &Connection,
    group: &[Job],
) -> Result<Vec<Result<(), ApplyError>>, ApplyError> {
    in_transaction(connection, || {
        let mut results = Vec::with_capacity(group.len());
        for job in group {
            run(connection, "SAVEPOINT change_set")?;
            let result = change::apply(connection, &job.change, now());
            match result {
                Err(ApplyError::Failed(error)) => return Err(ApplyError::Failed(error)),
                Err(_) => run(connection, "ROLLBACK TO change_set")?,
                Ok(()) => {}
            }
            run(connection, "RELEASE change_set")?;
            results.push(result);
        }
        Ok(results)
    })
}

/// Commits what the work writes, or nothing if it fails.
fn in_transaction<T>(
    connection: &Connection,
    work: impl FnOnce() -> Result<T, ApplyError>,
) -> Result<T, ApplyError> {
    run(connection, "BEGIN IMMEDIATE")?;
    let result = work().and_then(|done| run(connection, "COMMIT").map(|()| done));
    if result.is_err() && !connection.is_autocommit() {
        // If even this fails, so does the next BEGIN, and nothing more is acknowledged.
        let _ = run(connection, "ROLLBACK");
    }
    result
}

fn run(connection: &Connection, sql: &str) -> Result<(), ApplyError> {
    let run = || connection.prepare_cached(sql)?.execute([]).map(drop);
    run().map_err(|cause| ApplyError::Failed(failed(cause)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_cannot_be_started_is_tried_again_with_the_next_change() {
        let writer = Writer::when_needed(Connection::open_in_memory().unwrap()).unwrap();
        // No address space has room for this stack.
        let error = writer.running(Builder::new().stack_size(1 << 60)).err().unwrap();
        assert!(error.message().contains("no thread can be started"), "{error}");
        assert!(!writer.is_running());
        writer.health().unwrap();
        writer.running(Builder::new()).unwrap();
        assert!(writer.is_running());
        writer.health().unwrap();
    }
}
