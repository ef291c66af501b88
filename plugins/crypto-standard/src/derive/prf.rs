//! Pseudo-random functions: MACs that need no randomness.

use std::sync::Arc;

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::HashingAlgorithm;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::scheme::{DeriveInput, MacKey, PreparedKey};
use claviger_plugin_sdk::{Error, Result};
use zeroize::Zeroizing;

use crate::hmac;
use crate::parameters::bad_parameters;

/// What a pseudo-random function gives; cleared on drop.
pub(super) type Block = Zeroizing<Vec<u8>>;

/// A pseudo-random function with its key.
pub(super) struct Prf(Arc<dyn MacKey>);

impl Prf {
    /// HMAC with any key.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters: there is no HMAC with this hash.
    pub(super) fn hmac(hash: HashingAlgorithm, key: &[u8]) -> Result<Self> {
        hmac::key(hash, key).map(Self)
    }

    /// The MAC that the base key makes with the parameters of the request.
    ///
    /// # Errors
    /// Internal Server Error: the key was not prepared.
    pub(super) fn of(input: &DeriveInput) -> Result<Self> {
        match &input.prepared {
            Some(PreparedKey::Mac(key)) => Ok(Self(key.clone())),
            _ => Err(Error::server("a derivation was given no key to make MACs with")),
        }
    }

    /// The value of the function at the parts in a row.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters: the MAC has a nonce, so that it gives something else each time.
    pub(super) fn at(&self, parts: &[&[u8]]) -> Result<Block> {
        let mut stream = self.0.in_parts(&CryptographicParameters::NONE)?;
        parts.iter().try_for_each(|part| stream.update(part))?;
        let mut randomness = NoRandomness::default();
        let value = stream.finish(&mut randomness)?;
        randomness.check()?;
        Ok(Zeroizing::new(value.to_vec()))
    }
}

/// So many bytes from numbered blocks in a row, the first of which has number 1.
///
/// # Errors
/// What making a block returns.
pub(super) fn in_blocks(length: usize, mut block: impl FnMut(u32) -> Result<Block>) -> Result<ByteString> {
    // Never to move: what moves leaves a copy behind.
    let mut derived = Zeroizing::new(Vec::with_capacity(length));
    for number in 1.. {
        let block = block(number)?;
        let missing = length - derived.len();
        derived.extend_from_slice(block.get(..missing).unwrap_or(&block));
        if derived.len() == length || block.is_empty() {
            break;
        }
    }
    Ok(std::mem::take(&mut *derived).into())
}

/// Gives no randomness to what must give the same each time, and notes that it was asked for.
#[derive(Default)]
pub(super) struct NoRandomness {
    asked: bool,
}

impl NoRandomness {
    /// Nothing was asked for.
    ///
    /// # Errors
    /// Bad Cryptographic Parameters: something was.
    pub(super) fn check(&self) -> Result<()> {
        if self.asked {
            return Err(bad_parameters(
                "these Cryptographic Parameters give another result each time, and a derivation has to give the same"
                    .to_owned(),
            ));
        }
        Ok(())
    }
}

impl RandomSource for NoRandomness {
    fn fill(&mut self, buffer: &mut [u8]) {
        self.asked = true;
        buffer.fill(0);
    }
}
