//! Key encapsulation.

use std::sync::Arc;

use claviger_kmip::ByteString;
use claviger_kmip::objects::CryptographicParameters;

use super::Cost;
use crate::error::Result;
use crate::random::RandomSource;
use crate::record::{KeyFacts, Material};

/// Encapsulates and decapsulates shared secrets.
pub trait EncapsulateScheme: Send + Sync {
    /// Parses a private or a public key.
    ///
    /// # Errors
    /// Cryptographic Failure: the material is no key of the algorithm.
    fn prepare(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn EncapsulateKey>>;
}

/// A parsed key of an encapsulation mechanism; zeroized on drop.
pub trait EncapsulateKey: Send + Sync {
    /// What one use costs.
    fn cost(&self) -> Cost;

    /// Makes a shared secret for the holder of the private key.
    ///
    /// # Errors
    /// Cryptographic Failure: it is a private key whose public half is not known.
    fn encapsulate(
        &self,
        parameters: &CryptographicParameters,
        rng: &mut dyn RandomSource,
    ) -> Result<Encapsulated>;

    /// The shared secret of a ciphertext.
    ///
    /// # Errors
    /// Cryptographic Failure: it is a public key, or the ciphertext has another length than those of the mechanism.
    fn decapsulate(&self, ciphertext: &[u8], parameters: &CryptographicParameters) -> Result<ByteString>;
}

/// A new shared secret.
#[derive(Debug)]
pub struct Encapsulated {
    /// The secret.
    pub secret: ByteString,
    /// What the holder of the private key needs to get it, too.
    pub ciphertext: ByteString,
}
