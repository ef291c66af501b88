//! Callers that nobody knows.

use std::sync::atomic::Ordering::Relaxed;

use claviger_plugin_sdk::Error;
use claviger_plugin_sdk::authentication::ConnectionFacts;

use crate::metrics::Metrics;

/// Counts a request whose caller was not accepted, and writes it into the log. Why is for the log alone.
pub(crate) fn note(facts: &ConnectionFacts, error: &Error, metrics: &Metrics) {
    metrics.refused.fetch_add(1, Relaxed);
    tracing::info!(peer = ?facts.peer, ?error, "caller refused");
}
