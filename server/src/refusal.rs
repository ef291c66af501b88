//! Callers that nobody knows, and requests for which there is no room.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use claviger_engine::{HeldOff, RequestId};
use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::{Error, ErrorClass};

use crate::metrics::Metrics;
use crate::shares::Busy;

/// Counts a request whose caller was not accepted, and writes it into the log. Why is for the log alone.
pub(crate) fn note(request: &RequestId, facts: &ConnectionFacts, error: &Error, metrics: &Metrics) {
    metrics.refused.fetch_add(1, Relaxed);
    let (name, given, peer) = (&request.name, request.given.as_deref(), facts.peer);
    match HeldOff::of(error) {
        // Whoever was not even looked at must not fill the log.
        Some(_) => tracing::debug!(request = %name, given, ?peer, ?error, "caller held off"),
        None => tracing::info!(request = %name, given, ?peer, ?error, "caller refused"),
    }
}

/// The error for a message for which there is no room now.
pub(crate) fn busy(busy: Busy) -> Error {
    Error::new(ResultReason::SERVER_LIMIT_EXCEEDED, ErrorClass::Unsupported, busy.text())
}

/// Has a caller on a socket wait who has to wait, for a while: he has no header that tells him.
pub(crate) async fn delay(held_off: Option<HeldOff>) {
    if let Some(HeldOff { wait }) = held_off {
        tokio::time::sleep(wait.min(LONGEST_DELAY)).await;
    }
}

/// What is wrong with a client's certificate, if that is why a TLS handshake has failed.
pub(crate) fn of_handshake(error: &std::io::Error) -> Option<String> {
    let error = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    let is_refused =
        matches!(error, rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented);
    is_refused.then(|| format!("client certificate: {error}"))
}

/// The longest delay of an answer on a socket. A connection that is held for longer would be a burden of its own.
const LONGEST_DELAY: Duration = Duration::from_secs(2);
