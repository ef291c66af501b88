//! Polynomial Sharing GF(2^8): modulo x^8+x^4+x^3+x^2+1, as KMIP 2.1 section 13.1 describes the field.

use std::marker::PhantomData;

use claviger_plugin_sdk::kmip::tables::enumerations::SplitKeyMethod;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};
use claviger_plugin_sdk::{Result, register_scheme};

use super::piecewise::{BinaryField, Piecewise};
use super::plan::not_together;
use super::polynomial::Field;

const SPLIT: SchemeEntry = SchemeEntry {
    name: "Polynomial sharing over GF(2^8)",
    algorithms: &[],
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Split(SplitKeyMethod::POLYNOMIAL_SHARING_GF_2_8, &Piecewise::<Gf2_8>(PhantomData)),
};
register_scheme!(SPLIT);

#[derive(Default)]
pub(super) struct Gf2_8;

/// The modulus without x^8.
const MODULUS: u8 = 0x1D;

/// The product, in a time that does not depend on the factors.
pub(super) fn product(one: u8, other: u8) -> u8 {
    let mask = |bit: u8| 0_u8.wrapping_sub(bit & 1);
    let (mut product, mut shifted) = (0, one);
    for place in 0..8 {
        product ^= shifted & mask(other >> place);
        shifted = (shifted << 1) ^ (MODULUS & mask(shifted >> 7));
    }
    product
}

/// The inverse of an element, which is its 254th power; 0 of 0.
pub(super) fn inverse(element: u8) -> u8 {
    // 254 is 11111110 in binary.
    let (mut power, mut square) = (1, element);
    for _ in 0..7 {
        square = product(square, square);
        power = product(power, square);
    }
    power
}

impl Field for Gf2_8 {
    type Element = u8;

    fn element(&self, number: u32) -> Result<u8> {
        u8::try_from(number).map_err(|_| not_together())
    }

    fn add(&self, one: &u8, other: &u8) -> Result<u8> {
        Ok(one ^ other)
    }

    fn subtract(&self, one: &u8, other: &u8) -> Result<u8> {
        Ok(one ^ other)
    }

    fn multiply(&self, one: &u8, other: &u8) -> Result<u8> {
        Ok(product(*one, *other))
    }

    fn inverse(&self, element: &u8) -> Result<u8> {
        if *element == 0 { Err(not_together()) } else { Ok(inverse(*element)) }
    }
}

impl BinaryField for Gf2_8 {
    const PIECE: usize = 1;
    const MOST_PARTS: u32 = 255;

    fn read(piece: &[u8]) -> u8 {
        piece.first().copied().unwrap_or_default()
    }

    fn write(element: u8, piece: &mut Vec<u8>) {
        piece.push(element);
    }
}

#[cfg(test)]
mod tests {
    use blahaj::Sharks;
    use claviger_plugin_sdk::kmip::BigInteger;
    use claviger_plugin_sdk::scheme::{Share, SplitPlan};
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
        plans: || vec![plan(2, 2), plan(5, 3), plan(5, 5), plan(255, 2)],
        refused: || vec![
            plan(1, 1),
            plan(3, 1),
            plan(256, 2),
            SplitPlan { prime_field_size: Some(BigInteger::from_unsigned_be(&[7])), ..plan(3, 2) },
        ],
        lengths: &[1, 16, 33],
    });

    #[test]
    fn every_element_but_0_has_an_inverse() {
        for element in 1..=255 {
            assert_eq!(product(element, inverse(element)), 1);
        }
    }

    #[test]
    fn a_share_that_does_not_fit_the_others_is_found_where_there_are_enough() {
        let scheme = splitter(&SPLIT);
        let mut shares = split(&SPLIT, b"secret", &plan(5, 3));
        shares[4].value = b"wrong!"[..].into();
        assert!(scheme.join(&shares, &plan(5, 3)).is_err());
        assert!(scheme.join(&shares[..4], &plan(5, 3)).is_ok());
    }

    #[test]
    fn what_would_take_long_is_refused() {
        let error = splitter(&SPLIT).complete(plan(255, 255), 1 << 20).unwrap_err();
        assert_eq!(
            error.reason(),
            claviger_plugin_sdk::kmip::tables::enumerations::ResultReason::SERVER_LIMIT_EXCEEDED
        );
    }

    proptest! {
        /// Blahaj computes in the same field; its shares begin with their identifier.
        #[test]
        fn blahaj_joins_our_shares_and_we_join_those_of_blahaj(secret in prop::collection::vec(any::<u8>(), 1..40), threshold in 2_u8..6, more in 0_u8..4, seed: u64) {
            let plan = plan((threshold + more).into(), threshold.into());
            let sharks = Sharks(threshold);
            let ours = splitter(&SPLIT).split(&secret, &plan, &mut SeededRandom::new(seed)).unwrap();
            let theirs: Vec<blahaj::Share> = (1_u8..)
                .zip(&ours)
                .map(|(identifier, value)| blahaj::Share::try_from(&[&[identifier], &value[..]].concat()[..]).unwrap())
                .collect();
            prop_assert_eq!(&sharks.recover(&theirs[more as usize..]).unwrap(), &secret);
            let shares: Vec<Share> = sharks
                .dealer(&secret)
                .take((threshold + more).into())
                .map(|share| Vec::from(&share))
                .map(|share: Vec<u8>| Share { identifier: share[0].into(), value: share[1..].into() })
                .collect();
            prop_assert_eq!(&splitter(&SPLIT).join(&shares, &plan).unwrap()[..], &secret[..]);
        }
    }
}
