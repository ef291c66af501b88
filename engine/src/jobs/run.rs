//! Running one job: by the same path as every item, for the user who submitted it.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use claviger_kmip::message::RequestBatchItem;
use claviger_kmip::payload::{Form, Payload};
use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::context::JobEnd;
use claviger_plugin_sdk::dialect::{Dialect, Standard};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::ObjectStore;

use super::document::{JobBody, JobHeader};
use super::lease::Lease;
use super::left::Left;
use super::origin::JobOrigin;
use super::submit::check_undo;
use crate::Core;
use crate::caller::Caller;
use crate::pipeline::account::{Account, Began};
use crate::pipeline::batch::{BatchState, Within};
use crate::pipeline::commit::{Attempts, Failure};
use crate::pipeline::message::{Message, contained};
use crate::pipeline::pace::Pace;
use crate::pipeline::records::Records;
use crate::pipeline::response_room::ResponseRoom;
use crate::pipeline::{absent, item};
use crate::unit_of_work::UnitOfWork;

/// How often a job is begun, before it fails: what ends the server each time must not do so for ever.
const MOST_ATTEMPTS: i32 = 3;

/// Runs a job, unless it has ended, somebody else runs it, or a job that comes before it has not ended.
///
/// # Errors
/// The store fails. The job can be taken again when its lease has lapsed.
pub(super) async fn run_one(
    engine: &Arc<Core>,
    store: &Arc<dyn ObjectStore>,
    correlation: &[u8],
) -> Result<()> {
    let Some(_begun) = engine.jobs.begin(store, correlation) else { return Ok(()) };
    let Ok(_place) = engine.jobs.places.acquire().await else { return Ok(()) };
    let Some(read) = JobHeader::read(&**store, correlation).await? else { return Ok(()) };
    if !is_next(&**store, &read.content).await? {
        return Ok(());
    }
    let Some(lease) = Lease::take(engine, store, read).await? else { return Ok(()) };
    let dialect = dialect(engine, &lease.header.dialect);
    let message = message(engine, &lease, dialect);
    let mut so_far = SoFar::default();
    let ran = tokio::select! {
        biased;
        ran = work(&message, &lease, dialect.is_some(), &mut so_far) => ran,
        () = lease.keep(engine) => {
            tracing::debug!(request = %lease.header.request, "a job was canceled, or is another server's now");
            return Ok(());
        }
    };
    match ran {
        Ok(()) => Ok(()),
        // The lease has been kept until now. If it is lost meanwhile, that shows when the end is written.
        Err(error) => fail(&message, &lease, error, so_far).await,
    }
}

/// Runs a job now, with those of its batch that come before it.
pub(super) async fn run_with_earlier(engine: Arc<Core>, store: Arc<dyn ObjectStore>, header: JobHeader) {
    let result: Result<()> = async {
        let mut chain = vec![header];
        while let Some(before) = chain.last().and_then(|header| header.follows.as_ref()) {
            let Some(read) = JobHeader::read(&*store, &before.correlation).await? else { break };
            if read.content.has_ended() {
                break;
            }
            chain.push(read.content);
        }
        for header in chain.into_iter().rev() {
            run_one(&engine, &store, &header.correlation).await?;
        }
        Ok(())
    }
    .await;
    if let Err(error) = result {
        tracing::warn!(?error, "an asynchronous request was not run");
    }
}

async fn is_next(store: &dyn ObjectStore, header: &JobHeader) -> Result<bool> {
    let Some(before) = &header.follows else { return Ok(true) };
    let before = JobHeader::read(store, &before.correlation).await?;
    Ok(before.is_none_or(|before| before.content.has_ended()))
}

/// Runs the job, unless it cannot or may not run any more.
///
/// # Errors
/// The job failed before it could be ended, and has to be ended so.
async fn work(message: &Message<'_>, lease: &Lease, is_spoken: bool, so_far: &mut SoFar) -> Result<()> {
    contained(Box::pin(async {
        if !is_spoken {
            return Err(Error::unsupported(
                "the request was made in a dialect that this server does not speak",
            ));
        }
        lease.header.narrowed.as_ref().map_or(Ok(()), |narrowed| narrowed.check(message.now.0))?;
        run(message, lease, so_far).await
    }))
    .await
}

/// What a run has come to, if it fails.
#[derive(Default)]
struct SoFar {
    /// What earlier items of the batch left.
    state: BatchState,
    /// The account of the latest attempt.
    account: Option<Account>,
    /// Whether the end was given to the store, which failed: it may have written it nevertheless.
    may_have_ended: bool,
}

