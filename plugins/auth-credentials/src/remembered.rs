//! Passwords that were verified a short while ago, so that each request does not cost a slow hash.

use std::sync::{Mutex, PoisonError};

use aws_lc_rs::hmac;
use claviger_plugin_sdk::random::RandomSource;

use crate::bounded::Bounded;
use crate::password::PasswordHash;

/// Passwords that are remembered.
const MOST: usize = 10_000;

/// A keyed digest of a password and the hash that it was verified against. The key does not leave the process, so the
/// digest is of no use to whoever reads the memory later and not the key.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Digest(Vec<u8>);

/// The passwords, until when each is remembered.
pub(crate) struct Remembered {
    milliseconds: i64,
    state: Mutex<State>,
}

struct State {
    key: Option<hmac::Key>,
    good: Bounded<Digest, i64>,
}

impl Remembered {
    /// Remembers each for so many seconds.
    pub(crate) fn new(seconds: i64) -> Self {
        let state = Mutex::new(State { key: None, good: Bounded::new(MOST) });
        Self { milliseconds: seconds.saturating_mul(1000), state }
    }

    /// What a password is remembered by, together with the hash: another hash in the file asks for it anew.
    pub(crate) fn digest(&self, hash: &PasswordHash, password: &str, rng: &mut dyn RandomSource) -> Digest {
        self.with(|state| {
            let key = state.key.get_or_insert_with(|| hmac::Key::new(hmac::HMAC_SHA256, &rng.bytes(32)));
            let mut context = hmac::Context::with_key(key);
            let text = hash.text();
            context.update(&(text.len() as u64).to_be_bytes());
            context.update(text.as_bytes());
            context.update(password.as_bytes());
            Digest(context.sign().as_ref().to_vec())
        })
    }

    /// Whether it was verified of late, at a time in milliseconds.
    pub(crate) fn knows(&self, digest: &Digest, now: i64) -> bool {
        // A clock that was set back does not make it last.
        let lasts = |until: &i64| (until.saturating_sub(self.milliseconds)..*until).contains(&now);
        self.with(|state| state.good.get(digest).is_some_and(lasts))
    }

    /// Remembers it from now on.
    pub(crate) fn keep(&self, digest: Digest, now: i64) {
        if self.milliseconds > 0 {
            self.with(|state| state.good.insert(digest, now.saturating_add(self.milliseconds)));
        }
    }

    /// A panic while the lock is held cannot leave the state half changed in a way that matters.
    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::testkit::SeededRandom;

    use super::*;
    use crate::password::tests::PASSWORD1;

    #[test]
    fn a_password_is_remembered_for_its_hash_and_its_time() {
        let remembered = Remembered::new(60);
        let hash = PasswordHash::parse(PASSWORD1).unwrap();
        let rng = &mut SeededRandom::new(1);
        let digest = remembered.digest(&hash, "password1", rng);
        assert!(!remembered.knows(&digest, 0));
        remembered.keep(digest.clone(), 0);
        assert!(remembered.knows(&remembered.digest(&hash, "password1", rng), 59_999));
        assert!(!remembered.knows(&digest, 60_000));
        assert!(!remembered.knows(&digest, -1));
        assert!(!remembered.knows(&remembered.digest(&hash, "password2", rng), 0));
        let other = PasswordHash::parse(&PASSWORD1.replace("c29tZXNhbHQ", "b3RoZXJzYWx0")).unwrap();
        assert!(!remembered.knows(&remembered.digest(&other, "password1", rng), 0));
        let never = Remembered::new(0);
        never.keep(digest.clone(), 0);
        assert!(!never.knows(&digest, 0));
    }
}
