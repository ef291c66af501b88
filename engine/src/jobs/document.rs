//! What the store keeps of a job: a header that is small enough to be listed, and the item or its answer.

use std::sync::Arc;

use claviger_kmip::field::{DateTimeExtended, TtlvValue};
use claviger_kmip::message::RequestBatchItem;
use claviger_kmip::payload::Payload;
use claviger_kmip::tables::enumerations::{CancellationResult, OperationCode, ProcessingStage};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{ByteString, structure};
use claviger_plugin_sdk::authentication::Principal;
use claviger_plugin_sdk::context::{Job, JobEnd};
use claviger_plugin_sdk::dynamic::wire::Failure;
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::filter::Filter;
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::{DocumentPage, DocumentPut, ObjectStore};

use super::hexadecimal;
use super::left::Left;
use super::narrowed::Narrowed;
use super::origin::JobOrigin;
use crate::document::{self, Read};

/// The kind of headers.
pub(crate) const HEADER: &str = "job";
/// The kind of bodies.
const BODY: &str = "job-item";

structure! {
    /// Whose job it is, and how far.
    pub struct JobHeader {
        /// The Asynchronous Correlation Value.
        correlation: ByteString = ASYNCHRONOUS_CORRELATION_VALUE,
        /// The user for whom it runs.
        user: String = USERNAME,
        /// The groups that the user belonged to.
        groups: Vec<String> = OBJECT_GROUP,
        /// What proved the user.
        proven_by: Option<String> = COMMENT,
        /// What is kept of what narrowed the user.
        narrowed: Option<Narrowed> = RIGHTS,
        /// What the logs call the request.
        request: String = SERVER_CORRELATION_VALUE,
        /// What the client calls it.
        client_correlation: Option<String> = CLIENT_CORRELATION_VALUE,
        /// The client's version.
        version: ProtocolVersion = PROTOCOL_VERSION,
        /// The client's dialect.
        dialect: String = DESCRIPTION,
        /// What it does.
        operation: OperationCode = OPERATION,
        /// When it was submitted.
        submitted: DateTimeExtended = SUBMISSION_DATE,
        /// The milliseconds since 1970 from which it is to run, unless somebody is waiting for it.
        due: i64 = PROCESS_START_DATE,
        /// The job that is to end before.
        follows: Option<JobBefore> = BATCH_ITEM,
        /// Whether an item of its batch follows, to which it leaves what it returned.
        followed: bool = BATCH_ORDER_OPTION,
        /// Whether that is data, too.
        leaves_data: bool = EPHEMERAL,
        /// How far it is.
        stage: ProcessingStage = PROCESSING_STAGE,
        /// How it ended: Completed, Failed or Canceled.
        end: Option<CancellationResult> = CANCELLATION_RESULT,
        /// The server that runs it.
        holder: Option<String> = MACHINE_IDENTIFIER,
        /// The milliseconds since 1970 until which it runs there.
        held_until: i64 = PROTECT_STOP_DATE,
        /// How often it was begun.
        attempts: i32 = USAGE_LIMITS_COUNT,
        /// Whether nobody has asked for its result.
        fresh: bool = FRESH,
        /// The object that it is about, if a timer made it.
        about: Option<JobAbout> = MESSAGE_EXTENSION,
        /// From where the request came; from nowhere if a timer made it.
        origin: Option<JobOrigin> = REQUEST_HEADER,
    }
}

structure! {
    /// The job of the item before, in the same batch.
    pub struct JobBefore {
        /// The job.
        correlation: ByteString = ASYNCHRONOUS_CORRELATION_VALUE,
        /// Whether this one does not run if that one fails.
        stop: bool = CRITICALITY_INDICATOR,
    }
}

structure! {
    /// The object that a timer's job is about, as the timer saw it.
    pub struct JobAbout {
        /// The object.
        id: String = UNIQUE_IDENTIFIER,
        /// Its revision.
        revision: i64 = USAGE_LIMITS_COUNT,
    }
}

structure! {
    /// The item of a job; its answer in its place, once there is one.
    pub struct JobBody {
        /// The item, as the client sent it.
        item: Option<RequestBatchItem> = BATCH_ITEM,
        /// The payload that it was answered with.
        response: Option<Payload> = RESPONSE_PAYLOAD,
        /// What the client is told beside it.
        remark: Option<String> = RESULT_MESSAGE,
        /// Why it failed.
        failure: Option<Failure> = RESULT_REASON,
        /// What it leaves to later items of its batch.
        left: Option<Left> = CORRELATION_VALUE,
    }
}

impl JobHeader {
    /// The header under a correlation value.
    pub(super) async fn read(store: &dyn ObjectStore, correlation: &[u8]) -> Result<Option<Read<Self>>> {
        read(store, HEADER, correlation).await
    }

