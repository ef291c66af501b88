//! Figures for Prometheus.
//!
//! Every series is an atomic number in a table that is complete when the server starts, so that counting an item
//! takes no lock and no memory.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

use claviger_engine::Observer;
use claviger_engine::sealing::Sealing;
use claviger_kmip::tables::Enumeration as _;
use claviger_kmip::tables::enumerations::ResultReason;
use foldhash::fast::RandomState;

use crate::process;

/// The upper bounds of the duration buckets: microseconds, and as seconds in words.
const BUCKETS: [(u64, &str); 12] = [
    (50, "0.00005"),
    (100, "0.0001"),
    (250, "0.00025"),
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (1_000_000, "1"),
    (10_000_000, "10"),
];

/// All figures of a server.
pub(crate) struct Metrics {
    operations: HashMap<&'static str, OperationFigures, RandomState>,
    other: OperationFigures,
    reasons: HashMap<u32, AtomicU64, RandomState>,
    other_reason: AtomicU64,
    /// HTTP requests, whatever their answer.
    pub(crate) http_requests: AtomicU64,
    /// Requests whose caller was not accepted.
    pub(crate) refused: AtomicU64,
    started: u64,
    sealing: Option<Sealing>,
}

/// What is counted of one operation.
#[derive(Default)]
struct OperationFigures {
    succeeded: AtomicU64,
    failed: AtomicU64,
    microseconds: AtomicU64,
    buckets: [AtomicU64; BUCKETS.len()],
}

impl Metrics {
    /// Figures for these operations, and of the seal if there is one; other operations are counted together as `other`.
    pub(crate) fn new(operations: impl IntoIterator<Item = &'static str>, sealing: Option<Sealing>) -> Self {
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Self {
            operations: operations.into_iter().map(|name| (name, OperationFigures::default())).collect(),
            other: OperationFigures::default(),
            reasons: ResultReason::VALUES.iter().map(|(code, _)| (*code, AtomicU64::new(0))).collect(),
            other_reason: AtomicU64::new(0),
            http_requests: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            started,
            sealing,
        }
    }

    /// All figures in Prometheus' text format.
    pub(crate) fn text(&self, audit_dropped: u64) -> String {
        let mut text = String::with_capacity(16 << 10);
        self.write_operations(&mut text);
        self.write_durations(&mut text);
        self.write_reasons(&mut text);
        let memory = process::resident_memory().unwrap_or_default();
        for (name, kind, help, value) in [
            ("claviger_http_requests_total", "counter", "HTTP requests.", self.http_requests.load(Relaxed)),
            (
                "claviger_refused_total",
                "counter",
                "Requests whose caller was not accepted.",
                self.refused.load(Relaxed),
            ),
            (
                "claviger_audit_dropped_total",
                "counter",
                "Audit records lost to a full queue or disk.",
                audit_dropped,
            ),
            ("process_resident_memory_bytes", "gauge", "Resident memory.", memory),
            ("process_start_time_seconds", "gauge", "When the server started, since 1970.", self.started),
        ] {
            write_number(&mut text, name, kind, help, value);
        }
        self.write_sealing(&mut text);
        text
    }

    fn write_sealing(&self, text: &mut String) {
        let Some(sealing) = &self.sealing else { return };
        let figures = sealing.figures();
        for (name, kind, help, value) in [
            (
                "claviger_sealing_unfinished_databases",
                "gauge",
                "Databases whose contents are not yet all under the current server key.",
                figures.unfinished_stores,
            ),
            ("claviger_sealing_objects", "gauge", "Objects in these.", figures.objects),
            (
                "claviger_sealing_objects_seen",
                "gauge",
                "Objects of these that the present pass has looked at.",
                figures.objects_seen,
            ),
            (
                "claviger_sealing_rewritten_total",
                "counter",
                "Contents that this server has put under the current server key.",
                figures.rewritten,
            ),
            (
                "claviger_sealing_unopened",
                "gauge",
                "Contents that the latest pass could not open.",
                figures.unopened,
            ),
        ] {
            write_number(text, name, kind, help, value);
        }
    }

    /// The operations that were called, by name.
    fn used(&self) -> Vec<(&str, &OperationFigures)> {
        let other = std::iter::once(("other", &self.other));
        let mut used: Vec<_> = self
            .operations
            .iter()
            .map(|(name, figures)| (*name, figures))
            .chain(other)
            .filter(|(_, figures)| figures.count() > 0)
            .collect();
        used.sort_unstable_by_key(|(name, _)| *name);
        used
    }

