//! A group in a prime field, and whether it and the keys in it are sound.

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::BigInteger;
use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::error::ErrorStack;

use crate::encoding::{Half, Number, big_integer, not_a_key, number};

/// A group in a prime field.
pub(super) struct Group {
    /// The prime of the field.
    pub(super) p: BigInteger,
    /// The order of the group, if it is known.
    pub(super) q: Option<BigInteger>,
    /// The generator.
    pub(super) g: BigInteger,
    /// The cofactor, if it is known.
    pub(super) j: Option<BigInteger>,
}

/// Logarithms are found in shorter fields.
const SHORTEST: i32 = 512;

/// Longer ones serve nobody and let one request take the server's time.
const LONGEST: i32 = 8192;

impl Group {
    /// The length of the prime in bits, once the group and a key in it are found sound. The key is the exponent of a
    /// private key, or the element that is a public one. Nothing proves that the primes are.
    ///
    /// # Errors
    /// Invalid Field: there is no such group, or no such key in it.
    pub(super) fn check(&self, half: Half, key: &BigInteger) -> Result<i32> {
        let p = number(&self.p)?;
        if !(SHORTEST..=LONGEST).contains(&p.num_bits()) || !p.is_odd() {
            return Err(not_a_key("the prime of a field is odd and has 512 to 8192 bits"));
        }
        let (q, g) = (self.q.as_ref().map(number).transpose()?, number(&self.g)?);
        let (j, key) = (self.j.as_ref().map(number).transpose()?, number(key)?);
        let field = Field { p: &p, q: q.as_deref() };
        let sound = || {
            let group = field.has_order(j.as_deref())? && field.has_element(&g)?;
            Ok::<_, ErrorStack>(
                group
                    && match half {
                        Half::Private => field.has_exponent(&key)?,
                        Half::Public => field.has_element(&key)?,
                    },
            )
        };
        if sound().unwrap_or(false) {
            return Ok(p.num_bits());
        }
        Err(not_a_key("the numbers of this key are those of no group, or of no key in it"))
    }

    /// The public key to a private exponent.
    ///
    /// # Errors
    /// Invalid Field: a number is of no use.
    pub(super) fn public_key(&self, exponent: &BigInteger) -> Result<BigInteger> {
        let (p, g, x) = (number(&self.p)?, number(&self.g)?, number(exponent)?);
        let public =
            power(&g, &x, &p).map_err(|error| not_a_key("the key has no public half").because(error));
        Ok(big_integer(&*public?))
    }
}

/// The numbers of a group in arithmetic.
struct Field<'a> {
    p: &'a BigNumRef,
    q: Option<&'a BigNumRef>,
}

impl Field<'_> {
    /// Whether p = j q + 1, as far as q and j are known.
    fn has_order(&self, j: Option<&BigNumRef>) -> Result<bool, ErrorStack> {
        let Some(q) = self.q else { return Ok(true) };
        let (mut cofactor, mut rest) = (Number::new()?, Number::new()?);
        cofactor.div_rem(&mut rest, &*self.greatest()?, q, &mut *BigNumContext::new()?)?;
        Ok(q.num_bits() > 1 && rest.num_bits() == 0 && j.is_none_or(|j| *j == *cofactor))
    }

    /// Whether it is 2 to p - 2 and, where the order is known, one of the group.
    fn has_element(&self, element: &BigNumRef) -> Result<bool, ErrorStack> {
        if element.num_bits() < 2 || *element >= *self.greatest()? {
            return Ok(false);
        }
        let Some(q) = self.q else { return Ok(true) };
        Ok(*power(element, q, self.p)? == *one()?)
    }

    /// Whether it is 1 to q - 1, or to p - 2 where the order is not known.
    fn has_exponent(&self, exponent: &BigNumRef) -> Result<bool, ErrorStack> {
        let below = match self.q {
            Some(q) => *exponent < *q,
            None => *exponent < *self.greatest()?,
        };
        Ok(below && exponent.num_bits() > 0)
    }

    /// The greatest element of the field: p - 1.
    fn greatest(&self) -> Result<Number, ErrorStack> {
        let mut greatest = Number::new()?;
        greatest.checked_sub(self.p, &*one()?)?;
        Ok(greatest)
    }
}

fn power(base: &BigNumRef, exponent: &BigNumRef, modulus: &BigNumRef) -> Result<Number, ErrorStack> {
    let mut power = Number::new()?;
    power.mod_exp(base, exponent, modulus, &mut *BigNumContext::new_secure()?)?;
    Ok(power)
}

fn one() -> Result<Number, ErrorStack> {
    BigNum::from_u32(1).map(Number::from)
}
