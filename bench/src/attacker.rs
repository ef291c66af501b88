//! The attacker's process: it says when it has begun, goes on until its standard input ends, and says then what came of it.
//!
//! It comes from other addresses of the loopback than the good client, as it would from other machines.

use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use xtask::Outcome;
use xtask::certificates::Certificates;

use crate::attack::{Attack, IDLE, new_key};
use crate::connection::{Connection, Endpoint, Framing, client_tls};
use crate::message::{Ask, WireForm};
use crate::options::CommandLine;

/// Addresses that it comes from, from 127.0.0.2 on.
const ADDRESSES: u64 = 8;
/// Connections that are slow, and connections that send much.
const SLOW: u64 = 1_000;
const BUSY: u64 = 64;
const WITH_LARGE_BODIES: u64 = 16;
/// Bytes of a head that is too large, of data to be encrypted, of which a request has two for each, and of a body that
/// comes slowly.
const HEAD: usize = 1 << 20;
const DATA: usize = 16 << 20;
const SLOW_BODY: usize = 60_000;
/// Items of a batch.
const ITEMS: usize = 10_000;
/// How long it tries to begin, and how long it waits before it tries again what failed.
const BEGIN: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_millis(100);
/// How long answers are left where they are.
const UNTAKEN: Duration = Duration::from_secs(30);

/// What came of an attack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// Connections that were made, with their handshakes where it does these.
    pub(crate) accepted: u64,
    /// Those that were open when it ended.
    pub(crate) open: u64,
    /// Requests that were answered.
    pub(crate) answered: u64,
}

/// One attacker. Clones are handles of the same one.
#[derive(Clone)]
struct Attacker {
    https: Endpoint,
    ttlv: Endpoint,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    tried: AtomicU64,
    accepted: AtomicU64,
    open: AtomicU64,
    answered: AtomicU64,
}

/// A connection that is open while it lives.
struct Open<S> {
    stream: S,
    counts: Arc<Counts>,
}

/// Attacks until the standard input ends.
///
/// # Errors
/// The attack cannot begin.
pub(crate) fn run(attack: Attack, options: &CommandLine) -> Outcome {
    let (Some(http), Some(ttlv), Some(folder)) =
        (options.attacked_http, options.attacked_ttlv, &options.certificates)
    else {
        return Err("an attacker needs to know whom to attack".into());
    };
    let most = getrlimit(Resource::Nofile).maximum;
    setrlimit(Resource::Nofile, Rlimit { current: most, maximum: most })?;
    let tls = Some(client_tls(&Certificates::in_folder(folder), "bob")?);
    let endpoint = |address, framing| Endpoint { address, framing, tls: tls.clone() };
    let attacker = Attacker {
        https: endpoint(http, Framing::Http),
        ttlv: endpoint(ttlv, Framing::Ttlv),
        counts: Arc::default(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime
        .block_on(async {
            let tasks = attacker.begin(attack).await?;
            let (begin, count) = (Instant::now(), tasks.len() as u64);
            while attacker.counts.tried.load(Relaxed) < count && begin.elapsed() < BEGIN {
                sleep(AGAIN).await;
            }
            println!("begun");
            // Nothing comes before the end.
            let _ = tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0])).await;
            println!("{}", attacker.counts.summary().text());
            Ok(())
        })
        .inspect(|()| runtime.shutdown_background())
}