    /// All headers, in the order of their names.
    pub(super) async fn all(store: &dyn ObjectStore) -> Result<Vec<Read<Self>>> {
        const PAGE: u64 = 1000;
        let mut all = Vec::new();
        let mut page = DocumentPage::first(PAGE);
        loop {
            let documents = store.documents(HEADER, &page).await?;
            let is_last = (documents.len() as u64) < PAGE;
            page.after = documents.last().map(|(name, _)| name.clone());
            for (_, document) in documents {
                all.push(document::decode(document)?);
            }
            if is_last {
                return Ok(all);
            }
        }
    }

    /// Writes the header over the one with this revision.
    pub(super) fn put(&self, expected: Option<Revision>, expires: Option<i64>) -> DocumentPut {
        put(HEADER, &self.correlation, self.clone(), expected, expires)
    }

    /// Removes the header with this revision.
    pub(super) fn removal(&self, expected: Revision) -> DocumentPut {
        removal(HEADER, &self.correlation, expected)
    }

    /// The user, as far as it can be known without the connection.
    pub(super) fn principal(&self) -> Principal {
        let groups: Vec<&str> = self.groups.iter().map(String::as_str).collect();
        let mut principal = Principal::new(&self.user, &groups, self.proven_by.as_deref());
        principal.restriction = self.restriction();
        principal
    }

    /// Whether somebody may know of the job: the user, if the credentials narrow him to no objects and allow what the job
    /// does.
    pub(super) fn is_known_to(&self, principal: &Principal) -> bool {
        *self.user == *principal.user && may_have_jobs(principal, self.operation)
    }

    /// What audit calls the job.
    pub(super) fn name(&self) -> Arc<str> {
        hexadecimal(&self.correlation).into()
    }

    pub(super) fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Ends the job.
    pub(super) fn end_as(&mut self, end: JobEnd) {
        self.stage = ProcessingStage::COMPLETED;
        self.holder = None;
        self.end = Some(match end {
            JobEnd::Completed => CancellationResult::COMPLETED,
            JobEnd::Failed => CancellationResult::FAILED,
            JobEnd::Canceled => CancellationResult::CANCELED,
        });
    }

    /// How the job ended.
    pub(super) fn job_end(&self) -> Option<JobEnd> {
        self.end.map(|end| match end {
            CancellationResult::COMPLETED => JobEnd::Completed,
            CancellationResult::CANCELED => JobEnd::Canceled,
            _ => JobEnd::Failed,
        })
    }

    /// What an operation on jobs sees.
    pub(super) fn to_job(&self) -> Job {
        Job {
            correlation: self.correlation.clone(),
            operation: self.operation,
            submitted: self.submitted,
            stage: self.stage,
            end: self.job_end(),
            fetched: !self.fresh,
        }
    }
}

/// Whether a caller may have something done later: which objects credentials allow is not kept, so they must allow all.
pub(crate) fn may_have_jobs(principal: &Principal, operation: OperationCode) -> bool {
    principal.restriction.as_ref().is_none_or(|restriction| {
        restriction.allows(operation) && restriction.objects(operation) == Filter::All(Vec::new())
    })
}

impl JobBody {
    /// The body of a job that has not run.
    pub(super) fn of(item: RequestBatchItem) -> Self {
        Self { item: Some(item), response: None, remark: None, failure: None, left: None }
    }

    /// The body of a job that ended so.
    pub(super) fn answered(result: &Result<Payload>, remark: Option<String>, left: Option<Left>) -> Self {
        let failure = result.as_ref().err().map(Failure::from);
        Self { item: None, response: result.as_ref().ok().cloned(), remark, failure, left }
    }

    /// The body under a correlation value.
    pub(super) async fn read(store: &dyn ObjectStore, correlation: &[u8]) -> Result<Option<Read<Self>>> {
        read(store, BODY, correlation).await
    }

    /// Writes the body over the one with this revision.
    pub(super) fn put(
        self,
        correlation: &[u8],
        expected: Option<Revision>,
        expires: Option<i64>,
    ) -> DocumentPut {
        put(BODY, correlation, self, expected, expires)
    }
}

/// Removes the body that a job has had since it was submitted.
pub(super) fn body_removal(correlation: &[u8]) -> DocumentPut {
    removal(BODY, correlation, UNTOUCHED)
}

/// The revision of a body that nobody has written since the job was submitted.
pub(super) const UNTOUCHED: Revision = Revision(1);

async fn read<T: TtlvValue>(
    store: &dyn ObjectStore,
    kind: &str,
    correlation: &[u8],
) -> Result<Option<Read<T>>> {
    document::read(store, kind, &hexadecimal(correlation)).await
}

fn put(
    kind: &str,
    correlation: &[u8],
    content: impl TtlvValue,
    expected: Option<Revision>,
    expires: Option<i64>,
) -> DocumentPut {
    let content = Some((document::encode(content), expires));
    DocumentPut { kind: kind.to_owned(), id: hexadecimal(correlation), expected, content }
}

fn removal(kind: &str, correlation: &[u8], expected: Revision) -> DocumentPut {
    DocumentPut {
        kind: kind.to_owned(),
        id: hexadecimal(correlation),
        expected: Some(expected),
        content: None,
    }
}
