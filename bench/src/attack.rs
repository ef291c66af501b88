//! What attacks do to others: how long a good client waits while each of them goes on, against a quiet server, whether
//! others come in, and the memory that the server takes.
//!
//! The good client is the user `alice`, who asks at a steady pace on connections that she had before the attack began, and
//! now and then on a new one. The attacker is another process: somebody without a certificate, or the user `bob` with one,
//! from eight other addresses. The system runs it only where nobody else wants a processor (`SCHED_IDLE`), so that on a machine
//! with few of them it takes what the others leave, as if it were on another. Being nice is not enough for that: Linux has
//! whoever wakes up wait until a nice process has had its slice, which may be milliseconds, and an idle one gives way at once.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use xtask::{Outcome, step};

use crate::attacker::Summary;
use crate::connection::{Connection, Endpoint};
use crate::database::Database;
use crate::load::percentiles;
use crate::message::{Ask, Requests, WireForm, identifier};
use crate::options::CommandLine;
use crate::population::Marks;
use crate::process::resident_kib;
use crate::session::Subject;

/// Connections of the good client.
const CONNECTIONS: usize = 8;
/// How often it asks on each.
const EVERY: Duration = Duration::from_millis(10);
/// How often it opens a new one, and asks once on it.
const VISIT_EVERY: Duration = Duration::from_millis(250);
/// How long it waits for an answer, on either.
const PATIENCE: Duration = Duration::from_secs(10);
/// What its p99 may be, in those of the quiet server.
const TARGET: f64 = 3.0;
/// How many answers it has to have, in those of the quiet server.
const ANSWERED: f64 = 0.9;
/// How long an attack goes on before it is measured.
const SETTLE: Duration = Duration::from_secs(3);
/// How often the memory is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// Idle connections, and files beside them.
pub(crate) const IDLE: u64 = 10_000;
const OTHER_FILES: u64 = 500;

/// What the attacker does.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Attack {
    /// Connections that send nothing.
    Idle,
    /// Handshakes that go on by a byte a second.
    SlowHandshakes,
    /// Heads, and beginnings of messages, that do not go on.
    SlowHeads,
    /// Bodies, and messages, that go on by a byte a second.
    SlowBodies,
    /// Heads of a megabyte.
    Headers,
    /// Bodies of 33 megabytes.
    Bodies,
    /// Messages of 10,000 items.
    Batches,
    /// The same, whose answers nobody takes.
    Untaken,
    /// TLS handshakes, one after the other.
    Handshakes,
}

impl Attack {
    const ALL: [Self; 9] = [
        Self::Idle,
        Self::SlowHandshakes,
        Self::SlowHeads,
        Self::SlowBodies,
        Self::Headers,
        Self::Bodies,
        Self::Batches,
        Self::Untaken,
        Self::Handshakes,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Idle => "10,000 idle connections",
            Self::SlowHandshakes => "slow handshakes",
            Self::SlowHeads => "slow heads",
            Self::SlowBodies => "slow bodies",
            Self::Headers => "oversized headers",
            Self::Bodies => "large bodies",
            Self::Batches => "batches of 10,000",
            Self::Untaken => "answers left untaken",
            Self::Handshakes => "handshakes",
        }
    }
}

/// What the good client saw.
struct Seen {
    answered: usize,
    failed: usize,
    p50: Duration,
    p99: Duration,
    /// Its new connections: those on which it was answered, the others, and how long half of the former took at most.
    visits: usize,
    failed_visits: usize,
    visit_p50: Duration,
    /// The most that the server took.
    resident_kib: u64,
}

