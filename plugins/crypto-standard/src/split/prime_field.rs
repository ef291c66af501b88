//! Polynomial Sharing Prime Field: the secret is a number, and so is a share, in as many bytes as the prime has.
//!
//! The prime has the bits of the secret and one to eight more: it tells how many bytes the secret has, which the number
//! does not.

use std::cell::RefCell;

use claviger_plugin_sdk::kmip::tables::enumerations::SplitKeyMethod;
use claviger_plugin_sdk::kmip::{BigInteger, ByteString};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::scheme::{Cost, Scheme, SchemeEntry, Share, SplitPlan, SplitScheme};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use openssl::bn::{BigNum, BigNumContext, BigNumContextRef, BigNumRef};
use openssl::error::ErrorStack;
use zeroize::Zeroizing;

use super::plan::{check_plan, check_secret, check_shares, not_together};
use super::polynomial::{self, value, weighted, weights};
use crate::encoding::{Number, big_integer};

struct PrimeField;

const MOST_PARTS: u32 = 255;

/// The longest secret in bytes: finding a prime for a longer one takes too long.
const LONGEST: usize = 128;

const SPLIT: SchemeEntry = SchemeEntry {
    name: "Polynomial sharing over a prime field",
    algorithms: &[],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Split(SplitKeyMethod::POLYNOMIAL_SHARING_PRIME_FIELD, &PrimeField),
};
register_scheme!(SPLIT);

impl SplitScheme for PrimeField {
    fn complete(&self, plan: SplitPlan, secret: usize) -> Result<SplitPlan> {
        let prime = match prime_of(&plan, secret)? {
            Some(prime) => big_integer(&prime),
            None => big_integer(&*next_prime(secret).map_err(failure)?),
        };
        Ok(SplitPlan { prime_field_size: Some(prime), ..plan })
    }

    fn cost(&self, _: &SplitPlan, _: usize) -> Cost {
        Cost::Heavy
    }

    fn split(&self, secret: &[u8], plan: &SplitPlan, rng: &mut dyn RandomSource) -> Result<Vec<ByteString>> {
        let prime = prime_of(plan, secret.len())?
            .ok_or_else(|| Error::invalid("Prime Field Size is needed to share over a prime field"))?;
        let field = Modulo::new(prime)?;
        let mut coefficients = vec![field.read(secret)?];
        for _ in 1..plan.threshold {
            // 128 bits more than the prime has make every remainder as likely as every other.
            coefficients.push(field.read(&rng.bytes(field.length() + 16))?);
        }
        let share = |identifier| {
            field.write(
                &*value(&field, &coefficients, &polynomial::Field::element(&field, identifier)?)?,
                field.length(),
            )
        };
        (1..=plan.parts).map(share).collect()
    }

    fn join(&self, shares: &[Share], plan: &SplitPlan) -> Result<ByteString> {
        check_plan(plan, MOST_PARTS)?;
        check_shares(shares, plan)?;
        let field = Modulo::of_shares(shares, plan)?;
        let points = shares.iter().map(|share| polynomial::Field::element(&field, share.identifier));
        let points = points.collect::<Result<Vec<_>>>()?;
        let values = shares.iter().map(|share| field.read_share(&share.value)).collect::<Result<Vec<_>>>()?;
        let threshold = plan.threshold as usize;
        let (points, more_points) = points.split_at_checked(threshold).ok_or_else(not_together)?;
        let (values, more_values) = values.split_at_checked(threshold).ok_or_else(not_together)?;
        for (point, value) in more_points.iter().zip(more_values) {
            let expected = weighted(&field, &weights(&field, points, point)?, values.iter())?;
            if **value != *expected {
                return Err(not_together());
            }
        }
        let zero = polynomial::Field::element(&field, 0)?;
        let secret = weighted(&field, &weights(&field, points, &zero)?, values.iter())?;
        // Who chose a prime below the next power of 256 means all of its bytes.
        let fits = usize::try_from(secret.num_bytes()).is_ok_and(|bytes| bytes <= field.room());
        field.write(&secret, if fits { field.room() } else { field.length() })
    }
}

