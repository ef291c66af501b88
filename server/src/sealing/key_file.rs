//! A server key in a file.

use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use claviger_engine::sealing::{DATA_KEY, DataKey as _, ServerKey};
use claviger_kmip::ByteString;
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::error::{Error, Result};
use zeroize::Zeroizing;

use super::data_key::XaesKey;
use super::private_file::{self, problem};
use crate::failure::Failure;
use crate::randomness::LibraryRandom;

/// A key of 256 bits that a file holds.
pub(super) struct FileKey {
    name: String,
    key: XaesKey,
}

impl FileKey {
    /// Reads a key: 32 bytes as they are, 64 hexadecimal digits, or Base64; a line may end behind digits or letters.
    ///
    /// # Errors
    /// The file cannot be read, is open to others, or holds something else.
    pub(super) fn read(file: &Path, flag: &str) -> Result<Self, Failure> {
        let bytes = private_file::read(file, flag)?;
        let key = key_of(&bytes).ok_or_else(|| {
            let what = "no key of 256 bits: it takes 32 bytes, 64 hexadecimal digits or 44 letters of Base64, such as \
                        `openssl rand -hex 32` makes";
            problem(file, flag, what)
        })?;
        Ok(Self { name: name_of(&key), key: XaesKey::new(&key) })
    }
}

/// The key in the content of a file.
fn key_of(bytes: &[u8]) -> Option<Zeroizing<[u8; DATA_KEY]>> {
    if let Ok(key) = <[u8; DATA_KEY]>::try_from(bytes) {
        return Some(Zeroizing::new(key));
    }
    let text = std::str::from_utf8(bytes).ok()?.trim();
    let mut key = Zeroizing::new([0; DATA_KEY]);
    let decoded = match text.len() {
        64 => Zeroizing::new(hex::decode(text).ok()?),
        44 => Zeroizing::new(openssl::base64::decode_block(text).ok()?),
        _ => return None,
    };
    key.copy_from_slice(decoded.get(..DATA_KEY).filter(|_| decoded.len() == DATA_KEY)?);
    Some(key)
}

/// A name that tells keys apart: the beginning of a digest, from which nobody learns the key.
fn name_of(key: &[u8; DATA_KEY]) -> String {
    let text = Zeroizing::new([b"claviger server key ".as_slice(), key].concat());
    let digest = digest(&SHA256, &text);
    let start: String = digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("key:{start}")
}

impl ServerKey for FileKey {
    fn name(&self) -> &str {
        &self.name
    }

    fn wrap_key<'a>(
        &'a self,
        data_key: &'a [u8; DATA_KEY],
        context: &'a [u8],
    ) -> BoxFuture<'a, Result<ByteString>> {
        let wrapped = self.key.seal(data_key, context, &mut LibraryRandom).map(ByteString::from);
        Box::pin(async { wrapped })
    }

    fn unwrap_key<'a>(&'a self, wrapped: &'a [u8], context: &'a [u8]) -> BoxFuture<'a, Result<ByteString>> {
        let opened = self.key.open(wrapped, context);
        Box::pin(async { opened.ok_or_else(|| Error::server("a data key of the storage was altered")) })
    }
}
