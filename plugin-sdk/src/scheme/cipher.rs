//! Encryption and decryption.

use std::sync::Arc;

use claviger_kmip::ByteString;
use claviger_kmip::objects::CryptographicParameters;

use super::Cost;
use crate::error::Result;
use crate::random::RandomSource;
use crate::record::{KeyFacts, Material};

/// Encrypts and decrypts.
pub trait CipherScheme: Send + Sync {
    /// Parses a key.
    ///
    /// # Errors
    /// Cryptographic Failure: the material has no length of the algorithm.
    fn prepare(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn CipherKey>>;
}

/// A parsed cipher key; zeroized on drop.
pub trait CipherKey: Send + Sync {
    /// What one use costs, apart from the length of its data.
    fn cost(&self) -> Cost;

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
