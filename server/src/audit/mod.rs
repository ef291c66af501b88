//! Audit logs: hash-chained, with signed heads, written by a thread of their own. See `docs/operations/audit.md`.
//!
//! [`draft`] of lines → [`queue`] of [`batch`]es → [`writer`] → [`destination`]: a [`file`], or the [`database`]. [`verify`] tells whether a log is what was
//! written.

mod arguments;
mod batch;
mod chain;
pub(crate) mod command;
mod database;
mod database_lines;
#[cfg(test)]
mod database_tests;
mod destination;
mod draft;
mod end;
mod export;
mod file;
mod files;
mod head;
mod instance;
mod json;
mod kept_heads;
mod last;
mod line;
mod lines;
mod moment;
mod progress;
mod queue;
mod records;
mod search;
#[cfg(test)]
mod sharing_tests;
mod show;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use claviger_engine::SystemClock;
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::audit::{AuditRecord, AuditSink, AuditedRequest};
use claviger_plugin_sdk::clock::Clock;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::random::RandomSource as _;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::ObjectStore;
use tokio::sync::{oneshot, watch};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

pub(crate) use search::Search;

use crate::failure::Failure;
use crate::randomness::LibraryRandom;
use crate::start::number;
use database::LogDatabase;
use destination::Destination;
use draft::Draft;
use file::LogFile;
use head::{Head, KEY_FLAG, SigningKey, beside};
use instance::{FILE, Instance};
use kept_heads::OF_FILES;
use queue::Queue;
use writer::{Parts, Writer};

/// How long a search may take, together with those before it.
const PATIENCE: Duration = Duration::from_secs(30);

/// The logs that a server writes.
pub(crate) struct AuditLogs {
    file: Option<AuditLog>,
    database: Option<AuditLog>,
    /// Where the file is.
    path: Option<PathBuf>,
    /// Where the log in the database is.
    store: Option<Arc<dyn ObjectStore>>,
    /// Held by whoever looks through a log, which takes a while.
    searching: Arc<tokio::sync::Mutex<()>>,
}

impl AuditLogs {
    /// Whether the settings want a log.
    pub(crate) fn are_wanted(settings: &Settings) -> bool {
        log_path(settings).is_some() || settings.switch("audit-database")
    }

    /// Those that the settings want. The server's own store, if it has one, keeps the newest head of the file, and the
    /// log in the database.
    ///
    /// # Errors
    /// A log, its key or its lock cannot be opened or made; what is there is no log; another process writes it; the
    /// database fails, or is none of the server's own.
    pub(crate) async fn start(
        settings: &Settings,
        store: Option<Arc<dyn ObjectStore>>,
    ) -> Result<Arc<Self>, Failure> {
        let file = in_file(settings, store.as_deref()).await?;
        let database = match settings.switch("audit-database") {
            true => Some(in_database(settings, store.clone()).await?),
            false => None,
        };
        let searching = Arc::default();
        Ok(Arc::new(Self { file, database, path: log_path(settings), store, searching }))
    }

    /// How many records were lost: a queue was full, or a log could not be written.
    pub(crate) fn dropped(&self) -> u64 {
        self.all().map(AuditLog::dropped).sum()
    }

    /// Opens files anew before the next record: a log rotation has moved them away.
    pub(crate) fn reopen(&self) {
        self.all().for_each(AuditLog::reopen);
    }

    /// Writes what is queued and signs the ends. What comes later is lost.
    pub(crate) fn close(&self) {
        self.all().for_each(AuditLog::close);
    }

    /// Keeps the newest head of the file in a database until the log is closed: whoever can change the files of the log may not
    /// be able to change that.
    pub(crate) fn keep_heads_in(
        &self,
        store: Arc<dyn ObjectStore>,
    ) -> Option<impl Future<Output = ()> + use<>> {
        let (log, path) = (self.file.as_ref()?, self.path.as_ref()?);
        Some(kept_heads::keep(store, log.newest.clone(), kept_heads::place(path)))
    }

