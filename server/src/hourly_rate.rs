//! How often somebody may do something: so many times an hour.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use claviger_plugin_sdk::clock::Clock;

/// Counts what each does. All of an hour can be done at once; from then on, each comes back when its share of the hour is
/// over.
pub(crate) struct HourlyRate<W> {
    /// The milliseconds of an hour that one takes; `None` if none are allowed.
    share: Option<i64>,
    clock: Arc<dyn Clock>,
    /// When everybody has all again, in milliseconds since 1970. Whoever has all is not in it.
    whole_at: Mutex<HashMap<W, i64>>,
}

/// Milliseconds.
const HOUR: i64 = 3_600_000;
/// Those who are remembered at a time.
const MOST: usize = 10_000;

impl<W: Eq + Hash> HourlyRate<W> {
    /// Allows so many an hour to each.
    pub(crate) fn new(per_hour: u32, clock: Arc<dyn Clock>) -> Self {
        let share = (per_hour > 0).then(|| (HOUR / i64::from(per_hour)).max(1));
        Self { share, clock, whole_at: Mutex::default() }
    }

    /// Takes one.
    ///
    /// # Errors
    /// None is left: how long until there is one, in whole seconds, at least one. `None` if there never is.
    pub(crate) fn take(&self, who: W) -> Result<(), Option<Duration>> {
        let share = self.share.ok_or(None)?;
        let now = self.clock.now_millis();
        let mut whole_at = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        if whole_at.len() >= MOST && !whole_at.contains_key(&who) {
            whole_at.retain(|_, at| *at > now);
            if whole_at.len() >= MOST {
                return Err(Some(in_seconds(share)));
            }
        }
        // A clock that was set back must not keep anybody out for longer than an hour.
        let at = whole_at.entry(who).or_insert(now);
        *at = (*at).clamp(now, now.saturating_add(HOUR));
        let taken = at.saturating_add(share);
        let too_many = taken.saturating_sub(now.saturating_add(HOUR));
        if too_many > 0 {
            return Err(Some(in_seconds(too_many)));
        }
        *at = taken;
        Ok(())
    }
}

fn in_seconds(millis: i64) -> Duration {
    Duration::from_secs(millis.unsigned_abs().div_ceil(1000).max(1))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[derive(Default)]
    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now_millis(&self) -> i64 {
            self.0.load(Ordering::SeqCst)
        }
    }

    fn rate(per_hour: u32) -> (HourlyRate<&'static str>, Arc<Hand>) {
        let clock = Arc::new(Hand::default());
        clock.0.store(1_700_000_000_000, Ordering::SeqCst);
        (HourlyRate::new(per_hour, clock.clone()), clock)
    }

    fn pass(clock: &Hand, seconds: i64) {
        clock.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }

    fn wait(seconds: u64) -> Result<(), Option<Duration>> {
        Err(Some(Duration::from_secs(seconds)))
    }

    #[test]
    fn all_of_an_hour_can_be_done_at_once_and_each_comes_back_in_its_time() {
        let (rate, clock) = rate(4);
        assert_eq!([(); 4].map(|()| rate.take("ann")), [Ok(()); 4]);
        assert_eq!(rate.take("ann"), wait(900));
        pass(&clock, 899);
        assert_eq!(rate.take("ann"), wait(1));
        pass(&clock, 1);
        assert_eq!(rate.take("ann"), Ok(()));
        assert_eq!(rate.take("ann"), wait(900));
        pass(&clock, 7200);
        assert_eq!([(); 4].map(|()| rate.take("ann")), [Ok(()); 4]);
        assert_eq!(rate.take("ann"), wait(900));
    }

    #[test]
    fn everybody_has_his_own() {
        let (rate, _) = rate(1);
        assert_eq!(rate.take("ann"), Ok(()));
        assert_eq!(rate.take("ann"), wait(3600));
        assert_eq!(rate.take("bob"), Ok(()));
    }

    #[test]
    fn none_are_allowed_where_that_is_configured() {
        let (rate, clock) = rate(0);
        assert_eq!(rate.take("ann"), Err(None));
        pass(&clock, 7200);
        assert_eq!(rate.take("ann"), Err(None));
    }

    #[test]
    fn a_clock_that_is_set_back_keeps_nobody_out_for_longer_than_his_share() {
        let (rate, clock) = rate(2);
        assert_eq!([rate.take("ann"), rate.take("ann")], [Ok(()); 2]);
        pass(&clock, -1_000_000);
        assert_eq!(rate.take("ann"), wait(1800));
        pass(&clock, 1800);
        assert_eq!(rate.take("ann"), Ok(()));
    }

    #[test]
    fn only_so_many_are_remembered_and_those_who_have_all_are_forgotten_first() {
        let clock = Arc::new(Hand::default());
        let rate = HourlyRate::new(2, clock.clone());
        for who in 0..MOST {
            rate.take(who).unwrap();
        }
        assert_eq!(rate.take(MOST), wait(1800));
        assert_eq!(rate.take(0), Ok(()), "whoever is known goes on");
        pass(&clock, 1800);
        assert_eq!(rate.take(MOST), Ok(()));
    }
}
