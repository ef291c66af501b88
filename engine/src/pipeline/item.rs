//! One item: look up operation → access rule → dialect request → decode → resolve → admission → run → check effects → commit →
//! dialect response.

use std::time::Instant;

use claviger_kmip::legacy;
use claviger_kmip::message::RequestBatchItem;
use claviger_kmip::payload::{Form, Payload};
use claviger_kmip::tables::enumerations::{OperationCode, ResultReason};
use claviger_kmip::{ByteString, Tag, Value};
use claviger_plugin_sdk::context::Context;
use claviger_plugin_sdk::dialect::{self, Completed};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::operation::{ErasedOperation, Placeholder, Undo, Writes};
use claviger_plugin_sdk::record::ObjectId;

use super::account::{self, Account};
use super::batch::BatchState;
use super::commit::{self, Attempts};
use super::host::{Aside, ItemHost};
use super::message::Message;
use super::notes::NoNotes;
use super::{absent, admission, data_reference, effects, parents, request_attributes, resolve, templates};
use crate::unit_of_work::UnitOfWork;
use crate::{ItemOutcome, RequiredAudit};

/// Runs an item in a unit of its own and commits it, again and again while other writers are faster.
pub(crate) async fn run(
    message: &Message<'_>,
    state: &mut BatchState,
    number: usize,
    mut request: RequestBatchItem,
) -> ItemOutcome {
    let operation = request.operation;
    let started = state.ended.take().unwrap_or_else(Instant::now);
    let mut account = Account::open_at(started, number, operation);
    let unique_batch_item_id = request.unique_batch_item_id.take();
    let answer = match ready(message, state, request).await {
        Err(error) => Err(error),
        Ok(ready) if ready.only_reads(message) => read(message, state, ready, &mut account).await,
        Ok(ready) => Box::pin(write(message, state, ready, &mut account)).await,
    };
    let answer = match answer {
        Ok(answer) => Ok(answer),
        Err(error) => Err(Box::pin(absent::told(message, error)).await),
    };
    forget_refused(state, &answer);
    log_failure(message, number, &answer);
    state.ended = Some(account.close(message, answer.as_ref().err().map(Error::reason)));
    outcome(operation, unique_batch_item_id, answer)
}

/// Runs an item in a unit that it shares with others; the caller commits and closes the account.
pub(crate) async fn run_in(
    message: &Message<'_>,
    state: &mut BatchState,
    unit: &mut UnitOfWork,
    number: usize,
    mut request: RequestBatchItem,
    check_undo: fn(Undo) -> Result<()>,
) -> (ItemOutcome, Account) {
    let operation = request.operation;
    let mut account = Account::open(number, operation);
    let unique_batch_item_id = request.unique_batch_item_id.take();
    let answer = async {
        let ready = ready(message, state, request).await?;
        check_undo(ready.operation.spec().undo)?;
        let done = ready.attempt(message, state, unit, &mut account, ready.payload.clone()).await?;
        ready.finish(message, state, done)
    }
    .await;
    forget_refused(state, &answer);
    log_failure(message, number, &answer);
    (outcome(operation, unique_batch_item_id, answer), account)
}

/// An item that may run, all pieces of bulk data counted.
async fn ready(message: &Message<'_>, state: &mut BatchState, request: RequestBatchItem) -> Result<Ready> {
    let ready = Ready::of(message, state, request)?;
    if let Work::Bulk(pieces) = &ready.payload {
        message.take_further(state, pieces.len().saturating_sub(1)).await?;
    }
    Ok(ready)
}

/// The operation of an item, if this server has it and the caller may call it.
///
/// # Errors
/// Operation Not Supported, Permission Denied, Unknown Message Extension.
pub(crate) fn operation_for(
    message: &Message<'_>,
    request: &RequestBatchItem,
) -> Result<&'static dyn ErasedOperation> {
    refuse_critical_extensions(request)?;
    let code = request.operation;
    let operation = message.engine.registry.operation(code).ok_or_else(|| unknown(message, code))?;
    if operation.spec().since > message.version {
        return Err(unknown(message, code));
    }
    admission::admit_call(message.principal(), operation, &mut NoNotes)?;
    Ok(operation)
}

