//! A log in the database: pieces of it are documents, and each server of the database has a log of its own.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use claviger_plugin_sdk::clock::Clock;
use claviger_plugin_sdk::error::Error;
use claviger_plugin_sdk::store::{ApplyError, ChangeSet, DocumentPage, DocumentPut, ObjectStore};
use tokio::runtime::Handle;
use tracing::warn;

use super::chain::{Frame, Hash};
use super::destination::Destination;
use super::end::{self, End};
use super::head::{self, Head, PublicKey};
use super::instance::{FILE, Instance};
use super::kept_heads::{self, OF_DATABASE};
use super::moment;

/// The kind of the documents. Their names are that of the log, a hyphen and the number of their first line in 16
/// hexadecimal digits, so that they are in order.
pub(super) const KIND: &str = "audit";
/// Bytes of a document, as soon as a line ends.
const SEGMENT: usize = 256 << 10;
/// Documents that are written, or read, at a time.
const AT_ONCE: usize = 8;
/// How long the database may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes in which a head is found, where nobody knows where it is.
const TAIL: usize = 4 << 20;
/// Seconds by which the clock of the database may be ahead, by which documents go.
const CLOCKS_DIFFER: i64 = 60;
const MILLISECONDS_OF_A_DAY: i64 = 86_400_000;

/// The documents of a log.
pub(super) struct LogDatabase {
    /// Where they are.
    pub(super) store: Arc<dyn ObjectStore>,
    /// Where the store is waited for, by a thread that is none of it.
    pub(super) runtime: Handle,
    /// The name of the log.
    pub(super) log: String,
    /// The file with the newest head, beside the database.
    pub(super) head_file: PathBuf,
    /// How many days documents are kept; `None` for ever.
    pub(super) days: Option<i64>,
    /// What the days are counted by.
    pub(super) clock: Arc<dyn Clock>,
    /// Held while the log is written.
    pub(super) _instance: Instance,
}

impl LogDatabase {
    /// Does something with the store; it is asked on the runtime, too, where it may begin tasks.
    fn wait<T, E, F>(&self, work: impl FnOnce() -> F) -> Result<T, E>
    where
        E: From<Error>,
        F: Future<Output = Result<T, E>>,
    {
        let in_time = async { tokio::time::timeout(PATIENCE, work()).await };
        let late = |_| E::from(Error::server("the database takes too long"));
        self.runtime.block_on(in_time).unwrap_or_else(|elapsed| Err(late(elapsed)))
    }

    /// The lines from the document on that begins with this one; none if it is not there. Documents are asked for by their
    /// names: to list them, some databases look at all that all servers have written.
    fn lines_from(&self, mut first: u64) -> Result<Vec<u8>, Error> {
        let mut lines = Vec::new();
        loop {
            let name = name_of(&self.log, first);
            let Some(document) = self.wait(|| self.store.document(KIND, &name))? else { return Ok(lines) };
            lines.extend_from_slice(&document.body);
            // A document that does not say which one follows was harmed, as its lines show.
            let Some(next) = behind(&document.body).filter(|next| *next > first) else { return Ok(lines) };
            first = next;
        }
    }

    /// The last lines of all, beginning with a document, where nobody knows the name of one.
    fn tail(&self) -> Result<Vec<u8>, Error> {
        let mut lines = Vec::new();
        let mut after = name_of(&self.log, 0);
        loop {
            let page = DocumentPage { after: Some(after.clone()), limit: AT_ONCE as u64 };
            let found = self.wait(|| self.store.documents(KIND, &page))?;
            let own = found.iter().take_while(|(name, _)| log_of(name) == Some(&*self.log));
            let own: Vec<_> = own.collect();
            let Some((last, _)) = own.last() else { return Ok(lines) };
            after.clone_from(last);
            if lines.len() > TAIL {
                lines.clear();
            }
            own.iter().for_each(|(_, document)| lines.extend_from_slice(&document.body));
        }
    }

