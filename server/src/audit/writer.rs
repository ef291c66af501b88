//! The thread that writes a log: it chains the records, signs heads and goes on after failures.
//!
//! A head is signed when so much was written since the one before, when its time has come, before a new file is begun and
//! at the end. The line of the head is in the log, so that every part of the log can be verified for itself; the newest
//! one, about the last line, is kept beside the log and given to whoever keeps it elsewhere.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use claviger_plugin_sdk::clock::Clock;
use serde_json::{Value, json};
use tokio::sync::watch;
use tracing::{error, info, warn};

use super::batch::Batch;
use super::chain::Link;
use super::destination::Destination;
use super::end::{End, Torn};
use super::head::{Head, SigningKey};
use super::moment;
use super::queue::{Orders, Queue};

/// Lines between two heads. Together with [`HEAD_BYTES`] it bounds what is looked at after a crash.
const HEAD_LINES: u64 = 4_096;
/// Bytes between two heads.
const HEAD_BYTES: usize = 1 << 20;

/// The thread's own part.
pub(super) struct Writer {
    queue: Arc<Queue>,
    destination: Box<dyn Destination>,
    key: SigningKey,
    clock: Arc<dyn Clock>,
    head_every: Duration,
    /// Whoever keeps the newest head elsewhere.
    newest: watch::Sender<Option<Head>>,
    log: String,
    link: Link,
    /// Since the latest line with a head.
    since_head: SinceHead,
    /// When the first line was written that no head covers which is kept beside the log.
    unkept: Option<Instant>,
    /// Records that were lost and are not in the log yet.
    lost: u64,
    /// When the latest write failed, if it did: what is there has to be looked at first.
    failed: Option<Instant>,
    out: Vec<u8>,
}

/// What was written since the latest line with a head.
#[derive(Clone, Copy, Default)]
struct SinceHead {
    lines: u64,
    bytes: usize,
}

impl SinceHead {
    fn is_enough(self) -> bool {
        self.lines >= HEAD_LINES || self.bytes >= HEAD_BYTES
    }

    fn append(&mut self, link: &mut Link, body: &[u8], out: &mut Vec<u8>) {
        let before = out.len();
        link.append(body, out);
        self.lines += 1;
        self.bytes += out.len() - before;
    }
}

/// What a writer is made of.
pub(super) struct Parts {
    pub(super) queue: Arc<Queue>,
    pub(super) destination: Box<dyn Destination>,
    pub(super) key: SigningKey,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) head_every: Duration,
    pub(super) newest: watch::Sender<Option<Head>>,
    /// The name of a log that begins.
    pub(super) new_log: String,
    /// A head that was kept elsewhere.
    pub(super) known: Option<Head>,
    /// The head of another log that was written here before this one begins.
    pub(super) gone: Option<Head>,
}

impl Writer {
    /// Goes on with the log that is there, or begins one.
    ///
    /// # Errors
    /// What is there is no log, or cannot be written.
    pub(super) fn begin(parts: Parts) -> Result<Self, String> {
        let Parts { queue, mut destination, key, clock, head_every, newest, new_log, known, gone } = parts;
        let keys = [key.public().clone()];
        let mut end = destination.end(&keys)?;
        if end.log.is_none() {
            end = destination.end_before(&keys)?;
        }
        // One of a key that was replaced says how far the log went, too.
        let kept = [destination.head()?, known].into_iter().flatten().filter(Head::is_signed);
        let kept = kept.max_by_key(|head| head.link.seq);
        let mut facts = facts_of_start(&end, kept.as_ref(), &key, &destination.name());
        let (log, link) = match (&end.log, kept) {
            (Some(log), _) => (log.clone(), end.link),
            (None, Some(head)) => {
                warn!(
                    head = head.link.seq,
                    log = destination.name(),
                    "the audit log is not there any more, as after a rotation: it goes on behind its newest head"
                );
                (head.log, head.link)
            }
            (None, None) => {
                facts.extend(gone.map(|head| {
                    error!(
                        head = head.link.seq,
                        gone = head.log,
                        log = destination.name(),
                        "THE AUDIT LOG IS GONE: the database has a head of one that was written here"
                    );
                    ("gone", head.to_json())
                }));
                (new_log, Link::default())
            }
        };
        let mut writer = Self {
            queue,
            destination,
            key,
            clock,
            head_every,
            newest,
            log,
            link,
            since_head: SinceHead::default(),
            unkept: None,
            lost: 0,
            failed: None,
            out: Vec::new(),
        };
        let name = if link == Link::default() { "begin" } else { "start" };
        writer.tell_start(name, end.torn, facts)?;
        writer.sign()?;
        Ok(writer)
    }

