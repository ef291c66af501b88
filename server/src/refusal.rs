//! Callers that nobody knows, and requests for which there is no room.

use std::sync::atomic::Ordering::Relaxed;

use claviger_engine::RequestId;
use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::{Error, ErrorClass};

use crate::metrics::Metrics;
use crate::shares::Busy;

/// Counts a request whose caller was not accepted, and writes it into the log. Why is for the log alone.
pub(crate) fn note(request: &RequestId, facts: &ConnectionFacts, error: &Error, metrics: &Metrics) {
    metrics.refused.fetch_add(1, Relaxed);
    tracing::info!(request = %request.name, given = request.given.as_deref(), peer = ?facts.peer, ?error, "caller refused");
}

/// The error for a message for which there is no room now.
pub(crate) fn busy(busy: Busy) -> Error {
    Error::new(ResultReason::SERVER_LIMIT_EXCEEDED, ErrorClass::Unsupported, busy.text())
}
