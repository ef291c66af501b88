//! Asynchronous requests (KMIP 2.1 sections 9.1, 9.2 and 11.3): items that are answered at once by Operation Pending and
//! run later.
//!
//! A job is two documents under one name: [`document::JobHeader`] tells whose it is and how far, and
//! [`document::JobBody`] holds the item and, in the end, its answer. [`submit`] writes both. A server that runs a job
//! takes a [`lease`] on it, keeps that alive while it works, and writes the effects of the operation together with the
//! end of the job, so both come to be or neither ([`run`]). Whoever writes the header raises its revision, which fences
//! off everybody else: a server whose lease was lost, or a run that was canceled, cannot write any more. [`requests`] is
//! what Poll, Cancel, Process and Query Asynchronous Requests reach.

mod document;
mod lease;
mod left;
mod narrowed;
mod origin;
mod pass;
mod requests;
mod run;
mod submit;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::store::ObjectStore;
use tokio::sync::{Notify, Semaphore};

pub(crate) use document::{HEADER, may_have_jobs};
pub(crate) use submit::{Answering, submit, submit_for_owner};

/// What all jobs of this server share.
pub(crate) struct Jobs {
    /// What this server calls itself in leases.
    pub(crate) holder: String,
    /// A job was submitted.
    submitted: Notify,
    /// The documents of a job were written: it was submitted or canceled, or has ended.
    changed: Notify,
    /// How many jobs may run at a time.
    places: Semaphore,
    /// The jobs that run here or wait for a place.
    begun: Mutex<BTreeSet<Begun>>,
}

/// A job in its store.
type Begun = (Arc<str>, Vec<u8>);

impl Jobs {
    pub(crate) fn new(running: usize, random: &mut dyn RandomSource) -> Self {
        Self {
            holder: hexadecimal(&random.bytes(16)),
            submitted: Notify::new(),
            changed: Notify::new(),
            places: Semaphore::new(running),
            begun: Mutex::default(),
        }
    }

    /// Has jobs that were just submitted looked at.
    pub(crate) fn hurry(&self) {
        self.submitted.notify_one();
    }

    /// Has whoever waits for a job or runs it see what became of it.
    pub(crate) fn changed(&self) {
        self.changed.notify_waiters();
    }

    /// Begins a job; nothing if it was begun here already.
    fn begin(&self, store: &Arc<dyn ObjectStore>, correlation: &[u8]) -> Option<Beginning<'_>> {
        let job = (store.namespace().clone(), correlation.to_vec());
        let is_new = self.begun.lock().unwrap_or_else(PoisonError::into_inner).insert(job.clone());
        is_new.then(|| Beginning { jobs: self, job })
    }
}

/// A job is not begun twice while this exists.
struct Beginning<'j> {
    jobs: &'j Jobs,
    job: Begun,
}

impl Drop for Beginning<'_> {
    fn drop(&mut self) {
        self.jobs.begun.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.job);
    }
}

/// The name of a job's documents: its Asynchronous Correlation Value.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
