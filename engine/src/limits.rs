//! Bounds that keep one client from taking the server from the others.

use std::time::Duration;

/// The engine's bounds. The defaults suit a server with a few gigabytes of memory.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Items that one message may have.
    pub batch_items: usize,
    /// How long a message may take before no further item of it is begun.
    pub message_time: Duration,
    /// Instances that one structure of attributes in a request may have.
    pub attributes: usize,
    /// Bytes of the payloads of one response together, in binary TTLV; a client may ask for less.
    pub response_bytes: usize,
    /// Bytes that one RNG Retrieve may ask for.
    pub random_bytes: i32,
    /// Objects that one Locate answers with when the client names no smaller number, and the most that a selector of
    /// a cascading operation may stand for.
    pub located_items: i32,
    /// Objects that one change reaches over links, such as the keys that change with the key that issued them: they are in
    /// memory together and written in one change set.
    pub linked_objects: usize,
    /// Bytes of the objects together that a scheme changes with another, as they are stored. In memory they take about four times
    /// as many. What is revoked or destroyed with another is not held to it.
    pub linked_bytes: usize,
    /// Bytes of data from which cryptographic work runs on the pool of heavy work.
    pub heavy_from: usize,
    /// Pieces of heavy work that may wait.
    pub heavy_queue: usize,
    /// Pieces of heavy work of one user that may wait, so that nobody keeps others from theirs.
    pub heavy_queue_per_user: usize,
    /// Threads of heavy work.
    pub heavy_threads: usize,
    /// Multi-part operations that may be open at a time.
    pub streams: usize,
    /// Multi-part operations that one user may have open at a time, so that nobody keeps others from theirs.
    pub streams_per_user: usize,
    /// How long a multi-part operation waits for its next part.
    pub stream_idle: Duration,
    /// How long an item is run again when other writers are faster.
    pub retry_for: Duration,
    /// Objects that are kept decoded with their parsed keys.
    pub cached_objects: usize,
    /// Bytes of these objects together, as they are stored; small ones take about four times as many in memory. An object of
    /// more than a MiB is not kept.
    pub cached_bytes: usize,
    /// Asynchronous requests.
    pub jobs: JobLimits,
    /// How long what a client is to be told is kept for it.
    pub notices_kept: Duration,
    /// Tickets.
    pub tickets: TicketLimits,
    /// How often an address may fail to authenticate in a minute, before it has to wait between attempts; 0 is any
    /// number.
    pub failures_per_minute: u32,
}

/// Bounds of tickets, which authenticate later requests.
#[derive(Clone, Debug)]
pub struct TicketLimits {
    /// Tickets of one user that are good at a time.
    pub per_user: usize,
    /// How long a ticket is good if the client does not say.
    pub lease: Duration,
    /// How long a ticket may be good.
    pub longest_lease: Duration,
}

/// Bounds of asynchronous requests.
#[derive(Clone, Debug)]
pub struct JobLimits {
    /// Requests in a store, with those whose results are kept.
    pub in_all: usize,
    /// Requests of one user whose results were not asked for.
    pub per_user: usize,
    /// Requests that run at a time.
    pub running: usize,
    /// How long a request waits for its turn, so that it can still be canceled. Poll and Process do not let it wait.
    pub delay: Duration,
    /// How long a request belongs to a server that runs it and is not heard of.
    pub lease: Duration,
    /// How long a request may wait, if no server runs, before it is forgotten.
    pub kept_waiting: Duration,
    /// How long results are kept.
    pub results_kept: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            batch_items: 10_000,
            message_time: Duration::from_secs(120),
            attributes: 1_000,
            response_bytes: 128 << 20,
            random_bytes: 1 << 20,
            located_items: 10_000,
            linked_objects: 100_000,
            linked_bytes: 256 << 20,
            heavy_from: 256 << 10,
            heavy_queue: 256,
            heavy_queue_per_user: 64,
            heavy_threads: 2,
            streams: 1_024,
            streams_per_user: 128,
            stream_idle: Duration::from_secs(300),
            retry_for: Duration::from_secs(10),
            cached_objects: 100_000,
            cached_bytes: 128 << 20,
            jobs: JobLimits::default(),
            notices_kept: Duration::from_secs(24 * 60 * 60),
            tickets: TicketLimits::default(),
            failures_per_minute: 20,
        }
    }
}

impl Default for TicketLimits {
    fn default() -> Self {
        Self {
            per_user: 256,
            lease: Duration::from_secs(60 * 60),
            longest_lease: Duration::from_secs(24 * 60 * 60),
        }
    }
}

impl Default for JobLimits {
    fn default() -> Self {
        Self {
            in_all: 4_096,
            per_user: 256,
            running: 4,
            delay: Duration::from_secs(1),
            lease: Duration::from_secs(30),
            kept_waiting: Duration::from_secs(24 * 60 * 60),
            results_kept: Duration::from_secs(60 * 60),
        }
    }
}
