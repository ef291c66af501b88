//! Headers of generations 12 and 14, which encapsulate alike: two points, a tag, an encapsulation for each right; then
//! the metadata, encrypted under the message key, behind their length.

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::random::RandomSource;

use crate::dem;
use crate::generation::{Attempts, Decapsulator, Header, MessageKey, Opened, guarded, not_allowed};
use crate::layout::{Reader, append_vec};

/// Length of a scalar or point of Ristretto25519.
pub(crate) const POINT: usize = 32;
/// Length of a public key of Kyber-768 without hash (INDCPA).
pub(crate) const LATTICE_PUBLIC: usize = 1184;
/// Length of its secret key.
pub(crate) const LATTICE_SECRET: usize = 1152;
/// Length of a ciphertext of it.
const LATTICE_CIPHERTEXT: usize = 1088;

/// A header that is read and not yet opened.
struct Parts<'a> {
    /// The encapsulation.
    encapsulation: &'a [u8],
    /// For how many rights it encapsulates.
    rights: usize,
    /// The encrypted metadata; empty if there are none.
    metadata: &'a [u8],
    /// The length of all.
    length: usize,
}

/// Reads the header with which a message begins.
///
/// # Errors
/// Cryptographic Failure: there is none.
fn read(message: &[u8]) -> Result<Parts<'_>> {
    let mut reader = Reader::new(message, "header");
    let parts = parts(&mut reader).map_err(|_| not_allowed())?;
    let end = message.len() - reader.left();
    let encapsulation = message.get(..parts.0).unwrap_or_default();
    Ok(Parts { encapsulation, rights: parts.1, metadata: parts.2, length: end })
}

fn parts<'a>(reader: &mut Reader<'a>) -> Result<(usize, usize, &'a [u8])> {
    let all = reader.left();
    reader.take(2 * POINT + 16)?;
    let mut rights = 0;
    reader.each(1 + 32, |reader| {
        rights += 1;
        let length = if is_hybrid(reader)? { LATTICE_CIPHERTEXT } else { 32 };
        reader.take(length).map(drop)
    })?;
    let encapsulation = all - reader.left();
    Ok((encapsulation, rights, reader.vec()?))
}

impl Parts<'_> {
    /// Opens the header with the key that was encapsulated.
    ///
    /// # Errors
    /// Cryptographic Failure: the metadata or the additional data are not those of the encryption.
    fn opened(&self, key: MessageKey, additional: &[u8]) -> Result<Opened> {
        let metadata = match self.metadata {
            [] => ByteString::default(),
            metadata => dem::decrypt(&key, metadata, additional)?,
        };
        Ok(Opened { length: self.length, key, metadata })
    }
}

/// A parsed user key of so many secrets: `decaps` gives the message key of an encapsulation.
pub(crate) fn decapsulator(
    secrets: usize,
    decaps: impl Fn(&[u8]) -> Result<MessageKey> + Send + Sync + 'static,
) -> Box<dyn Decapsulator> {
    Box::new(Secret { decaps, secrets })
}

struct Secret<F> {
    decaps: F,
    secrets: usize,
}

impl<F: Fn(&[u8]) -> Result<MessageKey> + Send + Sync> Decapsulator for Secret<F> {
    fn open(&self, message: &[u8], additional: &[u8], attempts: &mut Attempts) -> Result<Opened> {
        let parts = read(message)?;
        attempts.take(parts.rights, self.secrets)?;
        let key = guarded(|| (self.decaps)(parts.encapsulation))?;
        parts.opened(key, additional)
    }
}

/// Makes a header for a key that was encapsulated.
///
/// # Errors
/// Cryptographic Failure: the metadata are longer than can be encrypted.
pub(crate) fn close(
    encapsulation: &[u8],
    key: MessageKey,
    metadata: Option<&[u8]>,
    additional: &[u8],
    rng: &mut dyn RandomSource,
) -> Result<Header> {
    let mut bytes = encapsulation.to_vec();
    let mut encrypted = Vec::new();
    if let Some(metadata) = metadata {
        dem::encrypt(&key, metadata, additional, rng, &mut encrypted)?;
    }
    append_vec(&encrypted, &mut bytes);
    Ok(Header { bytes, key })
}

/// Walks over a public subkey: an optional lattice key and a point.
pub(crate) fn public_subkey(reader: &mut Reader<'_>) -> Result<()> {
    subkey(reader, LATTICE_PUBLIC)
}

/// The bytes of a secret subkey: an optional lattice key and a scalar.
pub(crate) fn secret_subkey<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8]> {
    let before = reader.rest();
    subkey(reader, LATTICE_SECRET)?;
    Ok(before.get(..before.len() - reader.left()).unwrap_or_default())
}

fn subkey(reader: &mut Reader<'_>, lattice: usize) -> Result<()> {
    if is_hybrid(reader)? {
        reader.take(lattice)?;
    }
    reader.take(POINT).map(drop)
}

/// Whether a lattice has a part in what follows. The libraries take any other number for no.
fn is_hybrid(reader: &mut Reader<'_>) -> Result<bool> {
    match reader.number()? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(reader.malformed()),
    }
}

/// Checks a master public key: two points, and a public subkey for each right.
///
/// # Errors
/// Cryptographic Failure: the bytes are none.
pub(crate) fn check_public(bytes: &[u8]) -> Result<()> {
    let mut reader = Reader::new(bytes, "master public key");
    reader.take(2 * POINT)?;
    reader.each(1 + 1 + POINT, |reader| {
        reader.vec()?;
        public_subkey(reader)
    })?;
    reader.end()
}
