//! Schemes: what one algorithm can do.
//!
//! A scheme is synchronous and pure. It claims keys and parameters; the engine asks the registry for the scheme
//! that claims a key and never matches on an algorithm itself. Parsed keys are cached by the engine.

use std::sync::Arc;

use claviger_kmip::ByteString;
use claviger_kmip::attributes::Attributes;
use claviger_kmip::objects::{CryptographicParameters, KeyBlock};
use claviger_kmip::tables::enumerations::CryptographicAlgorithm;

use crate::error::Result;
use crate::random::RandomSource;
use crate::record::{KeyFacts, Material};

/// What a scheme may be able to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Capability {
    /// Make symmetric keys.
    Generate,
    /// Encrypt and decrypt.
    Cipher,
    /// Wrap and unwrap keys.
    Wrap,
    /// Make and verify MACs.
    Mac,
}

/// A scheme for one capability of one algorithm.
pub struct SchemeEntry {
    /// Its name, for reports: `AES-GCM`.
    pub name: &'static str,
    /// The algorithm of the keys it works on.
    pub algorithm: CryptographicAlgorithm,
    /// Whether it is the one for a key with these parameters. Claims of one algorithm and capability never overlap.
    pub claims: fn(&KeyFacts<'_>, &CryptographicParameters) -> bool,
    /// What it does.
    pub scheme: Scheme,
}

/// The implementation of a capability.
#[derive(Clone, Copy)]
pub enum Scheme {
    /// See [`Generate`].
    Generate(&'static dyn Generate),
    /// See [`CipherScheme`].
    Cipher(&'static dyn CipherScheme),
    /// See [`WrapScheme`].
    Wrap(&'static dyn WrapScheme),
    /// See [`MacScheme`].
    Mac(&'static dyn MacScheme),
}

impl Scheme {
    /// Which capability this is.
    pub fn capability(&self) -> Capability {
        match self {
            Self::Generate(_) => Capability::Generate,
            Self::Cipher(_) => Capability::Cipher,
            Self::Wrap(_) => Capability::Wrap,
            Self::Mac(_) => Capability::Mac,
        }
    }
}

/// Makes symmetric keys.
pub trait Generate: Send + Sync {
    /// Makes a key block for a template that holds at least the Cryptographic Algorithm.
    ///
    /// # Errors
    /// Invalid Attribute Value: the length is none of the algorithm's.
    fn generate(&self, template: &Attributes, rng: &mut dyn RandomSource) -> Result<KeyBlock>;
}

/// Encrypts and decrypts.
pub trait CipherScheme: Send + Sync {
    /// Parses a key.
    ///
    /// # Errors
    /// Cryptographic Failure: the material has no length of the algorithm.
    fn prepare(&self, material: &Material) -> Result<Arc<dyn CipherKey>>;
}

/// A parsed cipher key; zeroized on drop.
pub trait CipherKey: Send + Sync {
    /// Encrypts the whole data at once.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters (nonce, tag length, padding), Cryptographic Failure.
    fn encrypt(&self, input: CipherInput<'_>, rng: &mut dyn RandomSource) -> Result<Encrypted>;

    /// Decrypts the whole data at once.
    ///
    /// # Errors
    /// As `encrypt`; Cryptographic Failure also when authentication fails.
    fn decrypt(&self, input: CipherInput<'_>) -> Result<ByteString>;

    /// Starts to encrypt in parts. Returns the stream and the nonce that it made, if it made one.
    ///
    /// # Errors
    /// Feature Not Supported: the mode needs all data at once.
    fn encrypt_in_parts(
        &self,
        input: CipherInput<'_>,
        rng: &mut dyn RandomSource,
    ) -> Result<(Box<dyn CipherStream>, Option<ByteString>)>;

    /// Starts to decrypt in parts. An authenticated mode releases nothing before the final part.
    ///
    /// # Errors
    /// Feature Not Supported: the mode needs all data at once.
    fn decrypt_in_parts(&self, input: CipherInput<'_>) -> Result<Box<dyn CipherStream>>;
}

/// What a cipher works on.
#[derive(Clone, Copy, Debug)]
pub struct CipherInput<'a> {
    /// Parameters of the request, completed by those of the key.
    pub parameters: &'a CryptographicParameters,
    /// Plaintext or ciphertext. Not looked at where a cipher starts to work in parts: every part goes through
    /// [`CipherStream::update`].
    pub data: &'a [u8],
    /// IV, counter or nonce, if the client gave one.
    pub nonce: Option<&'a [u8]>,
    /// Data to authenticate besides.
    pub additional_data: &'a [u8],
    /// The authentication tag, when decrypting and the client gave it apart from the data.
    pub tag: Option<&'a [u8]>,
}

/// What encryption gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encrypted {
    /// Ciphertext, without nonce and tag.
    pub data: ByteString,
    /// The nonce, when the scheme made it.
    pub nonce: Option<ByteString>,
    /// The authentication tag of an authenticated mode.
    pub tag: Option<ByteString>,
}

/// An encryption or decryption in parts.
pub trait CipherStream: Send {
    /// Takes one part and returns the output so far, which may be empty.
    ///
    /// # Errors
    /// Cryptographic Failure.
    fn update(&mut self, part: &[u8]) -> Result<ByteString>;

    /// Takes the tag that the client gave with the final part of a decryption. A mode without tags, and an
    /// encryption, have no use for it.
    fn expect_tag(&mut self, tag: &[u8]);

    /// Ends the stream: the last output and, when encrypting in an authenticated mode, the tag.
    ///
    /// # Errors
    /// Cryptographic Failure: padding or authentication is wrong.
    fn finish(self: Box<Self>) -> Result<(ByteString, Option<ByteString>)>;
}

/// Wraps and unwraps key bytes.
pub trait WrapScheme: Send + Sync {
    /// Parses a wrapping key.
    ///
    /// # Errors
    /// Cryptographic Failure: the material has no length of the algorithm.
    fn prepare(&self, material: &Material) -> Result<Arc<dyn WrapKey>>;
}

/// A parsed wrapping key; zeroized on drop.
pub trait WrapKey: Send + Sync {
    /// Wraps bytes. `nonce` is set when the scheme made one that unwrapping needs apart from the data.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters: the bytes have a length that the scheme does not wrap.
    fn wrap(
        &self,
        plain: &[u8],
        parameters: &CryptographicParameters,
        rng: &mut dyn RandomSource,
    ) -> Result<Wrapped>;

    /// Unwraps bytes.
    ///
    /// # Errors
    /// Cryptographic Failure: the integrity check fails.
    fn unwrap(
        &self,
        wrapped: &[u8],
        parameters: &CryptographicParameters,
        nonce: Option<&[u8]>,
    ) -> Result<ByteString>;
}

/// What wrapping gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapped {
    /// The wrapped bytes.
    pub data: ByteString,
    /// The nonce, when it does not travel in the data.
    pub nonce: Option<ByteString>,
}

/// Makes and verifies MACs.
pub trait MacScheme: Send + Sync {
    /// Parses a key.
    ///
    /// # Errors
    /// Cryptographic Failure: the material is no key of the algorithm.
    fn prepare(&self, material: &Material) -> Result<Arc<dyn MacKey>>;
}

/// A parsed MAC key; zeroized on drop.
pub trait MacKey: Send + Sync {
    /// The MAC of the data.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters.
    fn mac(&self, data: &[u8], parameters: &CryptographicParameters) -> Result<ByteString>;

    /// Whether the MAC is that of the data, compared in constant time.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters.
    fn verify(&self, data: &[u8], mac: &[u8], parameters: &CryptographicParameters) -> Result<bool>;
}

/// A parsed key, ready for one capability. Cheap to clone.
#[derive(Clone)]
pub enum PreparedKey {
    /// For [`Capability::Cipher`].
    Cipher(Arc<dyn CipherKey>),
    /// For [`Capability::Wrap`].
    Wrap(Arc<dyn WrapKey>),
    /// For [`Capability::Mac`].
    Mac(Arc<dyn MacKey>),
}

/// Registers a scheme at link time. The argument is a `SchemeEntry` constant expression.
#[macro_export]
macro_rules! register_scheme {
    ($entry:expr) => {
        $crate::inventory::submit! {
            $crate::plugin::Entry::new(
                env!("CARGO_PKG_NAME"),
                $crate::plugin::EntryKind::Scheme({
                    static ENTRY: $crate::scheme::SchemeEntry = $entry;
                    &ENTRY
                }),
            )
        }
    };
}