/// Measures the good client alone, and during each attack.
///
/// # Errors
/// The server does not start, or does not answer the good client at all.
pub(crate) async fn run(binary: &Path, options: &CommandLine) -> Outcome {
    let subject = Subject::start(binary, true, &Database::sqlite(), Marks::Tags)?;
    let duration = options.duration().max(Duration::from_secs(5));
    step::announce(&format!("{CONNECTIONS} connections ask every {EVERY:?}, for {duration:?} each"));
    let good = Good::new(&subject).await?;
    good.watch(good.connect().await?, SETTLE).await?;
    let quiet = good.watch(good.connect().await?, duration).await?;
    println!(
        "{:<24} {:>9} {:>7} {:>8} {:>8} {:>7} {:>10} {:>8} {:>7}  attacker",
        "", "answered", "failed", "p50 us", "p99 us", "x quiet", "new conn.", "p50 ms", "MiB"
    );
    println!("{}", quiet.text("quiet", None));
    let only = options.only.as_deref().unwrap_or_default();
    for attack in Attack::ALL.into_iter().filter(|attack| attack.name().contains(only)) {
        if attack == Attack::Idle && !has_files() {
            println!("{:<24} skipped: a process may have fewer files open than that", attack.name());
            continue;
        }
        let connections = good.connect().await?;
        let mut attacker = Attacker::start(attack, &subject)?;
        sleep(SETTLE).await;
        let seen = good.watch(connections, duration).await?;
        let Summary { accepted, open, answered } = attacker.end()?;
        println!(
            "{}  {accepted} accepted, {open} open, {answered} answered",
            seen.text(attack.name(), Some(&quiet))
        );
        sleep(SETTLE).await;
    }
    let again = good.watch(good.connect().await?, duration).await?;
    println!("{}", again.text("quiet again", Some(&quiet)));
    Ok(())
}

/// Whether client and server may have so many connections.
fn has_files() -> bool {
    getrlimit(Resource::Nofile).maximum.is_none_or(|most| most >= IDLE + OTHER_FILES)
}

impl Seen {
    fn text(&self, name: &str, quiet: Option<&Self>) -> String {
        let (ratio, verdict) = match quiet {
            None => (String::new(), ""),
            Some(quiet) => {
                let ratio = self.p99.as_secs_f64() / quiet.p99.as_secs_f64();
                let verdict = if ratio <= TARGET && self.is_served(quiet) { " ok" } else { " MISSED" };
                (format!("{ratio:.2}"), verdict)
            }
        };
        format!(
            "{name:<24} {:>9} {:>7} {:>8.0} {:>8.0} {ratio:>7} {:>10} {:>8.1} {:>7.1}{verdict}",
            self.answered,
            self.failed,
            self.p50.as_secs_f64() * 1e6,
            self.p99.as_secs_f64() * 1e6,
            format!("{} of {}", self.visits, self.visits + self.failed_visits),
            self.visit_p50.as_secs_f64() * 1e3,
            self.resident_kib as f64 / 1024.0,
        )
    }

    /// Whether nothing that was asked for stayed without an answer, and nearly as much could be asked for.
    fn is_served(&self, quiet: &Self) -> bool {
        self.failed + self.failed_visits == 0 && self.answered as f64 >= ANSWERED * quiet.answered as f64
    }
}

/// The good client.
struct Good {
    pid: u32,
    endpoint: Endpoint,
    requests: Arc<Requests>,
}

impl Good {
    async fn new(subject: &Subject) -> Outcome<Self> {
        let endpoint = subject.endpoint(WireForm::TtlvSocket)?;
        let key = new_key(&endpoint).await?;
        let ask = Ask::Encrypt { key: &key, data: &[0x5A; 64], times: 1 };
        let requests = Arc::new(Requests::new(WireForm::TtlvSocket, endpoint.address, [ask])?);
        Ok(Self { pid: subject.server.pid(), endpoint, requests })
    }

    /// Connections to ask on.
    async fn connect(&self) -> Outcome<Vec<Connection>> {
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            let mut connection = Connection::open(&self.endpoint).await?;
            // Whoever was served is known to the server.
            self.requests.check(connection.exchange(self.requests.first()).await?)?;
            connections.push(connection);
        }
        Ok(connections)
    }

    /// Asks for so long.
    async fn watch(&self, connections: Vec<Connection>, duration: Duration) -> Outcome<Seen> {
        let until = Instant::now() + duration;
        let mut clients = JoinSet::new();
        for (number, connection) in connections.into_iter().enumerate() {
            // They do not ask at the same moment.
            sleep(EVERY / CONNECTIONS as u32).await;
            let (endpoint, requests) = (self.endpoint.clone(), self.requests.clone());
            clients.spawn(async move { ask(Some(connection), &endpoint, &requests, number, until).await });
        }
        let (endpoint, requests) = (self.endpoint.clone(), self.requests.clone());
        let visits = tokio::spawn(async move { visit(&endpoint, &requests, until).await });
        let mut most = 0;
        while Instant::now() < until {
            most = most.max(resident_kib(self.pid)?);
            sleep(LOOK).await;
        }
        let (mut latencies, mut failed) = (Vec::new(), 0);
        while let Some(client) = clients.join_next().await {
            let (mut of_client, failures) = client?;
            latencies.append(&mut of_client);
            failed += failures;
        }
        let answered = latencies.len();
        let (p50, p99) = percentiles(&mut latencies).ok_or("the good client was never answered")?;
        let (mut visits, failed_visits) = visits.await?;
        let visit_p50 = percentiles(&mut visits).map_or(Duration::ZERO, |(p50, _)| p50);
        let visits = visits.len();
        Ok(Seen { answered, failed, p50, p99, visits, failed_visits, visit_p50, resident_kib: most })
    }
}

