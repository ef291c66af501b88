//! The load generator: connections that each send one prepared request after the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;
use xtask::Outcome;

use crate::connection::{Connection, Endpoint};
use crate::message::Requests;
use crate::process::processor_time;

const WARM_UP: Duration = Duration::from_millis(300);

/// What a measurement found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measurement {
    /// Requests answered in a second.
    pub(crate) per_second: f64,
    /// Half of the answers came within this time.
    pub(crate) p50: Duration,
    /// 99 of 100 answers came within this time.
    pub(crate) p99: Duration,
    /// Processor time of the server for each request.
    pub(crate) processor: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    WarmUp = 0,
    Measure = 1,
    Stop = 2,
}

/// Loads the server with this many connections for a while, to the endpoints in turn.
///
/// # Errors
/// A connection breaks or a request is not answered with success.
pub(crate) async fn measure(
    pid: u32,
    endpoints: &[Endpoint],
    requests: &Arc<Requests>,
    connections: usize,
    duration: Duration,
) -> Outcome<Measurement> {
    let phase = Arc::new(AtomicU8::new(Phase::WarmUp as u8));
    let mut workers = JoinSet::new();
    for (number, endpoint) in endpoints.iter().cycle().take(connections).enumerate() {
        let connection = Connection::open(endpoint).await?;
        workers.spawn(work(connection, number, Arc::clone(requests), Arc::clone(&phase)));
    }
    sleep(WARM_UP).await;
    let (start, before) = (Instant::now(), processor_time(pid)?);
    phase.store(Phase::Measure as u8, Ordering::Relaxed);
    sleep(duration).await;
    phase.store(Phase::Stop as u8, Ordering::Relaxed);
    let (elapsed, used) = (start.elapsed(), processor_time(pid)?.saturating_sub(before));
    let mut latencies = Vec::new();
    while let Some(worker) = workers.join_next().await {
        latencies.append(&mut worker?.map_err(|error| error.0)?);
    }
    summary(latencies, elapsed, used)
}

/// Sends this many requests over this many connections.
///
/// # Errors
/// A connection breaks or a request is not answered with success.
pub(crate) async fn send(
    endpoint: &Endpoint,
    requests: &Arc<Requests>,
    connections: usize,
    count: u64,
) -> Outcome {
    let mut workers = JoinSet::new();
    for number in 0..connections {
        let mut connection = Connection::open(endpoint).await?;
        let (requests, share) = (Arc::clone(requests), count / connections as u64);
        workers.spawn(async move {
            for turn in 0..share as usize {
                exchange(&mut connection, &requests, number, turn).await?;
            }
            Ok::<(), Failed>(())
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker?.map_err(|error| error.0)?;
    }
    Ok(())
}

/// An error's text, since the error itself may not cross threads.
struct Failed(String);

async fn work(
    mut connection: Connection,
    number: usize,
    requests: Arc<Requests>,
    phase: Arc<AtomicU8>,
) -> Result<Vec<Duration>, Failed> {
    let mut latencies = Vec::new();
    let mut turn = 0;
    while phase.load(Ordering::Relaxed) != Phase::Stop as u8 {
        let start = Instant::now();
        exchange(&mut connection, &requests, number, turn).await?;
        if phase.load(Ordering::Relaxed) == Phase::Measure as u8 {
            latencies.push(start.elapsed());
        }
        turn += 1;
    }
    Ok(latencies)
}

async fn exchange(
    connection: &mut Connection,
    requests: &Requests,
    number: usize,
    turn: usize,
) -> Result<(), Failed> {
    let answer =
        connection.exchange(requests.pick(number, turn)).await.map_err(|error| Failed(error.to_string()))?;
    requests.check(answer).map_err(|error| Failed(error.to_string()))
}

fn summary(mut latencies: Vec<Duration>, elapsed: Duration, used: Duration) -> Outcome<Measurement> {
    let count = latencies.len();
    let (p50, p99) = percentiles(&mut latencies).ok_or("no request was answered in time")?;
    let per_second = count as f64 / elapsed.as_secs_f64();
    Ok(Measurement { per_second, p50, p99, processor: used.div_f64(count as f64) })
}

/// The times within which half of the answers came, and 99 of 100; sorts them.
pub(crate) fn percentiles(latencies: &mut [Duration]) -> Option<(Duration, Duration)> {
    latencies.sort_unstable();
    let at = |percent: usize| latencies.get(latencies.len().saturating_sub(1) * percent / 100).copied();
    Some((at(50)?, at(99)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_gives_the_percentiles_and_the_cost_of_a_request() {
        let latencies = (1..=101).rev().map(Duration::from_millis).collect();
        let measurement = summary(latencies, Duration::from_secs(1), Duration::from_millis(202)).unwrap();
        assert_eq!(measurement.p50, Duration::from_millis(51));
        assert_eq!(measurement.p99, Duration::from_millis(100));
        assert_eq!(measurement.processor, Duration::from_millis(2));
        assert!((measurement.per_second - 101.0).abs() < 1e-9);
    }
}
