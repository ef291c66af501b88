//! Root keys: the private one that makes tokens, and the public ones that tokens are verified by.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use biscuit_auth::error::Format;
use biscuit_auth::{Algorithm, KeyPair, PrivateKey, PublicKey};
use claviger_plugin_sdk::{Error, Result, private_file};
use zeroize::Zeroizing;

/// What stands before a private key in hexadecimal.
const PRIVATE: &str = "ed25519-private/";
/// What stands before a public key in hexadecimal.
const PUBLIC: &str = "ed25519/";
/// Bytes that the file of a private key may have.
const LONGEST: usize = 1_024;

/// The private root key, which the library erases when it is dropped.
pub(crate) struct RootKey(KeyPair);

impl RootKey {
    /// A new key.
    pub(crate) fn generate() -> Self {
        Self(KeyPair::new_with_algorithm(Algorithm::Ed25519))
    }

    /// Reads the key in a file.
    ///
    /// # Errors
    /// Invalid Field: as for [`private_file::read`], or it holds something else.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let problem =
            |what: &str| Error::invalid(format!("the root key in {} is no good: {what}", path.display()));
        let content = private_file::read(path, LONGEST).map_err(|error| problem(error.message()))?;
        let other = || problem(&format!("it does not say {PRIVATE} and 64 digits in hexadecimal"));
        let text = std::str::from_utf8(&content).map_err(|_| other())?;
        let key = text.trim().strip_prefix(PRIVATE).ok_or_else(other)?;
        let key = PrivateKey::from_bytes_hex(key, Algorithm::Ed25519).map_err(|_| other())?;
        Ok(Self(KeyPair::from(&key)))
    }

    /// Writes the key into a new file that nobody else may read.
    ///
    /// # Errors
    /// Invalid Field: there is such a file, or it cannot be written.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let hex = Zeroizing::new(self.0.private().to_bytes_hex());
        let text = Zeroizing::new(format!("{PRIVATE}{}\n", *hex));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let written = file.and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        written.map_err(|error| Error::invalid(format!("cannot write {}: {error}", path.display())))
    }

    /// The pair that signs.
    pub(crate) fn pair(&self) -> &KeyPair {
        &self.0
    }

    /// What tokens of this key are verified by.
    pub(crate) fn public(&self) -> PublicKey {
        self.0.public()
    }

    /// The public key as text.
    pub(crate) fn public_text(&self) -> String {
        format!("{PUBLIC}{}", self.public().to_bytes_hex())
    }
}

/// The public root keys, each under the identifier that tokens name it by; one may have none.
#[derive(Default)]
pub(crate) struct RootKeys(BTreeMap<Option<u32>, PublicKey>);

impl RootKeys {
    /// Adds a key.
    ///
    /// # Errors
    /// Invalid Field: another one has the identifier.
    pub(crate) fn add(&mut self, id: Option<u32>, key: PublicKey) -> Result<()> {
        match self.0.insert(id, key) {
            Some(known) if known != key => {
                let id = id.map_or_else(|| "no identifier".to_owned(), |id| format!("the identifier {id}"));
                Err(Error::invalid(format!("two root keys have {id}")))
            }
            _ => Ok(()),
        }
    }

    /// Adds a key that is written as `ed25519/HEX` or `ID=ed25519/HEX`.
    ///
    /// # Errors
    /// Invalid Field: it is not, or another one has the identifier.
    pub(crate) fn add_text(&mut self, text: &str) -> Result<()> {
        let wrong =
            || Error::invalid(format!("{text:?} is no public root key: {PUBLIC}HEX or ID={PUBLIC}HEX"));
        let (id, key) = match text.split_once('=') {
            None => (None, text),
            Some((id, key)) => (Some(id.trim().parse().map_err(|_| wrong())?), key),
        };
        let key = key.trim().strip_prefix(PUBLIC).ok_or_else(wrong)?;
        self.add(id, PublicKey::from_bytes_hex(key, Algorithm::Ed25519).map_err(|_| wrong())?)
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key that a token names.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn get(&self, id: Option<u32>) -> std::result::Result<PublicKey, Format> {
        self.0.get(&id).copied().ok_or(Format::UnknownPublicKey)
    }
}
