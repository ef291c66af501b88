//! Failed attempts: after some, the next ones for the same name have to wait.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

/// Failures in a row that cost nothing: people mistype.
const FREE: u32 = 5;
/// The longest that a name has to wait, in milliseconds.
const LONGEST: i64 = 60_000;
/// After so many milliseconds without another, failures are forgotten.
const FORGOTTEN: i64 = 15 * 60_000;
/// Places where failures are counted. Names that share one wait for each other; a stranger, who can make up any number of
/// names, neither fills the memory with them nor has the failures of others forgotten.
const PLACES: usize = 1 << 16;

/// What an attempt shows.
#[derive(Clone, Copy, Hash)]
pub(crate) enum Kind {
    /// The password of a user.
    Password,
    /// The password of a device.
    Device,
    /// A one-time password without another one.
    OneTimePasswordAlone,
    /// A one-time password beside another one.
    OneTimePassword,
    /// A hashed password.
    HashedPassword,
}

/// The failures of each name with each kind of credential, in a table of fixed size.
pub(crate) struct Attempts {
    places: Mutex<Vec<Failures>>,
    /// Keyed, so that nobody can choose a name that shares the place of another.
    place_of: RandomState,
}

#[derive(Clone, Copy, Default)]
struct Failures {
    count: u32,
    last: i64,
}

impl Attempts {
    /// Nobody has failed.
    pub(crate) fn new() -> Self {
        Self { places: Mutex::new(vec![Failures::default(); PLACES]), place_of: RandomState::new() }
    }

    /// Whether a name has to wait, at a time in milliseconds.
    pub(crate) fn must_wait(&self, kind: Kind, name: &str, now: i64) -> bool {
        self.with(kind, name, |failures| failures.must_wait(now))
    }

    /// Counts a failure.
    pub(crate) fn fail(&self, kind: Kind, name: &str, now: i64) {
        self.with(kind, name, |failures| {
            let count = if failures.are_remembered(now) { failures.count } else { 0 };
            *failures = Failures { count: count.saturating_add(1), last: now };
        });
    }

    /// Forgets the failures of a name, which has succeeded.
    pub(crate) fn succeed(&self, kind: Kind, name: &str) {
        self.with(kind, name, |failures| *failures = Failures::default());
    }

    /// A panic while the lock is held cannot leave a place half changed.
    fn with<T: Default>(&self, kind: Kind, name: &str, work: impl FnOnce(&mut Failures) -> T) -> T {
        let place = self.place_of.hash_one((kind, name)) % PLACES as u64;
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        // There is such a place.
        usize::try_from(place).ok().and_then(|place| places.get_mut(place)).map(work).unwrap_or_default()
    }
}

impl Failures {
    fn must_wait(self, now: i64) -> bool {
        self.are_remembered(now) && now < self.last.saturating_add(self.pause())
    }

    /// A clock that was set back must not keep a name waiting.
    fn are_remembered(self, now: i64) -> bool {
        self.count > 0 && (self.last..self.last.saturating_add(FORGOTTEN)).contains(&now)
    }

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
            attempts.fail(Kind::Password, "ann", 0);
            assert!(!attempts.must_wait(Kind::Password, "ann", 0));
        }
        for (now, pause) in [(0, 1_000), (1_000, 2_000), (3_000, 4_000)] {
            attempts.fail(Kind::Password, "ann", now);
            assert!(attempts.must_wait(Kind::Password, "ann", now + pause - 1));
            assert!(!attempts.must_wait(Kind::Password, "ann", now + pause));
        }
        for _ in 0..40 {
            attempts.fail(Kind::Password, "ann", 10_000);
        }
        assert!(attempts.must_wait(Kind::Password, "ann", 10_000 + LONGEST - 1));
        assert!(!attempts.must_wait(Kind::Password, "ann", 10_000 + LONGEST));
        assert!(!attempts.must_wait(Kind::Password, "bob", 10_000));
        assert!(!attempts.must_wait(Kind::OneTimePassword, "ann", 10_000));
        attempts.succeed(Kind::Password, "ann");
        assert!(!attempts.must_wait(Kind::Password, "ann", 10_000));
    }

    #[test]
    fn old_failures_are_forgotten_and_so_are_those_of_the_future() {
        let attempts = Attempts::new();
        for _ in 0..10 {
            attempts.fail(Kind::Password, "ann", 1_000);
        }
        assert!(attempts.must_wait(Kind::Password, "ann", 1_000));
        assert!(!attempts.must_wait(Kind::Password, "ann", 999));
        attempts.fail(Kind::Password, "ann", 1_000 + FORGOTTEN);
        assert!(!attempts.must_wait(Kind::Password, "ann", 1_000 + FORGOTTEN));
    }

    #[test]
    fn names_that_are_made_up_do_not_have_failures_forgotten() {
        let attempts = Attempts::new();
        for _ in 0..10 {
            attempts.fail(Kind::Password, "ann", 0);
        }
        for made_up in 0..20_000 {
            attempts.fail(Kind::Device, &made_up.to_string(), 0);
        }
        assert!(attempts.must_wait(Kind::Password, "ann", 0));
    }
}
