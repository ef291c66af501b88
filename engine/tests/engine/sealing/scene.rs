//! A storage that many servers use, with what a test wants to go wrong.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use claviger_engine::sealing::{DATA_KEY, DataKey, Sealing, SealingOptions, SealingPace, ServerKey};
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::filter::{Filter, Index, Page};
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{ObjectId, Record, Revision};
use claviger_plugin_sdk::store::{
    ApplyError, ChangeSet, DocumentPage, DocumentPut, ObjectStore, Put, Rewrite, Rewritten, StoreProperties,
    StoreSource, UsageLeft,
};
use claviger_plugin_sdk::testkit::{FakeClock, MemoryStore, RecordBuilder, SeededRandom};
use claviger_plugin_sdk::{BoxFuture, forward_to_store};
use sha2::{Digest as _, Sha256};

/// A storage and the time.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) store: Arc<Faulty>,
    pub(crate) clock: Arc<FakeClock>,
}

/// What one server is started with.
#[derive(Clone, Default)]
pub(crate) struct Given {
    pub(crate) current: Option<&'static str>,
    pub(crate) other: Option<&'static str>,
    pub(crate) unseal: bool,
}

/// Every server draws other randomness.
static SERVERS: AtomicI64 = AtomicI64::new(1);

impl Scene {
    pub(crate) fn new() -> Self {
        Self { store: Arc::new(Faulty::new(true)), clock: Arc::new(FakeClock::at(1_700_000_000)) }
    }

    /// Other servers write to the storage, too.
    pub(crate) fn shared() -> Self {
        Self { store: Arc::new(Faulty::new(false)), ..Self::new() }
    }

    /// A server that was given these keys.
    pub(crate) fn server(&self, given: Given) -> Sealing {
        self.server_over(Arc::new(Source(self.store.clone())), given)
    }

    /// The same over another storage.
    pub(crate) fn server_over(&self, source: Arc<dyn StoreSource>, given: Given) -> Sealing {
        let key = |name: &'static str| Arc::new(ToyServerKey(name)) as Arc<dyn ServerKey>;
        let seed = SERVERS.fetch_add(1, Ordering::SeqCst) as u64 * 1_000_003;
        let random = Arc::new(Mutex::new(SeededRandom::new(seed)));
        let options = SealingOptions {
            current: given.current.map(key),
            other: given.other.map(key),
            unseal: given.unseal,
            cipher: |key| Arc::new(ToyDataKey(*key)),
            clock: self.clock.clone(),
            random: Arc::new(move || Box::new(Shared(random.clone()))),
            pace: SealingPace { page: 7, reread: Duration::ZERO, ..SealingPace::default() },
        };
        Sealing::over(source, options)
    }

    /// A store that is sealed under a key, with everything as it is to be.
    pub(crate) async fn sealed(&self, name: &'static str) -> Arc<dyn ObjectStore> {
        let server = self.server(Given { current: Some(name), ..Given::default() });
        server.prepare().await.unwrap();
        self.finish(&server).await;
        opened(&server)
    }

    /// A store from which the seal is being taken off.
    pub(crate) async fn unsealing(&self, name: &'static str) -> Arc<dyn ObjectStore> {
        self.sealed(name).await;
        let server = self.server(Given { other: Some(name), unseal: true, ..Given::default() });
        server.prepare().await.unwrap();
        opened(&server)
    }

    /// Lets a server write contents anew until there is nothing left to do.
    pub(crate) async fn finish(&self, server: &Sealing) {
        for _ in 0..10_000 {
            if server.figures().unfinished_stores == 0 {
                return;
            }
            if !server.step().await {
                self.clock.advance(10);
            }
        }
        panic!("the rotation does not end: {:?}", server.figures());
    }

