//! What Poll, Cancel, Process and Query Asynchronous Requests reach: the jobs of the caller.

use std::time::Duration;

use claviger_kmip::Value;
use claviger_kmip::payload::Payload;
use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::context::{Host as _, Job, JobEnd, Jobs};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use tokio::time::{Instant, timeout};

use super::document::{JobBody, JobHeader, UNTOUCHED};
use super::run::run_with_earlier;
use crate::document::Read;
use crate::pipeline::host::ItemHost;
use crate::pipeline::item::Answer;

/// Bytes of a correlation value at most; this server's have 16.
const LONGEST: usize = 64;
/// How long a result is kept once the client has asked for it: the answer may have been lost on its way.
const FETCHED_KEPT: i64 = 60;
/// How often a job that runs on another server is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

impl Jobs for ItemHost<'_, '_> {
    fn job<'a>(&'a mut self, correlation: &'a [u8]) -> BoxFuture<'a, Result<Option<Job>>> {
        Box::pin(async { Ok(known(self, correlation).await?.map(|read| read.content.to_job())) })
    }

    fn all(&mut self) -> BoxFuture<'_, Result<Vec<Job>>> {
        Box::pin(async {
            let headers = JobHeader::all(&*self.message().store).await?.into_iter().map(|read| read.content);
            let principal = self.message().principal();
            let own = headers.filter(|header| header.is_known_to(principal));
            let mut jobs: Vec<Job> = own.map(|header| header.to_job()).collect();
            jobs.sort_by_key(|job| job.submitted);
            Ok(jobs)
        })
    }

    fn run<'a>(
        &'a mut self,
        correlation: &'a [u8],
        patience: Duration,
    ) -> BoxFuture<'a, Result<Option<Job>>> {
        Box::pin(async move {
            let message = self.message();
            let Some(read) = known(self, correlation).await? else { return Ok(None) };
            if !read.content.has_ended() {
                tokio::spawn(run_with_earlier(message.engine.clone(), message.store.clone(), read.content));
            }
            let until = Instant::now() + patience;
            loop {
                let mut changed = std::pin::pin!(message.engine.jobs.changed.notified());
                changed.as_mut().enable();
                let Some(read) = known(self, correlation).await? else { return Ok(None) };
                let left = until.saturating_duration_since(Instant::now());
                if read.content.has_ended() || left.is_zero() {
                    return Ok(Some(read.content.to_job()));
                }
                let _ = timeout(left.min(LOOK_EVERY), changed).await;
            }
        })
    }

    fn cancel<'a>(&'a mut self, correlation: &'a [u8]) -> BoxFuture<'a, Result<Option<JobEnd>>> {
        Box::pin(async {
            let Some(read) = known(self, correlation).await? else { return Ok(None) };
            let Read { content: mut header, revision, mut expires } = read;
            if !header.has_ended() {
                header.end_as(JobEnd::Canceled);
                let kept = self.message().engine.options.limits.jobs.results_kept;
                expires = Some(self.message().now.0.saturating_add_unsigned(kept.as_secs()));
                let body = JobBody::answered(&Err(canceled()), None, None);
                self.put_document(body.put(correlation, Some(UNTOUCHED), expires))?;
            } else if !header.fresh {
                return Ok(header.job_end());
            }
            header.fresh = false;
            self.put_document(header.put(Some(revision), expires))?;
            Ok(header.job_end())
        })
    }

    fn answer<'a>(&'a mut self, correlation: &'a [u8]) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async {
            let read = known(self, correlation).await?.ok_or_else(unknown)?;
            if !read.content.has_ended() {
                let Read { content: header, .. } = read;
                let pending = Some(header.correlation);
                let waiting = Answer::of(header.operation, Ok(Payload::empty()));
                self.answer_with(Answer { pending, ..waiting });
                return Ok(nothing());
            }
            let body = JobBody::read(&*self.message().store, correlation).await?.ok_or_else(unknown)?;
            let result = result_of(&body.content);
            let payload = result.as_ref().map_or_else(|_| nothing(), |payload| payload.clone().into_value());
            let remark = body.content.remark.clone();
            self.answer_with(Answer { remark, ..Answer::of(read.content.operation, result) });
            fetched(self, read, body)?;
            Ok(payload)
        })
    }
}

/// The job of the caller under a correlation value.
async fn known(host: &ItemHost<'_, '_>, correlation: &[u8]) -> Result<Option<Read<JobHeader>>> {
    if correlation.len() > LONGEST {
        return Ok(None);
    }
    let message = host.message();
    let read = JobHeader::read(&*message.store, correlation).await?;
    Ok(read.filter(|read| read.content.is_known_to(message.principal())))
}

fn result_of(body: &JobBody) -> Result<Payload> {
    match (&body.response, &body.failure) {
        (Some(payload), _) => Ok(payload.clone()),
        (None, Some(failure)) => Err(failure.clone().into()),
        (None, None) => Err(Error::server("an asynchronous request has lost its result")),
    }
}

/// Notes that the client has asked for the result, which goes soon.
fn fetched(host: &mut ItemHost<'_, '_>, header: Read<JobHeader>, body: Read<JobBody>) -> Result<()> {
    let Read { content: mut job, revision, expires } = header;
    if !job.fresh {
        return Ok(());
    }
    job.fresh = false;
    let soon = host.message().now.0.saturating_add(FETCHED_KEPT);
    let expires = Some(expires.map_or(soon, |expires| expires.min(soon)));
    host.put_document(job.put(Some(revision), expires))?;
    host.put_document(body.content.put(&job.correlation, Some(body.revision), expires))
}

fn nothing() -> Value {
    Value::Structure(Vec::new())
}

fn canceled() -> Error {
    Error::new(
        ResultReason::OPERATION_CANCELED_BY_REQUESTER,
        ErrorClass::Request,
        "the request was canceled before it had an effect",
    )
}

fn unknown() -> Error {
    Error::new(
        ResultReason::INVALID_ASYNCHRONOUS_CORRELATION_VALUE,
        ErrorClass::Request,
        "there is no asynchronous request of yours with this Asynchronous Correlation Value, or its result has expired",
    )
}