    /// The newest lines, from the head on where there is one.
    fn newest(&self, head: Option<&Head>) -> Result<Vec<u8>, String> {
        // A log without a head has hardly begun.
        let Some(head) = head else { return self.lines_from(1).map_err(|error| told(&error)) };
        // Its line is always alone in a document.
        let lines = self.lines_from(head.link.seq).map_err(|error| told(&error))?;
        let line = lines.split(|byte| *byte == b'\n').next().filter(|line| !line.is_empty());
        if line.is_some_and(|line| Hash::of(line) != head.link.hash) {
            return Err(self.is_broken());
        }
        let lines = match line {
            Some(_) => Ok(lines),
            None if self.has_expired(head) => self.lines_from(head.link.seq.saturating_add(1)),
            // Somebody has removed it: what is left is looked at from its beginning.
            None => self.tail(),
        };
        lines.map_err(|error| told(&error))
    }

    /// The documents of some lines.
    fn puts(&self, lines: &[u8]) -> Vec<DocumentPut> {
        let expires = self.expiry();
        let put = |segment: &[u8]| {
            let seq = Frame::read(segment.split(|byte| *byte == b'\n').next()?)?.seq;
            Some(DocumentPut {
                kind: KIND.to_owned(),
                id: name_of(&self.log, seq),
                expected: None,
                content: Some((segment.to_vec().into(), expires)),
            })
        };
        segments(lines).filter_map(put).collect()
    }

    fn apply(&self, documents: Vec<DocumentPut>) -> Result<(), String> {
        let change = ChangeSet { documents, ..ChangeSet::default() };
        match self.wait(|| self.store.apply(change)) {
            Ok(()) => Ok(()),
            Err(ApplyError::Conflict) => Err(
                "the lines are there already: an earlier write was kept, or another server writes this log"
                    .to_owned(),
            ),
            Err(ApplyError::Failed(error)) => Err(told(&error)),
            Err(other) => Err(format!("{other:?}")),
        }
    }

    /// The second since 1970 until which documents are kept that are written now; `None` for ever.
    fn expiry(&self) -> Option<i64> {
        let days = self.days?;
        let end = self.clock.now_millis().saturating_add(days.saturating_mul(MILLISECONDS_OF_A_DAY));
        Some(end.div_euclid(1_000))
    }

    /// Whether the documents of a head were written so long ago that they are gone. The settings may have been others then:
    /// what they were says the head in the data folder, which whoever removes documents cannot change.
    fn has_expired(&self, head: &Head) -> bool {
        match head::expiry_in(&self.head_file, head) {
            Some(expires) => {
                expires <= self.clock.now_millis().div_euclid(1_000).saturating_add(CLOCKS_DIFFER)
            }
            None => self.has_expired_today(head),
        }
    }

    /// The same by the settings of today.
    fn has_expired_today(&self, head: &Head) -> bool {
        let kept_since =
            |days: i64| self.clock.now_millis().saturating_sub(days.saturating_mul(MILLISECONDS_OF_A_DAY));
        self.days.is_some_and(|days| head.time < moment::time(kept_since(days)))
    }

    fn is_broken(&self) -> String {
        format!(
            "its documents do not follow one another, so it cannot go on: look at it with `audit verify --database --log \
             {}`; a server whose file {FILE} is moved away begins another log",
            self.log
        )
    }
}

/// Pieces of whole lines.
fn segments(mut lines: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let rest = lines.get(SEGMENT..).unwrap_or_default();
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(lines.len(), |end| SEGMENT + end + 1);
        let (segment, left) = lines.split_at_checked(end)?;
        lines = left;
        (!segment.is_empty()).then_some(segment)
    })
}

/// The number behind that of the last line.
fn behind(lines: &[u8]) -> Option<u64> {
    let lines = lines.strip_suffix(b"\n")?;
    Frame::read(lines.rsplit(|byte| *byte == b'\n').next()?)?.seq.checked_add(1)
}

/// The name of the document that begins with this line.
pub(super) fn name_of(log: &str, first: u64) -> String {
    format!("{log}-{first:016x}")
}

/// The log that a document belongs to.
pub(super) fn log_of(name: &str) -> Option<&str> {
    name.rsplit_once('-').map(|(log, _)| log)
}