    fn write_operations(&self, text: &mut String) {
        let name = "claviger_operations_total";
        write_head(text, name, "counter", "Batch items by operation and result.");
        for (operation, figures) in self.used() {
            for (result, count) in [("success", &figures.succeeded), ("failure", &figures.failed)] {
                let count = count.load(Relaxed);
                let _ = writeln!(text, "{name}{{operation=\"{operation}\",result=\"{result}\"}} {count}");
            }
        }
    }

    fn write_durations(&self, text: &mut String) {
        let name = "claviger_operation_duration_seconds";
        write_head(text, name, "histogram", "How long batch items take.");
        for (operation, figures) in self.used() {
            let mut sum = 0;
            for (bucket, (_, bound)) in figures.buckets.iter().zip(BUCKETS) {
                sum += bucket.load(Relaxed);
                let _ = writeln!(text, "{name}_bucket{{operation=\"{operation}\",le=\"{bound}\"}} {sum}");
            }
            let (count, seconds) = (figures.count(), figures.microseconds.load(Relaxed) as f64 / 1e6);
            let _ = writeln!(text, "{name}_bucket{{operation=\"{operation}\",le=\"+Inf\"}} {count}");
            let _ = writeln!(text, "{name}_sum{{operation=\"{operation}\"}} {seconds}");
            let _ = writeln!(text, "{name}_count{{operation=\"{operation}\"}} {count}");
        }
    }

    fn write_reasons(&self, text: &mut String) {
        let name = "claviger_failures_total";
        write_head(text, name, "counter", "Failed batch items by result reason.");
        let named =
            ResultReason::VALUES.iter().filter_map(|(code, name)| Some((*name, self.reasons.get(code)?)));
        for (reason, count) in named.chain([("other", &self.other_reason)]) {
            let count = count.load(Relaxed);
            if count > 0 {
                let _ = writeln!(text, "{name}{{reason=\"{reason}\"}} {count}");
            }
        }
    }
}

impl Observer for Metrics {
    fn item(&self, operation: &str, failed: Option<ResultReason>, micros: u64) {
        let figures = self.operations.get(operation).unwrap_or(&self.other);
        match failed {
            None => figures.succeeded.fetch_add(1, Relaxed),
            Some(reason) => {
                self.reasons.get(&reason.code()).unwrap_or(&self.other_reason).fetch_add(1, Relaxed);
                figures.failed.fetch_add(1, Relaxed)
            }
        };
        figures.microseconds.fetch_add(micros, Relaxed);
        let bucket = figures.buckets.iter().zip(BUCKETS).find(|(_, (bound, _))| micros <= *bound);
        if let Some((bucket, _)) = bucket {
            bucket.fetch_add(1, Relaxed);
        }
    }
}

impl OperationFigures {
    fn count(&self) -> u64 {
        self.succeeded.load(Relaxed) + self.failed.load(Relaxed)
    }
}

fn write_number(text: &mut String, name: &str, kind: &str, help: &str, value: u64) {
    write_head(text, name, kind, help);
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{name} {value}");
}

fn write_head(text: &mut String, name: &str, kind: &str, help: &str) {
    let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_counted_by_operation_result_and_duration() {
        let metrics = Metrics::new(["Encrypt", "Decrypt"], None);
        metrics.item("Encrypt", None, 60);
        metrics.item("Encrypt", Some(ResultReason::PERMISSION_DENIED), 20_000_000);
        let text = metrics.text(3);
        for line in [
            "claviger_operations_total{operation=\"Encrypt\",result=\"success\"} 1",
            "claviger_operations_total{operation=\"Encrypt\",result=\"failure\"} 1",
            "claviger_failures_total{reason=\"PermissionDenied\"} 1",
            "claviger_operation_duration_seconds_bucket{operation=\"Encrypt\",le=\"0.00005\"} 0",
            "claviger_operation_duration_seconds_bucket{operation=\"Encrypt\",le=\"0.0001\"} 1",
            "claviger_operation_duration_seconds_bucket{operation=\"Encrypt\",le=\"10\"} 1",
            "claviger_operation_duration_seconds_bucket{operation=\"Encrypt\",le=\"+Inf\"} 2",
            "claviger_operation_duration_seconds_sum{operation=\"Encrypt\"} 20.00006",
            "claviger_audit_dropped_total 3",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
        }
        assert!(!text.contains("Decrypt"));
    }

    #[test]
    fn an_operation_that_nobody_registered_is_counted_as_other() {
        let metrics = Metrics::new([], None);
        metrics.item("Unheard Of", None, 1);
        assert!(metrics.text(0).contains("{operation=\"other\",result=\"success\"} 1"));
    }
}
