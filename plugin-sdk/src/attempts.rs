//! Failed attempts: after some, the next ones of the same name or address have to wait.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Sets of places where failures are counted; a key has the places of one set.
const SETS: usize = 1 << 13;
/// Places of a set. A stranger, who can make up any number of keys, fills the memory with none of them. Where more keys fail
/// than there are places, those are forgotten first that have failed least: so nobody waits for what others did, and who has
/// to wait is not let go for it either.
const PLACES: usize = 8;

/// What failures cost. Times are in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// So many attempts may fail before the next one has to wait.
    pub free: u32,
    /// The pause after the last of these; it doubles with each that fails then.
    pub first_pause: i64,
    /// The longest pause.
    pub longest_pause: i64,
    /// After so long without another, all are forgotten.
    pub forgotten: i64,
    /// After so long, one of them is forgotten; `None` if they are forgotten together alone.
    pub one_forgotten: Option<i64>,
}

/// The failures of each key, in a table of fixed size.
pub struct Attempts {
    patience: Patience,
    sets: Vec<Mutex<[Failures; PLACES]>>,
    /// Keyed, so that nobody can choose a name that shares the set or the mark of another.
    hash: RandomState,
}

#[derive(Clone, Copy, Default)]
struct Failures {
    /// Which key of its set has the place; 0 if none has it.
    mark: u32,
    count: u32,
    last: i64,
}

impl Attempts {
    /// Nobody has failed.
    pub fn new(patience: Patience) -> Self {
        let sets = (0..SETS).map(|_| Mutex::default()).collect();
        Self { patience, sets, hash: RandomState::new() }
    }

    /// How long a key has to wait from this time on, in milliseconds since 1970; `None` if it does not.
    pub fn wait(&self, key: impl Hash, now: i64) -> Option<Duration> {
        let left = self.with(key, |places, mark| {
            places.iter().find(|place| place.mark == mark).map(|failures| failures.wait(&self.patience, now))
        });
        u64::try_from(left??).ok().filter(|left| *left > 0).map(Duration::from_millis)
    }

    /// Counts a failure.
    pub fn fail(&self, key: impl Hash, now: i64) {
        self.with(key, |places, mark| {
            let own = places.iter().position(|place| place.mark == mark);
            let least = || {
                let counts = places.iter().enumerate();
                let least = counts.min_by_key(|(_, place)| (place.count(&self.patience, now), place.last));
                least.map(|(place, _)| place)
            };
            let is_own = own.is_some();
            if let Some(place) = own.or_else(least).and_then(|place| places.get_mut(place)) {
                let count = if is_own { place.count(&self.patience, now) } else { 0 };
                *place = Failures { mark, count: count.saturating_add(1), last: now };
            }
        });
    }

    /// Forgets the failures of a key, which has succeeded.
    pub fn succeed(&self, key: impl Hash) {
        self.with(key, |places, mark| {
            if let Some(own) = places.iter_mut().find(|place| place.mark == mark) {
                *own = Failures::default();
            }
        });
    }

    /// Works on the places of a key, which has those with its mark.
    fn with<T>(&self, key: impl Hash, work: impl FnOnce(&mut [Failures; PLACES], u32) -> T) -> Option<T> {
        let hash = self.hash.hash_one(key);
        let mark = u32::try_from(hash >> 32).unwrap_or_default().max(1);
        let set = usize::try_from(hash % SETS as u64).ok().and_then(|set| self.sets.get(set))?;
        // A panic while the lock is held cannot leave a place half changed.
        Some(work(&mut set.lock().unwrap_or_else(PoisonError::into_inner), mark))
    }
}

impl Failures {
    /// The milliseconds that are left of the pause.
    fn wait(self, patience: &Patience, now: i64) -> i64 {
        match self.is_remembered(patience, now) {
            true => self.last.saturating_add(self.pause(patience)).saturating_sub(now).max(0),
            false => 0,
        }
    }

    /// A clock that was set back must not keep anybody waiting.
    fn is_remembered(self, patience: &Patience, now: i64) -> bool {
        self.count > 0 && (self.last..self.last.saturating_add(patience.forgotten)).contains(&now)
    }

    /// Those that still count.
    fn count(self, patience: &Patience, now: i64) -> u32 {
        if !self.is_remembered(patience, now) {
            return 0;
        }
        let gone = patience.one_forgotten.map_or(0, |each| (now - self.last) / each.max(1));
        self.count.saturating_sub(u32::try_from(gone).unwrap_or(u32::MAX))
    }