fn outcome(
    operation: OperationCode,
    unique_batch_item_id: Option<ByteString>,
    answer: Result<Answer>,
) -> ItemOutcome {
    let answer = answer.unwrap_or_else(|error| Answer::of(operation, Err(error)));
    let Answer { operation, result, pending, remark } = answer;
    ItemOutcome { operation, unique_batch_item_id, result, undone: false, pending, remark }
}

/// Runs an item that writes nothing but, perhaps, what it takes from Usage Limits: these commute and never conflict.
/// Nothing can be overtaken, so the payload is given away, and bulk data is not copied.
async fn read(
    message: &Message<'_>,
    state: &mut BatchState,
    mut ready: Ready,
    account: &mut Account,
) -> Result<Answer> {
    let payload = std::mem::replace(&mut ready.payload, Work::Bulk(Vec::new()));
    let mut unit = UnitOfWork::default();
    let done = ready.attempt(message, state, &mut unit, account, payload).await?;
    if message.engine.options.required_audit != RequiredAudit::Nothing {
        Box::pin(account.intend(message, !unit.is_empty())).await?;
    }
    if !unit.is_empty() {
        Box::pin(commit::commit(message, unit)).await.map_err(commit::Failure::into_error)?;
    }
    ready.finish(message, state, done)
}

/// Runs an item that writes, again and again while other writers are faster.
async fn write(
    message: &Message<'_>,
    state: &mut BatchState,
    ready: Ready,
    account: &mut Account,
) -> Result<Answer> {
    let mut attempts = Attempts::new(message.engine);
    loop {
        let mut unit = UnitOfWork::default();
        let done = ready.attempt(message, state, &mut unit, account, ready.payload.clone()).await?;
        // Jobs are ended and canceled at once, and not by the unit.
        let is_about_jobs = ready.operation.spec().writes == Writes::Documents;
        account.intend(message, is_about_jobs || !unit.is_empty()).await?;
        match commit::commit(message, unit).await {
            Ok(()) => return ready.finish(message, state, done),
            Err(commit::Failure::Again(overtaken)) if attempts.again(message, &overtaken).await => {}
            Err(failure) => return Err(failure.into_error()),
        }
    }
}

/// What the operation runs on, or what it answered.
#[derive(Clone)]
enum Work {
    /// One payload.
    One(Payload),
    /// Several that travelled as one; the dialect knows how.
    Bulk(Vec<Value>),
}

/// An item whose operation is known and allowed.
struct Ready {
    operation: &'static dyn ErasedOperation,
    payload: Work,
    /// What the dialect left itself for the response.
    note: Option<Value>,
    ephemeral: bool,
}

/// What an item is answered with: by its own operation, or by that of the asynchronous request that it asked after.
pub(crate) struct Answer {
    pub(crate) operation: OperationCode,
    pub(crate) result: Result<Payload>,
    /// The Asynchronous Correlation Value, if the result is yet to come.
    pub(crate) pending: Option<ByteString>,
    /// What the client is told beside the response payload.
    pub(crate) remark: Option<String>,
}

impl Answer {
    /// What an operation answered, and nothing beside it.
    pub(crate) fn of(operation: OperationCode, result: Result<Payload>) -> Self {
        Self { operation, result, pending: None, remark: None }
    }
}

/// What a handler returned.
struct Done {
    payload: Work,
    aside: Aside,
    /// Bytes of response payloads with it.
    response_bytes: usize,
}

impl Ready {
    /// Look-up of the operation, access rule, dialect request.
    fn of(message: &Message<'_>, state: &BatchState, request: RequestBatchItem) -> Result<Self> {
        let operation = operation_for(message, &request)?;
        let code = request.operation;
        let ephemeral = request.ephemeral.unwrap_or(false);
        let mut payload = match request.request_payload {
            // It came in binary TTLV, whose dialect is the standard; what stays encoded has nothing to adapt.
            payload @ Payload::Encoded(_) => {
                return Ok(Self { operation, payload: Work::One(payload), note: None, ephemeral });
            }
            Payload::Tree(payload) => legacy::request_payload_to_2_1(code, payload, message.version)?,
        };
        data_reference::replace(&mut payload, &state.data)?;
        let most = message.engine.options.limits.attributes;
        request_attributes::check(message.engine.registry.attribute_table(), most, &payload)?;
        let Completed { payload, note } = message.dialect.request(code, payload, message.now)?;
        let payload = match payload {
            dialect::Payload::One(payload) => Work::One(Payload::Tree(payload)),
            dialect::Payload::Bulk(payloads) => Work::Bulk(payloads),
        };
        Ok(Self { operation, payload, note, ephemeral })
    }

