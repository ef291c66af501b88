//! The results: a table for people, JSON for programs.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use xtask::Outcome;

use crate::load::Measurement;
use crate::scenario::{LOCATE_GROWTH, Scenario};

/// The connections at which the targets hold.
const JUDGED_AT: usize = 16;
const START_UP_TARGET: Duration = Duration::from_millis(50);
const IDLE_TARGET_KIB: u64 = 25 * 1024;

/// Everything that a run measured.
#[derive(Default)]
pub(crate) struct Report {
    /// The store of the server.
    pub(crate) store: String,
    pub(crate) rows: Vec<Row>,
    /// From the start of the process to its first answer, with 10,000 keys.
    pub(crate) start_up: Option<Duration>,
    /// Resident memory of a server with 10,000 keys that has nothing to do.
    pub(crate) idle_kib: Option<u64>,
}

/// One measurement.
pub(crate) struct Row {
    pub(crate) scenario: Scenario,
    pub(crate) connections: usize,
    /// How many keys the server held, where that matters.
    pub(crate) keys: Option<usize>,
    pub(crate) measurement: Measurement,
    /// The unit U at this number of connections.
    pub(crate) unit: Duration,
    /// Resident memory of the server after the measurement.
    pub(crate) resident_kib: u64,
}

impl Row {
    /// The processor time for a request in units of U.
    fn units(&self) -> f64 {
        self.measurement.processor.as_secs_f64() / self.unit.as_secs_f64()
    }

    fn target(&self) -> Option<f64> {
        self.scenario.target.filter(|_| self.connections == JUDGED_AT)
    }

    /// One line of the table.
    pub(crate) fn text(&self) -> String {
        let Measurement { per_second, p50, p99, processor } = self.measurement;
        let keys = self.keys.map_or_else(String::new, |keys| keys.to_string());
        let verdict = match self.target() {
            None => String::new(),
            Some(target) => format!("{target:>6.1} {}", verdict(self.units() <= target)),
        };
        format!(
            "{:<28} {:<11} {keys:>7} {:>5} {per_second:>9.0} {:>9.0} {:>9.0} {:>9.3} {:>6.1} {:>7.2} {verdict}",
            self.scenario.name,
            self.scenario.form.name(),
            self.connections,
            p50.as_secs_f64() * 1e6,
            p99.as_secs_f64() * 1e6,
            // Seconds for 1,000 requests are milliseconds for one.
            processor.as_secs_f64() * 1e3,
            self.resident_kib as f64 / 1024.0,
            self.units(),
        )
    }

    fn json(&self) -> Value {
        let Measurement { per_second, p50, p99, processor } = self.measurement;
        json!({
            "scenario": self.scenario.name,
            "form": self.scenario.form.name(),
            "connections": self.connections,
            "keys": self.keys,
            "requests_per_second": per_second,
            "p50_us": p50.as_secs_f64() * 1e6,
            "p99_us": p99.as_secs_f64() * 1e6,
            "cpu_seconds_per_1000": processor.as_secs_f64() * 1e3,
            "unit_cpu_seconds_per_1000": self.unit.as_secs_f64() * 1e3,
            "units": self.units(),
            "target_units": self.target(),
            "resident_kib": self.resident_kib,
        })
    }
}

impl Report {
    /// Prints the table and the verdicts.
    pub(crate) fn print(&self) {
        println!(
            "\non {}\n{:<28} {:<11} {:>7} {:>5} {:>9} {:>9} {:>9} {:>9} {:>6} {:>7} {:>6}",
            self.store,
            "",
            "",
            "keys",
            "conn.",
            "req/s",
            "p50 us",
            "p99 us",
            "CPU s/1k",
            "MiB",
            "x U",
            "target"
        );
        for row in &self.rows {
            println!("{}", row.text());
        }
        println!();
        if let Some(start_up) = self.start_up {
            println!(
                "start-up to first answer, 10,000 keys: {start_up:.1?} {}",
                verdict(start_up <= START_UP_TARGET)
            );
        }
        if let Some(idle) = self.idle_kib {
            println!(
                "resident when idle, 10,000 keys: {:.1} MiB {}",
                idle as f64 / 1024.0,
                verdict(idle <= IDLE_TARGET_KIB)
            );
        }
        for (row, growth) in self.locate_growth() {
            let label = format!("{} on {}", row.scenario.name, row.scenario.form.name());
            println!(
                "{label}: among the most keys {growth:.2} times the cost {}",
                verdict(growth <= LOCATE_GROWTH)
            );
        }
    }

    /// Writes everything as JSON.
    ///
    /// # Errors
    /// The file cannot be written.
    pub(crate) fn write_json(&self, file: &Path) -> Outcome {
        let rows: Vec<Value> = self.rows.iter().map(Row::json).collect();
        let start_up = self.start_up.map(|time| time.as_secs_f64() * 1e3);
        let report =
            json!({"store": self.store, "rows": rows, "start_up_ms": start_up, "idle_kib": self.idle_kib});
        fs::write(file, serde_json::to_vec_pretty(&report)?)
            .map_err(|error| format!("cannot write {}: {error}", file.display()).into())
    }

    /// For each scenario that depends on the number of keys: its cost among the most, relative to the fewest.
    fn locate_growth(&self) -> Vec<(&Row, f64)> {
        let judged = || self.rows.iter().filter(|row| row.keys.is_some() && row.connections == JUDGED_AT);
        let fewest = judged().filter_map(|row| row.keys).min();
        let most = judged().filter_map(|row| row.keys).max();
        let pairs = judged().filter(|row| row.keys == fewest && fewest != most).filter_map(|few| {
            let same =
                |row: &&Row| row.scenario.name == few.scenario.name && row.scenario.form == few.scenario.form;
            let many = judged().filter(|row| row.keys == most).find(same)?;
            Some((few, many.units() / few.units()))
        });
        pairs.collect()
    }
}

fn verdict(reached: bool) -> &'static str {
    if reached { "ok" } else { "MISSED" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{By, SCENARIOS, Work};

    fn row(keys: usize, micros: u64) -> Row {
        let scenario =
            *SCENARIOS.iter().find(|each| each.work == Work::Locate { by: By::Tag, hits: 1 }).unwrap();
        let processor = Duration::from_micros(micros);
        let measurement = Measurement { per_second: 1000.0, p50: processor, p99: processor, processor };
        let unit = Duration::from_micros(10);
        Row { scenario, connections: 16, keys: Some(keys), measurement, unit, resident_kib: 20_480 }
    }

    #[test]
    fn costs_are_given_in_units_and_compared_with_the_target() {
        assert!(row(1000, 80).text().contains("8.00    8.0 ok"), "{}", row(1000, 80).text());
        assert!(row(1000, 81).text().contains("MISSED"));
    }

    #[test]
    fn the_growth_of_locate_is_between_the_fewest_and_the_most_keys() {
        let report =
            Report { rows: vec![row(1000, 50), row(10_000, 52), row(100_000, 65)], ..Report::default() };
        let growth: Vec<f64> = report.locate_growth().into_iter().map(|(_, growth)| growth).collect();
        assert_eq!(growth.len(), 1);
        assert!((growth[0] - 1.3).abs() < 1e-9);
    }
}
