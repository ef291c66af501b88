//! What is known of one connection that has a place.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use tokio::task::{AbortHandle, yield_now};

use crate::places::Places;

/// A connection's traces.
pub(crate) struct Seat {
    places: Arc<Places>,
    /// Where it comes from.
    pub(crate) machine: IpAddr,
    /// The how manieth it is.
    pub(crate) number: u64,
    /// Requests that are being worked on.
    working: AtomicU32,
    /// When the last of them ended, or went on to come or its answer to be taken, in milliseconds of [`Places::now`].
    used: AtomicU64,
    /// When it was last seen to be used: its place in the row of those who may have to go.
    pub(crate) listed: AtomicU64,
    /// Large requests and answers that are on their way on it.
    large: AtomicU32,
    /// Whether a request on it was accepted.
    known: AtomicBool,
    /// Ends it.
    end: OnceLock<AbortHandle>,
}

/// A request is being worked on while it lives.
pub(crate) struct Working(Arc<Seat>);

/// A large request is on its way while it lives, or a large answer.
pub(crate) struct Large(Arc<Seat>);

impl Seat {
    /// Of a connection that is opened now.
    pub(crate) fn new(places: &Arc<Places>, machine: IpAddr, number: u64, now: u64) -> Self {
        Self {
            places: places.clone(),
            machine,
            number,
            working: AtomicU32::new(0),
            used: AtomicU64::new(now),
            listed: AtomicU64::new(now),
            large: AtomicU32::new(0),
            known: AtomicBool::new(false),
            end: OnceLock::new(),
        }
    }

    /// Says how the connection is ended.
    pub(crate) fn ends_by(&self, end: AbortHandle) {
        // It is said once.
        let _ = self.end.set(end);
    }

    /// Ends it.
    pub(crate) fn end(&self) {
        if let Some(end) = self.end.get() {
            end.abort();
        }
    }

    /// A request on the connection was accepted.
    pub(crate) fn is_known(&self) {
        // Most often it is known already, and reading does not take the line from other processors.
        if !self.known.load(Relaxed) && !self.known.swap(true, Relaxed) {
            self.places.knows(self);
        }
    }

    /// A request was read, and is being worked on or waits for its turn.
    pub(crate) fn work(self: &Arc<Self>) -> Working {
        self.working.fetch_add(1, Relaxed);
        Working(self.clone())
    }

    /// A large request is on its way, or a large answer. What the connection does next is done where that holds up no others
    /// (see [`lane`](crate::lane)).
    pub(crate) async fn large(self: &Arc<Self>) -> Large {
        self.large.fetch_add(1, Relaxed);
        let large = Large(self.clone());
        yield_now().await;
        large
    }

    /// Whether something large is on its way.
    pub(crate) fn has_large(&self) -> bool {
        self.large.load(Relaxed) > 0
    }

    /// Some of a request has come, or some of an answer was taken. That is use by a client who is known. A stranger has to
    /// be done with a request before it counts: sending a byte now and then must not keep places.
    pub(crate) fn goes_on(&self) {
        if self.known.load(Relaxed) {
            self.used.store(self.places.now(), Relaxed);
        }
    }

    /// Since when nothing has been worked on; `None` if something is, or the connection cannot be ended yet.
    pub(crate) fn waits_since(&self) -> Option<u64> {
        let is_free = self.working.load(Relaxed) == 0 && self.end.get().is_some();
        is_free.then(|| self.used.load(Relaxed))
    }
}

impl Drop for Large {
    fn drop(&mut self) {
        self.0.large.fetch_sub(1, Relaxed);
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.0.used.store(self.0.places.now(), Relaxed);
        self.0.working.fetch_sub(1, Relaxed);
    }
}
