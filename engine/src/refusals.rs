//! Callers who are not accepted: how often an address may fail, and how much of that audit is told.
//!
//! An address that has failed too often waits before it is looked at again, since looking costs, and guesses must be slow. A
//! client that has been accepted is let through all the same with what it was accepted by: others may share its address.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use claviger_kmip::codec::binary;
use claviger_kmip::message::Credential;
use claviger_kmip::{ByteString, Tag, Ttlv, Value};
use claviger_plugin_sdk::attempts::{Attempts, Patience, machine};
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::error::Error;

/// A minute, in milliseconds.
const MINUTE: i64 = 60_000;
/// What is remembered of accepted clients: so many of them, in a table of fixed size.
const KNOWN: usize = 1 << 14;
/// Milliseconds for which refused callers are counted together.
const WINDOW: i64 = 10_000;
/// Records of refused callers in that time; those beyond are one record together.
const TOLD: u32 = 100;

/// Why somebody was not even looked at: the cause of the error that the caller gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many failures from this address; the next attempt has to wait for {} ms", wait.as_millis())]
pub struct HeldOff {
    /// How long.
    pub wait: Duration,
}

impl HeldOff {
    /// The error for the caller: what anybody gets who is not accepted.
    pub(crate) fn into_error(self) -> Error {
        Error::unproven().because(self)
    }

    /// What an error says of it.
    pub fn of(error: &Error) -> Option<Self> {
        std::error::Error::source(error)?.downcast_ref().copied()
    }
}

/// The failures of addresses, and what audit was told of them.
pub(crate) struct Refusals {
    /// `None` if nobody is held off.
    attempts: Option<Attempts>,
    known: Vec<AtomicU64>,
    /// Keyed, so that nobody can make up what passes for known.
    names: RandomState,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    /// When the window began.
    since: i64,
    records: u32,
    /// Those that have no record of their own.
    untold: u32,
}

/// What an accepted client shows: its certificates and headers, or a credential.
#[derive(Clone, Copy)]
pub(crate) enum Shown<'s> {
    Connection(&'s ConnectionFacts),
    Credentials(&'s [Credential]),
}

impl Shown<'_> {
    /// Whether it is nothing, which guesses nothing.
    fn is_nothing(self) -> bool {
        matches!(self, Self::Connection(facts) if facts.certificates.is_empty() && facts.headers.is_empty())
    }
}

impl Hash for Shown<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        match self {
            Self::Connection(facts) => {
                facts.certificates.hash(state);
                // Proxies add fields that differ with each request.
                match facts.header("authorization") {
                    Some(authorization) => authorization.hash(state),
                    None => facts.headers.hash(state),
                }
            }
            Self::Credentials(credentials) => {
                for credential in *credentials {
                    credential.credential_type.hash(state);
                    hash_value(&credential.credential_value, state);
                }
            }
        }
    }
}

impl Refusals {
    /// Nobody was refused. An address may fail so often a minute; 0 holds nobody off.
    pub(crate) fn new(per_minute: u32) -> Self {
        let patience = |per_minute| Patience {
            free: per_minute,
            first_pause: 1_000,
            longest_pause: MINUTE / 2,
            forgotten: 10 * MINUTE,
            one_forgotten: Some((MINUTE / i64::from(per_minute)).max(1)),
        };
        Self {
            attempts: (per_minute > 0).then(|| Attempts::new(patience(per_minute))),
            known: (0..KNOWN).map(|_| AtomicU64::new(0)).collect(),
            names: RandomState::new(),
            told: Mutex::default(),
        }
    }

    /// That an address may be looked at, at a time in milliseconds.
    ///
    /// # Errors
    /// It has failed too often, and what it shows is not what was accepted before.
    pub(crate) fn check(&self, peer: Option<IpAddr>, shown: Shown<'_>, now: i64) -> Result<(), HeldOff> {
        let (Some(attempts), Some(peer)) = (&self.attempts, peer) else { return Ok(()) };
        match attempts.wait(machine(peer), now) {
            Some(_) if self.is_known(shown) => Ok(()),
            Some(wait) => Err(HeldOff { wait }),
            None => Ok(()),
        }
    }

    /// An address was looked at and refused.
    pub(crate) fn failed(&self, peer: Option<IpAddr>, shown: Shown<'_>, now: i64) {
        let (Some(attempts), Some(peer)) = (&self.attempts, peer) else { return };
        attempts.fail(machine(peer), now);
        let (place, name) = self.place(shown);
        if let Some(place) = place.filter(|_| !shown.is_nothing()) {
            let _ = place.compare_exchange(name, 0, Relaxed, Relaxed);
        }
    }

    /// A client was accepted by what it shows.
    pub(crate) fn accepted(&self, peer: Option<IpAddr>, shown: Shown<'_>) {
        if self.attempts.is_none() || peer.is_none() {
            return;
        }
        let (place, name) = self.place(shown);
        if let Some(place) = place.filter(|place| place.load(Relaxed) != name) {
            place.store(name, Relaxed);
        }
    }

