//! What clients were told, and whether the servers stand by it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use claviger_kmip::Ttlv;

use super::requests::{
    all_or_nothing, bytes_of, create, get, identifiers, key_bytes, locate, payloads, register,
};
use crate::client::Client;
use crate::kmip_forms::message;

/// How many objects one message asks for.
const BATCH: usize = 50;

/// Clients that write at once.
pub(crate) const WRITERS: usize = 4;

/// Two keys that one message makes, the first by Create and the second by Register.
type Pair = [String; 2];

/// What became of each pair that clients asked for.
#[derive(Default)]
pub(crate) struct Ledger {
    /// Pairs that a server said it made, by name, with their identifiers.
    acknowledged: Mutex<BTreeMap<String, Pair>>,
    /// Pairs of which nothing is known: the connection broke before the answer.
    unknown: Mutex<Vec<String>>,
    /// Pairs that a server said it did not make, with what it said.
    refused: Mutex<Vec<(String, String)>>,
    stopped: AtomicBool,
    runs: AtomicUsize,
}

/// Ends the load when it goes, also when a test fails.
struct Load<'a>(&'a AtomicBool);

impl Drop for Load<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What one request came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Made,
    Nothing,
    Refused,
}

impl Ledger {
    /// Asks for a pair of this name.
    pub(crate) fn ask(&self, client: &mut Client, name: &str) -> Told {
        let pair = all_or_nothing(vec![create(&first(name)), register(&second(name))]);
        let Some(answer) = client.try_kmip(&pair) else {
            self.unknown.lock().unwrap().push(name.to_owned());
            return Told::Nothing;
        };
        match answer.as_ref().map_err(Clone::clone).and_then(pair_of) {
            Ok(pair) => {
                self.acknowledged.lock().unwrap().insert(name.to_owned(), pair);
                Told::Made
            }
            Err(text) => {
                self.refused.lock().unwrap().push((name.to_owned(), text));
                Told::Refused
            }
        }
    }

    /// Does something while clients ask for pairs; they connect again whenever a connection breaks.
    pub(crate) fn under_load<T>(
        &self,
        connect: impl Fn() -> Option<Client> + Sync,
        act: impl FnOnce() -> T,
    ) -> T {
        thread::scope(|scope| {
            let load = Load(&self.stopped);
            load.0.store(false, Ordering::Relaxed);
            let connect = &connect;
            for writer in 0..WRITERS {
                let run = self.runs.fetch_add(1, Ordering::Relaxed);
                scope.spawn(move || self.load(&format!("{writer} of {run}"), connect));
            }
            act()
        })
    }

    fn load(&self, writer: &str, connect: impl Fn() -> Option<Client>) {
        let mut client = None;
        for number in 0_u64.. {
            if self.stopped.load(Ordering::Relaxed) {
                return;
            }
            let Some(connected) = client.take().or_else(&connect) else {
                thread::sleep(Duration::from_millis(20));
                continue;
            };
            let connected = client.insert(connected);
            match self.ask(connected, &format!("{writer} {number}")) {
                Told::Made | Told::Refused => {}
                Told::Nothing => client = None,
            }
            // All of it is looked at in the end.
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// How many pairs were made.
    pub(crate) fn made(&self) -> usize {
        self.acknowledged.lock().unwrap().len()
    }

    /// How often a connection broke.
    pub(crate) fn broken(&self) -> usize {
        self.unknown.lock().unwrap().len()
    }

    /// What servers said when they refused.
    pub(crate) fn refusals(&self) -> Vec<String> {
        self.refused.lock().unwrap().iter().map(|(_, text)| text.clone()).collect()
    }

    /// Waits until so many more pairs are made.
    pub(crate) fn wait_for(&self, more: usize, patience: Duration) {
        let (before, start) = (self.made(), Instant::now());
        while self.made() < before + more {
            let refused = self.refusals();
            assert!(start.elapsed() < patience, "nothing is made any more: {:?}", refused.last());
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Every pair that was acknowledged is found, which writes nothing; to get a key for the first time does (its
    /// attribute Fresh).
    pub(crate) fn verify_without_writing(&self, server: &mut Client) {
        for name in self.acknowledged.lock().unwrap().keys() {
            assert!(is_there(server, name), "{name} is lost");
        }
    }

    /// Every pair that was acknowledged is there, with the same bytes on each of these servers, and every other is there
    /// whole or not at all. Says how many of the others are there.
    ///
    /// Servers are connected to one after the other: none waits for a client that does not say anything.
    pub(crate) fn verify(&self, servers: &[impl Fn() -> Client]) -> usize {
        let acknowledged = self.acknowledged.lock().unwrap();
        let bytes: Vec<_> = servers.iter().map(|server| bytes_on(&mut server(), &acknowledged)).collect();
        for ((name, pair), place) in acknowledged.iter().zip(0..) {
            let [created, registered] = [2 * place, 2 * place + 1];
            for server in &bytes {
                assert_eq!(server[created], bytes[0][created], "the created key {} of {name}", pair[0]);
                assert_eq!(server[registered], bytes_of(&second(name)), "the key {} of {name}", pair[1]);
            }
        }
        let refused = self.refused.lock().unwrap();
        let others = self.unknown.lock().unwrap();
        let others = others.iter().chain(refused.iter().map(|(name, _)| name));
        let mut client = servers[0]();
        others.filter(|name| is_there(&mut client, name)).count()
    }
}

fn first(name: &str) -> String {
    format!("{name} created")
}

fn second(name: &str) -> String {
    format!("{name} registered")
}

fn pair_of(answer: &Ttlv) -> Result<Pair, String> {
    let ids: Vec<String> = payloads(answer)?.into_iter().flat_map(identifiers).collect();
    ids.try_into().map_err(|ids| format!("a pair of {ids:?}"))
}

/// The bytes of all keys, in order.
fn bytes_on(server: &mut Client, pairs: &BTreeMap<String, Pair>) -> Vec<Vec<u8>> {
    let ids: Vec<&String> = pairs.values().flatten().collect();
    let batches = ids.chunks(BATCH).flat_map(|ids| {
        let answer = server.kmip(&message(ids.iter().map(|id| get(id)).collect()));
        let keys = payloads(&answer).unwrap_or_else(|text| panic!("one of {ids:?} is lost: {text}"));
        keys.into_iter().map(key_bytes).collect::<Vec<_>>()
    });
    batches.collect()
}

/// Whether the pair is there: both of it, or neither.
fn is_there(server: &mut Client, name: &str) -> bool {
    let answer = server.kmip(&message(vec![locate(&first(name)), locate(&second(name))]));
    let found: Vec<usize> =
        payloads(&answer).unwrap().into_iter().map(|payload| identifiers(payload).len()).collect();
    assert!(found == [0, 0] || found == [1, 1], "half of {name} is there: {found:?}");
    found == [1, 1]
}
