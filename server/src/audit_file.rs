//! The audit file: a line of JSON for every item, appended by a thread of its own.
//!
//! The path of a request appends the line to a queue of text, which costs less than handing a record to another thread;
//! writing happens in the thread, a batch at a time, at most [`BATCH_EVERY`] after the record. A queue that is full drops
//! records rather than stop the server; how many is written into the file and the log, and counted in the metrics.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use claviger_plugin_sdk::audit::{AuditRecord, AuditSink};
use tracing::{error, warn};

use crate::audit_line::{self, LastSecond};
use crate::failure::Failure;

const BATCH_EVERY: Duration = Duration::from_millis(50);
/// Bytes that may wait to be written.
const QUEUE: usize = 16 << 20;
/// Bytes for which the thread is woken before its time: few enough to be still in the processor's cache.
const BATCH: usize = 64 << 10;
/// Bytes of memory that an empty queue keeps.
const KEPT: usize = 1 << 20;

/// The sink. Dropping it writes what is queued.
pub(crate) struct AuditFile {
    queue: Arc<Queue>,
    writer: Option<JoinHandle<()>>,
}

/// What the sink and its thread share.
struct Queue {
    state: Mutex<State>,
    dropped: AtomicU64,
}

/// Lines that are to be written.
#[derive(Default)]
struct Lines {
    text: Vec<u8>,
    records: u64,
}

#[derive(Default)]
struct State {
    lines: Lines,
    /// Since the writer last looked.
    dropped: u64,
    second: LastSecond,
    /// The writer sleeps until it is woken.
    asleep: bool,
    reopen: bool,
    closing: bool,
}

impl AuditFile {
    /// Opens the file for appending, creating it for its owner alone, and starts the thread.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub(crate) fn open(path: PathBuf) -> Result<Self, Failure> {
        let file = open(&path).map_err(|error| {
            Failure::new(format!("cannot open the audit file {}: {error}", path.display()))
        })?;
        let queue = Arc::new(Queue { state: Mutex::default(), dropped: AtomicU64::new(0) });
        let shared = queue.clone();
        let writer = thread::Builder::new()
            .name("audit".to_owned())
            .spawn(move || Writer { queue: shared, path, file }.run())
            .map_err(|error| Failure::new(format!("cannot start the audit thread: {error}")))?;
        Ok(Self { queue, writer: Some(writer) })
    }

    /// Opens the file anew before the next record: a log rotation has moved it away.
    pub(crate) fn reopen(&self) {
        self.queue.lock().reopen = true;
    }

    /// How many records were lost: the queue was full, or the file could not be written.
    pub(crate) fn dropped(&self) -> u64 {
        self.queue.dropped.load(Ordering::Relaxed)
    }

    fn wake(&self) {
        if let Some(writer) = &self.writer {
            writer.thread().unpark();
        }
    }
}

impl AuditSink for AuditFile {
    fn record(&self, record: AuditRecord) {
        let mut state = self.queue.lock();
        let State { lines, second, .. } = &mut *state;
        let before = lines.text.len();
        if before >= QUEUE {
            state.dropped += 1;
            self.queue.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        audit_line::write(&record, second, &mut lines.text);
        lines.records += 1;
        let full = before < BATCH && lines.text.len() >= BATCH;
        let wake = std::mem::take(&mut state.asleep) || full;
        drop(state);
        if wake {
            self.wake();
        }
    }
}

impl Drop for AuditFile {
    fn drop(&mut self) {
        self.queue.lock().closing = true;
        self.wake();
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has nothing left to write.
            let _ = writer.join();
        }
    }
}

impl Queue {
    /// A panic while the lock is held cannot leave the queue half changed, so a poisoned lock is as good as another.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The thread's own part.
struct Writer {
    queue: Arc<Queue>,
    path: PathBuf,
    file: File,
}

impl Writer {
    fn run(mut self) {
        let mut batch = Lines::default();
        loop {
            let (dropped, closing) = self.take(&mut batch);
            if batch.text.is_empty() && dropped == 0 {
                if closing {
                    return;
                }
                thread::park();
                continue;
            }
            self.write(&mut batch, dropped);
            if !closing {
                thread::park_timeout(BATCH_EVERY);
            }
        }
    }

    /// Exchanges the queue for the empty batch, so that both keep their memory.
    fn take(&mut self, batch: &mut Lines) -> (u64, bool) {
        let mut state = self.queue.lock();
        std::mem::swap(&mut state.lines, batch);
        let dropped = std::mem::take(&mut state.dropped);
        let reopen = std::mem::take(&mut state.reopen);
        let closing = state.closing;
        state.asleep = batch.text.is_empty() && dropped == 0;
        drop(state);
        if reopen {
            self.reopen();
        }
        (dropped, closing)
    }

    fn write(&mut self, batch: &mut Lines, dropped: u64) {
        let records = std::mem::take(&mut batch.records);
        if dropped > 0 {
            warn!(dropped, "the audit queue was full: records were dropped");
            // Writing to a Vec cannot fail.
            let _ = writeln!(batch.text, "{{\"dropped\":{dropped}}}");
        }
        if let Err(error) = self.file.write_all(&batch.text) {
            error!(%error, records, "cannot write to the audit file: records are lost");
            self.queue.dropped.fetch_add(records, Ordering::Relaxed);
        }
        // A burst must not keep its memory for ever.
        batch.text.clear();
        batch.text.shrink_to(KEPT);
    }

    fn reopen(&mut self) {
        match open(&self.path) {
            Ok(file) => self.file = file,
            Err(error) => error!(%error, "cannot open the audit file again: the old one is written on"),
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::authentication::Transport;

    use super::*;

    fn record(request: u32) -> AuditRecord {
        AuditRecord {
            time: 0,
            request: request.to_string().into(),
            request_id: None,
            client_correlation: None,
            item: 0,
            transport: Transport::Http,
            store: None,
            user: None,
            proven_by: None,
            operation: None,
            operation_name: None,
            objects: Vec::new(),
            failure: None,
            duration: 0,
        }
    }

    #[test]
    fn every_record_is_in_the_file_in_order_once_the_sink_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        let sink = AuditFile::open(path.clone()).unwrap();
        for request in 0..10_000 {
            sink.record(record(request));
        }
        assert_eq!(sink.dropped(), 0);
        drop(sink);
        let text = std::fs::read_to_string(path).unwrap();
        let parsed = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let requests: Vec<String> = parsed.map(|line| line["request"].as_str().unwrap().to_owned()).collect();
        assert_eq!(requests, (0..10_000).map(|request| request.to_string()).collect::<Vec<_>>());
    }

    #[test]
    fn records_that_cannot_be_written_are_counted() {
        // Writing to this device fails as on a full disk.
        let Ok(sink) = AuditFile::open(PathBuf::from("/dev/full")) else { return };
        sink.record(record(1));
        sink.record(record(2));
        let queue = sink.queue.clone();
        drop(sink);
        assert_eq!(queue.dropped.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn after_a_rotation_records_go_to_a_new_file() {
        let folder = tempfile::tempdir().unwrap();
        let (path, old) = (folder.path().join("audit.jsonl"), folder.path().join("audit.jsonl.1"));
        let sink = AuditFile::open(path.clone()).unwrap();
        sink.record(record(1));
        thread::sleep(BATCH_EVERY * 3);
        std::fs::rename(&path, &old).unwrap();
        sink.reopen();
        sink.record(record(2));
        drop(sink);
        assert!(std::fs::read_to_string(old).unwrap().contains("\"request\":\"1\""));
        assert!(std::fs::read_to_string(path).unwrap().contains("\"request\":\"2\""));
    }
}
