//! Connections that read.
//!
//! A read takes some ten microseconds, less than handing it to another thread would, so it runs where it is asked
//! for. A search that turns out to be long is stopped and run again on a blocking thread.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use claviger_plugin_sdk::{Error, Result};
use rusqlite::{Connection, ErrorCode};
use tokio::sync::Semaphore;

use super::connection::{DatabaseFile, LONG_READS_AT_ONCE};
use super::failed;

/// The result of reading, before it is known whether the reader ran out of its budget.
pub(super) type Read<T> = rusqlite::Result<T>;

/// A pool of connections, opened when they are needed.
pub(super) struct Readers {
    file: DatabaseFile,
    idle: Mutex<Vec<Reader>>,
    long: Semaphore,
}

/// Steps of SQLite's machine between two looks at the budget.
const STEPS: i32 = 1000;
/// How many thousand steps a brief read may take: about a millisecond.
const BRIEF: i64 = 30;

impl Readers {
    /// A pool for the database, with its first connection.
    pub(super) fn new(file: DatabaseFile) -> Result<Self> {
        let first = Reader::open(&file)?;
        let (idle, long) = (Mutex::new(vec![first]), Semaphore::new(LONG_READS_AT_ONCE));
        Ok(Self { file, idle, long })
    }

    /// The database.
    pub(super) fn file(&self) -> &DatabaseFile {
        &self.file
    }

    /// Reads what is known to be short.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Connection) -> Read<T>) -> Result<T> {
        self.with(i64::MAX, work)?.map_err(failed)
    }

    /// Reads, unless that takes long: then nothing.
    pub(super) fn read_briefly<T>(&self, work: impl FnOnce(&Connection) -> Read<T>) -> Result<Option<T>> {
        match self.with(BRIEF, work)? {
            Ok(result) => Ok(Some(result)),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// Reads on a blocking thread, however long it takes.
    pub(super) async fn read_long<T: Send + 'static>(
        readers: &Arc<Self>,
        work: impl FnOnce(&Connection) -> Read<T> + Send + 'static,
    ) -> Result<T> {
        let stopped = || Error::storage("the server is stopping");
        let _permit = readers.long.acquire().await.map_err(|_| stopped())?;
        let own = readers.clone();
        let task = tokio::task::spawn_blocking(move || own.read(work));
        task.await.map_err(|error| stopped().because(error))?
    }

    fn with<T>(&self, budget: i64, work: impl FnOnce(&Connection) -> Read<T>) -> Result<Read<T>> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = match idle {
            Some(reader) => reader,
            None => Reader::open(&self.file)?,
        };
        reader.budget.store(budget, Ordering::Relaxed);
        let result = snapshot(&reader.connection, work);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.file.idle_readers() {
            idle.push(reader);
        }
        Ok(result)
    }
}

struct Reader {
    connection: Connection,
    budget: Arc<AtomicI64>,
}

impl Reader {
    fn open(file: &DatabaseFile) -> Result<Self> {
        let connection = file.open_for_reading()?;
        let budget = Arc::new(AtomicI64::new(0));
        let left = budget.clone();
        let used_up = move || left.fetch_sub(1, Ordering::Relaxed) <= 0;
        connection.progress_handler(STEPS, Some(used_up)).map_err(failed)?;
        Ok(Self { connection, budget })
    }
}

/// Runs the statements of one read on one state of the database.
fn snapshot<T>(connection: &Connection, work: impl FnOnce(&Connection) -> Read<T>) -> Read<T> {
    connection.prepare_cached("BEGIN")?.execute([])?;
    let result = work(connection);
    // An interrupted read may have ended the transaction already.
    if !connection.is_autocommit() {
        connection.prepare_cached("ROLLBACK")?.execute([])?;
    }
    result
}
