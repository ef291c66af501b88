//! Reading a log from the database, document by document.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use claviger_engine::registry::Registry;
use claviger_plugin_sdk::Error;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::upkeep::{KeptDocument, Snapshot};
use tokio::runtime::Runtime;

use super::database::{KIND, log_of};
use super::head::Head;
use super::kept_heads::{self, OF_DATABASE};
use super::lines::Lines;
use crate::db;
use crate::failure::Failure;

/// Documents that are read at a time.
const AT_ONCE: usize = 16;

/// One state of the database, which servers may go on writing to.
pub(super) struct DatabaseSnapshot {
    runtime: Runtime,
    /// There until the end.
    snapshot: Option<Box<dyn Snapshot>>,
    documents: std::vec::IntoIter<KeptDocument>,
}

/// What is let go may have to be done on a runtime.
impl Drop for DatabaseSnapshot {
    fn drop(&mut self) {
        let _entered = self.runtime.enter();
        self.snapshot = None;
    }
}

impl DatabaseSnapshot {
    /// That of the database that the settings name. It is read beside a server.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn open(settings: &Settings, registry: &Registry) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Failure::new(format!("cannot start threads: {error}")))?;
        let snapshot = runtime.block_on(db::snapshot(settings, registry))?;
        Ok(Self::over(runtime, snapshot))
    }

    pub(super) fn over(runtime: Runtime, snapshot: Box<dyn Snapshot>) -> Self {
        Self { runtime, snapshot: Some(snapshot), documents: Vec::new().into_iter() }
    }

    /// The logs of which the database has lines or a head.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn logs(mut self) -> Result<BTreeSet<String>, Failure> {
        let mut logs = BTreeSet::new();
        while let Some(document) = self.document()? {
            match &*document.kind {
                KIND => logs.extend(log_of(&document.id).map(str::to_owned)),
                // Of a log whose lines are all gone, too.
                OF_DATABASE => logs.extend([document.id]),
                kind if *kind > *OF_DATABASE => break,
                _ => {}
            }
        }
        Ok(logs)
    }

    /// The newest head that the database keeps of a log; the kind says of which kind of log it is.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn head(&mut self, kind: &str, log: &str) -> Result<Option<Head>, Failure> {
        let Some(snapshot) = &mut self.snapshot else { return Ok(None) };
        let read = self.runtime.block_on(async { snapshot.document(kind, log).await }).map_err(failed)?;
        read.map(|document| {
            kept_heads::of(&document)
                .ok_or_else(|| Failure::new("what the database keeps is no head of an audit log"))
        })
        .transpose()
    }

    /// The lines of a log.
    pub(super) fn lines(self, log: &str) -> DatabaseLines {
        DatabaseLines { from: self, log: log.to_owned(), reading: None, number: 0 }
    }

    /// The next document. They come in the order of kinds.
    fn document(&mut self) -> Result<Option<KeptDocument>, Failure> {
        if let Some(snapshot) = self.snapshot.as_mut().filter(|_| self.documents.as_slice().is_empty()) {
            let next = self.runtime.block_on(async { snapshot.documents(AT_ONCE).await }).map_err(failed)?;
            self.documents = next.into_iter();
        }
        Ok(self.documents.next())
    }
}

/// The lines of a log in one state of the database.
pub(super) struct DatabaseLines {
    from: DatabaseSnapshot,
    log: String,
    /// The document that is read, and how much of it was.
    reading: Option<(KeptDocument, usize)>,
    number: u64,
}

impl DatabaseLines {
    /// The next document of this log.
    fn document(&mut self) -> Result<Option<KeptDocument>, Failure> {
        while let Some(document) = self.from.document()? {
            match document.kind.as_str().cmp(KIND) {
                Ordering::Equal if log_of(&document.id) == Some(&*self.log) => return Ok(Some(document)),
                Ordering::Less | Ordering::Equal => {}
                Ordering::Greater => return Ok(None),
            }
        }
        Ok(None)
    }
}

impl Lines for DatabaseLines {
    fn next(&mut self, line: &mut Vec<u8>) -> Result<bool, Failure> {
        line.clear();
        loop {
            if let Some((document, read)) = &mut self.reading {
                let rest = document.document.body.get(*read..).unwrap_or_default();
                if let Some(next) = rest.split_inclusive(|byte| *byte == b'\n').next() {
                    line.extend_from_slice(next);
                    *read += next.len();
                    self.number += 1;
                    return Ok(true);
                }
            }
            let Some(document) = self.document()? else { return Ok(false) };
            self.reading = Some((document, 0));
            self.number = 0;
        }
    }

    /// A document is written whole or not at all.
    fn half(&mut self, line: &mut Vec<u8>) -> bool {
        line.clear();
        false
    }

    fn place(&self) -> String {
        let name = self.reading.as_ref().map(|(document, _)| &*document.id).unwrap_or_default();
        format!("document {name} line {}", self.number)
    }

    fn size(&self) -> u64 {
        // Nobody knows before it is read.
        0
    }

    fn follow(&mut self) -> Result<(), Failure> {
        Err(Failure::usage("--follow is for files: what a database has is read once"))
    }
}

fn failed(error: Error) -> Failure {
    Failure::from_error("the audit log in the database", &error)
}