impl Attacker {
    /// Begins everything that goes on.
    async fn begin(&self, attack: Attack) -> Outcome<JoinSet<()>> {
        let mut tasks = JoinSet::new();
        match attack {
            Attack::Idle => {
                self.many(&mut tasks, IDLE, |this, number| async move { this.idly(number).await })
            }
            Attack::SlowHandshakes => {
                self.many(&mut tasks, SLOW, |this, number| async move { this.slow_handshake(number).await });
            }
            Attack::SlowHeads => {
                let heads = [b"GET /version HTTP/1.1\r\nhost: ".to_vec(), b"\x42".to_vec()];
                self.slowly(&mut tasks, heads);
            }
            Attack::SlowBodies => {
                let http =
                    format!("POST /kmip_2_1 HTTP/1.1\r\nhost: a\r\ncontent-length: {SLOW_BODY}\r\n\r\n");
                let length = u32::try_from(SLOW_BODY)?.to_be_bytes();
                self.slowly(&mut tasks, [http.into_bytes(), [&b"\x42\x00\x78\x01"[..], &length].concat()]);
            }
            Attack::Headers => {
                let head = format!("GET /version HTTP/1.1\r\nhost: a\r\nx-large: {}", "a".repeat(HEAD));
                self.ask(&mut tasks, BUSY, &self.https, head.into_bytes());
            }
            Attack::Bodies => {
                let key = new_key(&self.ttlv).await?;
                let ask = Ask::Encrypt { key: &key, data: &vec![0x5A; DATA], times: 1 };
                let request = WireForm::Rest.frame(self.https.address, &ask.body(WireForm::Rest)?);
                self.ask(&mut tasks, WITH_LARGE_BODIES, &self.https, request);
            }
            Attack::Batches => {
                let request = self.batch(ITEMS).await?;
                self.ask(&mut tasks, BUSY, &self.ttlv, request);
            }
            Attack::Untaken => {
                let request: Arc<[u8]> = self.batch(ITEMS).await?.into();
                self.many(&mut tasks, BUSY, move |this, number| {
                    let request = request.clone();
                    async move { this.take_no_answer(number, &request).await }
                });
            }
            Attack::Handshakes => {
                self.many(&mut tasks, BUSY, |this, number| async move {
                    this.open(&this.ttlv, number).await.map(drop)
                });
            }
        }
        Ok(tasks)
    }

