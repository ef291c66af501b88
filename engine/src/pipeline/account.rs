//! What audit and metrics are told: of an item once, when its outcome is known, and of a message that is refused as a
//! whole.

use std::sync::Arc;
use std::time::Instant;

use claviger_kmip::field::DateTime;
use claviger_kmip::tables::enumerations::{OperationCode, ResultReason};
use claviger_plugin_sdk::audit::{AuditRecord, AuditedRequest, Detail, RightsChange};
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::operation::MaterialUse;
use claviger_plugin_sdk::record::ObjectId;

use super::message::Message;
use crate::caller::Caller;
use crate::refusals::HeldOff;
use crate::{Core, RequestId, RequiredAudit};

/// When a message began, by the clock that tells the time and by the one that never goes back. All later times of the
/// message are told from there, so that the first clock is read once.
#[derive(Clone, Copy)]
pub(crate) struct Began {
    millis: i64,
    at: Instant,
}

impl Began {
    /// A message begins now.
    pub(crate) fn now(engine: &Core) -> Self {
        Self { millis: engine.options.clock.now_millis(), at: Instant::now() }
    }

    /// The time of the message in seconds.
    pub(crate) fn time(self) -> DateTime {
        DateTime(self.millis.div_euclid(1000))
    }

    /// Milliseconds since 1970 at a later moment.
    fn millis_at(self, moment: Instant) -> i64 {
        let since = moment.saturating_duration_since(self.at).as_millis();
        self.millis.saturating_add(i64::try_from(since).unwrap_or(i64::MAX))
    }
}

/// Intents of one message that wait together: few enough to leave room in the queues of sinks to others.
const INTENTS_AT_ONCE: usize = 256;

/// One item from its start.
#[derive(Clone)]
pub(crate) struct Account {
    number: usize,
    operation: OperationCode,
    started: Instant,
    /// The objects that were admitted or made, and the one that was refused or is not there.
    pub(crate) objects: Vec<ObjectId>,
    /// What was done to rights on them.
    pub(crate) rights: Option<Box<RightsChange>>,
    /// What its operation says of it.
    pub(crate) details: Vec<Detail>,
    /// The Asynchronous Correlation Value, if it is done later than it was asked for.
    pub(crate) asynchronous: Option<Arc<str>>,
}

impl Account {
    /// Starts the account of the item with this number, from 0.
    pub(crate) fn open(number: usize, operation: OperationCode) -> Self {
        Self::open_at(Instant::now(), number, operation)
    }

    /// The same for an item that starts when the one before it ends.
    pub(crate) fn open_at(started: Instant, number: usize, operation: OperationCode) -> Self {
        let (objects, details) = (Vec::new(), Vec::new());
        Self { number, operation, started, objects, rights: None, details, asynchronous: None }
    }

    /// Tells observer and audit sinks, and gives the time at which the item ended.
    pub(crate) fn close(self, message: &Message<'_>, failure: Option<ResultReason>) -> Instant {
        let ended = Instant::now();
        let name = self.name(message);
        if let Some(observer) = &message.engine.options.observer {
            observer.item(name.unwrap_or_default(), failure, self.micros_until(ended));
        }
        self.tell(ended, message, name, Outcome { failure, pending: false });
        ended
    }

    /// Tells audit sinks of an item that is taken to be done later. Observers are told when it is done.
    pub(crate) fn close_pending(self, message: &Message<'_>) {
        let name = self.name(message);
        self.tell(Instant::now(), message, name, Outcome { failure: None, pending: true });
    }

    fn tell(self, ended: Instant, message: &Message<'_>, name: Option<&'static str>, outcome: Outcome) {
        if message.engine.options.audit.is_empty() {
            return;
        }
        let Outcome { failure, pending } = outcome;
        let duration = self.micros_until(ended);
        message
            .records
            .add(message, AuditRecord { failure, pending, duration, ..self.record(ended, message, name) });
    }

    /// What is known of the item at a moment, but for how it ended.
    fn record(self, at: Instant, message: &Message<'_>, name: Option<&'static str>) -> AuditRecord {
        AuditRecord {
            item: u32::try_from(self.number).unwrap_or(u32::MAX),
            asynchronous: self.asynchronous,
            operation: Some(self.operation),
            operation_name: name,
            objects: self.objects,
            rights: self.rights,
            details: self.details,
            ..AuditRecord::at(message.began.millis_at(at))
        }
    }