    /// Writes until the queue is closed and everything is written.
    pub(super) fn run(mut self) {
        let _closed = ClosedAtTheEnd(self.queue.clone());
        let mut batch = Batch::default();
        loop {
            let orders = self.queue.take(&mut batch);
            let Orders { dropped, reopen, closing } = orders;
            self.lost += dropped;
            if dropped > 0 {
                warn!(dropped, "the audit queue was full: records were dropped");
            }
            if reopen {
                self.reopen();
            }
            let worked = batch.count() > 0 || dropped > 0 || reopen;
            if batch.count() > 0 || self.lost > 0 {
                self.write(&mut batch);
            }
            if self.is_head_due() || (closing && self.unkept.is_some()) {
                self.sign_or_say();
            }
            if closing && self.queue.waits() {
                info!(lines = self.link.seq, log = self.destination.name(), "the audit log is written");
                return;
            }
            self.rest(worked);
        }
    }

    /// Waits for work: for a while if there was some, so that more is written together.
    fn rest(&self, worked: bool) {
        if worked {
            if self.queue.lingers() {
                thread::park_timeout(self.destination.linger());
            }
        } else if self.queue.waits() {
            let head = self.unkept.map(|since| self.head_every.saturating_sub(since.elapsed()));
            match (self.failed, head) {
                (Some(_), _) => thread::park_timeout(RETRY_EVERY),
                (None, Some(left)) => thread::park_timeout(left),
                (None, None) => thread::park(),
            }
        }
    }

    fn is_head_due(&self) -> bool {
        self.unkept.is_some_and(|since| self.destination.is_full() || since.elapsed() >= self.head_every)
    }

    /// Writes a batch. What cannot be written is lost, and told when something can be written again.
    fn write(&mut self, batch: &mut Batch) {
        if self.is_pausing() {
            self.lose(batch.count());
            return batch.clear();
        }
        let written = self.mend().and_then(|()| self.write_all(batch));
        match written {
            Ok(()) => {
                self.lost = 0;
                for waiting in batch.waiting.drain(..) {
                    // Whoever does not wait any more has gone.
                    let _ = waiting.send(());
                }
            }
            Err(why) => {
                let lost = batch.count();
                if self.failed.is_none() || lost > 0 {
                    error!(%why, records = lost, log = self.destination.name(), "audit records are lost");
                }
                self.lose(lost);
                self.fail();
            }
        }
        batch.clear();
    }

    /// Whether writing has just failed, so that it is not tried again yet.
    fn is_pausing(&self) -> bool {
        self.failed.is_some_and(|since| since.elapsed() < RETRY_EVERY)
    }

    fn lose(&mut self, records: u64) {
        self.lost += records;
        self.queue.lose(records);
    }

    fn write_all(&mut self, batch: &Batch) -> Result<(), String> {
        let (mut link, mut since_head) = (self.link, self.since_head);
        let mut out = std::mem::take(&mut self.out);
        out.clear();
        if self.lost > 0 {
            let dropped = self.event("dropped", [("records", json!(self.lost))]);
            since_head.append(&mut link, &dropped, &mut out);
        }
        for line in batch.lines() {
            if since_head.is_enough() {
                link.append(&self.head_of(link)?.to_body(), &mut out);
                since_head = SinceHead::default();
            }
            since_head.append(&mut link, line, &mut out);
        }
        self.destination.write(&out)?;
        if !batch.waiting.is_empty() {
            self.destination.settle()?;
        }
        self.note(link, since_head);
        // A burst must not keep its memory for ever.
        out.clear();
        out.shrink_to(KEPT);
        self.out = out;
        Ok(())
    }

    /// Lines were written.
    fn note(&mut self, link: Link, since_head: SinceHead) {
        (self.link, self.since_head) = (link, since_head);
        self.unkept.get_or_insert_with(Instant::now);
    }

    /// Looks at what is there after a failure, and says there what it found.
    fn mend(&mut self) -> Result<(), String> {
        if self.failed.is_none() {
            return Ok(());
        }
        let keys = [self.key.public().clone()];
        let mut end = self.destination.end(&keys)?;
        let kept = self.destination.head()?.filter(Head::is_signed);
        let (mut name, facts) = ("start", self.facts_of(&end, kept.as_ref()));
        if end.log.is_none() {
            // It was deleted, or moved away together with what the failed write has left there.
            name = "continue";
            end = self.destination.end_before(&keys)?;
            if end.log.as_ref() != Some(&self.log) || end.link.seq < self.link.seq {
                end = End { link: self.link, ..End::default() };
            }
        }
        // What the failed write was for may be there all the same.
        self.link = end.link;
        self.tell_start(name, end.torn, facts)?;
        self.failed = None;
        self.queue.set_failing(false);
        info!(log = self.destination.name(), "the audit log is written again");
        Ok(())
    }

    fn facts_of(&self, end: &End, kept: Option<&Head>) -> Vec<Fact> {
        facts_of_start(end, kept, &self.key, &self.destination.name())
    }

