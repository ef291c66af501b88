//! What audit and metrics are told: of an item once, when its outcome is known, and of a message that is refused as a
//! whole.

use std::time::Instant;

use claviger_kmip::tables::enumerations::{OperationCode, ResultReason};
use claviger_plugin_sdk::audit::AuditRecord;
use claviger_plugin_sdk::error::Error;
use claviger_plugin_sdk::record::ObjectId;

use super::message::Message;
use crate::Core;
use crate::caller::{Caller, next_request};

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
        Self { number, operation, started: Instant::now(), objects: Vec::new() }
    }

    /// Tells observer and audit sinks.
    pub(crate) fn close(self, message: &Message<'_>, failure: Option<ResultReason>) {
        let options = &message.engine.options;
        let micros = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        let name = message.engine.registry.operation(self.operation).map(|operation| operation.name());
        if let Some(observer) = &options.observer {
            observer.item(name.unwrap_or_default(), failure, micros);
        }
        if options.audit.is_empty() {
            return;
        }
        let principal = message.principal();
        record(
            message.engine,
            AuditRecord {
                time: options.clock.now_millis(),
                request: message.request,
                item: u32::try_from(self.number).unwrap_or(u32::MAX),
                transport: message.caller.facts.transport,
                user: Some(principal.user.clone()),
                proven_by: principal.proven_by.clone(),
                operation: Some(self.operation),
                operation_name: name,
                objects: self.objects,
                failure,
                duration: micros,
            },
        );
    }
}

/// Tells of a message whose items did not run: its header or a credential in it was wrong. The user is the one that the
/// connection proved.
pub(crate) fn refused(engine: &Core, caller: &Caller, error: &Error) {
    let options = &engine.options;
    if let Some(observer) = &options.observer {
        observer.item("", Some(error.reason()), 0);
    }
    record(
        engine,
        AuditRecord {
            time: options.clock.now_millis(),
            request: next_request(),
            item: 0,
            transport: caller.facts.transport,
            user: Some(caller.principal.user.clone()),
            proven_by: caller.principal.proven_by.clone(),
            operation: None,
            operation_name: None,
            objects: Vec::new(),
            failure: Some(error.reason()),
            duration: 0,
        },
    );
}

fn record(engine: &Core, record: AuditRecord) {
    let Some((last, others)) = engine.options.audit.split_last() else { return };
    for sink in others {
        sink.record(record.clone());
    }
    last.record(record);
}