impl Destination for LogDatabase {
    fn linger(&self) -> Duration {
        Duration::from_secs(1)
    }

    fn name(&self) -> String {
        format!("the audit log {} in the database", self.log)
    }

    fn end(&mut self, keys: &[PublicKey]) -> Result<End, String> {
        let head = self.wait(|| kept_heads::find(&*self.store, OF_DATABASE, &self.log));
        let beside = || head::read_file(&self.head_file).ok().flatten().filter(|head| head.log == self.log);
        let head = head.map_err(|error| told(&error))?.or_else(beside);
        let tail = self.newest(head.as_ref())?;
        let log = Some(self.log.clone());
        match head {
            None if tail.is_empty() => return Ok(End::default()),
            Some(head) if tail.is_empty() => {
                // There were lines. Unless they have gone by themselves, somebody has removed them.
                let link = if self.has_expired(&head) { head.link } else { Default::default() };
                return Ok(End { log, link, torn: None });
            }
            _ => {}
        }
        // A document is written whole or not at all, so nothing is torn that nobody has harmed.
        match end::find(&tail, true, keys, true) {
            Some((link, None)) => Ok(End { log, link, torn: None }),
            _ => Err(self.is_broken()),
        }
    }

    fn end_before(&mut self, _: &[PublicKey]) -> Result<End, String> {
        Ok(End::default())
    }

    /// A part of it is there when it fails in the middle: the end is looked for then.
    fn write(&mut self, lines: &[u8]) -> Result<(), String> {
        let mut puts = self.puts(lines).into_iter();
        loop {
            let some: Vec<DocumentPut> = puts.by_ref().take(AT_ONCE).collect();
            if some.is_empty() {
                return Ok(());
            }
            self.apply(some)?;
        }
    }

    fn settle(&mut self) -> Result<(), String> {
        // What was written survives a crash.
        Ok(())
    }

    fn is_full(&self) -> bool {
        false
    }

    fn move_away(&mut self, _: u64) -> Result<(), String> {
        Ok(())
    }

    fn begin_anew(&mut self) -> Result<bool, String> {
        Ok(false)
    }

    fn head(&mut self) -> Result<Option<Head>, String> {
        let in_database = self.wait(|| kept_heads::find(&*self.store, OF_DATABASE, &self.log));
        let in_database = in_database.map_err(|error| told(&error))?;
        let beside = head::read_file(&self.head_file).map_err(|failure| failure.to_string())?;
        let beside = beside.filter(|head| head.log == self.log);
        Ok(in_database.into_iter().chain(beside).max_by_key(|head| head.link.seq))
    }

    fn keep_head(&mut self, head: &Head) -> Result<(), String> {
        self.wait(|| kept_heads::write(&*self.store, OF_DATABASE, head, None))
            .map_err(|error| told(&error))?;
        let expires = self.expiry().unwrap_or(head::NEVER);
        if let Err(error) = head::write_file_until(&self.head_file, head, expires) {
            // The database has it.
            warn!(file = %self.head_file.display(), %error, "the head of the audit log is not kept beside the database");
        }
        Ok(())
    }
}

/// An error for the operator.
fn told(error: &Error) -> String {
    let cause = std::error::Error::source(error).map(|cause| format!(" ({cause})")).unwrap_or_default();
    format!("{}{cause}", error.message())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_ends_where_a_line_ends() {
        let line = [vec![b'x'; 100 << 10], vec![b'\n']].concat();
        let lines = line.repeat(7);
        let all: Vec<&[u8]> = segments(&lines).collect();
        assert_eq!(all.iter().map(|segment| segment.len() / line.len()).collect::<Vec<_>>(), [3, 3, 1]);
        assert_eq!(all.concat(), lines);
        assert_eq!(segments(b"").count(), 0);
    }

    #[test]
    fn documents_of_a_log_are_in_the_order_of_their_lines() {
        assert!(name_of("a", 9) < name_of("a", 10) && name_of("a", 255) < name_of("a", 256));
        assert_eq!(log_of(&name_of("a-b", 7)), Some("a-b"));
    }
}