/// Opens a connection now and then, and asks once on it. Gives the times until the answers, and how often there was none.
async fn visit(endpoint: &Endpoint, requests: &Requests, until: Instant) -> (Vec<Duration>, usize) {
    let (mut latencies, mut failed) = (Vec::new(), 0);
    let mut pace = interval(VISIT_EVERY);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while Instant::now() < until {
        pace.tick().await;
        let begin = Instant::now();
        let answered = async {
            let mut connection = Connection::open(endpoint).await.ok()?;
            let answer = connection.exchange(requests.first()).await.ok()?;
            requests.check(answer).ok()
        };
        match timeout(PATIENCE, answered).await {
            Ok(Some(())) => latencies.push(begin.elapsed()),
            _ => failed += 1,
        }
    }
    (latencies, failed)
}

/// Asks again and again, on a new connection when the old one breaks. Gives the times of the answers, and how often there
/// was none.
async fn ask(
    mut connection: Option<Connection>,
    endpoint: &Endpoint,
    requests: &Requests,
    number: usize,
    until: Instant,
) -> (Vec<Duration>, usize) {
    let (mut latencies, mut failed) = (Vec::new(), 0);
    let mut pace = interval(EVERY);
    pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while Instant::now() < until {
        pace.tick().await;
        let begin = Instant::now();
        let answered = async {
            let open = match connection.take() {
                Some(open) => open,
                None => Connection::open(endpoint).await?,
            };
            let open = connection.insert(open);
            requests.check(open.exchange(requests.pick(number, latencies.len())).await?)
        };
        match timeout(PATIENCE, answered).await {
            Ok(Ok(())) => latencies.push(begin.elapsed()),
            _ => {
                connection = None;
                failed += 1;
            }
        }
    }
    (latencies, failed)
}

/// A key of the user whose connections these are.
pub(crate) async fn new_key(endpoint: &Endpoint) -> Outcome<String> {
    let form = WireForm::TtlvSocket;
    let request = form.frame(endpoint.address, &Ask::Create { tags: &[] }.body(form)?);
    identifier(form, Connection::open(endpoint).await?.exchange(&request).await?)
}

/// The attacker's process. Dropping it ends it.
struct Attacker {
    process: Child,
    says: BufReader<ChildStdout>,
}

impl Attacker {
    /// Starts it, and waits until it has tried all that it does for the first time.
    fn start(attack: Attack, subject: &Subject) -> Outcome<Self> {
        let ttlv = subject.server.ttlv().ok_or("the server has no TTLV socket")?;
        let kind = clap::ValueEnum::to_possible_value(&attack).ok_or("the attack has no name")?;
        let mut command = Command::new("chrt");
        command.args(["--idle", "0"]).arg(env::current_exe()?);
        command.args(["--attacker", kind.get_name()]);
        command.args(["--attacked-http", &subject.server.http().to_string()]);
        command.args(["--attacked-ttlv", &ttlv.to_string()]);
        command.arg("--certificates").arg(subject.folder());
        let process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process =
            process.map_err(|error| format!("cannot start `chrt`, which is part of util-linux: {error}"))?;
        let says = process.stdout.take().ok_or("the attacker has no output")?;
        let mut attacker = Self { process, says: BufReader::new(says) };
        match attacker.line()?.trim() {
            "begun" => Ok(attacker),
            other => Err(format!("the attacker says {other:?}").into()),
        }
    }

    /// Ends it, and gives what came of it.
    fn end(&mut self) -> Outcome<Summary> {
        drop(self.process.stdin.take());
        self.line()?.parse()
    }

    fn line(&mut self) -> Outcome<String> {
        let mut line = String::new();
        self.says.read_line(&mut line)?;
        Ok(line)
    }
}

impl Drop for Attacker {
    fn drop(&mut self) {
        // If it has ended already there is nothing left to end.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
