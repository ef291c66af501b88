//! The numbers of an RSA private key: whether they belong together, and those that a transparent key leaves out.

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::BigInteger;
use claviger_plugin_sdk::kmip::key_material::TransparentRsaPrivateKey;
use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::error::ErrorStack;
use openssl::pkey::Private;
use openssl::rsa::Rsa;

use super::keys::LONGEST;
use crate::encoding::{Number, not_a_key, number};

/// Whether the numbers of the key, of which none may be missing, are those of one key with two primes. That its
/// factors are prime is not proven.
///
/// # Errors
/// A number is of no use.
pub(super) fn belong_together(rsa: &Rsa<Private>) -> Result<bool, ErrorStack> {
    let numbers = (rsa.p(), rsa.q(), rsa.dmp1(), rsa.dmq1(), rsa.iqmp());
    let (Some(p), Some(q), Some(dp), Some(dq), Some(coefficient)) = numbers else { return Ok(false) };
    // Before anything is computed with them: nobody is kept busy with numbers of any length.
    if [p, q, dp, dq, coefficient, rsa.d(), rsa.e()].iter().any(|number| number.num_bits() > LONGEST) {
        return Ok(false);
    }
    let mut math = Math::new()?;
    if p.num_bits() < 2 || q.num_bits() < 2 || *math.product(p, q)? != *rsa.n() {
        return Ok(false);
    }
    for (prime, exponent) in [(p, dp), (q, dq)] {
        let order = math.less_one(prime)?;
        let inverse = *math.product_modulo(exponent, rsa.e(), &order)? == *math.one;
        if !inverse || *math.remainder(rsa.d(), &order)? != *exponent {
            return Ok(false);
        }
    }
    Ok(*math.product_modulo(coefficient, q, p)? == *math.one)
}

/// The whole key. The private exponent, the primes or the prime exponents are enough (section 3.7); where primes and
/// private exponents leave the public exponent open, the key has to tell it.
///
/// # Errors
/// Invalid Field: it gives too little, or what it gives does not belong together.
pub(super) fn complete(key: &TransparentRsaPrivateKey) -> Result<Rsa<Private>> {
    const TOO_LITTLE: &str = "an RSA private key needs its Private Exponent, or P and Q with the Public Exponent, or \
                              Prime Exponent P and Prime Exponent Q";
    const APART: &str = "the numbers of this RSA private key do not belong together";
    let given = Given {
        n: number(&key.modulus)?,
        e: optional(&key.public_exponent)?,
        d: optional(&key.private_exponent)?,
        p: optional(&key.p)?,
        q: optional(&key.q)?,
        dp: optional(&key.prime_exponent_p)?,
        dq: optional(&key.prime_exponent_q)?,
    };
    let primes = given.p.is_some() && given.q.is_some() && given.e.is_some();
    let prime_exponents = given.dp.is_some() && given.dq.is_some();
    if !primes && !prime_exponents && given.d.is_none() {
        return Err(not_a_key(TOO_LITTLE));
    }
    if !given.n.is_odd() || given.is_too_long() {
        return Err(not_a_key(APART));
    }
    let rsa = given.complete().map_err(|error| not_a_key(APART).because(error))?;
    rsa.filter(|rsa| belong_together(rsa).unwrap_or(false)).ok_or_else(|| not_a_key(APART))
}

/// The public exponents that occur, tried where a key gives neither its own nor its primes.
const USUAL_EXPONENTS: [u32; 3] = [65_537, 3, 17];

/// Bases for factoring: each fails for at most half of all keys.
const BASES: [u32; 32] = [
    2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113, 127, 131,
];

/// How often two may divide what is a multiple of the order: of a key that was made by chance it does so a few times, and
/// each time takes a step of the search.
const MOST_TWOS: usize = 64;

/// The numbers that a transparent key gives.
struct Given {
    n: Number,
    e: Option<Number>,
    d: Option<Number>,
    p: Option<Number>,
    q: Option<Number>,
    dp: Option<Number>,
    dq: Option<Number>,
}

