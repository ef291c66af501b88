//! Numbers of KMIP and of OpenSSL.

use std::mem;
use std::ops::{Deref, DerefMut};

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::BigInteger;
use openssl::bn::{BigNum, BigNumRef};
use openssl::error::ErrorStack;
use zeroize::Zeroizing;

use super::not_a_key;

/// A number that may be secret: OpenSSL computes with it in constant time where it can, and it is cleared on drop.
pub(crate) struct Number(BigNum);

impl Number {
    /// Zero, for results.
    pub(crate) fn new() -> Result<Self, ErrorStack> {
        BigNum::new().map(Self::from)
    }

    /// Hands the number to a key, which clears it in turn.
    pub(crate) fn into_inner(mut self) -> Result<BigNum, ErrorStack> {
        Ok(mem::replace(&mut self.0, BigNum::new()?))
    }
}

impl From<BigNum> for Number {
    fn from(mut number: BigNum) -> Self {
        number.set_const_time();
        Self(number)
    }
}

impl Deref for Number {
    type Target = BigNumRef;
    fn deref(&self) -> &BigNumRef {
        &self.0
    }
}

impl DerefMut for Number {
    fn deref_mut(&mut self) -> &mut BigNumRef {
        &mut self.0
    }
}

impl Drop for Number {
    fn drop(&mut self) {
        self.0.clear();
    }
}

/// The number, which is not negative.
///
/// # Errors
/// Invalid Field: it is negative, or too long.
pub(crate) fn number(integer: &BigInteger) -> Result<Number> {
    let magnitude = integer.to_unsigned_be().ok_or_else(|| not_a_key("a number of the key is negative"))?;
    let number = BigNum::from_slice(magnitude);
    number.map(Number::from).map_err(|error| not_a_key("a number of the key is too long").because(error))
}

/// The number as KMIP has it.
pub(crate) fn big_integer(number: &BigNumRef) -> BigInteger {
    BigInteger::from_unsigned_be(&Zeroizing::new(number.to_vec()))
}
