//! Decoded records with their parsed keys, so that using a known key costs no query and no parsing.
//!
//! An entry is inserted only if nothing was written to its stripe since the store was asked: a reader that was
//! overtaken by a writer must not put the old record back. The engine bumps the stripe after a write is committed and
//! before it is acknowledged, so Revoke and Destroy hold for every request that starts after the answer.

use std::collections::BTreeSet;
use std::hash::BuildHasher;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};

use claviger_kmip::attributes::kinds;
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::record::{ObjectId, Record, Revision};
use claviger_plugin_sdk::scheme::{PreparedKey, SchemeEntry};
use claviger_plugin_sdk::store::{Grant, ObjectStore, Put, Stored, Subject};
use foldhash::quality::RandomState;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{Equivalent, Weighter};

use crate::admission_facts::AdmissionFacts;

/// One version of one object, decoded.
pub(crate) struct Entry {
    pub(crate) record: Arc<Record>,
    pub(crate) revision: Revision,
    pub(crate) usage_left: Option<i64>,
    pub(crate) facts: AdmissionFacts,
    /// Bytes of the record as it is stored; 0 if it is not for the cache.
    bytes: u64,
    /// The hash of what the store gave; nothing if it was never asked.
    fingerprint: Option<u64>,
    /// The key as the first scheme that needed it has parsed it: most keys are used by one, which takes no lock then.
    prepared: OnceLock<(&'static SchemeEntry, PreparedKey)>,
    prepared_for_others: RwLock<Vec<(&'static SchemeEntry, PreparedKey)>>,
    /// Who was looked up, with the grants that were found; the owner needs no entry.
    grants: RwLock<Vec<(Arc<[Subject]>, HeldGrants)>>,
}

/// The grants that some subjects hold on one object, if there are any.
pub(crate) type HeldGrants = Option<Arc<[Grant]>>;

/// Grants to be shared.
pub(crate) fn held(grants: Vec<Grant>) -> HeldGrants {
    (!grants.is_empty()).then(|| grants.into())
}

/// Different callers whose grants on one object are remembered.
const GRANT_HOLDERS: usize = 32;

impl Entry {
    /// An entry of a record with what is left of its Usage Limits, which the record then shows.
    pub(crate) fn new(mut record: Record, revision: Revision, usage_left: Option<i64>) -> Self {
        if let Some(left) = usage_left
            && let Some(mut limits) = record.attributes.one::<kinds::UsageLimits>()
        {
            limits.count = Some(left);
            record.attributes.put::<kinds::UsageLimits>(limits);
        }
        Self {
            facts: AdmissionFacts::of(&record),
            record: Arc::new(record),
            revision,
            usage_left,
            bytes: 0,
            fingerprint: None,
            prepared: OnceLock::new(),
            prepared_for_others: RwLock::default(),
            grants: RwLock::default(),
        }
    }

    fn decode(stored: &Stored, fingerprint: u64) -> Result<Self> {
        let entry = Self::new(Record::from_bytes(&stored.body)?, stored.revision, stored.usage_left);
        Ok(Self { bytes: stored.body.len() as u64, fingerprint: Some(fingerprint), ..entry })
    }

    /// Whether it is of what the store has. Another server may have removed the object and made a new one of the same
    /// identifier, whose revisions begin anew; so the revision alone does not tell.
    fn is_of(&self, stored: &Stored, fingerprint: u64) -> bool {
        self.revision == stored.revision
            && self.usage_left == stored.usage_left
            && self.fingerprint.is_none_or(|own| own == fingerprint)
    }

    /// The parsed key for a scheme, if there is one yet.
    pub(crate) fn prepared(&self, scheme: &SchemeEntry) -> Option<PreparedKey> {
        let is_for =
            |(parsed_for, _): &&(&'static SchemeEntry, PreparedKey)| std::ptr::eq(*parsed_for, scheme);
        if let Some((_, key)) = self.prepared.get().filter(is_for) {
            return Some(key.clone());
        }
        let others = self.prepared_for_others.read().unwrap_or_else(PoisonError::into_inner);
        others.iter().find(is_for).map(|(_, key)| key.clone())
    }

    /// Keeps a parsed key.
    pub(crate) fn keep(&self, scheme: &'static SchemeEntry, key: PreparedKey) {
        if let Err(other) = self.prepared.set((scheme, key)) {
            self.prepared_for_others.write().unwrap_or_else(PoisonError::into_inner).push(other);
        }
    }

    fn grants_of(&self, subjects: &Arc<[Subject]>) -> Option<HeldGrants> {
        if subjects.iter().any(|subject| subject.owns(&self.record.owner)) {
            return Some(None);
        }
        let known = self.grants.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|(who, _)| who == subjects).map(|(_, grants)| grants.clone())
    }

    fn keep_grants(&self, subjects: &Arc<[Subject]>, grants: HeldGrants) {
        let mut known = self.grants.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= GRANT_HOLDERS {
            known.remove(0);
        }
        known.push((subjects.clone(), grants));
    }
}

/// An object with the grants that the asking subjects hold on it.
#[derive(Clone)]
pub(crate) struct Loaded {
    pub(crate) entry: Arc<Entry>,
    pub(crate) grants: HeldGrants,
}

impl Loaded {
    /// The grants that the asking subjects hold.
    pub(crate) fn grants(&self) -> &[Grant] {
        self.grants.as_deref().unwrap_or_default()
    }
}

/// An object of a store.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    namespace: Arc<str>,
    id: ObjectId,
}

impl Key {
    fn of(store: &dyn ObjectStore, id: &ObjectId) -> Self {
        Self { namespace: store.namespace().clone(), id: id.clone() }
    }
}

/// What finds a key without one of its own.
#[derive(Hash)]
struct Named<'n> {
    namespace: &'n str,
    id: &'n str,
}

