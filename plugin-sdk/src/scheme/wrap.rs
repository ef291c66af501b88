//! Key wrapping.

use std::sync::Arc;

use claviger_kmip::ByteString;
use claviger_kmip::objects::CryptographicParameters;

use super::Cost;
use crate::error::Result;
use crate::random::RandomSource;
use crate::record::{KeyFacts, Material};

/// Wraps and unwraps key bytes.
pub trait WrapScheme: Send + Sync {
    /// Parses a wrapping key.
    ///
    /// # Errors
    /// Cryptographic Failure: the material has no length of the algorithm.
    fn prepare(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn WrapKey>>;
}

/// A parsed wrapping key; zeroized on drop.
pub trait WrapKey: Send + Sync {
    /// What wrapping or unwrapping one key costs.
    fn cost(&self) -> Cost;

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
