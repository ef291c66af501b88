//! How the server is: `/health/live`, `/health/ready`, `/metrics`.

use std::time::Duration;

use http::StatusCode;

use super::Http;
use super::answer::{Answer, JSON, ok, with_status};

const UP: &str = "{\"status\":\"UP\"}";
const DOWN: &str = "{\"status\":\"DOWN\"}";

/// The process answers.
pub(super) fn live() -> Answer {
    ok(JSON, UP)
}

/// The storage answers soon, too; otherwise 503.
pub(super) async fn ready(http: &Http) -> Answer {
    match tokio::time::timeout(PATIENCE, http.engine.health()).await {
        Ok(Ok(())) => return ok(JSON, UP),
        Ok(Err(error)) => tracing::warn!(?error, "the storage does not answer"),
        Err(_) => tracing::warn!("the storage does not answer in time"),
    }
    with_status(StatusCode::SERVICE_UNAVAILABLE, JSON, DOWN)
}

/// Whoever asks does not wait for long, and takes no answer for a bad one.
const PATIENCE: Duration = Duration::from_secs(5);

/// All figures, for Prometheus.
pub(super) fn metrics(http: &Http) -> Answer {
    let dropped = http.audit.as_ref().map_or(0, |audit| audit.dropped());
    let mut text = http.metrics.text(dropped);
    http.room.write_figures(&mut text);
    ok("text/plain; version=0.0.4; charset=utf-8", text)
}