/// The prime of a plan for a secret of this many bytes, if it has one.
fn prime_of(plan: &SplitPlan, secret: usize) -> Result<Option<BigNum>> {
    check_plan(plan, MOST_PARTS)?;
    check_secret(secret)?;
    if secret > LONGEST {
        return Err(Error::invalid(format!(
            "sharing over a prime field takes secrets of at most {LONGEST} bytes, not {secret}; share over GF(2^8)"
        )));
    }
    let Some(prime) = &plan.prime_field_size else { return Ok(None) };
    let prime = read_prime(prime)?;
    if room(&prime) != secret {
        return Err(Error::invalid(format!(
            "Prime Field Size has {} to {} bits for a secret of {secret} bytes, not {}",
            secret * 8 + 1,
            secret * 8 + 8,
            prime.num_bits()
        )));
    }
    let mut context = BigNumContext::new().map_err(failure)?;
    if !is_prime(&prime, &mut context).map_err(failure)? {
        return Err(Error::invalid("Prime Field Size is not prime"));
    }
    Ok(Some(prime))
}

fn read_prime(prime: &BigInteger) -> Result<BigNum> {
    let bytes = prime.to_unsigned_be().filter(|bytes| bytes.len() <= LONGEST + 1);
    let bytes = bytes.ok_or_else(|| {
        Error::invalid(format!("Prime Field Size is a positive number of at most {} bytes", LONGEST + 1))
    })?;
    BigNum::from_slice(bytes).map_err(failure)
}

/// The whole bytes that numbers below the prime hold.
fn room(prime: &BigNumRef) -> usize {
    usize::try_from(prime.num_bits().saturating_sub(1)).unwrap_or_default() / 8
}

/// The first prime that is greater than every secret of this many bytes.
fn next_prime(bytes: usize) -> Result<BigNum, ErrorStack> {
    let mut context = BigNumContext::new()?;
    let mut candidate = BigNum::from_u32(1)?;
    candidate.set_bit(i32::try_from(bytes * 8).unwrap_or(i32::MAX))?;
    while !is_prime(&candidate, &mut context)? {
        candidate.add_word(2)?;
    }
    Ok(candidate)
}

/// Miller and Rabin's test, often enough that nobody finds a composite number which passes.
fn is_prime(number: &BigNumRef, context: &mut BigNumContextRef) -> Result<bool, ErrorStack> {
    number.is_prime_fasttest(64, context, true)
}

/// Numbers modulo a prime.
struct Modulo {
    prime: BigNum,
    context: RefCell<BigNumContext>,
}

impl Modulo {
    fn new(prime: BigNum) -> Result<Self> {
        let context = RefCell::new(BigNumContext::new_secure().map_err(failure)?);
        Ok(Self { prime, context })
    }

    /// The field in which the shares are numbers.
    fn of_shares(shares: &[Share], plan: &SplitPlan) -> Result<Self> {
        let prime = plan
            .prime_field_size
            .as_ref()
            .ok_or_else(|| Error::invalid("Prime Field Size is needed to join parts over a prime field"))?;
        let field = Self::new(read_prime(prime)?)?;
        if field.room() == 0 || shares.iter().any(|share| share.value.len() != field.length()) {
            return Err(not_together());
        }
        Ok(field)
    }

    /// The bytes of the prime.
    fn length(&self) -> usize {
        usize::try_from(self.prime.num_bytes()).unwrap_or_default()
    }

    fn room(&self) -> usize {
        room(&self.prime)
    }

    /// What remains of the number that the bytes are.
    fn read(&self, bytes: &[u8]) -> Result<Number> {
        let number = Number::from(BigNum::from_slice(bytes).map_err(failure)?);
        self.compute(|result, context| result.nnmod(&number, &self.prime, context))
    }