    /// The operation's name; `None` when no plugin brings it.
    fn name(&self, message: &Message<'_>) -> Option<&'static str> {
        message.engine.registry.operation(self.operation).map(|operation| operation.name())
    }

    fn micros_until(&self, ended: Instant) -> u64 {
        u64::try_from((ended - self.started).as_micros()).unwrap_or(u64::MAX)
    }

    /// Has every audit sink keep what the item is about to do, where the operator wants nothing of the kind without.
    /// `writes` says whether it is going to write.
    ///
    /// # Errors
    /// A sink cannot: the item must not be done.
    pub(crate) async fn intend(&self, message: &Message<'_>, writes: bool) -> Result<()> {
        Self::intend_all(&[self], message, writes).await
    }

    /// The same for items that are done together: many are queued before any is waited for, so that the sinks can keep them
    /// together.
    ///
    /// # Errors
    /// A sink cannot keep one: none of them must be done.
    pub(crate) async fn intend_all(accounts: &[&Self], message: &Message<'_>, writes: bool) -> Result<()> {
        // What has ended stands before what is about to be done.
        message.records.tell(message);
        let request = of_message(message);
        for some in accounts.chunks(INTENTS_AT_ONCE) {
            let mut kept = Vec::new();
            for account in some.iter().filter(|account| account.is_required(message, writes)) {
                let intent = account.intent(message);
                kept.extend(message.engine.options.audit.iter().map(|sink| sink.intend(&request, &intent)));
            }
            for kept in kept {
                kept.await?;
            }
        }
        Ok(())
    }

    fn is_required(&self, message: &Message<'_>, writes: bool) -> bool {
        match message.engine.options.required_audit {
            RequiredAudit::Nothing => false,
            RequiredAudit::Writes => writes,
            RequiredAudit::WritesAndMaterial => writes || self.touches_material(message),
        }
    }

    fn intent(&self, message: &Message<'_>) -> AuditRecord {
        self.clone().record(Instant::now(), message, self.name(message))
    }

    fn touches_material(&self, message: &Message<'_>) -> bool {
        let operation = message.engine.registry.operation(self.operation);
        operation.is_some_and(|operation| operation.spec().material != MaterialUse::None)
    }
}

/// What became of an item.
struct Outcome {
    failure: Option<ResultReason>,
    /// It is done later.
    pending: bool,
}

/// Gives audit sinks records of a message.
pub(crate) fn record(message: &Message<'_>, records: &[AuditRecord]) {
    tell(message.engine, &of_message(message), records);
}

/// What holds for every item of a message.
fn of_message<'m>(message: &'m Message<'_>) -> AuditedRequest<'m> {
    let principal = message.principal();
    AuditedRequest {
        name: &message.request,
        request_id: message.request_id.as_deref(),
        client_correlation: message.client_correlation.as_deref(),
        store: message.engine.stores.databases().map(|_| &**message.store.namespace()),
        user: Some(&principal.user),
        proven_by: principal.proven_by.as_deref(),
        ..unnamed(&message.caller.facts)
    }
}

/// What holds for a request of this caller, of which no more is known.
fn of_caller<'c>(request: &'c RequestId, caller: &'c Caller) -> AuditedRequest<'c> {
    let principal = caller.principal.as_ref();
    AuditedRequest {
        user: principal.map(|principal| &*principal.user),
        proven_by: principal.and_then(|principal| principal.proven_by.as_deref()),
        ..of_nobody(request, &caller.facts)
    }
}

/// What holds for a request whose caller nobody accepted.
fn of_nobody<'c>(request: &'c RequestId, facts: &ConnectionFacts) -> AuditedRequest<'c> {
    AuditedRequest { name: &request.name, request_id: request.given.as_deref(), ..unnamed(facts) }
}

fn unnamed(facts: &ConnectionFacts) -> AuditedRequest<'static> {
    AuditedRequest {
        name: "",
        request_id: None,
        client_correlation: None,
        transport: facts.transport,
        peer: facts.peer.map(|peer| peer.ip()),
        store: None,
        user: None,
        proven_by: None,
    }
}

/// Tells of a message whose items did not run: it could not be read, or its header or a credential in it was wrong. The
/// user is the one that the connection proved, if any.
pub(crate) fn refused(engine: &Core, caller: &Caller, request: RequestId, error: &Error) {
    if let Some(observer) = &engine.options.observer {
        observer.item("", Some(error.reason()), 0);
    }
    let is_refused = error.reason() == ResultReason::AUTHENTICATION_NOT_SUCCESSFUL;
    if is_refused && !is_told(engine, error) {
        return;
    }
    let refusal = if is_refused { why(error) } else { None };
    let record = AuditRecord { failure: Some(error.reason()), refusal, ..now(engine) };
    tell(engine, &of_caller(&request, caller), &[record]);
}

/// Tells of a caller whom nobody accepted.
pub(crate) fn unknown(engine: &Core, request: RequestId, facts: &ConnectionFacts, error: &Error) {
    if error.is_internal() || !is_told(engine, error) {
        return;
    }
    let record = AuditRecord { failure: Some(error.reason()), refusal: why(error), ..now(engine) };
    tell(engine, &of_nobody(&request, facts), &[record]);
}

/// Tells of refused callers who had no records of their own, once their time is over, or `ends` now.
pub(crate) fn untold(engine: &Core, ends: bool) {
    let Some(repeated) = engine.refusals.untold(engine.options.clock.now_millis(), ends) else { return };
    let request = RequestId { name: engine.requests.next(), given: None };
    let failure = Some(ResultReason::AUTHENTICATION_NOT_SUCCESSFUL);
    let refusal = Some("callers who were refused and have no records of their own".into());
    let record = AuditRecord { failure, refusal, repeated, ..now(engine) };
    tell(engine, &of_nobody(&request, &ConnectionFacts::internal()), &[record]);
}