    /// Does something on so many connections, each again and again: not at once when it could not be done.
    fn many<A: Future<Output = Option<()>> + Send + 'static>(
        &self,
        tasks: &mut JoinSet<()>,
        connections: u64,
        attempt: impl Fn(Self, u64) -> A + Clone + Send + 'static,
    ) {
        for number in 0..connections {
            let (this, attempt) = (self.clone(), attempt.clone());
            tasks.spawn(async move {
                loop {
                    if attempt(this.clone(), number).await.is_none() {
                        sleep(AGAIN).await;
                    }
                }
            });
        }
    }

    /// Sends the same request again and again on so many connections.
    fn ask(&self, tasks: &mut JoinSet<()>, connections: u64, endpoint: &Endpoint, request: Vec<u8>) {
        let (endpoint, request): (_, Arc<[u8]>) = (endpoint.clone(), request.into());
        self.many(tasks, connections, move |this, number| {
            let (endpoint, request) = (endpoint.clone(), request.clone());
            async move { this.send(&endpoint, number, &request).await }
        });
    }

    /// Begins requests that go on by a byte a second: over HTTP and on the socket in turn.
    fn slowly(&self, tasks: &mut JoinSet<()>, [http, ttlv]: [Vec<u8>; 2]) {
        let begins: [Arc<[u8]>; 2] = [http.into(), ttlv.into()];
        self.many(tasks, SLOW, move |this, number| {
            let [http, ttlv] = begins.clone();
            async move {
                let (endpoint, begin) =
                    if number.is_multiple_of(2) { (&this.https, http) } else { (&this.ttlv, ttlv) };
                let mut connection = this.open(endpoint, number).await?;
                connection.stream.send(&begin).await.ok()?;
                loop {
                    sleep(Duration::from_secs(1)).await;
                    connection.stream.send(b"a").await.ok()?;
                }
            }
        });
    }

    /// A byte every second, of a message of TLS that would be long.
    async fn slow_handshake(&self, number: u64) -> Option<()> {
        let mut connection = self.connect(self.either(number), number).await?;
        connection.stream.write_all(b"\x16\x03\x01\x02\x00").await.ok()?;
        loop {
            sleep(Duration::from_secs(1)).await;
            connection.stream.write_all(b"\x01").await.ok()?;
        }
    }

    /// Nothing, until the server closes.
    async fn idly(&self, number: u64) -> Option<()> {
        let mut connection = self.connect(self.either(number), number).await?;
        // What the server says, if anything, is of no interest.
        let _ = connection.stream.read(&mut [0; 64]).await;
        None
    }

    /// One request after the other, whatever the answers are.
    async fn send(&self, endpoint: &Endpoint, number: u64, request: &[u8]) -> Option<()> {
        let mut connection = self.open(endpoint, number).await?;
        loop {
            timeout(Duration::from_secs(60), connection.stream.exchange(request)).await.ok()?.ok()?;
            self.counts.answered.fetch_add(1, Relaxed);
        }
    }

    /// A request whose answer nobody reads.
    async fn take_no_answer(&self, number: u64, request: &[u8]) -> Option<()> {
        let mut connection = self.open(&self.ttlv, number).await?;
        connection.stream.send(request).await.ok()?;
        sleep(UNTAKEN).await;
        Some(())
    }

    async fn batch(&self, items: usize) -> Outcome<Vec<u8>> {
        let key = new_key(&self.ttlv).await?;
        let ask = Ask::Encrypt { key: &key, data: &[0x5A; 64], times: items };
        Ok(WireForm::TtlvSocket.frame(self.ttlv.address, &ask.body(WireForm::TtlvSocket)?))
    }

    fn either(&self, number: u64) -> SocketAddr {
        if number.is_multiple_of(2) { self.https.address } else { self.ttlv.address }
    }

    /// A connection with its handshake.
    async fn open(&self, endpoint: &Endpoint, number: u64) -> Option<Open<Connection>> {
        let opened = async {
            let stream = stream(endpoint.address, number).await.ok()?;
            Connection::over(stream, endpoint).await.ok()
        };
        self.counted(opened.await)
    }

    /// A connection without.
    async fn connect(&self, address: SocketAddr, number: u64) -> Option<Open<TcpStream>> {
        self.counted(stream(address, number).await.ok())
    }

    fn counted<S>(&self, opened: Option<S>) -> Option<Open<S>> {
        let counts = self.counts.clone();
        counts.tried.fetch_add(1, Relaxed);
        let stream = opened?;
        counts.accepted.fetch_add(1, Relaxed);
        counts.open.fetch_add(1, Relaxed);
        Some(Open { stream, counts })
    }
}

impl<S> Drop for Open<S> {
    fn drop(&mut self) {
        self.counts.open.fetch_sub(1, Relaxed);
    }
}

impl Counts {
    fn summary(&self) -> Summary {
        let [accepted, open, answered] =
            [&self.accepted, &self.open, &self.answered].map(|count| count.load(Relaxed));
        Summary { accepted, open, answered }
    }
}

impl Summary {
    /// One line, for the other process.
    fn text(self) -> String {
        format!("{} {} {}", self.accepted, self.open, self.answered)
    }
}

impl FromStr for Summary {
    type Err = Box<dyn std::error::Error>;

    fn from_str(line: &str) -> Result<Self, Self::Err> {
        let numbers: Result<Vec<u64>, _> = line.split_whitespace().map(str::parse).collect();
        match numbers?[..] {
            [accepted, open, answered] => Ok(Self { accepted, open, answered }),
            _ => Err(format!("the attacker says {line:?}").into()),
        }
    }
}

/// A connection from the address of this number.
async fn stream(address: SocketAddr, number: u64) -> Outcome<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    let own = Ipv4Addr::new(127, 0, 0, u8::try_from(2 + number % ADDRESSES)?);
    socket.bind(SocketAddr::new(IpAddr::V4(own), 0))?;
    Ok(socket.connect(address).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary_is_read_as_it_was_written() {
        let summary = Summary { accepted: 3, open: 2, answered: 1 };
        assert_eq!(summary.text().parse::<Summary>().unwrap(), summary);
        assert!("3 2".parse::<Summary>().is_err() && "a b c".parse::<Summary>().is_err());
    }
}
