//! What the audit log costs: throughput with it against that without it, of two servers that take turns under the same load.

use std::path::Path;
use std::sync::Arc;

use xtask::Outcome;

use crate::connection::Endpoint;
use crate::database::Database;
use crate::load::measure;
use crate::message::{Requests, WireForm};
use crate::options::CommandLine;
use crate::population::Marks;
use crate::scenario::{Scenario, Work};
use crate::session::Subject;

const CONNECTIONS: usize = 16;
/// How often each server has its turn: the median of the ratios counts.
const ROUNDS: usize = 7;
/// The least share of the throughput that is left with audit.
const TARGET: f64 = 0.90;

/// What is measured.
const COMPARED: &[Scenario] = &[
    scenario("Get", WireForm::TtlvHttp, Work::Get),
    scenario("Encrypt", WireForm::TtlvHttp, Work::Encrypt { bytes: 64, times: 1 }),
    scenario("100 x Encrypt", WireForm::TtlvHttp, Work::Encrypt { bytes: 64, times: 100 }),
    scenario("Create", WireForm::TtlvHttp, Work::Create),
];

const fn scenario(name: &'static str, form: WireForm, work: Work) -> Scenario {
    Scenario { name, form, work, target: None }
}

/// A server with the requests of one scenario.
struct Side {
    subject: Subject,
    endpoints: [Endpoint; 1],
}

impl Side {
    fn start(binary: &Path, flags: &[(&str, &str)]) -> Outcome<Self> {
        let subject = Subject::start_with(binary, false, (&Database::sqlite(), Marks::Tags), flags)?;
        let endpoints = [subject.endpoint(WireForm::TtlvHttp)?];
        Ok(Self { subject, endpoints })
    }

    async fn requests(&self, scenario: &Scenario) -> Outcome<Arc<Requests>> {
        Ok(Arc::new(self.subject.requests(scenario, &self.endpoints).await?))
    }

    /// Requests answered in a second.
    async fn per_second(&self, requests: &Arc<Requests>, options: &CommandLine) -> Outcome<f64> {
        let (pid, duration) = (self.subject.server.pid(), options.duration());
        Ok(measure(pid, &self.endpoints, requests, CONNECTIONS, duration).await?.per_second)
    }
}

/// Compares and prints.
///
/// # Errors
/// A server or a request fails.
pub(crate) async fn run(binary: &Path, options: &CommandLine) -> Outcome {
    let with = Side::start(binary, &[])?;
    let without = Side::start(binary, &[("--audit-file", "none")])?;
    println!("{:<16} {:>12} {:>12} {:>7} {:>15}", "", "with audit/s", "without/s", "ratio", "from .. to");
    let only = options.only.as_deref().unwrap_or_default();
    for scenario in COMPARED.iter().filter(|scenario| scenario.name.contains(only)) {
        println!("{}", compare(&with, &without, scenario, options).await?);
    }
    println!("target: a ratio of {TARGET:.2}; {ROUNDS} turns each at {CONNECTIONS} connections, medians");
    Ok(())
}

async fn compare(with: &Side, without: &Side, scenario: &Scenario, options: &CommandLine) -> Outcome<String> {
    let requests = (with.requests(scenario).await?, without.requests(scenario).await?);
    let (mut rates, mut bare_rates, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        // Each is the first one half of the time.
        let (rate, bare) = if round % 2 == 0 {
            let rate = with.per_second(&requests.0, options).await?;
            (rate, without.per_second(&requests.1, options).await?)
        } else {
            let bare = without.per_second(&requests.1, options).await?;
            (with.per_second(&requests.0, options).await?, bare)
        };
        rates.push(rate);
        bare_rates.push(bare);
        ratios.push(rate / bare);
    }
    let ratio = median(&mut ratios);
    let (Some(least), Some(most)) = (ratios.first(), ratios.last()) else {
        return Err("nothing was measured".into());
    };
    let verdict = if ratio >= TARGET { "ok" } else { "MISSED" };
    Ok(format!(
        "{:<16} {:>12.0} {:>12.0} {ratio:>7.3} {:>15} {verdict}",
        scenario.name,
        median(&mut rates),
        median(&mut bare_rates),
        format!("{least:.2} .. {most:.2}"),
    ))
}

/// The one in the middle; sorts them.
fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
    }
}
