//! A data key that is sealed under a key made for it alone, which is kept by a server key elsewhere: the private key of a
//! certificate, or a key in another key server.
//!
//! So whatever keeps it needs no more than to encrypt 32 bytes, or to agree on them, and the context is bound here.

use claviger_engine::sealing::{DATA_KEY, DataKey as _};
use claviger_kmip::ByteString;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::random::RandomSource as _;
use zeroize::Zeroizing;

use super::data_key::XaesKey;
use crate::randomness::LibraryRandom;

/// A key that seals one data key.
pub(super) struct KeyEncryptionKey(Zeroizing<[u8; DATA_KEY]>);

impl KeyEncryptionKey {
    /// A new one.
    pub(super) fn random() -> Self {
        let mut key = Zeroizing::new([0; DATA_KEY]);
        LibraryRandom.fill(&mut *key);
        Self(key)
    }

    /// One from its bytes; nothing if they have another length.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(|key| Self(Zeroizing::new(key)))
    }

    /// Its bytes.
    pub(super) fn bytes(&self) -> &[u8; DATA_KEY] {
        &self.0
    }

    /// The data key, sealed, behind what gives this key back.
    pub(super) fn wrap(&self, kept: &[u8], data_key: &[u8; DATA_KEY], context: &[u8]) -> Result<ByteString> {
        let length = u16::try_from(kept.len()).map_err(|_| Error::server("a wrapped key is far too long"))?;
        let sealed = XaesKey::new(&self.0).seal(data_key, context, &mut LibraryRandom)?;
        Ok([&length.to_be_bytes(), kept, &sealed].concat().into())
    }

    /// The data key of what [`parts`] gave.
    pub(super) fn open(&self, sealed: &[u8], context: &[u8]) -> Result<ByteString> {
        XaesKey::new(&self.0).open(sealed, context).ok_or_else(altered)
    }
}

/// What gives the key back, and the sealed data key.
pub(super) fn parts(wrapped: &[u8]) -> Result<(&[u8], &[u8])> {
    let parts = wrapped
        .split_first_chunk()
        .and_then(|(length, rest)| rest.split_at_checked(usize::from(u16::from_be_bytes(*length))));
    parts.ok_or_else(altered)
}

pub(super) fn altered() -> Error {
    Error::server("a data key of the storage was altered, or wrapped under another server key")
}