/// The message that a job is run as: the client's, as far as it is still known.
fn message<'e>(engine: &'e Arc<Core>, lease: &Lease, dialect: Option<&'static dyn Dialect>) -> Message<'e> {
    let header = &lease.header;
    let mut principal = engine.options.authenticators.with_roles(header.principal());
    if header.about.is_some() {
        // A timer acts as the owner of an object, whoever that is; what it makes, the server wants.
        principal.operator = false;
        principal.creator = true;
    }
    let principal = Arc::new(principal);
    let facts = header.origin.as_ref().map_or_else(ConnectionFacts::internal, JobOrigin::facts);
    let began = Began::now(engine);
    Message {
        engine,
        request: header.request.as_str().into(),
        request_id: header.origin.as_ref().and_then(JobOrigin::request_id),
        client_correlation: header.client_correlation.as_deref().map(Into::into),
        caller: Caller::internal(Arc::new(facts), principal.clone()),
        principal,
        ticket: None,
        dialect: dialect.unwrap_or(&Standard),
        version: header.version,
        began,
        records: Records::of(1),
        now: began.time(),
        store: lease.store.clone(),
        response_room: ResponseRoom::unbounded(engine.options.limits.response_bytes),
        pace: Pace::new(engine.options.limits.message_time),
        answers: Form::Tree,
        further: AtomicUsize::new(0),
    }
}

fn dialect(engine: &Core, name: &str) -> Option<&'static dyn Dialect> {
    if name == Standard.name() { Some(&Standard) } else { engine.registry.dialect(name) }
}

/// Runs the item again and again while other writers are faster, until it has ended or is somebody else's.
///
/// # Errors
/// The job failed before it could be ended, and has to be ended so.
async fn run(message: &Message<'_>, lease: &Lease, so_far: &mut SoFar) -> Result<()> {
    let (request, start) = start(lease).await?;
    so_far.state = start.clone();
    let number = number(&lease.header);
    let mut attempts = Attempts::new(message.engine);
    loop {
        if !is_as_seen(lease).await? {
            tracing::debug!(request = %message.request, "the object was changed since the timer saw it");
            return lease.forget().await;
        }
        let mut unit = UnitOfWork::default();
        let mut state = start.clone();
        let ran = item::run_in(message, &mut state, &mut unit, number, request.clone(), check_undo).await;
        let (outcome, account) = ran;
        let account = so_far.account.insert(of_job(account, &lease.header));
        let result = match outcome.result {
            Ok(payload) => account.intend(message, !unit.is_empty()).await.map(|()| payload),
            Err(error) => Err(error),
        };
        let result = match result {
            Ok(payload) => Ok(payload),
            Err(error) => {
                // A failed item has no effect.
                unit = UnitOfWork::default();
                Err(absent::told(message, error).await)
            }
        };
        match lease.end(message, unit, &result, outcome.remark, left(&lease.header, &state)).await {
            Ok(()) => {
                has_ended(message, lease, so_far.account.take(), result.as_ref().err());
                return Ok(());
            }
            Err(Failure::Again(_)) if !lease.is_held().await? => return Ok(()),
            Err(Failure::Again(overtaken)) if attempts.again(message, &overtaken).await => {}
            Err(failure) => {
                so_far.may_have_ended = matches!(failure, Failure::Final(_));
                // Why the item failed matters more than why that could not be written.
                return Err(result.err().unwrap_or_else(|| failure.into_error()));
            }
        }
    }
}

/// Which item of its message a job was.
fn number(header: &JobHeader) -> usize {
    header.origin.as_ref().map_or(0, JobOrigin::number)
}

fn of_job(mut account: Account, header: &JobHeader) -> Account {
    // Nobody was told to ask after what a timer wants.
    account.asynchronous = header.about.is_none().then(|| header.name());
    account
}

/// Whether a timer's object has not changed since. If it changes now, the job's own change is overtaken.
async fn is_as_seen(lease: &Lease) -> Result<bool> {
    let Some(about) = &lease.header.about else { return Ok(true) };
    let stored = lease.store.get(&[ObjectId::new(&about.id)?], &[]).await?.pop();
    Ok(stored.is_some_and(|stored| i64::try_from(stored.revision.0) == Ok(about.revision)))
}

