//! A whole message: version, size, count, time, credentials, store; then the batch.

use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::Poll;

use claviger_kmip::Tag;
use claviger_kmip::field::DateTime;
use claviger_kmip::message::{RequestHeader, RequestMessage};
use claviger_kmip::payload::{Form, Payload};
use claviger_kmip::tables::enumerations::{OperationCode, ResultReason};
use claviger_kmip::version::ProtocolVersion;
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::authentication::Principal;
use claviger_plugin_sdk::dialect::{Dialect, Standard};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::operation::Writes;
use claviger_plugin_sdk::store::ObjectStore;
use tracing::Instrument as _;

use super::account::Began;
use super::batch::BatchState;
use super::pace::Pace;
use super::received::Received;
use super::records::{self, Records};
use super::response::Response;
use super::response_room::ResponseRoom;
use super::{account, batch};
use crate::caller::Caller;
use crate::credentials::{self, AuthenticationFields};
use crate::jobs::Answering;
use crate::tickets::ShownTicket;
use crate::{Core, ItemOutcome, RequestId};

/// What holds for every item of a message.
pub(crate) struct Message<'e> {
    pub(crate) engine: &'e Arc<Core>,
    /// What the logs call the request.
    pub(crate) request: Arc<str>,
    /// What the request is called that brought it.
    pub(crate) request_id: Option<Arc<str>>,
    /// What the client calls it.
    pub(crate) client_correlation: Option<Arc<str>>,
    pub(crate) caller: Caller,
    /// Who calls: whom the connection proves, or the credentials of the message.
    pub(crate) principal: Arc<Principal>,
    /// The ticket that it is done with.
    pub(crate) ticket: Option<Arc<ShownTicket>>,
    pub(crate) dialect: &'static dyn Dialect,
    pub(crate) version: ProtocolVersion,
    pub(crate) began: Began,
    /// What audit was not told of its items yet.
    pub(crate) records: Records,
    /// The time at which it began, which is that of all its items.
    pub(crate) now: DateTime,
    pub(crate) store: Arc<dyn ObjectStore>,
    /// Room for the payloads of the response.
    pub(crate) response_room: ResponseRoom,
    /// How long it has taken.
    pub(crate) pace: Pace,
    /// The form in which items are answered, where nothing has to look into the answer.
    pub(crate) answers: Form,
    /// For how many operations more than it has items its proof was counted.
    pub(crate) further: AtomicUsize,
}

impl Message<'_> {
    /// Who calls.
    pub(crate) fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Whether what it does is counted.
    pub(crate) fn is_metered(&self) -> bool {
        self.ticket.as_ref().is_some_and(|ticket| ticket.is_metered())
    }

    /// Has the proof count so many operations more than the message has items: what an item is repeated for, and the pieces
    /// of bulk data. An attempt takes again only what the attempts before it did not.
    ///
    /// # Errors
    /// Authentication Not Successful: the proof does not allow so many. The store fails.
    pub(crate) async fn take_further(&self, state: &mut BatchState, operations: usize) -> Result<()> {
        if operations == 0 {
            return Ok(());
        }
        state.further = state.further.saturating_add(operations);
        let missing = state.further.saturating_sub(self.further.load(Relaxed));
        if missing > 0 {
            Box::pin(credentials::take_further(self, missing)).await?;
            self.further.store(state.further, Relaxed);
        }
        Ok(())
    }

    /// Takes room for a payload of the response when some is used already, and gives what is used then.
    ///
    /// # Errors
    /// Response Too Large. Server Limit Exceeded: the server has no memory for it now.
    pub(crate) fn take_room(
        &self,
        used: usize,
        operation: OperationCode,
        payload: &Payload,
    ) -> Result<usize> {
        let used = self.response_room.take(used, operation, payload)?;
        match &self.caller.share {
            Some(share) if !share.answer_has(used) => Err(Error::new(
                ResultReason::SERVER_LIMIT_EXCEEDED,
                ErrorClass::Unsupported,
                "the server has no memory for this answer now; try again later",
            )),
            _ => Ok(used),
        }
    }
}

