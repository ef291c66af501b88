//! The pace of a message with many items: it lets others have their turn, and comes to an end in time.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};

/// How long a message goes on without letting other requests on the same thread have their turn.
const TURN: Duration = Duration::from_micros(100);

/// How long a message has taken: all its attempts together, and all pieces of bulk data.
pub(crate) struct Pace {
    begun: Instant,
    longest: Duration,
    /// When it let others have their turn, in microseconds since it began.
    turn: AtomicU64,
    /// Whether it does just now.
    gives_way: AtomicBool,
}

impl Pace {
    /// Of a message that begins, and may take so long.
    pub(crate) fn new(longest: Duration) -> Self {
        Self { begun: Instant::now(), longest, turn: AtomicU64::new(0), gives_way: AtomicBool::new(false) }
    }

    /// Between two items, or two pieces of one.
    ///
    /// # Errors
    /// Server Limit Exceeded: the time is over.
    pub(crate) async fn pause(&self) -> Result<()> {
        self.pause_at(Instant::now()).await
    }

    /// The same for who has just looked at the clock.
    ///
    /// # Errors
    /// As [`Pace::pause`].
    pub(crate) async fn pause_at(&self, now: Instant) -> Result<()> {
        let taken = now.saturating_duration_since(self.begun);
        if taken > self.longest {
            return Err(Error::new(
                ResultReason::SERVER_LIMIT_EXCEEDED,
                ErrorClass::Request,
                format!("a message has {} seconds on this server, and they are over", self.longest.as_secs()),
            ));
        }
        if taken.saturating_sub(Duration::from_micros(self.turn.load(Relaxed))) > TURN {
            self.gives_way.store(true, Relaxed);
            tokio::task::yield_now().await;
            self.gives_way.store(false, Relaxed);
            let now = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.turn.store(now, Relaxed);
        }
        Ok(())
    }

    /// Whether the message lets others have their turn, and waits for nothing.
    pub(crate) fn gives_way(&self) -> bool {
        self.gives_way.load(Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn others_have_their_turn_between_items() {
        let turns = Arc::new(AtomicU32::new(0));
        let other = turns.clone();
        let task = tokio::spawn(async move {
            loop {
                other.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
            }
        });
        let pace = Pace::new(Duration::from_secs(60));
        for _ in 0..5 {
            std::thread::sleep(2 * TURN);
            pace.pause().await.unwrap();
        }
        task.abort();
        assert!(turns.load(Ordering::SeqCst) >= 4);
    }

    #[tokio::test]
    async fn a_message_has_its_time_and_no_more() {
        let pace = Pace::new(Duration::from_millis(5));
        assert!(pace.pause().await.is_ok());
        std::thread::sleep(Duration::from_millis(6));
        assert_eq!(pace.pause().await.unwrap_err().reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
    }

    #[tokio::test]
    async fn the_time_of_who_looked_at_the_clock_is_taken() {
        let begun = Instant::now();
        let pace = Pace::new(Duration::from_secs(60));
        assert!(pace.pause_at(begun).await.is_ok(), "it may be a little before the message began");
        let late = pace.pause_at(begun + Duration::from_secs(61)).await;
        assert_eq!(late.unwrap_err().reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
    }
}
