//! Message authentication codes.

use std::sync::Arc;

use claviger_kmip::ByteString;
use claviger_kmip::objects::CryptographicParameters;

use crate::error::Result;
use crate::random::RandomSource;
use crate::record::{KeyFacts, Material};

/// Makes and verifies MACs.
pub trait MacScheme: Send + Sync {
    /// Parses a key.
    ///
    /// # Errors
    /// Cryptographic Failure: the material is no key of the algorithm.
    fn prepare(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn MacKey>>;
}

/// A parsed MAC key; zeroized on drop.
pub trait MacKey: Send + Sync {
    /// The MAC of the data. It begins with a fresh nonce where the algorithm needs one.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters.
    fn mac(
        &self,
        data: &[u8],
        parameters: &CryptographicParameters,
        rng: &mut dyn RandomSource,
    ) -> Result<ByteString>;

    /// Whether the MAC is that of the data, compared in constant time.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters.
    fn verify(&self, data: &[u8], mac: &[u8], parameters: &CryptographicParameters) -> Result<bool>;

    /// Starts a MAC over data that comes in parts.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters.
    fn in_parts(&self, parameters: &CryptographicParameters) -> Result<Box<dyn MacStream>>;
}

/// A MAC over data that comes in parts.
pub trait MacStream: Send {
    /// Takes one part.
    ///
    /// # Errors
    /// Cryptographic Failure.
    fn update(&mut self, part: &[u8]) -> Result<()>;

    /// Ends the stream with the MAC.
    ///
    /// # Errors
    /// Cryptographic Failure.
    fn finish(self: Box<Self>, rng: &mut dyn RandomSource) -> Result<ByteString>;

    /// Ends the stream: whether this is the MAC, compared in constant time.
    ///
    /// # Errors
    /// Cryptographic Failure.
    fn verify(self: Box<Self>, mac: &[u8]) -> Result<bool>;
}
