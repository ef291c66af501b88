//! Failed attempts: after some, the next ones for the same name have to wait.

use std::sync::{Mutex, PoisonError};

use crate::bounded::Bounded;

/// Failures in a row that cost nothing: people mistype.
const FREE: u32 = 5;
/// The longest that a name has to wait, in milliseconds.
const LONGEST: i64 = 60_000;
/// After so many milliseconds without another, failures are forgotten.
const FORGOTTEN: i64 = 15 * 60_000;
/// Names that are counted; strangers can make up any number.
const NAMES: usize = 10_000;

/// The failures of each name.
pub(crate) struct Attempts(Mutex<Bounded<String, Failures>>);

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    last: i64,
}

impl Attempts {
    /// Nobody has failed.
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Bounded::new(NAMES)))
    }

    /// Whether a name has to wait, at a time in milliseconds.
    pub(crate) fn must_wait(&self, name: &str, now: i64) -> bool {
        self.failures(name, now).is_some_and(|failures| now < failures.last.saturating_add(failures.pause()))
    }

    /// Counts a failure.
    pub(crate) fn fail(&self, name: &str, now: i64) {
        let count = self.failures(name, now).map_or(0, |failures| failures.count).saturating_add(1);
        self.with(|names| names.insert(name.to_owned(), Failures { count, last: now }));
    }

    /// Forgets the failures of a name, which has succeeded.
    pub(crate) fn succeed(&self, name: &str) {
        self.with(|names| names.remove(&name.to_owned()));
    }

    /// A clock that was set back must not keep a name waiting.
    fn failures(&self, name: &str, now: i64) -> Option<Failures> {
        let failures = self.with(|names| names.get(&name.to_owned()).copied())?;
        (failures.last..failures.last.saturating_add(FORGOTTEN)).contains(&now).then_some(failures)
    }

    /// A panic while the lock is held cannot leave the map half changed in a way that matters.
    fn with<T>(&self, work: impl FnOnce(&mut Bounded<String, Failures>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Failures {
    fn pause(self) -> i64 {
        match self.count.checked_sub(FREE) {
            None => 0,
            Some(beyond) => (1_000_i64 << beyond.min(10)).min(LONGEST),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_with_each_failure_and_ends_with_success() {
        let attempts = Attempts::new();
        for _ in 0..4 {
            attempts.fail("ann", 0);
            assert!(!attempts.must_wait("ann", 0));
        }
        for (now, pause) in [(0, 1_000), (1_000, 2_000), (3_000, 4_000)] {
            attempts.fail("ann", now);
            assert!(attempts.must_wait("ann", now + pause - 1));
            assert!(!attempts.must_wait("ann", now + pause));
        }
        for _ in 0..40 {
            attempts.fail("ann", 10_000);
        }
        assert!(attempts.must_wait("ann", 10_000 + LONGEST - 1));
        assert!(!attempts.must_wait("ann", 10_000 + LONGEST));
        assert!(!attempts.must_wait("bob", 10_000));
        attempts.succeed("ann");
        assert!(!attempts.must_wait("ann", 10_000));
    }

    #[test]
    fn old_failures_are_forgotten_and_so_are_those_of_the_future() {
        let attempts = Attempts::new();
        for _ in 0..10 {
            attempts.fail("ann", 1_000);
        }
        assert!(attempts.must_wait("ann", 1_000));
        assert!(!attempts.must_wait("ann", 999));
        attempts.fail("ann", 1_000 + FORGOTTEN);
        assert!(!attempts.must_wait("ann", 1_000 + FORGOTTEN));
    }
}
