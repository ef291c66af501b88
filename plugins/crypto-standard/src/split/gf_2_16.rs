//! Polynomial Sharing GF(2^16): an extension of GF(2^8) by y^2+y+m (KMIP 2.1 section 13.1).
//!
//! The section gives the lower half of a product as ru + svm. It is sv + rum, as the modulus demands, and as the inverse
//! demands that the section gives.

use std::marker::PhantomData;

use claviger_plugin_sdk::kmip::tables::enumerations::SplitKeyMethod;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};
use claviger_plugin_sdk::{Result, register_scheme};

use super::gf_2_8;
use super::piecewise::{BinaryField, Piecewise};
use super::plan::not_together;
use super::polynomial::Field;

const SPLIT: SchemeEntry = SchemeEntry {
    name: "Polynomial sharing over GF(2^16)",
    algorithms: &[],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Split(SplitKeyMethod::POLYNOMIAL_SHARING_GF_2_16, &Piecewise::<Gf2_16>(PhantomData)),
};
register_scheme!(SPLIT);

/// The element uy + v is the bytes u, v.
#[derive(Default)]
struct Gf2_16;

/// m = x^5+x^4+x^3+x.
const M: u8 = 0x3A;

impl Field for Gf2_16 {
    type Element = u16;

    fn element(&self, number: u32) -> Result<u16> {
        u16::try_from(number).map_err(|_| not_together())
    }

    fn add(&self, one: &u16, other: &u16) -> Result<u16> {
        Ok(one ^ other)
    }

    fn subtract(&self, one: &u16, other: &u16) -> Result<u16> {
        Ok(one ^ other)
    }

    fn multiply(&self, one: &u16, other: &u16) -> Result<u16> {
        let ([r, s], [u, v]) = (one.to_be_bytes(), other.to_be_bytes());
        let sv = gf_2_8::product(s, v);
        let upper = gf_2_8::product(r ^ s, u ^ v) ^ sv;
        let lower = sv ^ gf_2_8::product(gf_2_8::product(r, u), M);
        Ok(u16::from_be_bytes([upper, lower]))
    }

    fn inverse(&self, element: &u16) -> Result<u16> {
        let [u, v] = element.to_be_bytes();
        let d = gf_2_8::product(u ^ v, v) ^ gf_2_8::product(M, gf_2_8::product(u, u));
        if d == 0 {
            return Err(not_together());
        }
        let inverse = gf_2_8::inverse(d);
        Ok(u16::from_be_bytes([gf_2_8::product(u, inverse), gf_2_8::product(u ^ v, inverse)]))
    }
}

impl BinaryField for Gf2_16 {
    const PIECE: usize = 2;
    /// The field has room for more; each is an object of the store.
    const MOST_PARTS: u32 = 1024;

    fn read(piece: &[u8]) -> u16 {
        <[u8; 2]>::try_from(piece).map(u16::from_be_bytes).unwrap_or_default()
    }

    fn write(element: u16, piece: &mut Vec<u8>) {
        piece.extend_from_slice(&element.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::scheme::SplitPlan;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::SplitSubject;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn plan(parts: u32, threshold: u32) -> SplitPlan {
        SplitPlan { parts, threshold, prime_field_size: None }
    }

    scheme_conformance!(split conformance: SplitSubject {
        entry: SPLIT,
        plans: || vec![plan(2, 2), plan(5, 3), plan(300, 2)],
        refused: || vec![plan(1, 1), plan(3, 1), plan(1025, 2)],
        lengths: &[2, 16, 32],
    });

    #[test]
    fn every_element_but_0_has_an_inverse() {
        for element in 1..=u16::MAX {
            assert_eq!(Gf2_16.multiply(&element, &Gf2_16.inverse(&element).unwrap()).unwrap(), 1);
        }
        assert!(Gf2_16.inverse(&0).is_err());
    }

    #[test]
    fn secrets_with_half_a_piece_are_refused() {
        assert!(splitter(&SPLIT).complete(plan(3, 2), 17).is_err());
        assert!(splitter(&SPLIT).split(&[1; 17], &plan(3, 2), &mut SeededRandom::new(1)).is_err());
    }

    /// The product by the definition of the field: y·y is y + m, and the rest is multiplied out over GF(2^8), whose
    /// elements are powers of x.
    fn defined(one: u16, other: u16) -> u16 {
        let times = |one: u8, other: u8| {
            if one == 0 || other == 0 {
                return 0;
            }
            let power = |exponent: usize| {
                (0..exponent).fold(1_u16, |power, _| {
                    let doubled = power * 2;
                    if doubled > 255 { doubled ^ 0x11D } else { doubled }
                })
            };
            let logarithm =
                |element: u8| (0..255).find(|exponent| power(*exponent) == u16::from(element)).unwrap();
            power((logarithm(one) + logarithm(other)) % 255) as u8
        };
        let ([r, s], [u, v]) = (one.to_be_bytes(), other.to_be_bytes());
        let (of_y_squared, of_y, of_1) = (times(r, u), times(r, v) ^ times(s, u), times(s, v));
        u16::from_be_bytes([of_y ^ of_y_squared, of_1 ^ times(of_y_squared, 0x3A)])
    }

    proptest! {
        #[test]
        fn products_are_those_of_the_definition(one: u16, other: u16) {
            prop_assert_eq!(Gf2_16.multiply(&one, &other).unwrap(), defined(one, other));
        }

        /// The secret is where the line through two shares meets zero: (s1·x2 + s2·x1) / (x1 + x2).
        #[test]
        fn a_line_through_two_shares_meets_the_secret(secret: u16, seed: u64, one in 1_u16..200, other in 200_u16..300) {
            let shares = splitter(&SPLIT).split(&secret.to_be_bytes(), &plan(300, 2), &mut SeededRandom::new(seed)).unwrap();
            let share = |identifier: u16| u16::from_be_bytes(shares[usize::from(identifier) - 1][..].try_into().unwrap());
            let crossed = defined(share(one), other) ^ defined(share(other), one);
            prop_assert_eq!(defined(secret, one ^ other), crossed);
        }
    }
}
