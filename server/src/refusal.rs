//! Callers that nobody knows.

use std::sync::atomic::Ordering::Relaxed;

use claviger_engine::SystemClock;
use claviger_plugin_sdk::Error;
use claviger_plugin_sdk::audit::{AuditRecord, AuditSink};
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::clock::Clock as _;

use crate::metrics::Metrics;

/// Counts a request whose caller was not accepted, and writes it into the log and the audit file. Why is for the log
/// alone.
pub(crate) fn note(facts: &ConnectionFacts, error: &Error, metrics: &Metrics, audit: Option<&dyn AuditSink>) {
    metrics.refused.fetch_add(1, Relaxed);
    tracing::info!(peer = ?facts.peer, ?error, "caller refused");
    if let Some(audit) = audit {
        audit.record(AuditRecord {
            time: SystemClock.now_millis(),
            request: 0,
            item: 0,
            transport: facts.transport,
            user: None,
            proven_by: None,
            operation: None,
            operation_name: None,
            objects: Vec::new(),
            failure: Some(error.reason()),
            duration: 0,
        });
    }
}