impl<'n> Named<'n> {
    fn of(store: &'n dyn ObjectStore, id: &'n str) -> Self {
        Self { namespace: store.namespace(), id }
    }
}

impl Equivalent<Key> for Named<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.id == key.id.as_str() && *self.namespace == *key.namespace
    }
}

/// An object, with the number of writes to its stripe when the store was asked.
pub(crate) struct Since {
    key: Key,
    writes: u64,
}

/// An object that is being created.
pub(crate) struct Creating {
    since: Since,
    bytes: u64,
}

/// The bytes of an entry count, and each for at least so many that the number of entries is bounded, too.
#[derive(Clone)]
struct ByBytes {
    least: u64,
}

impl Weighter<Key, Arc<Entry>> for ByBytes {
    fn weight(&self, _: &Key, entry: &Arc<Entry>) -> u64 {
        entry.bytes.max(self.least)
    }
}

/// Bytes of the largest record that is kept: a larger one would push out too many others.
const LARGEST: u64 = 1 << 20;

const STRIPES: usize = 256;

/// The cache of all stores of the server; the namespace is part of the key.
pub(crate) struct ObjectCache {
    entries: Cache<Key, Arc<Entry>, ByBytes, RandomState>,
    writes: Box<[Mutex<u64>]>,
    hasher: RandomState,
}

impl ObjectCache {
    /// A cache of at most so many objects, whose records have at most so many bytes together as they are stored.
    pub(crate) fn new(capacity: usize, bytes: usize) -> Self {
        Self {
            entries: Cache::with(
                capacity,
                bytes as u64,
                ByBytes { least: (bytes / capacity.max(1)).max(1) as u64 },
                RandomState::default(),
                DefaultLifecycle::default(),
            ),
            writes: (0..STRIPES).map(|_| Mutex::new(0)).collect(),
            hasher: RandomState::default(),
        }
    }

    /// Loads one object; nothing if it does not exist.
    pub(crate) async fn load(
        &self,
        store: &dyn ObjectStore,
        id: &ObjectId,
        subjects: &Arc<[Subject]>,
    ) -> Result<Option<Loaded>> {
        if let Some(known) = self.known(store, id.as_str(), subjects) {
            return Ok(Some(known));
        }
        let read = self.begin(Key::of(store, id));
        match store.get(std::slice::from_ref(id), subjects).await?.pop() {
            Some(stored) => self.take(store, read, stored, subjects).map(Some),
            None => Ok(None),
        }
    }