    fn fail(&mut self) {
        self.failed = Some(Instant::now());
        self.queue.set_failing(true);
    }

    /// Writes that a server begins, goes on, or goes on in a new part.
    fn tell_start(&mut self, name: &str, torn: Option<Torn>, more: Vec<Fact>) -> Result<(), String> {
        let mut facts = vec![("log", json!(self.log)), ("version", json!(env!("CARGO_PKG_VERSION")))];
        let mut out = Vec::new();
        if let Some(torn) = torn {
            warn!(bytes = torn.bytes, log = self.destination.name(), "the end of the audit log was torn");
            facts.push(("torn_bytes", json!(torn.bytes)));
            facts.push(("torn_sha256", json!(torn.hash.to_string())));
            if !torn.ends_a_line {
                out.push(b'\n');
            }
        }
        facts.extend(more);
        let (mut link, mut since_head) = (self.link, self.since_head);
        since_head.append(&mut link, &self.event(name, facts), &mut out);
        self.destination.write(&out)?;
        self.note(link, since_head);
        Ok(())
    }

    /// The body of a line that is no record of an item. Members are in the order in which they are given.
    fn event(&self, name: &str, facts: impl IntoIterator<Item = (&'static str, Value)>) -> Vec<u8> {
        let time = self.now();
        let mut body = format!("{{\"event\":\"{name}\",\"time\":\"{time}\"");
        for (name, value) in facts {
            body.push_str(&format!(",\"{name}\":{value}"));
        }
        body.push('}');
        body.into_bytes()
    }

    fn now(&self) -> String {
        moment::time(self.clock.now_millis())
    }

    fn head_of(&self, link: Link) -> Result<Head, String> {
        let head = self.key.sign(&self.log, link, self.now());
        head.ok_or_else(|| "the head of the audit log cannot be signed".to_owned())
    }

    /// Writes a line with a head, and keeps a head that is about this line.
    fn sign(&mut self) -> Result<(), String> {
        let (mut link, mut out) = (self.link, Vec::new());
        link.append(&self.head_of(link)?.to_body(), &mut out);
        self.destination.write(&out)?;
        self.note(link, SinceHead::default());
        // A head must never be ahead of the log, or a crash would look like a log that was cut off.
        self.destination.settle()?;
        let head = self.head_of(link)?;
        self.destination.keep_head(&head)?;
        self.newest.send_replace(Some(head));
        self.unkept = None;
        if self.destination.is_full() {
            self.destination.move_away(self.link.seq)?;
            self.go_on_anew()?;
        }
        Ok(())
    }

    fn sign_or_say(&mut self) {
        if self.is_pausing() {
            return;
        }
        if let Err(why) = self.mend().and_then(|()| self.sign()) {
            if self.failed.is_none() {
                error!(%why, log = self.destination.name(), "the head of the audit log cannot be kept");
            }
            self.fail();
        }
    }

    /// A log rotation has moved the file away: its last line there is a head.
    fn reopen(&mut self) {
        let done = self.mend().and_then(|()| self.sign()).and_then(|()| self.go_on_anew());
        if let Err(why) = done {
            error!(%why, log = self.destination.name(), "the audit log cannot be opened again");
            self.fail();
        }
    }

    fn go_on_anew(&mut self) -> Result<(), String> {
        if self.destination.begin_anew()? {
            self.tell_start("continue", None, Vec::new())?;
        }
        Ok(())
    }
}

/// A member of a line that is no record of an item.
type Fact = (&'static str, Value);

/// What the newest head that was kept says about the end that is there: lines that are missing, another key.
fn facts_of_start(end: &End, kept: Option<&Head>, key: &SigningKey, name: &str) -> Vec<Fact> {
    let Some(head) = kept else { return Vec::new() };
    let mut facts = Vec::new();
    let is_other = end.log.as_ref().is_some_and(|log| *log != head.log);
    if is_other || end.log.is_some() && end.link.seq < head.link.seq {
        error!(
            last = end.link.seq,
            head = head.link.seq,
            log = name,
            "THE AUDIT LOG WAS CUT OFF: a head was signed for lines that are not there any more"
        );
        facts.push(("cut_off_before", head.to_json()));
    }
    if head.key != key.public().name {
        warn!(
            log = name,
            before = head.key,
            "another key signs the audit log from now on: `audit verify` needs the public key of the one before, too"
        );
        facts.push(("key_before", json!(head.key)));
    }
    facts
}

/// How often writing is tried again after a failure.
const RETRY_EVERY: Duration = Duration::from_secs(1);
/// Bytes of memory that the writer keeps.
const KEPT: usize = 2 << 20;

/// Whoever waits for a thread that has ended, however it did, would wait for ever.
struct ClosedAtTheEnd(Arc<Queue>);

impl Drop for ClosedAtTheEnd {
    fn drop(&mut self) {
        self.0.close();
    }
}
