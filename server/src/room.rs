//! What clients share, and how much of it there is.

use std::fmt::Write as _;
use std::sync::Arc;

use claviger_plugin_sdk::settings::Settings;

use crate::bulk::Bulk;
use crate::failure::Failure;
use crate::file_limit::FileLimit;
use crate::places::Places;
use crate::shares::{Bounds, Shares};
use crate::start::number;

/// Room for connections and requests.
pub(crate) struct Room {
    /// Connections.
    pub(crate) places: Arc<Places>,
    /// What users share.
    pub(crate) shares: Shares,
    /// Threads for what takes long.
    pub(crate) bulk: Bulk,
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
    pub(crate) fn new(settings: &Settings, bulk: Bulk) -> Result<Self, Failure> {
        let file_limit = FileLimit::raise(number(settings, "max-connections")?);
        let connections = file_limit.connections();
        let bounds = Bounds {
            memory: number(settings, "max-body-memory")?,
            requests: number(settings, "requests-per-user")?,
            large: number(settings, "large-requests-per-user")?,
        };
        Ok(Self {
            places: Arc::new(Places::new(connections, number(settings, "max-connections-per-address")?)),
            shares: Shares::new(bounds),
            bulk,
            file_limit,
            header_size: number(settings, "max-header-size")?,
        })
    }

    /// Figures for Prometheus.
    pub(crate) fn write_figures(&self, text: &mut String) {
        let [no_memory, too_many] = self.shares.refused();
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
            ("claviger_body_memory_bytes", "gauge", "Bodies in memory.", self.shares.memory()),
            (
                "claviger_requests_without_memory_total",
                "counter",
                "Requests that were refused since there was no memory for their bodies.",
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
