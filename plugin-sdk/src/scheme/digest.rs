//! Hash functions.

use claviger_kmip::ByteString;
use claviger_kmip::objects::CryptographicParameters;

use crate::error::Result;

/// Hashes data. It claims parameters that name its Hashing Algorithm; there is no key.
pub trait DigestScheme: Send + Sync {
    /// The digest of the data.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters.
    fn digest(&self, data: &[u8], parameters: &CryptographicParameters) -> Result<ByteString>;

    /// Starts a digest of data that comes in parts.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters.
    fn in_parts(&self, parameters: &CryptographicParameters) -> Result<Box<dyn DigestStream>>;
}

/// A digest of data that comes in parts.
pub trait DigestStream: Send {
    /// Takes one part.
    ///
    /// # Errors
    /// Cryptographic Failure.
    fn update(&mut self, part: &[u8]) -> Result<()>;

    /// Ends the stream with the digest.
    ///
    /// # Errors
    /// Cryptographic Failure.
    fn finish(self: Box<Self>) -> Result<ByteString>;
}