impl Given {
    /// Whether a number is longer than any of a key may be.
    fn is_too_long(&self) -> bool {
        let others = [&self.e, &self.d, &self.p, &self.q, &self.dp, &self.dq];
        std::iter::once(&self.n).chain(others.into_iter().flatten()).any(|number| number.num_bits() > LONGEST)
    }

    fn complete(mut self) -> Result<Option<Rsa<Private>>, ErrorStack> {
        let mut math = Math::new()?;
        let (p, q) = match (self.p.take(), self.q.take()) {
            (Some(p), Some(q)) => (p, q),
            (Some(p), None) => self.with_other_factor(p, &mut math)?,
            (None, Some(q)) => {
                let (q, p) = self.with_other_factor(q, &mut math)?;
                (p, q)
            }
            (None, None) => match self.factor(&mut math)? {
                Some(p) => self.with_other_factor(p, &mut math)?,
                None => return Ok(None),
            },
        };
        let (order_p, order_q) = (math.less_one(&p)?, math.less_one(&q)?);
        let order = math.least_common_multiple(&order_p, &order_q)?;
        let e = match (self.e.take(), &self.d, &self.dp) {
            (Some(e), _, _) => e,
            (None, Some(d), _) => math.inverse(d, &order)?,
            (None, None, Some(dp)) => math.inverse(dp, &order_p)?,
            (None, None, None) => return Ok(None),
        };
        let d = match self.d.take() {
            Some(d) => d,
            None => math.inverse(&e, &order)?,
        };
        let (dp, dq) = (math.remainder(&d, &order_p)?, math.remainder(&d, &order_q)?);
        let differs =
            |given: &Option<Number>, real: &Number| given.as_ref().is_some_and(|given| **given != **real);
        if differs(&self.dp, &dp) || differs(&self.dq, &dq) {
            return Ok(None);
        }
        let coefficient = math.inverse(&q, &p)?;
        Rsa::from_private_components(
            self.n.into_inner()?,
            e.into_inner()?,
            d.into_inner()?,
            p.into_inner()?,
            q.into_inner()?,
            dp.into_inner()?,
            dq.into_inner()?,
            coefficient.into_inner()?,
        )
        .map(Some)
    }

    fn with_other_factor(&self, factor: Number, math: &mut Math) -> Result<(Number, Number), ErrorStack> {
        let mut other = Number::new()?;
        other.checked_div(&self.n, &factor, &mut math.context)?;
        Ok((factor, other))
    }

    /// The first prime, from an exponent: for every base g, `g^(e x - 1)` is 1 modulo a prime whose order divides
    /// `e x - 1`, and one of its square roots on the way there is 1 modulo that prime alone (SP 800-56B appendix C.1).
    fn factor(&self, math: &mut Math) -> Result<Option<Number>, ErrorStack> {
        let Some(exponent) = self.dp.as_ref().or(self.d.as_ref()) else { return Ok(None) };
        let candidates = match &self.e {
            Some(e) => vec![Number::from(BigNumRef::to_owned(e)?)],
            None => USUAL_EXPONENTS
                .into_iter()
                .map(|e| BigNum::from_u32(e).map(Number::from))
                .collect::<Result<_, _>>()?,
        };
        for e in candidates {
            let product = math.product(exponent, &e)?;
            let multiple = math.less_one(&product)?;
            if let Some(prime) = math.factor(&self.n, &multiple)? {
                return Ok(Some(prime));
            }
        }
        Ok(None)
    }
}

fn optional(integer: &Option<BigInteger>) -> Result<Option<Number>> {
    integer.as_ref().map(number).transpose()
}

/// Arithmetic whose results are cleared.
struct Math {
    context: BigNumContext,
    one: Number,
}

impl Math {
    fn new() -> Result<Self, ErrorStack> {
        Ok(Self { context: BigNumContext::new_secure()?, one: BigNum::from_u32(1)?.into() })
    }

    fn product(&mut self, a: &BigNumRef, b: &BigNumRef) -> Result<Number, ErrorStack> {
        let mut result = Number::new()?;
        result.checked_mul(a, b, &mut self.context)?;
        Ok(result)
    }

