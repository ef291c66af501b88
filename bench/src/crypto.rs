//! Cryptography over the wire against the library's bare call: how much of the server's processor time is the algorithm.

use std::fmt;
use std::hint::black_box;
use std::path::Path;
use std::slice;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair};
use xtask::{Outcome, step};

use crate::connection::{Connection, Endpoint};
use crate::database::Database;
use crate::load::{Measurement, measure, send};
use crate::message::{Ask, PairOf, Requests, WireForm, identifier};
use crate::options::CommandLine;
use crate::population::Marks;
use crate::process::processor_time;
use crate::session::Subject;

const CONNECTIONS: usize = 16;
const FORM: WireForm = WireForm::TtlvHttp;

/// What is signed: as long as a digest, so that hashing counts little.
const SIGNED: &[u8] = &[0x5A; 32];

/// What is encrypted.
const ENCRYPTED: usize = 1 << 20;

/// One comparison.
struct Comparison {
    name: &'static str,
    work: Work,
    /// Operations in one message.
    times: usize,
    /// The least share of the server's processor time that the bare call may be.
    target: Option<f64>,
}

#[derive(Clone, Copy)]
enum Work {
    Sign(PairOf),
    Encrypt,
}

const COMPARISONS: &[Comparison] = &[
    comparison("RSA-2048 sign", Work::Sign(PairOf::Rsa2048), 1, Some(0.60)),
    comparison("P-256 sign", Work::Sign(PairOf::P256), 1, Some(0.35)),
    comparison("100 x P-256 sign", Work::Sign(PairOf::P256), 100, Some(0.60)),
    comparison("Ed25519 sign", Work::Sign(PairOf::Ed25519), 1, None),
    comparison("AES-GCM 1 MiB", Work::Encrypt, 1, None),
];

const fn comparison(name: &'static str, work: Work, times: usize, target: Option<f64>) -> Comparison {
    Comparison { name, work, times, target }
}

/// Compares, prints, and shows what heavy work does to light requests.
///
/// # Errors
/// The server or a request fails.
pub(crate) async fn run(binary: &Path, options: &CommandLine) -> Outcome {
    let subject = Subject::start(binary, false, &Database::sqlite(), Marks::Tags)?;
    let endpoint = subject.endpoint(FORM)?;
    Line::head();
    for comparison in COMPARISONS {
        let server = on_the_server(&subject, &endpoint, comparison, options.duration()).await?;
        let bare = bare(comparison.work, options.duration())?;
        let (name, server) = (comparison.name, server / comparison.times as u32);
        println!("{}", Line { name, server, bare, target: comparison.target });
    }
    beside_heavy_work(&subject, &endpoint, options.duration()).await
}

/// What a comparison found, as a line of a table.
pub(crate) struct Line<'a> {
    /// What was compared.
    pub(crate) name: &'a str,
    /// Processor time of the server for one operation.
    pub(crate) server: Duration,
    /// Processor time of the bare call.
    pub(crate) bare: Duration,
    /// The least share that the bare call may be.
    pub(crate) target: Option<f64>,
}

impl Line<'_> {
    /// Prints what the columns are.
    pub(crate) fn head() {
        println!("{:<26} {:>12} {:>12} {:>7} {:>7}", "", "server us", "bare us", "share", "target");
    }
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = self.bare.as_secs_f64() / self.server.as_secs_f64();
        let verdict = match self.target {
            None => String::new(),
            Some(target) => {
                let reached = if share >= target { "ok" } else { "MISSED" };
                format!("{:>5.0} % {reached}", target * 100.0)
            }
        };
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        write!(
            f,
            "{:<26} {:>12.1} {:>12.1} {:>5.0} % {verdict}",
            self.name,
            micros(self.server),
            micros(self.bare),
            share * 100.0
        )
    }
}

/// Processor time of the server for a message.
async fn on_the_server(
    subject: &Subject,
    endpoint: &Endpoint,
    comparison: &Comparison,
    duration: Duration,
) -> Outcome<Duration> {
    let (times, data) = (comparison.times, vec![0x5A; ENCRYPTED]);
    let key = match comparison.work {
        Work::Sign(of) => make(endpoint, &Ask::CreatePair { of }).await?,
        Work::Encrypt => make(endpoint, &Ask::Create { tags: &[] }).await?,
    };
    let ask = match comparison.work {
        Work::Sign(of) => Ask::Sign { key: &key, of, data: SIGNED, times },
        Work::Encrypt => Ask::Encrypt { key: &key, data: &data, times },
    };
    let requests = Arc::new(Requests::new(FORM, endpoint.address, [ask])?);
    let found =
        measure(subject.server.pid(), slice::from_ref(endpoint), &requests, CONNECTIONS, duration).await;
    let Measurement { processor, .. } =
        found.map_err(|error| format!("{}: {error}\n{}", comparison.name, subject.server.end_of_log()))?;
    Ok(processor)
}

