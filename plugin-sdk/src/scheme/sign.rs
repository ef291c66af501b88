//! Signatures.

use std::sync::Arc;

use claviger_kmip::ByteString;
use claviger_kmip::objects::CryptographicParameters;

use super::Cost;
use crate::error::Result;
use crate::random::RandomSource;
use crate::record::{KeyFacts, Material};

/// Makes and verifies signatures.
pub trait SignScheme: Send + Sync {
    /// Parses a private or a public key, or the public key of a certificate.
    ///
    /// # Errors
    /// Cryptographic Failure: the material is no key of the algorithm.
    fn prepare(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn SignKey>>;
}

/// A parsed key of a signature algorithm; zeroized on drop.
pub trait SignKey: Send + Sync {
    /// What one signature costs, apart from hashing the data.
    fn cost(&self) -> Cost;

    /// Signs.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters: hash, padding or salt do not fit the key. Cryptographic Failure: it is a public
    /// key, or a digest has another length than its hash gives.
    fn sign(
        &self,
        input: SignInput<'_>,
        parameters: &CryptographicParameters,
        rng: &mut dyn RandomSource,
    ) -> Result<ByteString>;

    /// Whether the signature is one of this key over the input. Anything else, malformed or not, is simply not.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters.
    fn verify(
        &self,
        input: SignInput<'_>,
        signature: &[u8],
        parameters: &CryptographicParameters,
    ) -> Result<bool>;

    /// Starts to sign or verify data that comes in parts.
    ///
    /// # Errors
    /// Feature Not Supported: the algorithm needs all data at once. Bad Cryptographic Parameters.
    fn in_parts(&self, parameters: &CryptographicParameters) -> Result<Box<dyn SignStream>>;
}

/// What is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInput<'a> {
    /// The data, which the scheme hashes as the algorithm demands.
    Data(&'a [u8]),
    /// What the client has hashed already.
    Digest(&'a [u8]),
}

/// A signature over data that comes in parts.
pub trait SignStream: Send {
    /// Takes one part.
    ///
    /// # Errors
    /// Cryptographic Failure.
    fn update(&mut self, part: &[u8]) -> Result<()>;

    /// Ends the stream with a signature.
    ///
    /// # Errors
    /// Cryptographic Failure: it is a public key.
    fn sign(self: Box<Self>, rng: &mut dyn RandomSource) -> Result<ByteString>;

    /// Ends the stream: whether this is a signature of the data.
    ///
    /// # Errors
    /// Cryptographic Failure.
    fn verify(self: Box<Self>, signature: &[u8]) -> Result<bool>;
}
