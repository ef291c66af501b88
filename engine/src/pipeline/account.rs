//! What audit and metrics are told: of an item once, when its outcome is known, and of a message that is refused as a
//! whole.

use std::time::Instant;

use claviger_kmip::field::DateTime;
use claviger_kmip::tables::enumerations::{OperationCode, ResultReason};
use claviger_plugin_sdk::audit::AuditRecord;
use claviger_plugin_sdk::authentication::{ConnectionFacts, Transport};
use claviger_plugin_sdk::error::{Error, ErrorClass};
use claviger_plugin_sdk::record::ObjectId;

use super::message::Message;
use crate::caller::Caller;
use crate::{Core, RequestId};

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

/// One item from its start.
pub(crate) struct Account {
    number: usize,
    operation: OperationCode,
    started: Instant,
    /// The objects that were admitted or made, and the one that was refused or is not there.
    pub(crate) objects: Vec<ObjectId>,
}

impl Account {
    /// Starts the account of the item with this number, from 0.
    pub(crate) fn open(number: usize, operation: OperationCode) -> Self {
        Self::open_at(Instant::now(), number, operation)
    }

    /// The same for an item that starts when the one before it ends.
    pub(crate) fn open_at(started: Instant, number: usize, operation: OperationCode) -> Self {
        Self { number, operation, started, objects: Vec::new() }
    }

    /// Tells observer and audit sinks, and gives the time at which the item ended.
    pub(crate) fn close(self, message: &Message<'_>, failure: Option<ResultReason>) -> Instant {
        let ended = Instant::now();
        self.close_at(ended, message, failure);
        ended
    }

    fn close_at(self, ended: Instant, message: &Message<'_>, failure: Option<ResultReason>) {
        let options = &message.engine.options;
        let micros = u64::try_from((ended - self.started).as_micros()).unwrap_or(u64::MAX);
        let name = message.engine.registry.operation(self.operation).map(|operation| operation.name());
        if let Some(observer) = &options.observer {
            observer.item(name.unwrap_or_default(), failure, micros);
        }
        if options.audit.is_empty() {
            return;
        }
        let principal = message.principal();
        let request = RequestId { name: message.request.clone(), given: message.request_id.clone() };
        let nothing = AuditRecord {
            time: message.began.millis_at(ended),
            ..nothing(request, message.caller.facts.transport)
        };
        record(
            message.engine,
            AuditRecord {
                client_correlation: message.client_correlation.clone(),
                store: message.engine.stores.databases().map(|_| message.store.namespace().clone()),
                item: u32::try_from(self.number).unwrap_or(u32::MAX),
                user: Some(principal.user.clone()),
                proven_by: principal.proven_by.clone(),
                operation: Some(self.operation),
                operation_name: name,
                objects: self.objects,
                failure,
                duration: micros,
                ..nothing
            },
        );
    }
}

/// Tells of a message whose items did not run: it could not be read, or its header or a credential in it was wrong. The
/// user is the one that the connection proved, if any.
pub(crate) fn refused(engine: &Core, caller: &Caller, request: RequestId, error: &Error) {
    if let Some(observer) = &engine.options.observer {
        observer.item("", Some(error.reason()), 0);
    }
    let nothing = now(engine, request, caller.facts.transport);
    record(
        engine,
        AuditRecord {
            user: caller.principal.as_ref().map(|principal| principal.user.clone()),
            proven_by: caller.principal.as_ref().and_then(|principal| principal.proven_by.clone()),
            failure: Some(error.reason()),
            ..nothing
        },
    );
}

/// Tells of a caller whom nobody accepted.
pub(crate) fn unknown(engine: &Core, request: RequestId, facts: &ConnectionFacts, error: &Error) {
    if error.class() == ErrorClass::Server {
        return;
    }
    let nothing = now(engine, request, facts.transport);
    record(engine, AuditRecord { failure: Some(error.reason()), ..nothing });
}

/// Tells of a database that a caller made, or did not get.
pub(crate) fn new_database(engine: &Core, caller: &Caller, failure: Option<ResultReason>) {
    let nothing = now(engine, engine.request_of(caller), caller.facts.transport);
    record(
        engine,
        AuditRecord {
            user: caller.principal.as_ref().map(|principal| principal.user.clone()),
            proven_by: caller.principal.as_ref().and_then(|principal| principal.proven_by.clone()),
            operation_name: Some("NewDatabase"),
            failure,
            ..nothing
        },
    );
}

/// What is known of a request that is told of at once.
fn now(engine: &Core, request: RequestId, transport: Transport) -> AuditRecord {
    AuditRecord { time: engine.options.clock.now_millis(), ..nothing(request, transport) }
}

/// What is known of every request, but for its time.
fn nothing(request: RequestId, transport: Transport) -> AuditRecord {
    AuditRecord {
        time: 0,
        request: request.name,
        request_id: request.given,
        client_correlation: None,
        item: 0,
        transport,
        store: None,
        user: None,
        proven_by: None,
        operation: None,
        operation_name: None,
        objects: Vec::new(),
        failure: None,
        duration: 0,
    }
}

fn record(engine: &Core, record: AuditRecord) {
    let Some((last, others)) = engine.options.audit.split_last() else { return };
    for sink in others {
        sink.record(record.clone());
    }
    last.record(record);
}
