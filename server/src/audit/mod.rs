//! Audit logs: hash-chained, with signed heads, written by a thread of their own. See `docs/operations/audit.md`.
//!
//! [`queue`] → [`writer`] → [`destination`]: a [`file`]. [`verify`] tells whether a log is what was written.

mod chain;
pub(crate) mod command;
mod destination;
mod end;
mod export;
mod file;
mod files;
mod head;
mod kept_heads;
mod line;
mod lines;
mod progress;
mod queue;
mod show;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use claviger_engine::SystemClock;
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::audit::{AuditRecord, AuditSink};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::random::RandomSource as _;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::ObjectStore;
use tokio::sync::watch;

use crate::failure::Failure;
use crate::randomness::LibraryRandom;
use crate::start::number;
use destination::Destination;
use file::LogFile;
use head::{Head, KEY_FLAG, SigningKey, beside};
use queue::Queue;
use writer::{Parts, Writer};

/// A log that is written. Dropping it writes what is queued.
pub(crate) struct AuditLog {
    queue: Arc<Queue>,
    writer: Mutex<Option<JoinHandle<()>>>,
    newest: watch::Receiver<Option<Head>>,
}

impl AuditLog {
    /// Whether the settings want a log.
    pub(crate) fn is_wanted(settings: &Settings) -> bool {
        log_path(settings).is_some()
    }

    /// The log in the file that the settings name; `None` if they want none. Its newest head is also kept in the
    /// database, if one is given.
    ///
    /// # Errors
    /// The file or its key cannot be opened or made, or holds no log; another process writes it; the database fails.
    pub(crate) async fn in_file(
        settings: &Settings,
        store: Option<&dyn ObjectStore>,
    ) -> Result<Option<Self>, Failure> {
        let Some(path) = log_path(settings) else { return Ok(None) };
        let rotate_at: u64 = number(settings, "audit-rotate-size")?;
        let file = LogFile::open(path.clone(), (rotate_at > 0).then_some(rotate_at))?;
        let known = match (store, file.log()) {
            (Some(store), Some(log)) => kept_heads::read(store, &log).await?,
            _ => None,
        };
        let key = SigningKey::read_or_make(&key_path(settings, &path))?;
        let every = Duration::from_secs(number(settings, "audit-head-seconds")?);
        Self::over(Box::new(file), key, every, known).map(Some)
    }

    fn over(
        destination: Box<dyn Destination>,
        key: SigningKey,
        head_every: Duration,
        known: Option<Head>,
    ) -> Result<Self, Failure> {
        let queue = Arc::new(Queue::default());
        let name = destination.name();
        let (newest, told) = watch::channel(None);
        let writer = Writer::begin(Parts {
            queue: queue.clone(),
            destination,
            key,
            clock: Arc::new(SystemClock),
            head_every,
            newest,
            new_log: new_name(),
            known,
        });
        let writer = writer.map_err(|why| Failure::new(format!("{name}: {why}")))?;
        let writer = thread::Builder::new().name("audit".to_owned()).spawn(move || writer.run());
        let writer =
            writer.map_err(|error| Failure::new(format!("cannot start the audit thread: {error}")))?;
        Ok(Self { queue, writer: Mutex::new(Some(writer)), newest: told })
    }

    /// Opens the file anew before the next record: a log rotation has moved it away.
    pub(crate) fn reopen(&self) {
        self.queue.order(|orders| orders.reopen = true);
    }

    /// How many records were lost: the queue was full, or the log could not be written.
    pub(crate) fn dropped(&self) -> u64 {
        self.queue.dropped()
    }

    /// Keeps the newest head in a database, too, until the log is closed: whoever can change the files of the log may not
    /// be able to change that.
    pub(crate) fn keep_heads_in(&self, store: Arc<dyn ObjectStore>) -> impl Future<Output = ()> + use<> {
        kept_heads::keep(store, self.newest.clone())
    }

    /// Writes what is queued and signs the end. What comes later is lost.
    pub(crate) fn close(&self) {
        self.queue.order(|orders| orders.closing = true);
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // A writer that panicked has nothing left to write.
            let _ = writer.join();
        }
    }
}

impl AuditSink for AuditLog {
    fn record(&self, record: AuditRecord) {
        self.queue.push(&record);
    }

    fn intend(&self, record: AuditRecord) -> BoxFuture<'_, Result<()>> {
        let kept = self.queue.push_intent(&record);
        Box::pin(async move {
            match kept {
                Some(kept) => kept.await.map_err(|_| unaudited()),
                None => Err(unaudited()),
            }
        })
    }
}

impl Drop for AuditLog {
    fn drop(&mut self) {
        self.close();
    }
}

/// The error of what is not done since it cannot be audited.
fn unaudited() -> Error {
    Error::new(
        ResultReason::GENERAL_FAILURE,
        ErrorClass::Server,
        "nothing was done: the audit log of the server cannot be written, and this server does nothing of the kind \
         without",
    )
}

/// The file that the settings name.
fn log_path(settings: &Settings) -> Option<PathBuf> {
    (settings.text("audit-file") != Some("none")).then(|| settings.path("audit-file")).flatten()
}

/// The file of the key that signs the log in this file.
fn key_path(settings: &Settings, log: &std::path::Path) -> PathBuf {
    settings.path(KEY_FLAG).unwrap_or_else(|| beside(log, ".key"))
}

/// A name for a log, which no other has.
fn new_name() -> String {
    let mut name = [0; 16];
    LibraryRandom.fill(&mut name);
    hex::encode(name)
}
