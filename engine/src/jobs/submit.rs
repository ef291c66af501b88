//! Making jobs of the items of a message.

use claviger_kmip::field::DateTimeExtended;
use claviger_kmip::message::{RequestBatchItem, RequestHeader};
use claviger_kmip::payload::Payload;
use claviger_kmip::tables::enumerations::{
    AsynchronousIndicator, BatchErrorContinuationOption as Continuation, OperationCode, ProcessingStage,
    ResultReason,
};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{ByteString, Value};
use claviger_plugin_sdk::authentication::Principal;
use claviger_plugin_sdk::context::Authorized;
use claviger_plugin_sdk::dialect::{Dialect as _, Standard};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::operation::Undo;
use claviger_plugin_sdk::store::{DocumentPut, ObjectStore};
use sha2::{Digest as _, Sha256};

use super::document::{JobAbout, JobBefore, JobBody, JobHeader, may_have_jobs};
use super::narrowed::Narrowed;
use super::origin::JobOrigin;
use crate::document::{Read, write};
use crate::pipeline::account::Account;
use crate::pipeline::message::Message;
use crate::pipeline::{commit, data_reference, item};
use crate::unit_of_work::UnitOfWork;
use crate::{Core, ItemOutcome};

/// When the items of a message are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answering {
    /// Once they have run.
    AtOnce,
    /// Before they run.
    Later,
}

impl Answering {
    /// What the client asks for. Mandatory is asked for by 2.x clients alone; the indicator of 1.x, a Boolean, says that
    /// the client can poll, so its items run later if all of them may. Optional is answered at once.
    ///
    /// # Errors
    /// Invalid Field: the Asynchronous Indicator has a value that KMIP does not know.
    pub(crate) fn of(engine: &Core, header: &RequestHeader, items: &[RequestBatchItem]) -> Result<Self> {
        match &header.asynchronous_indicator {
            None | Some(Value::Boolean(false)) => Ok(Self::AtOnce),
            Some(Value::Boolean(true)) if is_undo(header, items) => Ok(Self::AtOnce),
            Some(Value::Boolean(true)) => {
                let all = items.iter().all(|item| {
                    let operation = engine.registry.operation(item.operation);
                    operation.is_some_and(|operation| check_undo(operation.spec().undo).is_ok())
                });
                Ok(if all { Self::Later } else { Self::AtOnce })
            }
            Some(Value::Enumeration(code)) => match AsynchronousIndicator(*code) {
                AsynchronousIndicator::MANDATORY if is_undo(header, items) => Err(Error::unsupported(
                    "asynchronous items cannot be undone together; leave out Batch Error Continuation Option Undo",
                )),
                AsynchronousIndicator::MANDATORY => Ok(Self::Later),
                AsynchronousIndicator::OPTIONAL | AsynchronousIndicator::PROHIBITED => Ok(Self::AtOnce),
                other => Err(Error::invalid(format!("Asynchronous Indicator {other:?} is not known"))),
            },
            Some(_) => Err(Error::invalid("Asynchronous Indicator is neither an Enumeration nor a Boolean")),
        }
    }
}

fn is_undo(header: &RequestHeader, items: &[RequestBatchItem]) -> bool {
    items.len() > 1 && header.batch_error_continuation_option == Some(Continuation::UNDO)
}

/// Whether an operation may run later. A job may be begun more than once, so all of its effects must be in its unit of
/// work: just what an Undo batch asks for.
pub(super) fn check_undo(undo: Undo) -> Result<()> {
    match undo {
        // Whether it works in parts shows when it begins or goes on with one.
        Undo::NothingToUndo | Undo::ByNotWriting | Undo::UnlessInParts => Ok(()),
        Undo::Impossible => Err(Error::unsupported(
            "this operation cannot be processed asynchronously; leave out Asynchronous Indicator",
        )),
    }
}