/// Where a message comes from, and what the logs call it.
#[derive(Clone)]
struct Origin {
    request: RequestId,
    caller: Caller,
    dialect: &'static dyn Dialect,
    /// The form in which items are answered.
    answers: Form,
    /// What the check of the credentials leaves for the response.
    fields: AuthenticationFields,
}

impl Origin {
    fn new(engine: &Core, caller: &Caller, dialect: &'static dyn Dialect) -> Self {
        Self {
            request: engine.request_of(caller),
            caller: caller.clone(),
            dialect,
            answers: Form::Tree,
            fields: AuthenticationFields::new(&engine.options.authenticators),
        }
    }
}

/// Answers a message of any version of KMIP.
pub(crate) async fn answer(engine: &Arc<Core>, caller: &Caller, received: Received) -> Response {
    let version = received.version();
    let origin = Origin::new(engine, caller, &Standard);
    let (request, fields) = (origin.request.clone(), origin.fields.clone());
    let bound = received.bound();
    let response = match answer_in_version(engine, origin, received, version).await {
        Ok((version, outcomes)) => {
            Response::of(engine, &Standard, version, Some(request.name), fields.take(), outcomes)
        }
        Err(error) => {
            account::refused(engine, caller, request.clone(), &error);
            Response::refusal(engine, version, request.name, fields.take(), &error)
        }
    };
    response.within(bound)
}

/// Runs a 2.1 message of a dialect.
pub(crate) async fn answer_in(
    engine: &Arc<Core>,
    caller: &Caller,
    dialect: &'static dyn Dialect,
    message: RequestMessage,
) -> Result<Vec<ItemOutcome>> {
    let origin = Origin::new(engine, caller, dialect);
    let request = origin.request.clone();
    let outcomes = match speaks_2(message.request_header.protocol_version) {
        Ok(()) => run(engine, origin, message).await,
        Err(error) => Err(error),
    };
    outcomes.inspect_err(|error| account::refused(engine, caller, request, error))
}

async fn answer_in_version(
    engine: &Arc<Core>,
    origin: Origin,
    received: Received,
    version: Option<ProtocolVersion>,
) -> Result<(ProtocolVersion, Vec<ItemOutcome>)> {
    let version = supported(version)?;
    if received.tag() != Tag::REQUEST_MESSAGE {
        return Err(malformed("the body is no Request Message"));
    }
    let origin = Origin { answers: received.answers(version), ..origin };
    let message = received.message(version)?;
    Ok((version, run(engine, origin, message).await?))
}

/// Runs a message. One that writes runs as a task of its own, since it must come to its end even if nobody waits for the
/// answer any more. Its caller goes with it, and with him what the request has of the server.
async fn run(engine: &Arc<Core>, origin: Origin, message: RequestMessage) -> Result<Vec<ItemOutcome>> {
    if !writes(engine, &message) {
        return contained(Box::pin(run_here(engine, origin, message))).await;
    }
    let engine = engine.clone();
    // Boxed, since a task moves what it runs into its place and out again.
    let work = Box::pin(async move { run_here(&engine, origin, message).await });
    tokio::spawn(work.in_current_span()).await.unwrap_or_else(|error| Err(interrupted().because(error)))
}

/// A plugin that panics fails its message and not the connection, which carries the messages of others, too.
///
/// The work is boxed where it is made, since it is large and would else be moved with every future around it.
pub(crate) fn contained<'w, T: 'w>(
    mut work: BoxFuture<'w, Result<T>>,
) -> impl Future<Output = Result<T>> + Send + 'w {
    poll_fn(move |task| {
        catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(task)))
            .unwrap_or_else(|_| Poll::Ready(Err(interrupted())))
    })
}

fn interrupted() -> Error {
    Error::server("the server was interrupted")
}