    fn read_share(&self, bytes: &[u8]) -> Result<Number> {
        let number = Number::from(BigNum::from_slice(bytes).map_err(failure)?);
        if *number < *self.prime { Ok(number) } else { Err(not_together()) }
    }

    fn write(&self, number: &BigNumRef, length: usize) -> Result<ByteString> {
        let length = i32::try_from(length).map_err(|_| not_together())?;
        let mut bytes = Zeroizing::new(number.to_vec_padded(length).map_err(failure)?);
        Ok(std::mem::take(&mut *bytes).into())
    }

    fn compute(
        &self,
        operation: impl FnOnce(&mut BigNumRef, &mut BigNumContextRef) -> Result<(), ErrorStack>,
    ) -> Result<Number> {
        let mut result = Number::new().map_err(failure)?;
        operation(&mut result, &mut self.context.borrow_mut()).map_err(failure)?;
        Ok(result)
    }
}

impl polynomial::Field for Modulo {
    type Element = Number;

    fn element(&self, number: u32) -> Result<Number> {
        BigNum::from_u32(number).map(Number::from).map_err(failure)
    }

    fn add(&self, one: &Number, other: &Number) -> Result<Number> {
        self.compute(|sum, context| sum.mod_add(one, other, &self.prime, context))
    }

    fn subtract(&self, one: &Number, other: &Number) -> Result<Number> {
        self.compute(|difference, context| difference.mod_sub(one, other, &self.prime, context))
    }

    fn multiply(&self, one: &Number, other: &Number) -> Result<Number> {
        self.compute(|product, context| product.mod_mul(one, other, &self.prime, context))
    }

    fn inverse(&self, element: &Number) -> Result<Number> {
        self.compute(|inverse, context| inverse.mod_inverse(element, &self.prime, context))
    }
}

