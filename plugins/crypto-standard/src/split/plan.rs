//! Which plans and shares make sense, whatever the method.

use std::collections::BTreeSet;

use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::scheme::{Share, SplitPlan};
use claviger_plugin_sdk::{Error, ErrorClass, Result};

/// The plan has parts up to this number, and a threshold that protects the secret.
///
/// # Errors
/// Invalid Field: it has not.
pub(super) fn check_plan(plan: &SplitPlan, most_parts: u32) -> Result<()> {
    if plan.parts > most_parts {
        return Err(Error::invalid(format!(
            "Split Key Parts is at most {most_parts} with this Split Key Method, not {}",
            plan.parts
        )));
    }
    if plan.threshold < 2 || plan.threshold > plan.parts {
        return Err(Error::invalid(format!(
            "Split Key Threshold is 2 or more and at most Split Key Parts ({}), not {}",
            plan.parts, plan.threshold
        )));
    }
    Ok(())
}

/// There is something to split.
///
/// # Errors
/// Invalid Field: there is not.
pub(super) fn check_secret(bytes: usize) -> Result<()> {
    if bytes == 0 { Err(Error::invalid("there is no secret to split: the key has no bytes")) } else { Ok(()) }
}

/// How many steps it takes to split a secret of this many bytes, or to join as many shares as there may be.
pub(super) fn steps(plan: &SplitPlan, bytes: usize) -> u64 {
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
    u64::from(plan.parts).saturating_mul(plan.threshold.into()).saturating_mul(bytes)
}

/// About a second.
const MOST_STEPS: u64 = 1 << 26;

/// The work ends in reasonable time.
///
/// # Errors
/// Server Limit Exceeded: it does not.
pub(super) fn check_steps(plan: &SplitPlan, bytes: usize) -> Result<()> {
    if steps(plan, bytes) <= MOST_STEPS {
        return Ok(());
    }
    Err(Error::new(
        ResultReason::SERVER_LIMIT_EXCEEDED,
        ErrorClass::Request,
        "so many parts of so long a secret take too long; split a key that encrypts the secret instead",
    ))
}

/// The shares are enough, each is another part, and they have the same length.
///
/// # Errors
/// Cryptographic Failure: they are not.
pub(super) fn check_shares(shares: &[Share], plan: &SplitPlan) -> Result<()> {
    if usize::try_from(plan.threshold).is_ok_and(|threshold| shares.len() < threshold) {
        return Err(Error::cryptographic(format!(
            "{} of the parts restore the key; there are {}",
            plan.threshold,
            shares.len()
        )));
    }
    let identifiers: BTreeSet<u32> = shares.iter().map(|share| share.identifier).collect();
    if identifiers.len() < shares.len()
        || identifiers.iter().any(|identifier| !(1..=plan.parts).contains(identifier))
    {
        return Err(not_together());
    }
    let length = shares.first().map_or(0, |share| share.value.len());
    if length == 0 || shares.iter().any(|share| share.value.len() != length) {
        return Err(not_together());
    }
    Ok(())
}

/// The one answer to shares that are not of one secret, as far as can be told.
pub(super) fn not_together() -> Error {
    Error::cryptographic("these are not parts of one key")
}