    /// Whether the item writes no objects, grants or documents.
    fn only_reads(&self, message: &Message<'_>) -> bool {
        self.operation.spec().writes == Writes::Nothing && !message.is_metered()
    }

    /// The form of the answer: a tree if later items or the ID Placeholder may want something of it.
    fn form(&self, message: &Message<'_>, state: &BatchState) -> Form {
        let keeps_identifiers = !state.single
            && (self.operation.spec().placeholder != Placeholder::Keep || !state.names_no_place);
        if keeps_identifiers || state.wants_data || self.ephemeral { Form::Tree } else { message.answers }
    }

    /// Runs the handler on the payload, or on each of several: all in one unit.
    async fn attempt(
        &self,
        message: &Message<'_>,
        state: &BatchState,
        unit: &mut UnitOfWork,
        account: &mut Account,
        payload: Work,
    ) -> Result<Done> {
        // An attempt before said it of what was not written.
        account.details.clear();
        let payload = match payload {
            Work::One(payload) => payload,
            Work::Bulk(payloads) => {
                return Box::pin(self.attempt_each(message, state, unit, account, payloads)).await;
            }
        };
        let mut host = ItemHost::new(message, state, self.operation.spec(), unit);
        let ran = self.handle(&mut host, payload).await;
        let (payload, aside) = left(&mut host, account, ran)?;
        let code = aside.answer.as_ref().map_or(self.operation.spec().code, |answer| answer.operation);
        let response_bytes = message.take_room(state.response_bytes, code, &payload)?;
        Ok(Done { payload: Work::One(payload), aside, response_bytes })
    }

    async fn attempt_each(
        &self,
        message: &Message<'_>,
        state: &BatchState,
        unit: &mut UnitOfWork,
        account: &mut Account,
        payloads: Vec<Value>,
    ) -> Result<Done> {
        let spec = self.operation.spec();
        let mut answers = Vec::with_capacity(payloads.len());
        let (mut first, mut response_bytes) = (None, state.response_bytes);
        for payload in payloads {
            if !answers.is_empty() {
                message.pace.pause().await?;
            }
            let mut host = ItemHost::new(message, state, spec, unit);
            let ran = self.handle(&mut host, payload.into()).await;
            let (answer, aside) = left(&mut host, account, ran)?;
            response_bytes = message.take_room(response_bytes, spec.code, &answer)?;
            first.get_or_insert(aside.targets);
            answers.push(answer.into_value());
        }
        Ok(Done {
            payload: Work::Bulk(answers),
            aside: Aside { targets: first.unwrap_or_default(), answer: None, remark: None, turns: false },
            response_bytes,
        })
    }

    /// Templates of 1.x, decode, resolve, admission, run, check of effects.
    async fn handle(&self, host: &mut ItemHost<'_, '_>, payload: Payload) -> Result<Payload> {
        let form = self.form(host.message(), host.state());
        let payload = match payload {
            Payload::Tree(payload) => templates::apply(host, payload).await?.into(),
            encoded => encoded,
        };
        let prepared = self.operation.prepare(payload)?;
        resolve::targets(host, prepared.targets).await?;
        let payload = prepared.run.run(&mut Context::new(host), form).await?;
        effects::check(self.operation.spec(), host.log())?;
        host.complete()?;
        host.hold_to_restriction()?;
        parents::take_on_children(host).await?;
        host.charge().await?;
        Ok(payload)
    }