async fn make(endpoint: &Endpoint, ask: &Ask<'_>) -> Outcome<String> {
    let request = FORM.frame(endpoint.address, &ask.body(FORM)?);
    identifier(FORM, Connection::open(endpoint).await?.exchange(&request).await?)
}

/// Processor time of the library's call, in this process.
fn bare(work: Work, duration: Duration) -> Outcome<Duration> {
    let random = SystemRandom::new();
    match work {
        Work::Sign(PairOf::Rsa2048) => {
            let key = RsaKeyPair::generate(KeySize::Rsa2048)?;
            let mut signature = vec![0; key.public_modulus_len()];
            repeat(duration, || {
                let signed = key.sign(&signature::RSA_PKCS1_SHA256, &random, SIGNED, &mut signature);
                signed.is_ok()
            })
        }
        Work::Sign(PairOf::P256) => {
            let key = EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_ASN1_SIGNING)?;
            repeat(duration, || black_box(key.sign(&random, SIGNED)).is_ok())
        }
        Work::Sign(PairOf::Ed25519) => {
            let key = Ed25519KeyPair::generate()?;
            let public = key.public_key().as_ref().len();
            repeat(duration, || black_box(key.sign(SIGNED)).as_ref().len() == 2 * public)
        }
        Work::Sign(PairOf::Rsa4096) => Err("RSA-4096 is not compared".into()),
        Work::Encrypt => {
            let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32])?);
            let mut data = vec![0x5A; ENCRYPTED];
            repeat(duration, || {
                let nonce = Nonce::assume_unique_for_key([1; 12]);
                black_box(key.seal_in_place_separate_tag(nonce, Aad::empty(), &mut data)).is_ok()
            })
        }
    }
}

/// Processor time of a call, from many calls on this thread; nothing else runs in this process meanwhile.
pub(crate) fn repeat(duration: Duration, mut call: impl FnMut() -> bool) -> Outcome<Duration> {
    let (before, started) = (processor_time(std::process::id())?, Instant::now());
    let mut calls = 0u32;
    while started.elapsed() < duration {
        if !call() {
            return Err("the bare call fails".into());
        }
        calls += 1;
    }
    Ok(processor_time(std::process::id())?.saturating_sub(before) / calls.max(1))
}

/// Encrypts 64 bytes while as many connections as there are cores make RSA-4096 pairs without a pause.
async fn beside_heavy_work(subject: &Subject, endpoint: &Endpoint, duration: Duration) -> Outcome {
    step::announce("Encrypt 64 B beside RSA-4096 generation on every core");
    let key = make(endpoint, &Ask::Create { tags: &[] }).await?;
    let data = [0x5A; 64];
    let ask = Ask::Encrypt { key: &key, data: &data, times: 1 };
    let light = Arc::new(Requests::new(FORM, endpoint.address, [ask])?);
    let heavy = Arc::new(Requests::new(FORM, endpoint.address, [Ask::CreatePair { of: PairOf::Rsa4096 }])?);
    let quiet =
        measure(subject.server.pid(), slice::from_ref(endpoint), &light, CONNECTIONS, duration).await?;
    let cores = std::thread::available_parallelism()?.get();
    let load = tokio::spawn({
        let (endpoint, heavy) = (endpoint.clone(), Arc::clone(&heavy));
        async move { send(&endpoint, &heavy, cores, u64::MAX).await.map_err(|error| error.to_string()) }
    });
    let beside =
        measure(subject.server.pid(), slice::from_ref(endpoint), &light, CONNECTIONS, duration).await;
    load.abort();
    let beside = beside?;
    for (name, found) in [("alone", quiet), ("beside it", beside)] {
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        println!(
            "{name:<20} {:>9.0} req/s, p50 {:>7.0} us, p99 {:>8.0} us",
            found.per_second,
            micros(found.p50),
            micros(found.p99)
        );
    }
    Ok(())
}
