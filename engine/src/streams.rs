//! Multi-part operations between their parts.
//!
//! A stream lives in this process alone; a part that comes to another server gets a precise error. It belongs to one
//! user, one key and one store.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use claviger_kmip::ByteString;
use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::context::Stream;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::ObjectId;

/// Whose stream it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StreamOwner {
    pub(crate) user: Arc<str>,
    pub(crate) namespace: Arc<str>,
    pub(crate) key: Option<ObjectId>,
    pub(crate) operation: u32,
}

impl StreamOwner {
    /// Whether it is the same user: one name is two users in two stores.
    fn is_same_user(&self, other: &Self) -> bool {
        self.user == other.user && self.namespace == other.namespace
    }
}

struct Open {
    owner: StreamOwner,
    stream: Stream,
    last_used: Instant,
}

/// All open streams.
pub(crate) struct Streams {
    open: Mutex<HashMap<Vec<u8>, Open>>,
    most: usize,
    most_per_user: usize,
    idle: Duration,
}

impl Streams {
    pub(crate) fn new(most: usize, most_per_user: usize, idle: Duration) -> Self {
        Self { open: Mutex::default(), most, most_per_user, idle }
    }

    /// Keeps a stream and returns its correlation value.
    pub(crate) fn open(
        &self,
        owner: StreamOwner,
        stream: Stream,
        random: &mut dyn RandomSource,
    ) -> Result<ByteString> {
        let correlation = random.bytes(16);
        let mut open = self.still_open();
        let of_user = open.values().filter(|stream| stream.owner.is_same_user(&owner)).count();
        if open.len() >= self.most || of_user >= self.most_per_user {
            return Err(Error::new(
                ResultReason::SERVER_LIMIT_EXCEEDED,
                ErrorClass::Unsupported,
                "too many multi-part operations are open; finish some or try again later",
            ));
        }
        open.insert(correlation.to_vec(), Open { owner, stream, last_used: Instant::now() });
        Ok(correlation)
    }

    /// Keeps a stream that was just taken under its correlation value.
    pub(crate) fn put_back(&self, owner: StreamOwner, correlation: &[u8], stream: Stream) {
        let kept = Open { owner, stream, last_used: Instant::now() };
        self.still_open().insert(correlation.to_vec(), kept);
    }

    /// Takes a stream back.
    pub(crate) fn take(&self, owner: &StreamOwner, correlation: &[u8]) -> Result<Stream> {
        let mut open = self.still_open();
        // Somebody else's stays, and the caller is not told that it exists.
        if open.get(correlation).is_none_or(|found| found.owner != *owner) {
            return Err(unknown_stream());
        }
        open.remove(correlation).map(|found| found.stream).ok_or_else(unknown_stream)
    }

    /// Gives up the streams whose time is over.
    pub(crate) fn end_idle(&self) {
        drop(self.still_open());
    }

    /// The streams whose time is not over. They hold keys, so those that were given up go as soon as possible.
    fn still_open(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Open>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, stream| stream.last_used.elapsed() < self.idle);
        open
    }
}

fn unknown_stream() -> Error {
    Error::new(
        ResultReason::INVALID_CORRELATION_VALUE,
        ErrorClass::Request,
        "no multi-part operation with this correlation value is open for this key on this server; \
         begin again with Init Indicator",
    )
}