    /// What the item leaves to later ones, and the dialect's response.
    fn finish(self, message: &Message<'_>, state: &mut BatchState, done: Done) -> Result<Answer> {
        let code = self.operation.spec().code;
        let mut payload = done.payload;
        state.response_bytes = done.response_bytes;
        let Aside { targets, answer, remark, turns } = done.aside;
        if let Some(answer) = answer {
            return Ok(*answer);
        }
        if let Work::One(Payload::Tree(payload)) = &mut payload {
            if !state.single {
                remember(self.operation.spec().placeholder, code, payload, state);
            }
            data_reference::remember(code, payload, self.ephemeral, state);
        }
        let answered = |payload| message.dialect.response(code, &targets, self.note, payload);
        let payload = match payload {
            Work::One(Payload::Encoded(payload)) => legacy::settled_response(code, payload),
            Work::One(Payload::Tree(payload)) => answered(dialect::Payload::One(payload))?.into(),
            Work::Bulk(payloads) => answered(dialect::Payload::Bulk(payloads))?.into(),
        };
        if let Some(roles) = message.caller.roles.as_ref().filter(|_| turns) {
            roles.turn();
        }
        Ok(Answer { remark, ..Answer::of(code, Ok(payload)) })
    }
}

/// What a handler returned and left, and in the account what it touched.
fn left(
    host: &mut ItemHost<'_, '_>,
    account: &mut Account,
    ran: Result<Payload>,
) -> Result<(Payload, Aside)> {
    if !host.message().engine.options.audit.is_empty() {
        account.objects = host.objects();
        account.rights = host.rights();
        host.details().into_iter().for_each(|detail| account::add_detail(&mut account.details, detail));
    }
    let aside = host.take_aside();
    match (ran, aside.targets.first()) {
        (Err(error), Some(subject)) => Err(error.about(subject.attributes())),
        (ran, _) => ran.map(|payload| (payload, aside)),
    }
}

/// The failure for an operation that this server does not have.
pub(crate) fn unknown(message: &Message<'_>, code: OperationCode) -> Error {
    let name = message.engine.registry.vocabulary().enumeration_name(Tag::OPERATION, code.0);
    let text = match name {
        Some(name) => format!("{name} is not supported"),
        None => format!("operation {:#010X} is not supported", code.0),
    };
    Error::new(ResultReason::OPERATION_NOT_SUPPORTED, ErrorClass::Unsupported, text)
}

fn refuse_critical_extensions(request: &RequestBatchItem) -> Result<()> {
    match request.message_extension.iter().find(|extension| extension.criticality_indicator) {
        None => Ok(()),
        Some(extension) => Err(Error::new(
            ResultReason::UNKNOWN_MESSAGE_EXTENSION,
            ErrorClass::Unsupported,
            format!("the critical message extension of {:?} is not known", extension.vendor_identification),
        )),
    }
}

/// Sets the ID Placeholder and keeps the identifiers that an item returned.
fn remember(rule: Placeholder, code: OperationCode, payload: &Value, state: &mut BatchState) {
    let Value::Structure(fields) = payload else { return };
    const IDENTIFIERS: [Tag; 3] =
        [Tag::UNIQUE_IDENTIFIER, Tag::PRIVATE_KEY_UNIQUE_IDENTIFIER, Tag::PUBLIC_KEY_UNIQUE_IDENTIFIER];
    let mut identifiers = fields
        .iter()
        .filter(|field| IDENTIFIERS.contains(&field.tag))
        .filter_map(|field| if let Value::TextString(id) = &field.value { Some(id) } else { None });
    if !state.names_no_place {
        state.identifiers.push((code, identifiers.clone().cloned().collect()));
    }
    let placeholder = match rule {
        Placeholder::Keep => return,
        Placeholder::Set => identifiers.next(),
        Placeholder::SetIfOne => identifiers.next().filter(|_| identifiers.next().is_none()),
    };
    state.placeholder = placeholder.and_then(|id| ObjectId::new(id).ok());
}

/// What the caller may not do with the object of the ID Placeholder, later items do not do with it either.
fn forget_refused(state: &mut BatchState, answer: &Result<Answer>) {
    if answer.as_ref().is_err_and(|error| error.payload().is_some()) {
        state.placeholder = None;
    }
}

fn log_failure(message: &Message<'_>, number: usize, answer: &Result<Answer>) {
    if let Err(error) = answer {
        tracing::debug!(request = %message.request, item = number, ?error, "item failed");
    }
}
