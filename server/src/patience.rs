//! How long the server waits for clients.

use std::time::Duration;

/// For a TLS handshake, for the head of a request, or for the first byte on a new connection.
pub(crate) const HEAD: Duration = Duration::from_secs(10);

/// For the next request on an HTTP connection.
pub(crate) const IDLE_HTTP: Duration = Duration::from_secs(75);

/// For the next message on a TTLV connection.
pub(crate) const IDLE_TTLV: Duration = Duration::from_secs(600);

/// How often an HTTP connection is looked at. Requests themselves set no timer.
pub(crate) const LOOK_EVERY: Duration = Duration::from_secs(5);

/// For a client to take an answer of so many bytes: a minute, and then as a line of 64 KiB a second would need.
pub(crate) fn answer(length: u64) -> Duration {
    Duration::from_secs(60 + length / (64 << 10))
}

/// How long a body of so many bytes may take: half a minute, and then as a line of 16 KiB a second would need.
pub(crate) fn body(length: u64) -> Duration {
    Duration::from_secs(30 + length / (16 << 10))
}

/// For a client to begin its answer to what the server asks, and for a connection to one that listens.
pub(crate) const CLIENT: Duration = Duration::from_secs(20);
