//! The data keys of a store, unwrapped.

use std::fmt;
use std::sync::Arc;

use claviger_kmip::ByteString;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::ObjectStore;

use super::body::{self, Body, Whose};
use super::keys::{Keys, not_a_key};
use super::{Cipher, DATA_KEY, DataKey, SealingOptions, Shared};

/// The data keys of a store, and what they are for.
pub(super) struct Ring {
    /// The document, as it was read.
    pub(super) keys: Keys,
    /// Its revision; none if the store has no such document.
    pub(super) revision: Option<Revision>,
    opened: Vec<(i32, Arc<dyn DataKey>)>,
}

/// Why a content cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unopened {
    /// There is no data key of this number.
    UnknownKey(i32),
    /// It is not sealed, and all contents are.
    NotSealed,
    /// It was altered, or belongs to another record, document or storage.
    Altered(i32),
}

impl Ring {
    /// That of a store without a document of keys.
    pub(super) fn of_plain(keys: Keys) -> Self {
        Self { keys, revision: None, opened: Vec::new() }
    }

    /// Unwraps the data keys of a document.
    ///
    /// # Errors
    /// The server does not have a server key of it; whatever holds one fails; the document was altered.
    pub(super) async fn open(
        options: &SealingOptions,
        keys: Keys,
        revision: Revision,
        before: Option<&Self>,
    ) -> Result<Self> {
        let mut opened = Vec::with_capacity(keys.keys.len());
        for key in &keys.keys {
            let same = |before: &&Self| before.keys.domain == keys.domain && before.keys.keys.contains(key);
            let known = before.filter(same).and_then(|before| before.key(key.number));
            let data_key = match known {
                Some(known) => known.clone(),
                None => {
                    let server_key = options.server_key(&key.server_key)?;
                    let context = keys.context(key.number);
                    data_key(options.cipher, &server_key.unwrap_key(&key.wrapped, &context).await?)?
                }
            };
            opened.push((key.number, data_key));
        }
        let ring = Self { keys, revision: Some(revision), opened };
        let latest = ring.keys.latest().and_then(|number| ring.key(number));
        let is_proven = match latest {
            Some(latest) => ring.keys.is_proven(&**latest),
            None => ring.keys.is_plain(),
        };
        if !is_proven {
            return Err(Error::server(
                "the storage's document of data keys was altered; restore it from a backup",
            ));
        }
        Ok(ring)
    }

    /// These data keys if they are still those of the store, or else those that it has now.
    ///
    /// # Errors
    /// As those of [`Ring::open`], and the store fails.
    pub(super) async fn follow(
        shared: &Shared,
        store: &dyn ObjectStore,
        before: Arc<Self>,
    ) -> Result<Arc<Self>> {
        match Keys::read(store).await? {
            Some(read) if Some(read.revision) == before.revision && read.content == before.keys => Ok(before),
            Some(read) => {
                Self::open(&shared.options, read.content, read.revision, Some(&before)).await.map(Arc::new)
            }
            None if before.revision.is_none() => Ok(before),
            None => {
                Err(Error::server("the storage's document of data keys is gone; restore it from a backup"))
            }
        }
    }

    fn key(&self, number: i32) -> Option<&Arc<dyn DataKey>> {
        self.opened.iter().find(|(known, _)| *known == number).map(|(_, key)| key)
    }

    /// Proves a document that has the same latest data key.
    pub(super) fn prove(&self, keys: &mut Keys, random: &mut dyn RandomSource) -> Result<()> {
        let latest = keys.latest().and_then(|number| self.key(number));
        latest.map_or(Ok(()), |latest| keys.prove(&**latest, random))
    }

    /// Whether all contents are as they are to be.
    pub(super) fn is_finished(&self) -> bool {
        self.keys.is_finished
    }

    /// Whether a content is as it is to be.
    pub(super) fn is_as_wanted(&self, body: &[u8]) -> bool {
        match Body::of(body) {
            Body::Plain(_) => self.keys.current.is_none(),
            Body::Sealed { number, .. } => self.keys.current == Some(number),
        }
    }

    /// A content as it is to be stored.
    ///
    /// # Errors
    /// It is too long to be sealed.
    pub(super) fn seal(
        &self,
        whose: Whose<'_>,
        plain: &[u8],
        random: &mut dyn RandomSource,
    ) -> Result<Vec<u8>> {
        let Some(number) = self.keys.current else { return Ok(plain.to_vec()) };
        let key = self
            .key(number)
            .ok_or_else(|| Error::server("the current data key of the storage is missing"))?;
        Ok(body::sealed(number, &key.seal(plain, &whose.context(&self.keys.domain, number), random)?))
    }

    /// The content of what is stored.
    ///
    /// # Errors
    /// See [`Unopened`].
    pub(super) fn open_body(&self, whose: Whose<'_>, body: &[u8]) -> Result<ByteString, Unopened> {
        match Body::of(body) {
            Body::Plain(plain) if self.keys.admits_plain => Ok(plain.into()),
            Body::Plain(_) => Err(Unopened::NotSealed),
            Body::Sealed { number, sealed } => {
                let key = self.key(number).ok_or(Unopened::UnknownKey(number))?;
                let context = whose.context(&self.keys.domain, number);
                key.open(sealed, &context).ok_or(Unopened::Altered(number))
            }
        }
    }
}

/// A data key from its bytes.
///
/// # Errors
/// It has another length.
pub(super) fn data_key(cipher: Cipher, bytes: &[u8]) -> Result<Arc<dyn DataKey>> {
    let bytes = <&[u8; DATA_KEY]>::try_from(bytes).map_err(|_| not_a_key())?;
    Ok(cipher(bytes))
}

impl Unopened {
    /// What the client is told, and the log.
    pub(super) fn into_error(self, whose: Whose<'_>) -> Error {
        Error::server("what the storage holds of an object or request cannot be opened")
            .because(format!("{whose:?}: {self}"))
    }
}

impl fmt::Display for Unopened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKey(number) => {
                write!(f, "it is sealed under the data key {number}, which this storage does not have")
            }
            Self::NotSealed => f.write_str("it is not sealed, though everything in this storage is"),
            Self::Altered(number) => write!(
                f,
                "it does not open under its data key {number}: it was altered, or belongs to something else"
            ),
        }
    }
}
