//! The document in which a storage keeps its data keys, and what is to become of its contents.

use claviger_kmip::{ByteString, structure};
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::{DocumentPage, DocumentPut, ObjectStore};
use claviger_plugin_sdk::upkeep::Snapshot;

use super::body::Body;
use super::{DATA_KEY, DataKey, ServerKey};
use crate::document::{self, Read};

/// The kind of the documents that sealing keeps. They are not sealed themselves.
pub(super) const KIND: &str = "sealing";
/// The name of the document of keys.
const ID: &str = "keys";
/// The length of the random bytes that tell storages apart.
const DOMAIN: usize = 16;
/// How many records, and documents of each kind, are looked at where there is no document of keys.
const LOOKED_AT: u64 = 8;

structure! {
    /// The data keys of a storage.
    pub struct Keys {
        /// Random bytes that tell this storage from others under the same server key. A copy of the storage has the same.
        domain: ByteString = SALT,
        /// The data keys that contents may be under.
        keys: Vec<WrappedKey> = KEY_WRAPPING_DATA,
        /// The data key that contents are to be under; without one they are to be plain.
        current: Option<i32> = KEY,
        /// Whether all contents are as they are to be.
        is_finished: bool = FINAL_INDICATOR,
        /// Whether contents may be plain.
        admits_plain: bool = INIT_INDICATOR,
        /// The milliseconds since 1970 at which it was decided how contents are to be.
        decided: i64 = PROCESS_START_DATE,
        /// The server keys that were replaced by later ones.
        replaced: Vec<String> = NAME,
        /// What proves that nobody without a data key wrote the document.
        proof: ByteString = MAC_SIGNATURE,
    }
}

structure! {
    /// A data key.
    pub struct WrappedKey {
        /// Tells the data keys of a storage apart; higher is later.
        number: i32 = UNIQUE_BATCH_ITEM_ID,
        /// The server key that it is wrapped under.
        server_key: String = UNIQUE_IDENTIFIER,
        /// The wrapped key.
        wrapped: ByteString = KEY_VALUE,
    }
}

/// A data key in the clear.
pub(super) struct PlainKey {
    pub(super) number: i32,
    pub(super) bytes: ByteString,
}

impl Keys {
    /// The document of a storage, if there is one.
    pub(super) async fn read(store: &dyn ObjectStore) -> Result<Option<Read<Self>>> {
        document::read(store, KIND, ID).await
    }

    /// That of a snapshot, if there is one.
    pub(super) async fn read_from(snapshot: &mut dyn Snapshot) -> Result<Option<Read<Self>>> {
        snapshot.document(KIND, ID).await?.map(document::decode).transpose()
    }

    /// That of a storage that was never sealed.
    pub(super) fn new(random: &mut dyn RandomSource) -> Self {
        Self {
            domain: random.bytes(DOMAIN),
            keys: Vec::new(),
            current: None,
            is_finished: true,
            admits_plain: true,
            decided: 0,
            replaced: Vec::new(),
            proof: ByteString::default(),
        }
    }

    /// Writes it over the one with this revision.
    pub(super) fn put(self, expected: Option<Revision>) -> DocumentPut {
        let content = Some((document::encode(self), None));
        DocumentPut { kind: KIND.to_owned(), id: ID.to_owned(), expected, content }
    }

    /// Whether nothing in the storage is sealed.
    pub(super) fn is_plain(&self) -> bool {
        self.current.is_none() && self.is_finished
    }

    /// The server key that the current data key is wrapped under.
    pub(super) fn server_key(&self) -> Option<&str> {
        let current = self.keys.iter().find(|key| Some(key.number) == self.current)?;
        Some(&current.server_key)
    }