    /// Whether one more refused caller gets a record of its own. Otherwise it is counted.
    pub(crate) fn is_told(&self, looked_at: bool, now: i64) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.records == 0 && told.untold == 0 {
            told.since = now;
        }
        let fits = looked_at && told.records < TOLD;
        match fits {
            true => told.records += 1,
            false => told.untold = told.untold.saturating_add(1),
        }
        fits
    }

    /// How many callers were counted in a window that is over, or `ends` now; `None` if there are none, or it is not over.
    pub(crate) fn untold(&self, now: i64, ends: bool) -> Option<u32> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back must not keep them for ever.
        let is_over = !(told.since..told.since.saturating_add(WINDOW)).contains(&now);
        if !is_over && !ends {
            return None;
        }
        let untold = std::mem::take(&mut *told).untold;
        (untold > 0).then_some(untold)
    }

    fn is_known(&self, shown: Shown<'_>) -> bool {
        let (place, name) = self.place(shown);
        shown.is_nothing() || place.is_some_and(|place| place.load(Relaxed) == name)
    }

    fn place(&self, shown: Shown<'_>) -> (Option<&AtomicU64>, u64) {
        let name = self.names.hash_one(shown).max(1);
        (usize::try_from(name % KNOWN as u64).ok().and_then(|place| self.known.get(place)), name)
    }
}

fn hash_value<H: std::hash::Hasher>(value: &Value, state: &mut H) {
    // Its encoding has one form alone; it is erased, since it holds secrets.
    let encoded: ByteString = binary::encode(&Ttlv::new(Tag::CREDENTIAL_VALUE, value.clone())).into();
    encoded.hash(state);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> Option<IpAddr> {
        Some([192, 0, 2, last].into())
    }

    fn facts(token: &str) -> ConnectionFacts {
        let headers = vec![("authorization".to_owned(), token.to_owned())];
        ConnectionFacts { headers, ..ConnectionFacts::internal() }
    }

    #[test]
    fn an_address_that_fails_too_often_waits_and_others_do_not() {
        let refusals = Refusals::new(20);
        let guess = facts("guess");
        let guess = Shown::Connection(&guess);
        for _ in 0..20 {
            assert_eq!(refusals.check(address(1), guess, 0), Ok(()));
            refusals.failed(address(1), guess, 0);
        }
        let wait = Duration::from_secs(1);
        assert_eq!(refusals.check(address(1), guess, 0), Err(HeldOff { wait }));
        assert_eq!(refusals.check(address(2), guess, 0), Ok(()));
        assert_eq!(refusals.check(None, guess, 0), Ok(()));
        assert_eq!(refusals.check(address(1), guess, 1_000), Ok(()));
    }

    #[test]
    fn whoever_was_accepted_is_let_through_until_that_fails() {
        let refusals = Refusals::new(1);
        let (good, guess) = (facts("good"), facts("guess"));
        let (good, guess) = (Shown::Connection(&good), Shown::Connection(&guess));
        refusals.accepted(address(1), good);
        refusals.failed(address(1), guess, 0);
        assert!(refusals.check(address(1), guess, 0).is_err());
        assert_eq!(refusals.check(address(1), good, 0), Ok(()));
        refusals.failed(address(1), good, 0);
        assert!(refusals.check(address(1), good, 0).is_err());
    }

    #[test]
    fn a_client_is_known_again_whatever_a_proxy_adds_and_who_shows_nothing_guesses_nothing() {
        let refusals = Refusals::new(1);
        let through = |trace: &str| {
            let mut facts = facts("good");
            facts.headers.push(("traceparent".to_owned(), trace.to_owned()));
            facts
        };
        let (first, second, guess) = (through("00-1"), through("00-2"), facts("guess"));
        refusals.accepted(address(1), Shown::Connection(&first));
        refusals.failed(address(1), Shown::Connection(&guess), 0);
        assert_eq!(refusals.check(address(1), Shown::Connection(&second), 0), Ok(()));
        let nothing = ConnectionFacts::internal();
        refusals.failed(address(1), Shown::Connection(&nothing), 0);
        assert_eq!(refusals.check(address(1), Shown::Connection(&nothing), 0), Ok(()));
        assert!(refusals.check(address(1), Shown::Connection(&guess), 0).is_err());
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let refusals = Refusals::new(1);
        let facts = facts("guess");
        let shown = Shown::Connection(&facts);
        let peer = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        refusals.failed(peer("2001:db8::1"), shown, 0);
        assert!(refusals.check(peer("2001:db8::ffff:2"), shown, 0).is_err());
        assert!(refusals.check(peer("2001:db8:0:1::1"), shown, 0).is_ok());
        refusals.failed(peer("::ffff:192.0.2.1"), shown, 0);
        assert!(refusals.check(address(1), shown, 0).is_err());
    }

    #[test]
    fn beyond_a_rate_refused_callers_are_counted_and_told_together() {
        let refusals = Refusals::new(0);
        let told = (0..250).filter(|_| refusals.is_told(true, 5)).count();
        assert_eq!((told, refusals.untold(5, false)), (100, None));
        assert_eq!(refusals.untold(10_005, false), Some(150));
        assert_eq!(refusals.untold(20_010, false), None);
        assert!(!refusals.is_told(false, 30_000), "what was not looked at");
        assert_eq!(refusals.untold(29_999, false), Some(1), "a clock that was set back");
    }
}