    /// What is found near the end of the log, as JSON: the number of the first line that was looked at (`from`), and the newest
    /// `records`, the oldest of them first. `None` if there is no log. One search runs at a time.
    ///
    /// # Errors
    /// The log cannot be read, or not within half a minute.
    pub(crate) async fn search(&self, search: Search) -> Result<Option<String>, Failure> {
        let found = timeout(PATIENCE, self.search_in_turn(search)).await;
        found.unwrap_or_else(|_| Err(Failure::new("looking through the audit log took too long")))
    }

    async fn search_in_turn(&self, search: Search) -> Result<Option<String>, Failure> {
        let turn = self.searching.clone().lock_owned().await;
        if let Some(path) = self.path.clone().filter(|_| self.file.is_some()) {
            // Reading files would hold up others on this thread.
            let (awaits, awaited) = oneshot::channel::<()>();
            let look = move || {
                let _turn = turn;
                search::in_files(&search, &path, || !awaits.is_closed())
            };
            let found = spawn_blocking(look).await;
            drop(awaited);
            return found.map_err(|error| Failure::new(format!("the search: {error}")))?.map(Some);
        }
        let (Some(log), Some(store)) = (&self.database, &self.store) else { return Ok(None) };
        let Some(head) = log.newest.borrow().clone() else { return Ok(None) };
        let found = search::in_database(&search, &**store, &head).await;
        found.map(Some).map_err(|error| Failure::from_error("the audit log in the database", &error))
    }

    fn all(&self) -> impl Iterator<Item = &AuditLog> {
        self.file.iter().chain(&self.database)
    }

    fn is_empty(&self) -> bool {
        self.file.is_none() && self.database.is_none()
    }
}

/// The engine knows them as one sink.
pub(crate) fn sink(logs: &Arc<AuditLogs>) -> Option<Arc<dyn AuditSink>> {
    (!logs.is_empty()).then(|| logs.clone() as _)
}

impl AuditSink for AuditLogs {
    fn record(&self, request: &AuditedRequest<'_>, records: &[AuditRecord]) {
        Draft::of(request, records, |lines| self.all().for_each(|log| log.queue.push(lines)));
    }

