//! The system's clock and randomness.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::{SystemTime, UNIX_EPOCH};

use claviger_plugin_sdk::clock::Clock;
use claviger_plugin_sdk::random::RandomSource;

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_millis(&self) -> i64 {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
    }
}

/// The operating system's random generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl RandomSource for SystemRandom {
    #[allow(clippy::expect_used)] // without randomness a key server must stop: a key made without it is worse
    fn fill(&mut self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the operating system gives random bytes");
    }

    /// Linux mixes what is written to the device into its pool and counts it as nothing, so it can do no harm.
    fn seed(&mut self, data: &[u8]) -> usize {
        let used = data.get(..SEED).unwrap_or(data);
        match OpenOptions::new().write(true).open("/dev/urandom").and_then(|mut pool| pool.write_all(used)) {
            Ok(()) => used.len(),
            Err(error) => {
                tracing::debug!(%error, "the operating system takes no seed");
                0
            }
        }
    }
}

/// Bytes that are taken of one seed: as many as a generator of 128 bits of strength can hold.
const SEED: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_taken_up_to_its_limit() {
        assert_eq!(SystemRandom.seed(&[7; 3]), 3);
        assert_eq!(SystemRandom.seed(&[7; 100]), SEED);
    }
}