    /// Refuses them for whoever has no server key.
    ///
    /// # Errors
    /// The storage is sealed.
    pub(super) fn refuse_sealed(&self) -> Result<()> {
        if self.is_plain() {
            return Ok(());
        }
        let name = self.keys.iter().max_by_key(|key| key.number).map(|key| key.server_key.as_str());
        let name = name.unwrap_or("one that is not named");
        Err(Error::server("the storage is sealed, and this server was given no server key")
            .because(format!("it is under `{name}`")))
    }

    /// Adds a data key, wrapped under a server key.
    pub(super) async fn add(&mut self, key: &PlainKey, server_key: &dyn ServerKey) -> Result<()> {
        let bytes = <&[u8; DATA_KEY]>::try_from(&*key.bytes).map_err(|_| not_a_key())?;
        let wrapped = server_key.wrap_key(bytes, &self.context(key.number)).await?;
        let server_key = server_key.name().to_owned();
        self.keys.push(WrappedKey { number: key.number, server_key, wrapped });
        Ok(())
    }

    /// What the wrapped key of this number is bound to.
    pub(super) fn context(&self, number: i32) -> Vec<u8> {
        [b"claviger data key ".as_slice(), &self.domain, &number.to_be_bytes()].concat()
    }

    /// The latest data key, which proves the document.
    pub(super) fn latest(&self) -> Option<i32> {
        self.keys.iter().map(|key| key.number).max()
    }

    /// Proves the document with the latest data key.
    pub(super) fn prove(&mut self, latest: &dyn DataKey, random: &mut dyn RandomSource) -> Result<()> {
        self.proof = latest.seal(&[], &self.to_prove(), random)?.into();
        Ok(())
    }

    /// Whether somebody with the latest data key wrote it.
    pub(super) fn is_proven(&self, latest: &dyn DataKey) -> bool {
        latest.open(&self.proof, &self.to_prove()).is_some()
    }

    fn to_prove(&self) -> Vec<u8> {
        let unproven = Self { proof: ByteString::default(), ..self.clone() };
        [b"claviger keys ".as_slice(), &document::encode(unproven)].concat()
    }
}

/// Refuses a storage that is sealed, for a server that has no server key.
///
/// # Errors
/// It is sealed, or it fails.
pub async fn refuse_sealed(store: &dyn ObjectStore) -> Result<()> {
    match Keys::read(store).await? {
        Some(read) => read.content.refuse_sealed(),
        None => refuse_without_keys(store).await,
    }
}

/// Refuses a storage without a document of keys that is not one that was never sealed: its newest records or documents of
/// any kind are sealed, or it knows how far a rotation is. While a seal is put on, what is newest is sealed; while one is
/// taken off, there is a rotation.
///
/// # Errors
/// It was sealed, or it fails.
pub(super) async fn refuse_without_keys(store: &dyn ObjectStore) -> Result<()> {
    let is_sealed = has_sealed_records(store).await? || has_traces_in_documents(store).await?;
    // Another server may have begun to seal since the document was looked for.
    if is_sealed && Keys::read(store).await?.is_none() {
        return Err(Error::server(
            "the storage has sealed contents, and its document of data keys is gone; restore it from a backup",
        ));
    }
    Ok(())
}

async fn has_sealed_records(store: &dyn ObjectStore) -> Result<bool> {
    let newest = store.find(&Filter::All(Vec::new()), &Page::first(LOOKED_AT), &[]).await?;
    Ok(newest.records.iter().any(|stored| is_sealed(&stored.body)))
}

async fn has_traces_in_documents(store: &dyn ObjectStore) -> Result<bool> {
    for kind in store.document_kinds().await? {
        let documents = store.documents(&kind, &DocumentPage::first(LOOKED_AT)).await?;
        let are_own = kind == KIND && !documents.is_empty();
        if are_own || documents.iter().any(|(_, document)| is_sealed(&document.body)) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_sealed(body: &[u8]) -> bool {
    matches!(Body::of(body), Body::Sealed { .. })
}

pub(super) fn not_a_key() -> Error {
    Error::server("a data key of the storage has not the length of one")
}
