//! A clock that stands still until a test moves it.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::clock::Clock;

/// A clock that shows what the test says. Share it with an `Arc`.
#[derive(Debug)]
pub struct FakeClock {
    millis: AtomicI64,
}

impl FakeClock {
    /// A clock that shows this many seconds since 1970-01-01 UTC.
    pub fn at(seconds: i64) -> Self {
        Self { millis: AtomicI64::new(seconds * 1000) }
    }

    /// Moves the clock forwards, or backwards with a negative number, by seconds.
    pub fn advance(&self, seconds: i64) {
        self.millis.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    /// Sets the clock to this many seconds since 1970-01-01 UTC.
    pub fn set(&self, seconds: i64) {
        self.millis.store(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now_millis(&self) -> i64 {
        self.millis.load(Ordering::SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_shows_what_it_was_told() {
        let clock = FakeClock::at(100);
        assert_eq!(clock.now_millis(), 100_000);
        clock.advance(5);
        assert_eq!(clock.now_millis(), 105_000);
        clock.set(7);
        assert_eq!(clock.now_millis(), 7_000);
    }
}
