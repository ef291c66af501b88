//! Sealing: a layer over any storage that encrypts what records and documents hold. What is indexed of a record, and the
//! names of documents, stay as they are.
//!
//! A storage has *data keys*, which seal its contents, and keeps them in a document, each wrapped under a *server key*
//! that the server is given ([`keys`]). [`store::SealedStore`] seals what is written and opens what is read, with the data
//! keys that [`ring`] has unwrapped. When the server is given another server key, the storage gets another data key, and
//! [`rotation`] writes everything anew under that one, while the server serves. What is written is told apart by what it
//! begins with ([`body`]), so a rotation can stop anywhere and go on later.

mod body;
mod cell;
mod decision;
mod figures;
mod keys;
mod progress;
mod ring;
mod rotation;
mod snapshot;
mod store;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use claviger_kmip::ByteString;
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::clock::Clock;
use claviger_plugin_sdk::databases::Databases;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::store::{ObjectStore, StoreSource};

pub use figures::SealingFigures;
pub use keys::refuse_sealed;
pub use snapshot::open_snapshot;

use crate::databases::at_hand;
use cell::{Cell, Needed};
use store::SealedStore;

/// A key of the server, wherever it is: it wraps the data keys of a storage.
pub trait ServerKey: Send + Sync {
    /// What the key is called in the storage and in messages. It tells keys apart and nothing of the key.
    fn name(&self) -> &str;

    /// Wraps a data key. The context belongs to it: unwrapping takes the same one.
    ///
    /// # Errors
    /// The key cannot be used, such as when whatever holds it cannot be reached.
    fn wrap_key<'a>(
        &'a self,
        data_key: &'a [u8; DATA_KEY],
        context: &'a [u8],
    ) -> BoxFuture<'a, Result<ByteString>>;

    /// Unwraps what [`ServerKey::wrap_key`] wrapped in this context.
    ///
    /// # Errors
    /// The key cannot be used, or the bytes were not wrapped under it in this context.
    fn unwrap_key<'a>(&'a self, wrapped: &'a [u8], context: &'a [u8]) -> BoxFuture<'a, Result<ByteString>>;
}

/// The length of a data key in bytes.
pub const DATA_KEY: usize = 32;

/// A data key, ready to be used: authenticated encryption that seals any number of contents.
pub trait DataKey: Send + Sync {
    /// Encrypts a content, so that it opens in the same context alone.
    ///
    /// # Errors
    /// It is too long for the cipher.
    fn seal(&self, plain: &[u8], context: &[u8], random: &mut dyn RandomSource) -> Result<Vec<u8>>;

    /// Opens what [`DataKey::seal`] made; nothing if a bit of it or of the context is another one.
    fn open(&self, sealed: &[u8], context: &[u8]) -> Option<ByteString>;
}

/// Makes a data key from its bytes.
pub type Cipher = fn(&[u8; DATA_KEY]) -> Arc<dyn DataKey>;

/// Everything that sealing is given.
pub struct SealingOptions {
    /// Under which server key the storage is to be; none leaves it as it is.
    pub current: Option<Arc<dyn ServerKey>>,
    /// Another server key that the storage may be under: the one that is replaced, or the one that comes.
    pub other: Option<Arc<dyn ServerKey>>,
    /// Whether the seal is to be taken off.
    pub unseal: bool,
    /// What seals.
    pub cipher: Cipher,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Makes a source of randomness.
    pub random: Arc<dyn Fn() -> Box<dyn RandomSource> + Send + Sync>,
    /// How fast.
    pub pace: SealingPace,
}

impl SealingOptions {
    /// The server key of this name.
    ///
    /// # Errors
    /// The server does not have it.
    fn server_key(&self, name: &str) -> Result<&dyn ServerKey> {
        let mut known = [&self.current, &self.other].into_iter().flatten();
        let names = known.clone().map(|key| key.name()).collect::<Vec<_>>().join("` and `");
        known.find(|key| key.name() == name).map(|key| &**key).ok_or_else(|| {
            Error::server("the storage is sealed under a server key that this server was not given")
                .because(format!("it is under `{name}`; given: `{names}`"))
        })
    }
}

/// How fast contents are written anew, and how servers on one storage keep together.
#[derive(Clone, Copy, Debug)]
pub struct SealingPace {
    /// How many contents are written together at most.
    pub page: u64,
    /// How long a server writes under the keys that it knows before it looks for others, on a storage that others write
    /// to.
    pub reread: Duration,
    /// How long after a change of keys another server may still write under the earlier ones; well above `reread`.
    pub settle: Duration,
    /// How long a server that writes contents anew is waited for before another one takes over.
    pub lease: Duration,
    /// How often it is seen whether there is something to do.
    pub look: Duration,
}

impl Default for SealingPace {
    fn default() -> Self {
        Self {
            page: 100,
            reread: Duration::from_secs(10),
            settle: Duration::from_secs(60),
            lease: Duration::from_secs(30),
            look: Duration::from_secs(2),
        }
    }
}