    fn product_modulo(
        &mut self,
        a: &BigNumRef,
        b: &BigNumRef,
        modulus: &BigNumRef,
    ) -> Result<Number, ErrorStack> {
        let mut result = Number::new()?;
        result.mod_mul(a, b, modulus, &mut self.context)?;
        Ok(result)
    }

    fn remainder(&mut self, a: &BigNumRef, modulus: &BigNumRef) -> Result<Number, ErrorStack> {
        let mut result = Number::new()?;
        result.checked_rem(a, modulus, &mut self.context)?;
        Ok(result)
    }

    fn less_one(&mut self, a: &BigNumRef) -> Result<Number, ErrorStack> {
        let mut result = Number::new()?;
        result.checked_sub(a, &self.one)?;
        Ok(result)
    }

    fn inverse(&mut self, a: &BigNumRef, modulus: &BigNumRef) -> Result<Number, ErrorStack> {
        let mut result = Number::new()?;
        result.mod_inverse(a, modulus, &mut self.context)?;
        Ok(result)
    }

    fn greatest_common_divisor(&mut self, a: &BigNumRef, b: &BigNumRef) -> Result<Number, ErrorStack> {
        let mut result = Number::new()?;
        result.gcd(a, b, &mut self.context)?;
        Ok(result)
    }

    fn least_common_multiple(&mut self, a: &BigNumRef, b: &BigNumRef) -> Result<Number, ErrorStack> {
        let (divisor, product) = (self.greatest_common_divisor(a, b)?, self.product(a, b)?);
        let mut result = Number::new()?;
        result.checked_div(&product, &divisor, &mut self.context)?;
        Ok(result)
    }