    /// The object with this identifier, if the store need not be asked for it.
    pub(crate) fn known(
        &self,
        store: &dyn ObjectStore,
        id: &str,
        subjects: &Arc<[Subject]>,
    ) -> Option<Loaded> {
        if !store.properties().sole_writer {
            return None;
        }
        let entry = self.entries.get(&Named::of(store, id))?;
        let grants = entry.grants_of(subjects)?;
        Some(Loaded { entry, grants })
    }

    /// To be called before an object is created, for [`ObjectCache::keep_new`].
    pub(crate) fn before_creating(&self, store: &dyn ObjectStore, put: &Put) -> Creating {
        Creating { since: self.begin(Key::of(store, &put.id)), bytes: put.body.len() as u64 }
    }

    fn begin(&self, key: Key) -> Since {
        let writes = *self.stripe(&key);
        Since { key, writes }
    }

    /// Takes what a search found.
    pub(crate) fn take_found(&self, store: &dyn ObjectStore, stored: Stored) -> Result<Loaded> {
        // What a search returns may be older than what a writer has committed since, so it uses an entry of the same
        // revision and inserts none.
        let fingerprint = self.hasher.hash_one(&*stored.body);
        if let Some(entry) = self.entries.get(&Named::of(store, stored.id.as_str()))
            && entry.is_of(&stored, fingerprint)
        {
            return Ok(Loaded { entry, grants: held(stored.grants) });
        }
        Ok(Loaded { entry: Arc::new(Entry::decode(&stored, fingerprint)?), grants: held(stored.grants) })
    }

    fn take(
        &self,
        store: &dyn ObjectStore,
        read: Since,
        stored: Stored,
        subjects: &Arc<[Subject]>,
    ) -> Result<Loaded> {
        let Since { key, writes } = read;
        let fingerprint = self.hasher.hash_one(&*stored.body);
        let known = self.entries.get(&key).filter(|entry| entry.is_of(&stored, fingerprint));
        let entry = match known {
            Some(entry) => entry,
            None => Arc::new(Entry::decode(&stored, fingerprint)?),
        };
        let grants = held(stored.grants);
        let stripe = self.stripe(&key);
        // A reader that was overtaken began before the write was acknowledged, so it may use what it read; but the entry
        // that it shares with others may be newer than its grants.
        if *stripe == writes {
            if store.properties().sole_writer && entry.grants_of(subjects).is_none() {
                entry.keep_grants(subjects, grants.clone());
            }
            self.insert(key, &entry);
        }
        drop(stripe);
        Ok(Loaded { entry, grants })
    }

    /// Forgets objects that were just written.
    pub(crate) fn forget<'i>(&self, store: &dyn ObjectStore, ids: impl IntoIterator<Item = &'i ObjectId>) {
        for id in ids {
            let key = Key::of(store, id);
            let mut stripe = self.stripe(&key);
            *stripe += 1;
            self.entries.remove(&key);
        }
    }

    /// Forgets all objects of these stores, which nobody uses any more.
    pub(crate) fn forget_stores(&self, namespaces: &BTreeSet<Arc<str>>) {
        self.entries.retain(|key, _| !namespaces.contains(&key.namespace));
    }

    /// Keeps an object that was just created, since it is likely to be used soon; unless somebody has changed it since.
    pub(crate) fn keep_new(&self, created: Creating, record: Record, usage_left: Option<i64>) {
        let Creating { since: Since { key, writes }, bytes } = created;
        let entry = Arc::new(Entry { bytes, ..Entry::new(record, Revision(1), usage_left) });
        let stripe = self.stripe(&key);
        if *stripe == writes {
            self.insert(key, &entry);
        }
        drop(stripe);
    }

    /// Puts an entry in place of what was known of the object, or of nothing if it is too large.
    fn insert(&self, key: Key, entry: &Arc<Entry>) {
        if entry.bytes <= LARGEST {
            self.entries.insert(key, entry.clone());
        } else {
            self.entries.remove(&key);
        }
    }

    fn stripe(&self, key: &Key) -> MutexGuard<'_, u64> {
        let index = usize::try_from(self.hasher.hash_one(key)).unwrap_or(0) % STRIPES;
        #[allow(clippy::indexing_slicing)] // the index is below the number of stripes
        self.writes[index].lock().unwrap_or_else(PoisonError::into_inner)
    }
}