/// Makes a job of each item and answers by Operation Pending. In a batch each waits for the one before, unless the client
/// does not care for the order.
pub(crate) async fn submit(
    message: &Message<'_>,
    header: &RequestHeader,
    items: Vec<RequestBatchItem>,
) -> Vec<ItemOutcome> {
    let stop = header.batch_error_continuation_option != Some(Continuation::CONTINUE);
    let mut batch = Submission {
        stop,
        ordered: items.len() > 1 && header.batch_order_option != Some(false),
        leaves_data: items.iter().any(|item| data_reference::is_in(&item.request_payload)),
        room: Room::of(message).await,
        unit: UnitOfWork::default(),
        before: None,
    };
    let mut outcomes = Vec::with_capacity(items.len());
    let mut accounts = Vec::with_capacity(items.len());
    for (number, item) in items.into_iter().enumerate() {
        let (operation, unique_batch_item_id) = (item.operation, item.unique_batch_item_id.clone());
        let mut account = Account::open(number, operation);
        let (result, pending) = match batch.take(message, number, item).await {
            Ok(header) => {
                account.asynchronous = Some(header.name());
                accounts.push(account);
                (Ok(Payload::empty()), Some(header.correlation))
            }
            Err(error) => {
                account.close(message, Some(error.reason()));
                (Err(error), None)
            }
        };
        let failed = result.is_err();
        outcomes.push(ItemOutcome {
            operation,
            unique_batch_item_id,
            result,
            undone: false,
            pending,
            remark: None,
        });
        if failed && stop {
            break;
        }
    }
    finish(message, batch.unit, accounts, outcomes).await
}

/// Jobs that are made of one message.
struct Submission {
    /// Whether those behind one that fails do not run.
    stop: bool,
    /// Whether each waits for the one before.
    ordered: bool,
    leaves_data: bool,
    room: Result<Room>,
    unit: UnitOfWork,
    before: Option<JobBefore>,
}

impl Submission {
    /// Makes a job of an item.
    ///
    /// # Errors
    /// It cannot be one, there is no room for more, or the time of the message is over.
    async fn take(
        &mut self,
        message: &Message<'_>,
        number: usize,
        item: RequestBatchItem,
    ) -> Result<JobHeader> {
        if number > 0 {
            message.pace.pause().await?;
        }
        check(message, &item, &mut self.room)?;
        let header = JobHeader {
            follows: self.before.take(),
            followed: self.ordered,
            leaves_data: self.leaves_data,
            ..new_header(message, number, &item)
        };
        record(message, &mut self.unit, &header, item)?;
        let correlation = header.correlation.clone();
        self.before = self.ordered.then_some(JobBefore { correlation, stop: self.stop });
        Ok(header)
    }
}

/// Writes all jobs at once. If that fails, there are none.
async fn finish(
    message: &Message<'_>,
    unit: UnitOfWork,
    accounts: Vec<Account>,
    mut outcomes: Vec<ItemOutcome>,
) -> Vec<ItemOutcome> {
    if let Err(error) = intend_and_commit(message, unit, &accounts).await {
        tracing::debug!(request = %message.request, ?error, "jobs were not written");
        for outcome in outcomes.iter_mut().filter(|outcome| outcome.pending.is_some()) {
            outcome.pending = None;
            outcome.result = Err(Error::new(error.reason(), error.class(), error.message().to_owned()));
        }
        for mut account in accounts {
            // There is no such job.
            account.asynchronous = None;
            account.close(message, Some(error.reason()));
        }
        return outcomes;
    }
    for account in accounts {
        account.close_pending(message);
    }
    message.engine.jobs.hurry();
    outcomes
}

async fn intend_and_commit(message: &Message<'_>, unit: UnitOfWork, accounts: &[Account]) -> Result<()> {
    let accounts: Vec<&Account> = accounts.iter().collect();
    Account::intend_all(&accounts, message, true).await?;
    commit::commit(message, unit).await.map_err(commit::Failure::into_error)
}

fn check(message: &Message<'_>, item: &RequestBatchItem, room: &mut Result<Room>) -> Result<()> {
    let operation = item::operation_for(message, item)?;
    check_undo(operation.spec().undo)?;
    if !may_have_jobs(message.principal(), item.operation) {
        return Err(Error::denied(
            "credentials that narrow the objects hold for this request alone; leave out Asynchronous Indicator",
        ));
    }
    if message.is_metered() {
        return Err(Error::denied(
            "a ticket with Usage Limits holds for this request alone; leave out Asynchronous Indicator",
        ));
    }
    match room {
        Ok(room) => room.take(),
        Err(error) => Err(Error::new(error.reason(), error.class(), error.message().to_owned())),
    }
}

