//! How the server is: `/health/live`, `/health/ready`, `/metrics`.

use std::time::Duration;

use claviger_engine::Engine;
use http::StatusCode;
use tokio::sync::Mutex;
use tokio::time::Instant;

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
    match http.readiness.of(|| answers_soon(&http.engine)).await {
        true => ok(JSON, UP),
        false => with_status(StatusCode::SERVICE_UNAVAILABLE, JSON, DOWN),
    }
}

async fn answers_soon(engine: &Engine) -> bool {
    match tokio::time::timeout(PATIENCE, engine.health()).await {
        Ok(Ok(())) => return true,
        Ok(Err(error)) => tracing::warn!(?error, "the storage does not answer"),
        Err(_) => tracing::warn!("the storage does not answer in time"),
    }
    false
}

/// Whoever asks does not wait for long, and takes no answer for a bad one.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long what the storage said holds: anybody may ask for it, as often as he likes.
const HOLDS: Duration = Duration::from_secs(1);

/// Whether the storage answers, as it did a moment ago.
#[derive(Default)]
pub(crate) struct Readiness(Mutex<Option<(Instant, bool)>>);

impl Readiness {
    /// What the storage said within the last second, or says now. Those who ask at the same time ask once together.
    async fn of<F: Future<Output = bool>>(&self, ask: impl FnOnce() -> F) -> bool {
        let mut last = self.0.lock().await;
        if let Some((when, is_ready)) = *last
            && when.elapsed() < HOLDS
        {
            return is_ready;
        }
        let is_ready = ask().await;
        *last = Some((Instant::now(), is_ready));
        is_ready
    }
}

/// All figures, for Prometheus.
pub(super) fn metrics(http: &Http) -> Answer {
    let mut text = http.metrics.text(http.audit.dropped());
    http.room.write_figures(&mut text);
    ok("text/plain; version=0.0.4; charset=utf-8", text)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_storage_is_asked_once_a_second_however_many_ask() {
        let (readiness, asked) = (Readiness::default(), AtomicU32::new(0));
        let ask = |is_ready| {
            readiness.of(move || async move {
                tokio::time::sleep(Duration::from_millis(10)).await;
                is_ready
            })
        };
        let counted = async |is_ready| {
            let before = Instant::now();
            let answer = ask(is_ready).await;
            if before.elapsed() > Duration::ZERO {
                asked.fetch_add(1, Ordering::SeqCst);
            }
            answer
        };
        assert!(counted(true).await);
        assert!(counted(false).await, "it holds");
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        tokio::time::advance(HOLDS).await;
        assert!(!counted(false).await);
        assert!(!counted(true).await, "a bad answer holds as long");
        tokio::time::advance(HOLDS).await;
        assert!(counted(true).await);
        assert_eq!(asked.load(Ordering::SeqCst), 3);
    }
}
