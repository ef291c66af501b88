//! How often somebody may do something: so many times in a span of time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use claviger_plugin_sdk::clock::Clock;
use foldhash::fast::RandomState;

/// Counts what each does. All of a span can be done at once; from then on, each comes back when its share of the span is
/// over.
pub(crate) struct Rate<W> {
    /// The microseconds that one takes; `None` if none are allowed.
    share: Option<i64>,
    /// Microseconds.
    span: i64,
    clock: Arc<dyn Clock>,
    /// When everybody has all again, in microseconds since 1970. Whoever has all is not in it.
    whole_at: Mutex<HashMap<W, i64, RandomState>>,
}

const HOUR: Duration = Duration::from_secs(3_600);
/// Those who are remembered at a time.
const MOST: usize = 10_000;

impl<W: Eq + Hash> Rate<W> {
    /// Allows so many an hour to each.
    pub(crate) fn hourly(per_hour: u32, clock: Arc<dyn Clock>) -> Self {
        Self::within(HOUR, per_hour, clock)
    }

    /// Allows so many in this span to each.
    pub(crate) fn within(span: Duration, many: u32, clock: Arc<dyn Clock>) -> Self {
        let span = i64::try_from(span.as_micros()).unwrap_or(i64::MAX);
        let share = (many > 0).then(|| (span / i64::from(many)).max(1));
        Self { share, span, clock, whole_at: Mutex::default() }
    }

    /// Takes one.
    ///
    /// # Errors
    /// None is left: how long until there is one, in whole seconds, at least one. `None` if there never is.
    pub(crate) fn take(&self, who: W) -> Result<(), Option<Duration>> {
        let share = self.share.ok_or(None)?;
        let now = self.clock.now_millis().saturating_mul(1_000);
        let mut whole_at = self.whole_at.lock().unwrap_or_else(PoisonError::into_inner);
        if whole_at.len() >= MOST && !whole_at.contains_key(&who) {
            whole_at.retain(|_, at| *at > now);
            if whole_at.len() >= MOST {
                return Err(Some(in_seconds(share)));
            }
        }
        // A clock that was set back must not keep anybody out for longer than the span.
        let at = whole_at.entry(who).or_insert(now);
        *at = (*at).clamp(now, now.saturating_add(self.span));
        let taken = at.saturating_add(share);
        let too_many = taken.saturating_sub(now.saturating_add(self.span));
        if too_many > 0 {
            return Err(Some(in_seconds(too_many)));
        }
        *at = taken;
        Ok(())
    }
}

fn in_seconds(micros: i64) -> Duration {
    Duration::from_secs(micros.unsigned_abs().div_ceil(1_000_000).max(1))
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

    fn rate(per_hour: u32) -> (Rate<&'static str>, Arc<Hand>) {
        let clock = Arc::new(Hand::default());
        clock.0.store(1_700_000_000_000, Ordering::SeqCst);
        (Rate::hourly(per_hour, clock.clone()), clock)
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
    fn a_span_may_be_short_and_have_many() {
        let clock = Arc::new(Hand::default());
        let rate = Rate::within(Duration::from_secs(8), 2_048, clock.clone());
        for _ in 0..2_048 {
            rate.take("ann").unwrap();
        }
        assert_eq!(rate.take("ann"), wait(1));
        pass(&clock, 1);
        assert_eq!((0..1_000).take_while(|_| rate.take("ann").is_ok()).count(), 256);
    }

    #[test]
    fn only_so_many_are_remembered_and_those_who_have_all_are_forgotten_first() {
        let clock = Arc::new(Hand::default());
        let rate = Rate::hourly(2, clock.clone());
        for who in 0..MOST {
            rate.take(who).unwrap();
        }
        assert_eq!(rate.take(MOST), wait(1800));
        assert_eq!(rate.take(0), Ok(()), "whoever is known goes on");
        pass(&clock, 1800);
        assert_eq!(rate.take(MOST), Ok(()));
    }
}