fn failure(error: ErrorStack) -> Error {
    not_together().because(error)
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::SplitSubject;
    use num_bigint::BigUint;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn prime(digits: &str) -> BigInteger {
        BigInteger::from_unsigned_be(&bytes(digits))
    }

    fn plan(parts: u32, threshold: u32) -> SplitPlan {
        SplitPlan { parts, threshold, prime_field_size: None }
    }

    fn with_prime(digits: &str) -> SplitPlan {
        SplitPlan { prime_field_size: Some(prime(digits)), ..plan(5, 3) }
    }

    scheme_conformance!(split with_a_prime_that_it_chooses: SplitSubject {
        entry: SPLIT,
        plans: || vec![plan(2, 2), plan(5, 3)],
        refused: || vec![plan(1, 1), plan(3, 1), plan(256, 2)],
        lengths: &[4, 16, 33],
    });

    // 65537 and 16777213 are primes with one bit and with eight bits more than 2 bytes have.
    scheme_conformance!(split with_a_prime_of_the_client: SplitSubject {
        entry: SPLIT,
        plans: || vec![with_prime("010001"), with_prime("fffffd")],
        // Composite, even, too short, too long, 1, 0.
        refused: || ["010005", "010002", "fffb", "0100002b", "01", ""].map(with_prime).to_vec(),
        lengths: &[2],
    });

    #[test]
    fn the_prime_is_the_next_one_above_the_secret() {
        // The least primes above 2^128, 2^192, 2^256 and 2^512 (Online Encyclopedia of Integer Sequences, A013597).
        for (length, above) in [(16, 51_u32), (24, 133), (32, 297), (64, 75)] {
            let completed = splitter(&SPLIT).complete(plan(5, 3), length).unwrap();
            let expected = (BigUint::from(1_u8) << (length * 8)) + above;
            assert_eq!(
                completed.prime_field_size,
                Some(BigInteger::from_unsigned_be(&expected.to_bytes_be()))
            );
        }
    }

    const ORDER_OF_P256: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    const SECRET: &str = "8ba9bba2e0fd8c4767154d35a0b7562244a4aaf6f36c8fb8735fa48b301bd8de";
    const SHARES: [&str; 3] = [
        "0c9c1a0fe806c184add50bbdcac913dda73e482daf95dcb9f35dbb0d8a9f7731",
        "8d8e787bef0ff6c2f494ca45f4dad198c6bee01212d6c84067159c52e1863ad5",
        "0e80d6e8f6192c003b5488ce1eec8f5429587d48cf001541e713b2d53c09d928",
    ];

    /// RFC 9591 appendix E.3, whose shares are values of a line modulo the order of P-256.
    #[test]
    fn it_gives_and_joins_the_shares_of_rfc_9591() {
        let field = Modulo::new(BigNum::from_slice(&bytes(ORDER_OF_P256)).unwrap()).unwrap();
        let slope = "80f25e6c0709353e46bfbe882a11bdbb1f8097e46340eb8673b7e14556e6c3a4";
        let line = [SECRET, slope].map(|number| field.read(&bytes(number)).unwrap());
        for (identifier, share) in (1..).zip(SHARES) {
            let at = polynomial::Field::element(&field, identifier).unwrap();
            let value = value(&field, &line, &at).unwrap();
            assert_eq!(hex::encode(&*field.write(&value, 32).unwrap()), share);
        }
        let plan = SplitPlan { prime_field_size: Some(prime(ORDER_OF_P256)), ..plan(3, 2) };
        let shares: Vec<Share> = (1..)
            .zip(SHARES)
            .map(|(identifier, value)| Share { identifier, value: bytes(value).into() })
            .collect();
        for some in [&shares[..2], &shares[1..], &shares[..]] {
            assert_eq!(hex::encode(&*splitter(&SPLIT).join(some, &plan).unwrap()), SECRET);
        }
    }

    #[test]
    fn a_share_that_does_not_fit_the_others_is_found_where_there_are_enough() {
        let plan = splitter(&SPLIT).complete(plan(5, 3), 16).unwrap();
        let mut shares = split(&SPLIT, &[7; 16], &plan);
        shares[4] = Share { identifier: 5, ..shares[3].clone() };
        assert!(splitter(&SPLIT).join(&shares, &plan).is_err());
        assert!(splitter(&SPLIT).join(&shares[..4], &plan).is_ok());
    }

    #[test]
    fn shares_above_the_prime_and_long_secrets_are_refused() {
        let plan = splitter(&SPLIT).complete(plan(5, 3), 16).unwrap();
        let mut shares = split(&SPLIT, &[7; 16], &plan);
        shares[0].value = vec![0xFF; 17].into();
        assert!(splitter(&SPLIT).join(&shares, &plan).is_err());
        assert!(splitter(&SPLIT).complete(plan, LONGEST + 1).is_err());
    }

    proptest! {
        /// Three points of a parabola (Lagrange), with big integers of another library.
        #[test]
        fn num_bigint_joins_our_shares(secret in prop::collection::vec(any::<u8>(), 24), seed: u64) {
            let plan = splitter(&SPLIT).complete(plan(5, 3), 24).unwrap();
            let shares = splitter(&SPLIT).split(&secret, &plan, &mut SeededRandom::new(seed)).unwrap();
            let prime = BigUint::from_bytes_be(plan.prime_field_size.as_ref().unwrap().to_unsigned_be().unwrap());
            // At 0, the points 1, 3 and 5 weigh 15/8, -5/4 and 3/8.
            let of_8 = |number: u32, share: &ByteString| {
                BigUint::from_bytes_be(share) * number * BigUint::from(8_u8).modinv(&prime).unwrap()
            };
            let positive = of_8(15, &shares[0]) + of_8(3, &shares[4]);
            let joined = (positive + &prime * 10_u8 * &prime - of_8(10, &shares[2])) % &prime;
            prop_assert_eq!(joined, BigUint::from_bytes_be(&secret));
        }
    }
}
