//! What clients share, and how much of it there is.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use claviger_engine::SystemClock;
use claviger_plugin_sdk::settings::Settings;

use crate::bulk::Bulk;
use crate::failure::Failure;
use crate::file_limit::FileLimit;
use crate::handshakes::{self, Handshakes};
use crate::places::{self, Places};
use crate::shares::{Bounds, Shares};
use crate::start::number;

/// Room for connections and requests.
pub(crate) struct Room {
    /// Connections.
    pub(crate) places: Arc<Places>,
    /// What users share.
    pub(crate) shares: Shares,
    /// TLS handshakes.
    pub(crate) handshakes: Handshakes,
    /// Threads for what takes long.
    pub(crate) bulk: Bulk,
    /// Clients that were cut off, or refused, since they were too slow to send a request or to take an answer.
    pub(crate) too_slow: AtomicU64,
    /// What the system lets it have.
    pub(crate) file_limit: FileLimit,
    /// Bytes of the head of an HTTP request.
    pub(crate) header_size: usize,
}

impl Room {
    /// As the settings and the system have it.
    ///
    /// # Errors
    /// A number is larger than this machine counts.
    pub(crate) fn new(settings: &Settings, bulk: Bulk, handshakes: Bulk) -> Result<Self, Failure> {
        let file_limit = FileLimit::raise(number(settings, "max-connections")?);
        let places = places::Bounds {
            most: file_limit.connections(),
            of_a_machine: number(settings, "max-connections-per-address")?,
            in_a_second: number(settings, "new-connections-per-address")?,
        };
        let bounds = Bounds {
            memory: number(settings, "max-body-memory")?,
            requests: number(settings, "requests-per-user")?,
            large: number(settings, "large-requests-per-user")?,
        };
        Ok(Self {
            places: Arc::new(Places::new(places, Arc::new(SystemClock))),
            shares: Shares::new(bounds),
            handshakes: Handshakes::new(handshakes, number(settings, "handshakes-per-address")?),
            too_slow: AtomicU64::new(0),
            bulk,
            file_limit,
            header_size: number(settings, "max-header-size")?,
        })
    }

    /// Counts a client that was too slow.
    pub(crate) fn note_slow(&self) {
        self.too_slow.fetch_add(1, Relaxed);
    }

    /// Figures for Prometheus.
    pub(crate) fn write_figures(&self, text: &mut String) {
        let [no_memory, too_many] = self.shares.refused();
        let handshakes::Figures { underway, done, failed, too_slow } = self.handshakes.figures();
        for (name, kind, help, value) in [
            ("claviger_connections", "gauge", "Open connections.", self.places.open()),
            (
                "claviger_connections_displaced_total",
                "counter",
                "Connections that were closed to make room for others.",
                self.places.displaced(),
            ),
            (
                "claviger_connections_refused_total",
                "counter",
                "Connections for which no room could be made.",
                self.places.refused(),
            ),
            (
                "claviger_connections_too_fast_total",
                "counter",
                "Connections that were refused since their address opened too many in a short time.",
                self.places.too_fast(),
            ),
            ("claviger_handshakes", "gauge", "TLS handshakes that are being done.", underway),
            ("claviger_handshakes_done_total", "counter", "TLS handshakes that came to a good end.", done),
            ("claviger_handshakes_failed_total", "counter", "TLS handshakes that failed.", failed),
            (
                "claviger_handshakes_too_slow_total",
                "counter",
                "TLS handshakes that were cut off since the client was too slow, or never began.",
                too_slow,
            ),
            (
                "claviger_clients_too_slow_total",
                "counter",
                "Clients that were cut off since they were too slow to send a request or to take an answer.",
                self.too_slow.load(Relaxed),
            ),
            (
                "claviger_body_memory_bytes",
                "gauge",
                "Large bodies and answers in memory.",
                self.shares.memory(),
            ),
            (
                "claviger_requests_without_memory_total",
                "counter",
                "Requests that were refused since there was no memory for their bodies or answers.",
                no_memory,
            ),
            (
                "claviger_requests_too_many_total",
                "counter",
                "Requests that were refused since too many of their user waited.",
                too_many,
            ),
        ] {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}");
        }
    }
}