/// Whether one more refused caller gets a record of its own; a flood of them must not fill the log.
fn is_told(engine: &Core, error: &Error) -> bool {
    untold(engine, false);
    engine.refusals.is_told(HeldOff::of(error).is_none(), engine.options.clock.now_millis())
}

/// Why a caller is refused, as the log has it.
fn why(error: &Error) -> Option<Arc<str>> {
    let cause = std::error::Error::source(error)?.to_string();
    Some(for_log(&cause).into())
}

/// What logs keep of a text that may be a client's, or have one in it: its first 256 letters.
pub(crate) fn for_log(text: &str) -> &str {
    let end = text.char_indices().nth(256).map_or(text.len(), |(end, _)| end);
    text.get(..end).unwrap_or(text)
}

/// Adds a fact to those of an item. Texts of one name are joined, since a record has each name once: of Bulk Data each piece may
/// say the same. There is an end to what one record takes.
pub(crate) fn add_detail(details: &mut Vec<Detail>, mut detail: Detail) {
    const NAMES: usize = 16;
    const NAME_LETTERS: usize = 64;
    const BYTES: usize = 1024;
    let end = detail.name.char_indices().nth(NAME_LETTERS).map(|(end, _)| end);
    if let Some(name) = end.and_then(|end| detail.name.get(..end)) {
        detail.name = name.to_owned().into();
    }
    let Some(known) = details.iter_mut().find(|known| known.name == detail.name) else {
        if details.len() < NAMES {
            details.push(detail);
        }
        return;
    };
    let is_said = known.text.split(", ").any(|text| text == detail.text);
    if !is_said && known.text.len() + ", ".len() + detail.text.len() <= BYTES {
        known.text.push_str(", ");
        known.text.push_str(&detail.text);
    }
}

/// Has every audit sink keep that a database is about to be made, where the operator wants no change without.
///
/// # Errors
/// A sink cannot.
pub(crate) async fn intend_new_database(engine: &Core, caller: &Caller) -> Result<()> {
    intend_named(engine, caller, NEW_DATABASE, Vec::new()).await
}

/// Tells of a database that a caller made, or did not get.
pub(crate) fn new_database(engine: &Core, caller: &Caller, failure: Option<ResultReason>) {
    named(engine, caller, NEW_DATABASE, Vec::new(), failure);
}

const NEW_DATABASE: &str = "NewDatabase";

/// Has every audit sink keep what a caller is about to do that is no operation, where the operator wants nothing of the kind
/// without.
///
/// # Errors
/// A sink cannot.
pub(crate) async fn intend_named(
    engine: &Core,
    caller: &Caller,
    name: &'static str,
    details: Vec<Detail>,
) -> Result<()> {
    if engine.options.required_audit != RequiredAudit::Nothing {
        let (request, record) = (engine.request_of(caller), by_name(engine, name, details));
        for sink in &engine.options.audit {
            sink.intend(&of_caller(&request, caller), &record).await?;
        }
    }
    Ok(())
}

/// Tells of something that a caller did, or was refused, that is no operation.
pub(crate) fn named(
    engine: &Core,
    caller: &Caller,
    name: &'static str,
    details: Vec<Detail>,
    failure: Option<ResultReason>,
) {
    let record = AuditRecord { failure, ..by_name(engine, name, details) };
    tell(engine, &of_caller(&engine.request_of(caller), caller), &[record]);
}

fn by_name(engine: &Core, name: &'static str, all: Vec<Detail>) -> AuditRecord {
    let mut details = Vec::new();
    for mut detail in all {
        detail.text.truncate(for_log(&detail.text).len());
        add_detail(&mut details, detail);
    }
    AuditRecord { operation_name: Some(name), details, ..now(engine) }
}

/// A record of what is told of at once.
fn now(engine: &Core) -> AuditRecord {
    AuditRecord::at(engine.options.clock.now_millis())
}

fn tell(engine: &Core, request: &AuditedRequest<'_>, records: &[AuditRecord]) {
    for sink in &engine.options.audit {
        sink.record(request, records);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(facts: impl IntoIterator<Item = (String, String)>) -> Vec<(String, String)> {
        let mut details = Vec::new();
        for (name, text) in facts {
            add_detail(&mut details, Detail { name: name.into(), text });
        }
        details.into_iter().map(|detail| (detail.name.into(), detail.text)).collect()
    }

    #[test]
    fn each_name_is_in_a_record_once_with_all_that_was_said_of_it() {
        let fact = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let facts = [fact("id", "1"), fact("by", "x"), fact("id", "2"), fact("id", "1")];
        assert_eq!(added(facts), [fact("id", "1, 2"), fact("by", "x")]);
    }

    #[test]
    fn there_is_an_end_to_what_facts_take_of_a_record() {
        assert_eq!(added((0..100).map(|n| (n.to_string(), String::new()))).len(), 16);
        let [(name, text)] = &added((0..1000).map(|n| ("é".repeat(100), format!("{n:03}"))))[..] else {
            panic!("one name")
        };
        assert_eq!(*name, "é".repeat(64));
        assert!(text.ends_with(", 204") && text.len() == 1023, "{text}");
    }
}