    /// How every record and document is stored.
    pub(crate) async fn bodies(&self) -> Vec<Vec<u8>> {
        let all = self.store.find(&Filter::All(vec![]), &Page::first(100_000), &[]).await.unwrap();
        let mut bodies: Vec<_> = all.records.iter().map(|stored| stored.body.to_vec()).collect();
        for kind in self.store.document_kinds().await.unwrap() {
            if kind != "sealing" {
                let documents = self.store.documents(&kind, &DocumentPage::first(100_000)).await.unwrap();
                bodies.extend(documents.iter().map(|(_, document)| document.body.to_vec()));
            }
        }
        bodies
    }

    /// The numbers of the data keys that contents are under; none for those that are plain.
    pub(crate) async fn numbers(&self) -> Vec<Option<i32>> {
        let number = |body: &Vec<u8>| {
            let number = body.strip_prefix(b"\x02sealed\x01")?.first_chunk()?;
            Some(i32::from_be_bytes(*number))
        };
        let mut numbers: Vec<_> = self.bodies().await.iter().map(number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }
}

/// The store of a server.
pub(crate) fn opened(server: &Sealing) -> Arc<dyn ObjectStore> {
    server.open(&ConnectionFacts::internal()).unwrap()
}

/// A key with a marker as its material.
pub(crate) fn record(id: &str, comment: &str) -> Record {
    RecordBuilder::new(id).owner("alice").material(*b"THE MARKER OF THE KEY MATERIAL 1").tag(comment).build()
}

pub(crate) fn put(record: &Record, expected: Option<u64>) -> ChangeSet {
    let put = Put {
        id: record.id.clone(),
        expected: expected.map(Revision),
        body: record.to_bytes().into(),
        index: Index::of(record),
        usage_left: UsageLeft::Keep,
    };
    ChangeSet { puts: vec![put], ..ChangeSet::default() }
}

pub(crate) fn document(id: &str, expected: Option<u64>, body: &[u8]) -> ChangeSet {
    let put = DocumentPut {
        kind: "job-item".to_owned(),
        id: id.to_owned(),
        expected: expected.map(Revision),
        content: Some((body.into(), None)),
    };
    ChangeSet { documents: vec![put], ..ChangeSet::default() }
}

/// Writes other bytes for a record, past every layer.
pub(crate) async fn overwrite(store: &dyn ObjectStore, id: &str, to: &[u8]) {
    let id = ObjectId::new(id).unwrap();
    let from = store.get(std::slice::from_ref(&id), &[]).await.unwrap().remove(0).body;
    let rewrite = Rewrite { of: Rewritten::Record(id), from, to: to.into() };
    store.apply(ChangeSet { rewrites: vec![rewrite], ..ChangeSet::default() }).await.unwrap();
}

pub(crate) async fn read(store: &dyn ObjectStore, id: &str) -> Result<Record> {
    let stored = store.get(&[ObjectId::new(id).unwrap()], &[]).await?.pop();
    Record::from_bytes(&stored.ok_or_else(|| Error::not_found(id))?.body)
}

/// A server key that is its name.
struct ToyServerKey(&'static str);

impl ServerKey for ToyServerKey {
    fn name(&self) -> &str {
        self.0
    }

    fn wrap_key<'a>(
        &'a self,
        data_key: &'a [u8; DATA_KEY],
        context: &'a [u8],
    ) -> BoxFuture<'a, Result<ByteString>> {
        Box::pin(async move {
            let wrapped = self.key().seal(data_key, context, &mut SeededRandom::new(7))?;
            Ok(wrapped.into())
        })
    }

    fn unwrap_key<'a>(&'a self, wrapped: &'a [u8], context: &'a [u8]) -> BoxFuture<'a, Result<ByteString>> {
        let opened = self.key().open(wrapped, context);
        Box::pin(async move { opened.ok_or_else(|| Error::server("not wrapped under this key")) })
    }
}

impl ToyServerKey {
    fn key(&self) -> ToyDataKey {
        ToyDataKey(Sha256::digest(self.0).into())
    }
}

/// Encryption that is good enough for tests: a stream of digests, and a digest over everything.
struct ToyDataKey([u8; DATA_KEY]);