    fn intend(&self, request: &AuditedRequest<'_>, record: &AuditRecord) -> BoxFuture<'_, Result<()>> {
        // Both at the same time.
        let kept = Draft::of_intent(request, record, |line| {
            self.all().map(|log| log.queue.push_intent(line)).collect::<Vec<_>>()
        });
        Box::pin(async move {
            for kept in kept {
                match kept {
                    Some(kept) => kept.await.map_err(|_| unaudited())?,
                    None => return Err(unaudited()),
                }
            }
            Ok(())
        })
    }
}

async fn in_file(settings: &Settings, store: Option<&dyn ObjectStore>) -> Result<Option<AuditLog>, Failure> {
    let Some(path) = log_path(settings) else { return Ok(None) };
    let rotate_at: u64 = number(settings, "audit-rotate-size")?;
    let file = LogFile::open(path.clone(), (rotate_at > 0).then_some(rotate_at))?;
    let kept = match store {
        Some(store) => Kept::read(store, &path, file.log()).await?,
        None => Kept::default(),
    };
    let key = SigningKey::read_or_make(&key_path(settings))?;
    AuditLog::over(Box::new(file), key, head_every(settings)?, new_name(), kept).map(Some)
}

/// Heads that are kept elsewhere than beside the log.
#[derive(Default)]
struct Kept {
    /// One of the log that is there.
    known: Option<Head>,
    /// Where none is there: one of the log that was written there before.
    gone: Option<Head>,
}

impl Kept {
    /// What the database keeps about the log at this path, which has this name if it is there.
    async fn read(store: &dyn ObjectStore, path: &Path, log: Option<String>) -> Result<Self, Failure> {
        let read = match log {
            Some(log) => {
                let known = kept_heads::find(store, OF_FILES, &log).await;
                known.map(|known| Self { known, gone: None })
            }
            None => {
                let gone = kept_heads::newest_at(store, &kept_heads::place(path)).await;
                gone.map(|gone| Self { known: None, gone: gone.filter(Head::is_signed) })
            }
        };
        read.map_err(|error| kept_heads::failed(&error))
    }
}

async fn in_database(settings: &Settings, store: Option<Arc<dyn ObjectStore>>) -> Result<AuditLog, Failure> {
    let store = store.ok_or_else(|| {
        Failure::usage("--audit-database: with this --database-type every database belongs to its users; use --audit-file")
    })?;
    let file = settings.root().join(FILE);
    let (log, lock) = Instance::of(&file)?;
    let days: i64 = number(settings, "audit-database-days")?;
    let database = LogDatabase {
        store,
        runtime: tokio::runtime::Handle::current(),
        log: log.clone(),
        head_file: beside(&file, ".head"),
        days: (days > 0).then_some(days),
        clock: Arc::new(SystemClock),
        _instance: lock,
    };
    let key = SigningKey::read_or_make(&key_path(settings))?;
    let every = head_every(settings)?;
    // It waits for the database, which no thread of the runtime may.
    let begun = move || AuditLog::over(Box::new(database), key, every, log, Kept::default());
    let begun = tokio::task::spawn_blocking(begun).await;
    begun.map_err(|error| Failure::new(format!("the audit log in the database: {error}")))?
}

fn head_every(settings: &Settings) -> Result<Duration, Failure> {
    Ok(Duration::from_secs(number(settings, "audit-head-seconds")?))
}

/// A log that is written. Dropping it writes what is queued.
struct AuditLog {
    queue: Arc<Queue>,
    writer: Mutex<Option<JoinHandle<()>>>,
    newest: watch::Receiver<Option<Head>>,
}

impl AuditLog {
    fn over(
        destination: Box<dyn Destination>,
        key: SigningKey,
        head_every: Duration,
        new_log: String,
        kept: Kept,
    ) -> Result<Self, Failure> {
        Self::by_clock(destination, key, head_every, new_log, kept, Arc::new(SystemClock))
    }

    fn by_clock(
        destination: Box<dyn Destination>,
        key: SigningKey,
        head_every: Duration,
        new_log: String,
        kept: Kept,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Failure> {
        let queue = Arc::new(Queue::default());
        let name = destination.name();
        let (newest, told) = watch::channel(None);
        let writer = Writer::begin(Parts {
            queue: queue.clone(),
            destination,
            key,
            clock,
            head_every,
            newest,
            new_log,
            known: kept.known,
            gone: kept.gone,
        });
        let writer = writer.map_err(|why| Failure::new(format!("{name}: {why}")))?;
        let writer = thread::Builder::new().name("audit".to_owned()).spawn(move || writer.run());
        let writer =
            writer.map_err(|error| Failure::new(format!("cannot start the audit thread: {error}")))?;
        Ok(Self { queue, writer: Mutex::new(Some(writer)), newest: told })
    }

    fn reopen(&self) {
        self.queue.order(|orders| orders.reopen = true);
    }

    fn dropped(&self) -> u64 {
        self.queue.dropped()
    }

    fn close(&self) {
        self.queue.order(|orders| orders.closing = true);
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            // A writer that panicked has nothing left to write.
            let _ = writer.join();
        }
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

/// The file of the key that signs the logs.
fn key_path(settings: &Settings) -> PathBuf {
    let log = || log_path(settings).unwrap_or_else(|| settings.root().join("audit.jsonl"));
    settings.path(KEY_FLAG).unwrap_or_else(|| beside(&log(), ".key"))
}

/// A name for a log, which no other has.
fn new_name() -> String {
    let mut name = [0; 16];
    LibraryRandom.fill(&mut name);
    hex::encode(name)
}