/// A storage whose contents are sealed. Clones are handles of the same one.
#[derive(Clone)]
pub struct Sealing {
    shared: Arc<Shared>,
}

/// What all stores of the storage share.
struct Shared {
    source: Arc<dyn StoreSource>,
    options: SealingOptions,
    /// What this server calls itself in leases.
    holder: String,
    cells: RwLock<HashMap<Arc<str>, Arc<Cell>>>,
    /// Contents that were written anew in stores that are forgotten.
    rewritten_before: AtomicU64,
}

/// How many stores are known before those that nobody uses are forgotten.
const MANY_STORES: usize = 256;

impl Sealing {
    /// Seals the contents of a storage.
    pub fn over(source: Arc<dyn StoreSource>, options: SealingOptions) -> Self {
        let holder = crate::jobs::hexadecimal(&(options.random)().bytes(16));
        let (cells, rewritten_before) = Default::default();
        Self { shared: Arc::new(Shared { source, options, holder, cells, rewritten_before }) }
    }

    /// Sees that the server keys are those of the storage, and begins what the options ask for. A storage with a database
    /// for each group of users is looked at database by database, when each is first used.
    ///
    /// # Errors
    /// The storage is under a server key that the options do not have, or its document of keys was altered. Nothing was
    /// written then. Or the storage or whatever holds a server key fails.
    pub async fn prepare(&self) -> Result<()> {
        if self.shared.source.databases().is_some() {
            return Ok(());
        }
        let store = self.shared.source.open(&ConnectionFacts::internal())?;
        self.shared.sealed(store).ring(Needed::Known).await.map(drop)
    }
}

impl StoreSource for Sealing {
    fn open(&self, facts: &ConnectionFacts) -> Result<Arc<dyn ObjectStore>> {
        Ok(Arc::new(self.shared.sealed(self.shared.source.open(facts)?)))
    }

    fn databases(&self) -> Option<&dyn Databases> {
        self.shared.source.databases().map(|_| self as &dyn Databases)
    }
}

impl Databases for Sealing {
    fn create<'a>(&'a self, random: &'a mut dyn RandomSource) -> BoxFuture<'a, Result<ByteString>> {
        Box::pin(async move { self.inner()?.create(random).await })
    }

    fn opened(&self) -> Vec<Arc<str>> {
        self.inner().map(Databases::opened).unwrap_or_default()
    }

    fn opened_store(&self, namespace: &str) -> Option<Arc<dyn ObjectStore>> {
        let store = self.inner().ok()?.opened_store(namespace)?;
        Some(Arc::new(self.shared.sealed(store)))
    }

    fn health(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move { self.inner()?.health().await })
    }
}

impl Sealing {
    fn inner(&self) -> Result<&dyn Databases> {
        let inner = self.shared.source.databases();
        inner.ok_or_else(|| Error::unsupported("the storage has one store for everybody"))
    }
}

impl Shared {
    fn sealed(self: &Arc<Self>, store: Arc<dyn ObjectStore>) -> SealedStore {
        let cell = self.cell(store.namespace());
        SealedStore { inner: store, cell, shared: self.clone() }
    }

    /// What is known of a store.
    fn cell(&self, namespace: &Arc<str>) -> Arc<Cell> {
        let known = self.cells.read().unwrap_or_else(PoisonError::into_inner).get(namespace).cloned();
        known.unwrap_or_else(|| {
            let mut cells = self.cells.write().unwrap_or_else(PoisonError::into_inner);
            if cells.len() >= MANY_STORES {
                self.forget(&mut cells, |_| false);
            }
            cells.entry(namespace.clone()).or_default().clone()
        })
    }

    /// Forgets the data keys of databases that are closed.
    fn forget_closed(&self) {
        let Some(databases) = self.source.databases() else { return };
        let opened: BTreeSet<Arc<str>> = databases.opened().into_iter().collect();
        let mut cells = self.cells.write().unwrap_or_else(PoisonError::into_inner);
        self.forget(&mut cells, |namespace| opened.contains(namespace));
    }

    /// Forgets stores that nobody uses, but for those to be kept.
    fn forget(&self, cells: &mut HashMap<Arc<str>, Arc<Cell>>, is_kept: impl Fn(&Arc<str>) -> bool) {
        cells.retain(|namespace, cell| {
            let stays = is_kept(namespace) || Arc::strong_count(cell) > 1;
            if !stays {
                self.rewritten_before.fetch_add(cell.figures.rewritten.load(Relaxed), Relaxed);
            }
            stays
        });
    }

    /// The stores in which there may be something to do.
    ///
    /// # Errors
    /// The storage cannot be opened.
    fn stores(self: &Arc<Self>) -> Result<impl Iterator<Item = SealedStore>> {
        Ok(at_hand(&*self.source)?.map(|store| self.sealed(store)))
    }

    fn now(&self) -> i64 {
        self.options.clock.now_millis()
    }
}