/// Whether an item of the message may write, or the message itself, which makes jobs of its items.
fn writes(engine: &Core, message: &RequestMessage) -> bool {
    let RequestMessage { request_header: header, batch_item: items } = message;
    let is_later = matches!(Answering::of(engine, header, items), Ok(Answering::Later));
    is_later
        || items.iter().any(|item| {
            let operation = engine.registry.operation(item.operation);
            operation.is_some_and(|operation| operation.spec().writes != Writes::Nothing)
        })
}

async fn run_here(engine: &Arc<Core>, origin: Origin, message: RequestMessage) -> Result<Vec<ItemOutcome>> {
    let Origin { request, caller, dialect, answers, fields } = origin;
    let RequestMessage { request_header: mut header, batch_item: items } = message;
    header.batch_error_continuation_option.get_or_insert_with(|| dialect.continuation());
    check_header(engine, &header, items.len())?;
    let answering = Answering::of(engine, &header, &items)?;
    let store = engine.stores.open(&caller.facts)?;
    let proof = credentials::prove(engine, &store, caller, &header, items.len(), &fields).await?;
    let began = Began::now(engine);
    let message = Message {
        engine,
        request: request.name,
        request_id: request.given,
        client_correlation: header
            .client_correlation_value
            .as_deref()
            .map(|value| account::for_log(value).into()),
        caller: proof.caller,
        principal: proof.principal,
        ticket: proof.ticket,
        dialect,
        version: header.protocol_version,
        began,
        records: Records::of(items.len()),
        now: began.time(),
        store,
        response_room: ResponseRoom::of(&header, &items, engine.options.limits.response_bytes),
        pace: Pace::new(engine.options.limits.message_time),
        answers,
        further: AtomicUsize::new(0),
    };
    let work = pin!(async {
        match proof.sufficient {
            Err(error) if !credentials::is_for_anyone(engine, &items) => {
                Ok(batch::refuse(&message, items, &error))
            }
            _ => batch::run(&message, &header, answering, items).await,
        }
    });
    records::telling(&message, work).await
}

fn check_header(engine: &Core, header: &RequestHeader, items: usize) -> Result<()> {
    supported(Some(header.protocol_version))?;
    if usize::try_from(header.batch_count) != Ok(items) {
        return Err(malformed(format!("Batch Count is {} and {items} items follow", header.batch_count)));
    }
    if items == 0 {
        return Err(malformed("a message has at least one item"));
    }
    let most = engine.options.limits.batch_items;
    if items > most {
        return Err(Error::new(
            ResultReason::SERVER_LIMIT_EXCEEDED,
            ErrorClass::Request,
            format!("a message has at most {most} items on this server"),
        ));
    }
    if header.maximum_response_size.is_some_and(|size| size < 0) {
        return Err(Error::invalid("Maximum Response Size is negative"));
    }
    Ok(())
}

/// That a message of a dialect is of KMIP 2. Its answer is, so what is written in an earlier version would be taken for what
/// it is not, or be answered in a form that its client does not know.
fn speaks_2(version: ProtocolVersion) -> Result<()> {
    if version >= ProtocolVersion::V2_0 {
        return Ok(());
    }
    Err(Error::new(
        ResultReason::UNSUPPORTED_PROTOCOL_VERSION,
        ErrorClass::Unsupported,
        format!(
            "a message in this form is of KMIP 2.1, not of {version}; send those of other versions to /kmip"
        ),
    ))
}

fn supported(version: Option<ProtocolVersion>) -> Result<ProtocolVersion> {
    let version = version.ok_or_else(|| malformed("the Request Header has no Protocol Version"))?;
    if ProtocolVersion::SUPPORTED.contains(&version) {
        return Ok(version);
    }
    Err(Error::new(
        ResultReason::UNSUPPORTED_PROTOCOL_VERSION,
        ErrorClass::Unsupported,
        format!("KMIP {version} is not supported; Discover Versions tells which are"),
    ))
}

fn malformed(why: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ResultReason::INVALID_MESSAGE, ErrorClass::Malformed, why)
}
