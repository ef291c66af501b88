//! What attacks do to others: how long a good client waits while each of them goes on, against a quiet server, and the
//! memory that the server takes.
//!
//! The good client is the user `alice`, who asks at a steady pace on connections that she keeps. The attacker is another
//! process: somebody without a certificate, or the user `bob` with one. It runs at the lowest priority, so that on a
//! machine with few processors it takes what the others leave, as if it were on another.

use std::env;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Resource, getrlimit};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};
use xtask::{Outcome, step};

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
/// What its p99 may be, in those of the quiet server.
const TARGET: f64 = 3.0;
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
    /// Connections that send a byte now and then, of a handshake or of a request.
    Slowloris,
    /// Connections that send nothing.
    Idle,
    /// Heads of a megabyte.
    Headers,
    /// Bodies of 33 megabytes.
    Bodies,
    /// Messages of 10,000 items.
    Batches,
    /// TLS handshakes, one after the other.
    Handshakes,
}

impl Attack {
    const ALL: [Self; 6] =
        [Self::Slowloris, Self::Idle, Self::Headers, Self::Bodies, Self::Batches, Self::Handshakes];

    fn name(self) -> &'static str {
        match self {
            Self::Slowloris => "slowloris",
            Self::Idle => "10,000 idle connections",
            Self::Headers => "oversized headers",
            Self::Bodies => "large bodies",
            Self::Batches => "batches of 10,000",
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
    good.watch(SETTLE).await?;
    let quiet = good.watch(duration).await?;
    println!(
        "{:<24} {:>9} {:>7} {:>9} {:>9} {:>7} {:>8}",
        "", "answered", "failed", "p50 us", "p99 us", "x quiet", "MiB"
    );
    println!("{}", quiet.text("quiet", None));
    let only = options.only.as_deref().unwrap_or_default();
    for attack in Attack::ALL.into_iter().filter(|attack| attack.name().contains(only)) {
        if attack == Attack::Idle && !has_files() {
            println!("{:<24} skipped: a process may have fewer files open than that", attack.name());
            continue;
        }
        let attacker = Attacker::start(attack, &subject)?;
        sleep(SETTLE).await;
        let seen = good.watch(duration).await;
        drop(attacker);
        println!("{}", seen?.text(attack.name(), Some(&quiet)));
        sleep(SETTLE).await;
    }
    println!("{}", good.watch(duration).await?.text("quiet again", Some(&quiet)));
    Ok(())
}

/// Whether client and server may have so many connections.
fn has_files() -> bool {
    getrlimit(Resource::Nofile).maximum.is_none_or(|most| most >= IDLE + OTHER_FILES)
}

impl Seen {
    fn text(&self, name: &str, quiet: Option<&Self>) -> String {
        let ratio = quiet.map(|quiet| self.p99.as_secs_f64() / quiet.p99.as_secs_f64());
        let verdict = ratio.map_or_else(String::new, |ratio| {
            let reached = ratio <= TARGET && self.failed == 0;
            format!("{ratio:>7.2} {:>8.1} {}", self.mib(), if reached { "ok" } else { "MISSED" })
        });
        let verdict = if verdict.is_empty() { format!("{:>7} {:>8.1}", "", self.mib()) } else { verdict };
        format!(
            "{name:<24} {:>9} {:>7} {:>9.0} {:>9.0} {verdict}",
            self.answered,
            self.failed,
            self.p50.as_secs_f64() * 1e6,
            self.p99.as_secs_f64() * 1e6,
        )
    }

    fn mib(&self) -> f64 {
        self.resident_kib as f64 / 1024.0
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

    /// Asks for so long.
    async fn watch(&self, duration: Duration) -> Outcome<Seen> {
        let until = Instant::now() + duration;
        let mut clients = JoinSet::new();
        for number in 0..CONNECTIONS {
            // They do not ask at the same moment.
            sleep(EVERY / CONNECTIONS as u32).await;
            let connection = Connection::open(&self.endpoint).await.ok();
            let (endpoint, requests) = (self.endpoint.clone(), self.requests.clone());
            clients.spawn(async move { ask(connection, &endpoint, &requests, number, until).await });
        }
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
        Ok(Seen { answered, failed, p50, p99, resident_kib: most })
    }
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
        match answered.await {
            Ok(()) => latencies.push(begin.elapsed()),
            Err(_) => {
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
struct Attacker(Child);

impl Attacker {
    fn start(attack: Attack, subject: &Subject) -> Outcome<Self> {
        let ttlv = subject.server.ttlv().ok_or("the server has no TTLV socket")?;
        let kind = clap::ValueEnum::to_possible_value(&attack).ok_or("the attack has no name")?;
        let mut command = Command::new("nice");
        command.args(["-n", "19"]).arg(env::current_exe()?);
        command.args(["--attacker", kind.get_name()]);
        command.args(["--attacked-http", &subject.server.http().to_string()]);
        command.args(["--attacked-ttlv", &ttlv.to_string()]);
        command.arg("--certificates").arg(subject.folder());
        let attacker = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn();
        attacker.map(Self).map_err(|error| format!("cannot start `nice`: {error}").into())
    }
}

impl Drop for Attacker {
    fn drop(&mut self) {
        // If it has ended already there is nothing left to end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
