//! Splitting secrets into shares.

use claviger_kmip::{BigInteger, ByteString};

use crate::error::Result;
use crate::random::RandomSource;

/// Splits a secret so that a number of shares restores it and fewer tell nothing (KMIP 2.1 section 2.8).
pub trait SplitScheme: Send + Sync {
    /// Splits. Returns one share a part, in the order of their identifiers, which count from 1.
    ///
    /// # Errors
    /// Invalid Field: the method has no such numbers of parts and threshold, or the secret does not fit the field.
    fn split(&self, secret: &[u8], plan: &SplitPlan, rng: &mut dyn RandomSource) -> Result<Vec<ByteString>>;

    /// Restores a secret of this many bytes from at least as many shares as the threshold says.
    ///
    /// # Errors
    /// Cryptographic Failure: shares are too few, have different lengths or do not belong together as far as can be told.
    fn join(&self, shares: &[Share], plan: &SplitPlan) -> Result<ByteString>;
}

/// Into what a secret is split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitPlan {
    /// How many shares there are.
    pub parts: u32,
    /// How many of them restore the secret.
    pub threshold: u32,
    /// The prime, where the method computes in a prime field and the client chose it.
    pub prime_field_size: Option<BigInteger>,
}

/// One share of a split secret.
#[derive(Debug)]
pub struct Share {
    /// The Key Part Identifier, from 1.
    pub identifier: u32,
    /// The share.
    pub value: ByteString,
}
