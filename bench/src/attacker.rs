//! The attacker's process: it goes on until it is ended.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use xtask::Outcome;
use xtask::certificates::Certificates;

use crate::attack::{Attack, IDLE, new_key};
use crate::connection::{Connection, Endpoint, Framing, client_tls};
use crate::message::{Ask, WireForm};
use crate::options::CommandLine;

/// Connections that are slow, and connections that send much.
const SLOW: u64 = 2_000;
const BUSY: u64 = 64;
const WITH_LARGE_BODIES: u64 = 16;
/// Bytes of a head that is too large, and of data to be encrypted, of which a request has two for each.
const HEAD: usize = 1 << 20;
const DATA: usize = 16 << 20;
/// Items of a batch.
const ITEMS: usize = 10_000;

/// Whom the attacker knows.
#[derive(Clone)]
struct Target {
    https: Endpoint,
    ttlv: Endpoint,
}

/// Attacks until the process is ended.
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
    let target = Target { https: endpoint(http, Framing::Http), ttlv: endpoint(ttlv, Framing::Ttlv) };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(begin(attack, target))
}

async fn begin(attack: Attack, target: Target) -> Outcome {
    let mut tasks = JoinSet::new();
    match attack {
        Attack::Slowloris => {
            for number in 0..SLOW {
                let address = if number % 2 == 0 { target.https.address } else { target.ttlv.address };
                tasks.spawn(again(move || slowly(address)));
            }
        }
        Attack::Idle => {
            for number in 0..IDLE {
                let address = if number % 2 == 0 { target.https.address } else { target.ttlv.address };
                tasks.spawn(again(move || idly(address)));
            }
        }
        Attack::Headers => {
            let head = format!("GET /version HTTP/1.1\r\nhost: a\r\nx-large: {}", "a".repeat(HEAD));
            spawn_many(&mut tasks, BUSY, &target.https, head.into_bytes());
        }
        Attack::Bodies => {
            let key = new_key(&target.ttlv).await?;
            let ask = Ask::Encrypt { key: &key, data: &vec![0x5A; DATA], times: 1 };
            let request = WireForm::Rest.frame(target.https.address, &ask.body(WireForm::Rest)?);
            spawn_many(&mut tasks, WITH_LARGE_BODIES, &target.https, request);
        }
        Attack::Batches => {
            let key = new_key(&target.ttlv).await?;
            let ask = Ask::Encrypt { key: &key, data: &[0x5A; 64], times: ITEMS };
            let request = WireForm::TtlvSocket.frame(target.ttlv.address, &ask.body(WireForm::TtlvSocket)?);
            spawn_many(&mut tasks, BUSY, &target.ttlv, request);
        }
        Attack::Handshakes => {
            for _ in 0..BUSY {
                let endpoint = target.ttlv.clone();
                tasks.spawn(again(move || shake(endpoint.clone())));
            }
        }
    }
    while tasks.join_next().await.is_some() {}
    Ok(())
}

/// Sends the same request again and again on so many connections.
fn spawn_many(tasks: &mut JoinSet<()>, connections: u64, endpoint: &Endpoint, request: Vec<u8>) {
    let request: Arc<[u8]> = request.into();
    for _ in 0..connections {
        let (endpoint, request) = (endpoint.clone(), request.clone());
        tasks.spawn(again(move || send(endpoint.clone(), request.clone())));
    }
}

/// Does it for ever, and not at once again when it could not be done.
async fn again<A: Future<Output = Option<()>>>(attempt: impl Fn() -> A) {
    loop {
        if attempt().await.is_none() {
            sleep(Duration::from_millis(100)).await;
        }
    }
}

/// A byte every second, of a message of TLS that would be long.
async fn slowly(address: SocketAddr) -> Option<()> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(b"\x16\x03\x01\x02\x00").await.ok()?;
    loop {
        sleep(Duration::from_secs(1)).await;
        stream.write_all(b"\x01").await.ok()?;
    }
}

/// Nothing, until the server closes.
async fn idly(address: SocketAddr) -> Option<()> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    // What the server says, if anything, is of no interest.
    let _ = stream.read(&mut [0; 64]).await;
    None
}

async fn shake(endpoint: Endpoint) -> Option<()> {
    Connection::open(&endpoint).await.ok().map(drop)
}

/// One request after the other, whatever the answers are.
async fn send(endpoint: Endpoint, request: Arc<[u8]>) -> Option<()> {
    let mut connection = Connection::open(&endpoint).await.ok()?;
    loop {
        timeout(Duration::from_secs(60), connection.exchange(&request)).await.ok()?.ok()?;
    }
}