/// Makes a job for the owner of an object whose time has come; false if there is one already.
///
/// # Errors
/// The store fails.
pub(crate) async fn submit_for_owner(
    engine: &Core,
    store: &dyn ObjectStore,
    timer: &str,
    object: &Authorized,
    item: RequestBatchItem,
) -> Result<bool> {
    let owner = Principal::user(object.owner(), Some(&format!("timer {timer}")));
    let revision = object.revision().0;
    let header = JobHeader {
        correlation: correlation_of(timer, object),
        about: Some(JobAbout {
            id: object.id().to_string(),
            revision: i64::try_from(revision).unwrap_or(i64::MAX),
        }),
        fresh: false,
        ..header_of(engine, &owner, item.operation, &engine.requests.next())
    };
    write(store, documents(engine, &header, item).into()).await
}

/// The same whoever makes the job, so that there is one.
fn correlation_of(timer: &str, object: &Authorized) -> ByteString {
    let mut hash = Sha256::new();
    for part in [timer, object.id().as_str()] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.update(object.revision().0.to_be_bytes());
    hash.finalize().iter().copied().take(16).collect::<Vec<u8>>().into()
}

/// The documents of a new job.
fn documents(engine: &Core, header: &JobHeader, item: RequestBatchItem) -> [DocumentPut; 2] {
    let kept = engine.options.limits.jobs.kept_waiting;
    let now = engine.options.clock.now_millis().div_euclid(1000);
    let expires = Some(now.saturating_add_unsigned(kept.as_secs()));
    [header.put(None, expires), JobBody::of(item).put(&header.correlation, None, expires)]
}

fn record(
    message: &Message<'_>,
    unit: &mut UnitOfWork,
    header: &JobHeader,
    item: RequestBatchItem,
) -> Result<()> {
    let documents = documents(message.engine, header, item);
    documents.into_iter().try_for_each(|put| unit.documents.record(put, message.now))
}

/// The header of a client's job, which waits a moment.
fn new_header(message: &Message<'_>, number: usize, item: &RequestBatchItem) -> JobHeader {
    let engine = message.engine;
    let header = header_of(engine, message.principal(), item.operation, &message.request);
    let delay = i64::try_from(engine.options.limits.jobs.delay.as_millis()).unwrap_or(i64::MAX);
    JobHeader {
        client_correlation: message.client_correlation.as_deref().map(str::to_owned),
        version: message.version,
        dialect: message.dialect.name().to_owned(),
        due: header.due.saturating_add(delay),
        origin: Some(JobOrigin::of(message, number)),
        ..header
    }
}

fn header_of(engine: &Core, principal: &Principal, operation: OperationCode, request: &str) -> JobHeader {
    let now = engine.options.clock.now_millis();
    JobHeader {
        correlation: (engine.options.random)().bytes(16),
        user: principal.user.to_string(),
        groups: principal.groups.iter().map(ToString::to_string).collect(),
        proven_by: principal.proven_by.as_deref().map(str::to_owned),
        narrowed: Narrowed::of(principal, operation),
        request: request.to_owned(),
        client_correlation: None,
        version: ProtocolVersion::V2_1,
        dialect: Standard.name().to_owned(),
        operation,
        submitted: DateTimeExtended(now.saturating_mul(1000)),
        due: now,
        follows: None,
        followed: false,
        leaves_data: false,
        stage: ProcessingStage::SUBMITTED,
        end: None,
        holder: None,
        held_until: 0,
        attempts: 0,
        fresh: true,
        about: None,
        origin: None,
    }
}

/// How many more jobs there may be.
struct Room {
    of_user: usize,
    in_all: usize,
}

impl Room {
    async fn of(message: &Message<'_>) -> Result<Self> {
        let limits = &message.engine.options.limits.jobs;
        let headers = JobHeader::all(&*message.store).await?;
        let is_clients = |header: &&Read<JobHeader>| header.content.about.is_none();
        let user = &*message.principal().user;
        let of_user = headers.iter().filter(|header| header.content.fresh && header.content.user == user);
        Ok(Self {
            of_user: limits.per_user.saturating_sub(of_user.count()),
            in_all: limits.in_all.saturating_sub(headers.iter().filter(is_clients).count()),
        })
    }

    fn take(&mut self) -> Result<()> {
        match (self.of_user.checked_sub(1), self.in_all.checked_sub(1)) {
            (Some(of_user), Some(in_all)) => {
                *self = Self { of_user, in_all };
                Ok(())
            }
            (of_user, _) => Err(Error::new(
                ResultReason::SERVER_LIMIT_EXCEEDED,
                ErrorClass::Unsupported,
                match of_user {
                    None => "you have too many asynchronous requests; poll or cancel some of them",
                    Some(_) => "the server has too many asynchronous requests; try again later",
                },
            )),
        }
    }
}