    /// A factor of `n`, from a multiple of the order of one or of both of its primes; nothing if it is no such multiple.
    fn factor(&mut self, n: &BigNumRef, multiple: &BigNumRef) -> Result<Option<Number>, ErrorStack> {
        let twos = (0..multiple.num_bits()).take_while(|bit| !multiple.is_bit_set(*bit)).count();
        if twos > MOST_TWOS {
            return Ok(None);
        }
        let mut odd = Number::new()?;
        odd.rshift(multiple, i32::try_from(twos).unwrap_or(0))?;
        for base in BASES {
            let base = BigNum::from_u32(base)?;
            let mut power = Number::new()?;
            power.mod_exp(&base, &odd, n, &mut self.context)?;
            for _ in 0..=twos {
                let less = self.less_one(&power)?;
                let divisor = self.greatest_common_divisor(&less, n)?;
                if *divisor != *self.one && *divisor != *n {
                    return Ok(Some(divisor));
                }
                power = self.product_modulo(&power, &power, n)?;
            }
            // The square after the last is 1 if this is a multiple of both orders.
            if *power != *self.one {
                return Ok(None);
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;

    use super::*;
    use crate::encoding::big_integer;

    fn whole(rsa: &Rsa<Private>) -> TransparentRsaPrivateKey {
        super::super::keys::transparent(rsa)
    }

    fn key(bits: u32, exponent: u32) -> Rsa<Private> {
        Rsa::generate_with_e(bits, &BigNum::from_u32(exponent).unwrap()).unwrap()
    }

    fn same(one: &Rsa<Private>, other: &Rsa<Private>) -> bool {
        one.n() == other.n() && one.e() == other.e() && belong_together(other).unwrap()
    }

    const NOTHING: fn(&Rsa<Private>) -> TransparentRsaPrivateKey = |rsa| TransparentRsaPrivateKey {
        modulus: big_integer(rsa.n()),
        private_exponent: None,
        public_exponent: None,
        p: None,
        q: None,
        prime_exponent_p: None,
        prime_exponent_q: None,
        crt_coefficient: None,
    };

    #[test]
    fn each_of_the_three_ways_to_give_a_private_key_is_completed() {
        for exponent in [3, 17, 65_537] {
            let rsa = key(1024, exponent);
            let all = whole(&rsa);
            for with_exponent in [true, false] {
                let public_exponent = all.public_exponent.clone().filter(|_| with_exponent);
                let none = TransparentRsaPrivateKey { public_exponent, ..NOTHING(&rsa) };
                let d = TransparentRsaPrivateKey {
                    private_exponent: all.private_exponent.clone(),
                    ..none.clone()
                };
                assert!(same(&rsa, &complete(&d).unwrap()), "private exponent");
                let prime_exponents = TransparentRsaPrivateKey {
                    prime_exponent_p: all.prime_exponent_p.clone(),
                    prime_exponent_q: all.prime_exponent_q.clone(),
                    ..none.clone()
                };
                assert!(same(&rsa, &complete(&prime_exponents).unwrap()), "prime exponents");
                let one_prime = TransparentRsaPrivateKey { q: all.q.clone(), ..d };
                assert!(same(&rsa, &complete(&one_prime).unwrap()), "private exponent and one prime");
                let primes = TransparentRsaPrivateKey { p: all.p.clone(), q: all.q.clone(), ..none };
                match complete(&primes) {
                    Ok(key) => assert!(with_exponent && same(&rsa, &key), "primes"),
                    Err(error) => assert!(!with_exponent && error.reason() == ResultReason::INVALID_FIELD),
                }
            }
        }
    }

    #[test]
    fn exponents_that_would_keep_the_server_busy_are_refused_at_once() {
        let rsa = key(2048, 65_537);
        let mut long = BigNum::from_u32(1).unwrap();
        long.lshift(&BigNum::from_u32(1).unwrap(), 100_000).unwrap();
        // 2^2000 / 65537, nearly: the product with the public exponent less one has many twos.
        let (mut power, mut rest) = (BigNum::new().unwrap(), BigNum::new().unwrap());
        power.lshift(&BigNum::from_u32(1).unwrap(), 2000).unwrap();
        let mut inverse = BigNum::new().unwrap();
        let mut context = BigNumContext::new().unwrap();
        inverse.mod_inverse(&BigNum::from_u32(65_537).unwrap(), &power, &mut context).unwrap();
        rest.checked_add(&inverse, &power).unwrap();
        for exponent in [&long, &inverse, &rest] {
            let given = TransparentRsaPrivateKey {
                private_exponent: Some(big_integer(exponent)),
                public_exponent: Some(big_integer(rsa.e())),
                ..NOTHING(&rsa)
            };
            let error = complete(&given).map(drop).expect_err("the key is refused");
            assert_eq!(error.reason(), ResultReason::INVALID_FIELD);
        }
    }

    #[test]
    fn numbers_of_another_key_are_refused() {
        let (one, other) = (whole(&key(1024, 65_537)), whole(&key(1024, 65_537)));
        assert!(complete(&one).is_ok());
        let wrong = [
            TransparentRsaPrivateKey { modulus: other.modulus.clone(), ..one.clone() },
            TransparentRsaPrivateKey { private_exponent: other.private_exponent.clone(), ..one.clone() },
            TransparentRsaPrivateKey { p: other.p.clone(), ..one.clone() },
            TransparentRsaPrivateKey { q: other.q.clone(), ..one.clone() },
            TransparentRsaPrivateKey { prime_exponent_p: other.prime_exponent_p.clone(), ..one.clone() },
            TransparentRsaPrivateKey { prime_exponent_q: other.prime_exponent_q.clone(), ..one.clone() },
            TransparentRsaPrivateKey {
                public_exponent: Some(BigInteger::from_signed_be(&[3])),
                ..one.clone()
            },
            TransparentRsaPrivateKey { p: Some(BigInteger::from_signed_be(&[1])), q: None, ..one.clone() },
            TransparentRsaPrivateKey { p: Some(BigInteger::from_signed_be(&[0])), q: None, ..one.clone() },
            TransparentRsaPrivateKey { p: Some(BigInteger::from_signed_be(&[0xFF])), ..one.clone() },
            TransparentRsaPrivateKey { modulus: BigInteger::from_signed_be(&[0]), ..one.clone() },
            TransparentRsaPrivateKey {
                p: None,
                q: None,
                private_exponent: other.private_exponent.clone(),
                ..one
            },
        ];
        for (index, key) in wrong.iter().enumerate() {
            let error = complete(key).map(drop).expect_err("the key is refused");
            assert_eq!(error.reason(), ResultReason::INVALID_FIELD, "case {index}");
        }
    }
}