impl ToyDataKey {
    fn xor(&self, nonce: &[u8], bytes: &mut [u8]) {
        for (place, chunk) in bytes.chunks_mut(32).enumerate() {
            let stream =
                Sha256::new().chain_update(self.0).chain_update(nonce).chain_update(place.to_be_bytes());
            chunk.iter_mut().zip(stream.finalize()).for_each(|(byte, mask)| *byte ^= mask);
        }
    }

    fn tag(&self, sealed: &[u8], context: &[u8]) -> [u8; 32] {
        let length = (sealed.len() as u64).to_be_bytes();
        let tag = Sha256::new().chain_update(self.0).chain_update(length).chain_update(sealed);
        tag.chain_update(context).finalize().into()
    }
}

impl DataKey for ToyDataKey {
    fn seal(&self, plain: &[u8], context: &[u8], random: &mut dyn RandomSource) -> Result<Vec<u8>> {
        let mut sealed = random.bytes(16).to_vec();
        sealed.extend_from_slice(plain);
        let (nonce, content) = sealed.split_at_mut(16);
        self.xor(nonce, content);
        sealed.extend_from_slice(&self.tag(&sealed, context));
        Ok(sealed)
    }

    fn open(&self, sealed: &[u8], context: &[u8]) -> Option<ByteString> {
        let (sealed, tag) = sealed.split_last_chunk::<32>()?;
        let (nonce, content) = sealed.split_at_checked(16)?;
        let mut content = content.to_vec();
        self.xor(nonce, &mut content);
        (*tag == self.tag(sealed, context)).then(|| content.into())
    }
}

/// The randomness of one server.
struct Shared(Arc<Mutex<SeededRandom>>);

impl RandomSource for Shared {
    fn fill(&mut self, buffer: &mut [u8]) {
        self.0.lock().unwrap().fill(buffer);
    }
}

struct Source(Arc<Faulty>);

impl StoreSource for Source {
    fn open(&self, _: &ConnectionFacts) -> Result<Arc<dyn ObjectStore>> {
        Ok(self.0.clone())
    }
}

/// The reference store, whose writes fail when a test says so.
pub(crate) struct Faulty {
    inner: MemoryStore,
    is_sole_writer: bool,
    /// So many writes succeed before one fails; none fails while it is negative.
    pub(crate) writes_left: AtomicI64,
    /// Whether the failing one was written all the same: the answer was lost.
    pub(crate) is_written: AtomicBool,
}

impl Faulty {
    fn new(is_sole_writer: bool) -> Self {
        Self {
            inner: MemoryStore::new(),
            is_sole_writer,
            writes_left: AtomicI64::new(-1),
            is_written: AtomicBool::new(false),
        }
    }

    pub(crate) fn fail_after(&self, writes: i64, is_written: bool) {
        self.is_written.store(is_written, Ordering::SeqCst);
        self.writes_left.store(writes, Ordering::SeqCst);
    }

    pub(crate) fn fail_no_more(&self) {
        self.writes_left.store(-1, Ordering::SeqCst);
    }
}

impl ObjectStore for Faulty {
    forward_to_store!(inner: namespace, get, find, locate, grants);
    forward_to_store!(inner: document, documents, document_kinds, health);

    fn properties(&self) -> StoreProperties {
        StoreProperties { sole_writer: self.is_sole_writer }
    }

    fn apply(&self, change: ChangeSet) -> BoxFuture<'_, Result<(), ApplyError>> {
        Box::pin(async move {
            let left = self.writes_left.load(Ordering::SeqCst);
            let lost = || ApplyError::Failed(Error::server("the connection was lost"));
            if left == 0 {
                if self.is_written.load(Ordering::SeqCst) {
                    self.inner.apply(change).await?;
                }
                return Err(lost());
            }
            if left > 0 {
                self.writes_left.store(left - 1, Ordering::SeqCst);
            }
            // Others come in between.
            tokio::task::yield_now().await;
            self.inner.apply(change).await
        })
    }
}
