//! Splitting secrets into shares.

use claviger_kmip::{BigInteger, ByteString};

use super::Cost;
use crate::error::Result;
use crate::random::RandomSource;

/// Splits a secret so that a number of shares restores it and fewer tell nothing (KMIP 2.1 sections 2.8 and 13.1).
pub trait SplitScheme: Send + Sync {
    /// The plan for a secret of this many bytes, with what the method needs to be stored and the client left out.
    ///
    /// # Errors
    /// Invalid Field: the method has no such numbers of parts and threshold, or no such field for the secret. Server
    /// Limit Exceeded: it would take too long.
    fn complete(&self, plan: SplitPlan, secret: usize) -> Result<SplitPlan>;

    /// What it costs to complete a plan and to split a secret of this many bytes, or to join its shares. The plan may be
    /// incomplete, or one that completing refuses.
    fn cost(&self, plan: &SplitPlan, secret: usize) -> Cost;

    /// Splits by a complete plan. Returns one share a part, in the order of their identifiers, which count from 1.
    ///
    /// # Errors
    /// As [`SplitScheme::complete`].
    fn split(&self, secret: &[u8], plan: &SplitPlan, rng: &mut dyn RandomSource) -> Result<Vec<ByteString>>;

    /// Restores a secret from at least as many shares as the threshold says.
    ///
    /// # Errors
    /// Cryptographic Failure: shares are too few, have different lengths or do not belong together as far as can be told.
    /// Invalid Field: the method has no such plan.
    fn join(&self, shares: &[Share], plan: &SplitPlan) -> Result<ByteString>;
}

/// Into what a secret is split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitPlan {
    /// How many shares there are.
    pub parts: u32,
    /// How many of them restore the secret.
    pub threshold: u32,
    /// The prime, where the method computes in a prime field. A complete plan has one then.
    pub prime_field_size: Option<BigInteger>,
}

/// One share of a split secret.
#[derive(Clone, Debug)]
pub struct Share {
    /// The Key Part Identifier, from 1.
    pub identifier: u32,
    /// The share.
    pub value: ByteString,
}
