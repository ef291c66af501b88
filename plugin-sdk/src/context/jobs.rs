//! Asynchronous requests (KMIP 2.1 section 9.1): what an operation on them sees of the jobs that the engine keeps.

use std::time::Duration;

use claviger_kmip::field::DateTimeExtended;
use claviger_kmip::tables::enumerations::{OperationCode, ProcessingStage};
use claviger_kmip::{ByteString, Value};

use super::Context;
use crate::BoxFuture;
use crate::error::Result;

/// An asynchronous request of the principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The Asynchronous Correlation Value under which the client knows it.
    pub correlation: ByteString,
    /// What it does.
    pub operation: OperationCode,
    /// When it was made.
    pub submitted: DateTimeExtended,
    /// How far it is.
    pub stage: ProcessingStage,
    /// How it ended, once it has.
    pub end: Option<JobEnd>,
    /// Whether the client has asked for its result, or canceled it.
    pub fetched: bool,
}

/// How a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobEnd {
    /// Its operation succeeded.
    Completed,
    /// Its operation failed.
    Failed,
    /// It was canceled before its operation had an effect.
    Canceled,
}

impl Context<'_> {
    /// The job that the principal knows under an Asynchronous Correlation Value; nothing if there is none, it is another
    /// user's, or its result has expired.
    ///
    /// # Errors
    /// The store fails.
    pub async fn job(&mut self, correlation: &[u8]) -> Result<Option<Job>> {
        self.host.jobs()?.job(correlation).await
    }

    /// All jobs of the principal, the oldest first.
    ///
    /// # Errors
    /// The store fails.
    pub async fn jobs(&mut self) -> Result<Vec<Job>> {
        self.host.jobs()?.all().await
    }

    /// Has a job run now, with those that come before it in its batch, and waits for its end, though no longer than
    /// `patience`. Tells how it stands then.
    ///
    /// # Errors
    /// The store fails.
    pub async fn run_job(&mut self, correlation: &[u8], patience: Duration) -> Result<Option<Job>> {
        self.host.jobs()?.run(correlation, patience).await
    }

    /// Records that a job is canceled, unless it has ended. Tells how it ended; nothing if there is no such job.
    ///
    /// A job that is running can be canceled: what it did is not written.
    ///
    /// # Errors
    /// The store fails.
    pub async fn cancel_job(&mut self, correlation: &[u8]) -> Result<Option<JobEnd>> {
        self.host.jobs()?.cancel(correlation).await
    }

    /// Has this item answered as the operation of a job: by what the operation answered if the job has ended, or else by
    /// Operation Pending. Gives the payload of that answer, empty if it has none, for the handler to return.
    ///
    /// # Errors
    /// Invalid Asynchronous Correlation Value: there is no such job. The store fails.
    pub async fn answer_as_job(&mut self, correlation: &[u8]) -> Result<Value> {
        self.host.jobs()?.answer(correlation).await
    }
}

/// What the engine does for operations on jobs. Handlers use [`Context`].
#[allow(missing_docs)] // each method is documented on `Context`
pub trait Jobs: Send {
    fn job<'a>(&'a mut self, correlation: &'a [u8]) -> BoxFuture<'a, Result<Option<Job>>>;
    fn all(&mut self) -> BoxFuture<'_, Result<Vec<Job>>>;
    fn run<'a>(&'a mut self, correlation: &'a [u8], patience: Duration)
    -> BoxFuture<'a, Result<Option<Job>>>;
    fn cancel<'a>(&'a mut self, correlation: &'a [u8]) -> BoxFuture<'a, Result<Option<JobEnd>>>;
    fn answer<'a>(&'a mut self, correlation: &'a [u8]) -> BoxFuture<'a, Result<Value>>;
}