/// Ends the job by a failure.
async fn fail(message: &Message<'_>, lease: &Lease, error: Error, so_far: SoFar) -> Result<()> {
    tracing::debug!(request = %message.request, ?error, "a job failed");
    let result: Result<Payload> = Err(error);
    let left = left(&lease.header, &so_far.state);
    let written = lease.end(message, UnitOfWork::default(), &result, None, left).await;
    let why = result.as_ref().err();
    let (failure, told) = match written {
        Ok(()) => (why, Ok(())),
        Err(Failure::Final(error)) => (why, Err(error)),
        Err(Failure::Again(_)) if so_far.may_have_ended => match own_end(lease).await {
            Ok(Some(JobEnd::Completed)) => (None, Ok(())),
            Ok(Some(JobEnd::Failed)) => (why, Ok(())),
            Ok(_) => return Ok(()),
            Err(error) => (why, Err(error)),
        },
        // Another writer was faster. The job is not this server's any more: whoever ended it tells of it.
        Err(Failure::Again(_)) => return Ok(()),
    };
    has_ended(message, lease, so_far.account, failure);
    told
}

/// How this server has ended the job, if it did so without hearing of it. Nothing if the job was canceled, or if it has not
/// ended or another server ended it: that one tells of it.
async fn own_end(lease: &Lease) -> Result<Option<JobEnd>> {
    let header = &lease.header;
    let Some(read) = JobHeader::read(&*lease.store, &header.correlation).await? else {
        // Of what a timer did nothing is kept; how the job of a client ended is, unless the time for that is over, too.
        return Ok(Some(if header.about.is_some() { JobEnd::Completed } else { JobEnd::Failed }));
    };
    // Another server would have begun it once more.
    let is_own = read.content.attempts == header.attempts;
    Ok(read.content.job_end().filter(|_| is_own))
}

/// Tells of the end of a job, or of a run that came to none: audit and metrics, and the operator, since nobody polls for
/// what a timer wants.
fn has_ended(message: &Message<'_>, lease: &Lease, account: Option<Account>, failure: Option<&Error>) {
    let header = &lease.header;
    // One that failed before its item was reached has none.
    let account = account.unwrap_or_else(|| of_job(Account::open(number(header), header.operation), header));
    account.close(message, failure.map(Error::reason));
    if let (Some(about), Some(error)) = (&header.about, failure) {
        let (by, operation) = (&header.proven_by, header.operation);
        tracing::warn!(object = %about.id, ?by, ?operation, ?error, "a timer's request failed");
    }
}

fn left(header: &JobHeader, state: &BatchState) -> Option<Left> {
    header.followed.then(|| Left::of(state))
}

/// The item, and what earlier ones of its batch left.
async fn start(lease: &Lease) -> Result<(RequestBatchItem, BatchState)> {
    let header = &lease.header;
    if header.attempts > MOST_ATTEMPTS {
        return Err(Error::server("the server was interrupted each time that it processed the request"));
    }
    let body = JobBody::read(&*lease.store, &header.correlation).await?;
    let item = body.and_then(|body| body.content.item);
    let item = item.ok_or_else(|| Error::server("an asynchronous request has lost its item"))?;
    let earlier = state_before(&*lease.store, header).await?;
    let state = BatchState {
        within: Within::Job,
        single: !header.followed,
        wants_data: header.leaves_data,
        ..earlier
    };
    Ok((item, state))
}

/// What the jobs before left. One that was canceled left what it found.
async fn state_before(store: &dyn ObjectStore, header: &JobHeader) -> Result<BatchState> {
    let mut follows = header.follows.clone();
    while let Some(before) = follows {
        let read =
            JobHeader::read(store, &before.correlation).await?.ok_or_else(|| not_run("was forgotten"))?;
        match read.content.job_end() {
            Some(JobEnd::Completed) => {}
            Some(JobEnd::Failed) if before.stop => return Err(not_run("failed")),
            Some(JobEnd::Canceled) if before.stop => return Err(not_run("was canceled")),
            Some(JobEnd::Failed | JobEnd::Canceled) => {}
            None => return Err(Error::server("an asynchronous request was taken before its turn")),
        }
        if let Some(left) =
            JobBody::read(store, &before.correlation).await?.and_then(|body| body.content.left)
        {
            return Ok(left.into_state());
        }
        follows = read.content.follows;
    }
    Ok(BatchState::default())
}

fn not_run(why: &str) -> Error {
    Error::new(
        ResultReason::GENERAL_FAILURE,
        ErrorClass::Request,
        format!("this item was not processed, since an earlier one of its batch {why}"),
    )
}
