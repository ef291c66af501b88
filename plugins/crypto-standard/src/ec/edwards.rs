//! Points of the Edwards curves of RFC 8032: which bytes are public keys, and the X25519 keys that belong to Ed25519
//! keys.

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use openssl::bn::{BigNum, BigNumContext};
use openssl::error::ErrorStack;
use zeroize::Zeroizing;

use super::curve::Curve;

/// Whether the bytes are a point of the curve in its one encoding, and not of small order: a key of small order has
/// signatures that fit any data.
pub(crate) fn is_public_key(curve: Curve, bytes: &[u8]) -> bool {
    match curve {
        Curve::Ed25519 => ed25519_point(bytes).is_some(),
        Curve::Ed448 => is_ed448_point(bytes).unwrap_or(false),
        _ => false,
    }
}

/// The X25519 public key on the same point as an Ed25519 public key (RFC 7748 section 4.1); nothing if that is none.
pub(crate) fn x25519_public_key(ed25519: &[u8]) -> Option<[u8; 32]> {
    ed25519_point(ed25519).map(|point| point.to_montgomery().to_bytes())
}

/// The X25519 private key with the same scalar as an Ed25519 private key (RFC 8032 section 5.1.5).
pub(crate) fn x25519_private_key(ed25519: &[u8]) -> Zeroizing<Vec<u8>> {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, ed25519);
    Zeroizing::new(hash.as_ref().iter().copied().take(32).collect())
}

fn ed25519_point(bytes: &[u8]) -> Option<EdwardsPoint> {
    let encoded = CompressedEdwardsY::from_slice(bytes).ok()?;
    let point = encoded.decompress()?;
    (point.compress() == encoded && !point.is_small_order()).then_some(point)
}

/// RFC 8032 section 5.2.3, without the point itself, which nobody needs here.
fn is_ed448_point(bytes: &[u8]) -> Result<bool, ErrorStack> {
    let Some((last, y)) = bytes.split_last() else { return Ok(false) };
    if y.len() != 56 || last & 0x7F != 0 {
        return Ok(false);
    }
    let mut context = BigNumContext::new()?;
    let field = ed448_field()?;
    let one = BigNum::from_u32(1)?;
    let y = BigNum::from_slice(&y.iter().rev().copied().collect::<Vec<u8>>())?;
    let mut minus_one = BigNum::new()?;
    minus_one.checked_sub(&field, &one)?;
    // These three have small order; of each, x is 0 or y is.
    if y >= field || y.num_bits() == 0 || y == one || y == minus_one {
        return Ok(false);
    }
    // x² = (y² - 1) / (d y² - 1), where d is -39081.
    let (mut square, mut below, mut inverse, mut x_squared) =
        (BigNum::new()?, BigNum::new()?, BigNum::new()?, BigNum::new()?);
    square.mod_sqr(&y, &field, &mut context)?;
    let mut d = BigNum::from_u32(39081)?;
    d.set_negative(true);
    below.mod_mul(&square, &d, &field, &mut context)?;
    below.sub_word(1)?;
    let mut above = square;
    above.sub_word(1)?;
    inverse.mod_inverse(&below, &field, &mut context)?;
    x_squared.mod_mul(&above, &inverse, &field, &mut context)?;
    // Fails where there is no root.
    Ok(BigNum::new()?.mod_sqrt(&x_squared, &field, &mut context).is_ok())
}

/// 2^448 - 2^224 - 1.
fn ed448_field() -> Result<BigNum, ErrorStack> {
    let mut field = BigNum::new()?;
    let mut middle = BigNum::new()?;
    field.set_bit(448)?;
    middle.set_bit(224)?;
    let mut rest = BigNum::new()?;
    rest.checked_sub(&field, &middle)?;
    rest.sub_word(1)?;
    Ok(rest)
}

#[cfg(test)]
mod tests {
    use openssl::pkey::{Id, PKey};

    use super::*;

    fn public_keys(id: Id, size: usize) -> impl Iterator<Item = Vec<u8>> {
        (0..20_u8).map(move |seed| {
            PKey::private_key_from_raw_bytes(&vec![seed; size], id).unwrap().raw_public_key().unwrap()
        })
    }

    #[test]
    fn public_keys_are_points() {
        assert!(public_keys(Id::ED25519, 32).all(|key| is_public_key(Curve::Ed25519, &key)));
        assert!(public_keys(Id::ED448, 57).all(|key| is_public_key(Curve::Ed448, &key)));
    }

    #[test]
    fn about_every_second_number_is_no_point() {
        for (curve, size) in [(Curve::Ed25519, 32), (Curve::Ed448, 57)] {
            let point = |first: u8| {
                let mut bytes = vec![0; size];
                bytes[0] = first;
                bytes[9] = 7;
                is_public_key(curve, &bytes)
            };
            let points = (0..=255).filter(|first| point(*first)).count();
            assert!((90..=166).contains(&points), "{points} of 256 on {}", curve.name());
        }
    }

    #[test]
    fn points_of_small_order_and_second_encodings_are_refused() {
        // y = 0, 1 and -1, and y of order 8 (Ed25519, as libsodium lists them); y + p; x = 0 with a sign.
        let small = [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            "0100000000000000000000000000000000000000000000000000000000000080",
        ];
        for bytes in small {
            assert!(!is_public_key(Curve::Ed25519, &hex::decode(bytes).unwrap()), "{bytes}");
        }
        let mut minus_one = ed448_field().unwrap().to_vec();
        minus_one.reverse();
        minus_one[0] -= 1;
        for y in [vec![0; 56], [&[1][..], &[0; 55]].concat(), minus_one] {
            for sign in [0, 0x80, 0x01] {
                assert!(!is_public_key(Curve::Ed448, &[&y[..], &[sign]].concat()));
            }
        }
        let mut field = ed448_field().unwrap().to_vec();
        field.reverse();
        assert!(!is_public_key(Curve::Ed448, &[&field[..], &[0]].concat()));
        for curve in [Curve::Ed25519, Curve::Ed448] {
            assert!(!is_public_key(curve, &[]));
            assert!(!is_public_key(curve, &[9; 33]));
        }
    }

    /// The birational map commutes with the base points: both libraries make the same key of one scalar.
    #[test]
    fn the_x25519_key_of_a_point_belongs_to_the_x25519_key_of_the_scalar() {
        for seed in 0..20_u8 {
            let ed = PKey::private_key_from_raw_bytes(&[seed; 32], Id::ED25519).unwrap();
            let x = PKey::private_key_from_raw_bytes(&x25519_private_key(&[seed; 32]), Id::X25519).unwrap();
            let converted = x25519_public_key(&ed.raw_public_key().unwrap()).unwrap();
            assert_eq!(converted[..], x.raw_public_key().unwrap());
        }
    }
}