    fn pause(self, patience: &Patience) -> i64 {
        match self.count.checked_sub(patience.free) {
            None => 0,
            Some(beyond) => {
                patience.first_pause.saturating_mul(1 << beyond.min(20)).min(patience.longest_pause)
            }
        }
    }
}

/// What stands for a machine: its address, or in IPv6 the network of 64 bits, of which it has all addresses.
pub fn machine(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from(network))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORGOTTEN: i64 = 900_000;
    const OF_NAMES: Patience = Patience {
        free: 5,
        first_pause: 1_000,
        longest_pause: 60_000,
        forgotten: FORGOTTEN,
        one_forgotten: None,
    };

    fn attempts() -> Attempts {
        Attempts::new(OF_NAMES)
    }

    fn after(milliseconds: u64) -> Option<Duration> {
        Some(Duration::from_millis(milliseconds))
    }

    #[test]
    fn the_pause_grows_with_each_failure_and_ends_with_success() {
        let attempts = attempts();
        for _ in 0..4 {
            attempts.fail("ann", 0);
            assert_eq!(attempts.wait("ann", 0), None);
        }
        for (now, pause) in [(0, 1_000), (1_000, 2_000), (3_000, 4_000)] {
            attempts.fail("ann", now);
            assert_eq!(attempts.wait("ann", now + pause - 1), after(1));
            assert_eq!(attempts.wait("ann", now + pause), None);
        }
        for _ in 0..40 {
            attempts.fail("ann", 10_000);
        }
        assert_eq!(attempts.wait("ann", 10_000), after(60_000));
        assert_eq!(attempts.wait("bob", 10_000), None);
        attempts.succeed("ann");
        assert_eq!(attempts.wait("ann", 10_000), None);
    }

    #[test]
    fn old_failures_are_forgotten_and_so_are_those_of_the_future() {
        let attempts = attempts();
        for _ in 0..10 {
            attempts.fail("ann", 1_000);
        }
        assert!(attempts.wait("ann", 1_000).is_some());
        assert_eq!(attempts.wait("ann", 999), None);
        attempts.fail("ann", 1_000 + FORGOTTEN);
        assert_eq!(attempts.wait("ann", 1_000 + FORGOTTEN), None);
    }

    #[test]
    fn keys_that_are_made_up_do_not_have_failures_forgotten() {
        let attempts = attempts();
        for _ in 0..10 {
            attempts.fail("ann", 0);
        }
        for made_up in 0..20_000 {
            attempts.fail(("device", made_up), 0);
        }
        assert!(attempts.wait("ann", 0).is_some());
    }

    #[test]
    fn whoever_has_not_failed_does_not_wait_for_all_who_have() {
        let attempts = attempts();
        for made_up in 0..SETS * PLACES {
            for _ in 0..5 {
                attempts.fail(made_up, 0);
            }
        }
        let waiting = (0..1_000).filter(|name| attempts.wait(("user", name), 0).is_some()).count();
        assert_eq!(waiting, 0);
        // Nor is what they did undone by the success of others.
        let held = |made_up: &usize| attempts.wait(*made_up, 0).is_some();
        let before = (0..1_000).filter(held).count();
        (0..1_000).for_each(|name| attempts.succeed(("user", name)));
        assert_eq!((0..1_000).filter(held).count(), before);
    }

    #[test]
    fn failures_that_are_forgotten_one_by_one_allow_so_many_a_minute() {
        let patience = Patience { free: 20, one_forgotten: Some(3_000), ..OF_NAMES };
        let attempts = Attempts::new(patience);
        let (mut failed, mut now) = (0, 0);
        while now < 600_000 {
            if attempts.wait("proxy", now).is_none() {
                attempts.fail("proxy", now);
                failed += 1;
            }
            now += 10;
        }
        // Ten minutes of attempts without a pause: twenty at once and twenty a minute, a few fewer for the pauses.
        assert!((150..=220).contains(&failed), "{failed}");
        assert!(attempts.wait("proxy", now).is_none_or(|wait| wait < Duration::from_secs(10)));
    }

    #[test]
    fn a_machine_is_an_address_or_a_network_in_ipv6() {
        let machine = |text: &str| machine(text.parse().unwrap()).to_string();
        assert_eq!(machine("192.0.2.7"), "192.0.2.7");
        assert_eq!(machine("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(machine("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(machine("2001:db8:1:2::9"), "2001:db8:1:2::");
        assert_ne!(machine("2001:db8:1:3::9"), "2001:db8:1:2::");
    }
}
