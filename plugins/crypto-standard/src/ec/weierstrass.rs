//! Points of curves in Weierstrass form, as SEC 1 writes them.

use claviger_plugin_sdk::kmip::tables::enumerations::KeyCompressionType;
use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::ec::{EcGroup, EcGroupRef, EcKey, EcPoint, EcPointRef, PointConversionForm};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{Private, Public};
use zeroize::Zeroizing;

/// The group of a curve.
pub(crate) fn group(curve: Nid) -> Result<EcGroup, ErrorStack> {
    EcGroup::from_curve_name(curve)
}

/// The point that SEC 1 section 2.3.4 reads from the bytes, in whatever form; nothing if they are no point of the
/// curve, or the point at infinity.
pub(crate) fn read_point(group: &EcGroupRef, bytes: &[u8]) -> Option<EcPoint> {
    let mut context = BigNumContext::new().ok()?;
    let point = EcPoint::from_bytes(group, bytes, &mut context).ok()?;
    let on_curve = point.is_on_curve(group, &mut context).ok()?;
    (on_curve && !point.is_infinity(group)).then_some(point)
}

/// The bytes of a point in a form.
pub(crate) fn write_point(
    group: &EcGroupRef,
    point: &EcPointRef,
    form: PointConversionForm,
) -> Result<Vec<u8>, ErrorStack> {
    point.to_bytes(group, form, &mut *BigNumContext::new()?)
}

/// The form that a Key Compression Type means on a curve over a prime field.
pub(crate) fn form_of(compression: KeyCompressionType) -> Option<PointConversionForm> {
    match compression {
        KeyCompressionType::EC_PUBLIC_KEY_TYPE_UNCOMPRESSED => Some(PointConversionForm::UNCOMPRESSED),
        KeyCompressionType::EC_PUBLIC_KEY_TYPE_X9_62_COMPRESSED_PRIME => {
            Some(PointConversionForm::COMPRESSED)
        }
        KeyCompressionType::EC_PUBLIC_KEY_TYPE_X9_62_HYBRID => Some(PointConversionForm::HYBRID),
        _ => None,
    }
}

/// The public point of a private scalar, uncompressed; nothing if the scalar is zero or not below the order.
pub(crate) fn public_point(group: &EcGroupRef, scalar: &[u8]) -> Option<Vec<u8>> {
    let scalar = secret_number(scalar).ok()?;
    let mut order = BigNum::new().ok()?;
    let mut context = BigNumContext::new_secure().ok()?;
    group.order(&mut order, &mut context).ok()?;
    if scalar.num_bits() == 0 || *scalar >= *order {
        return None;
    }
    let point = multiply_generator(group, &scalar).ok()?;
    write_point(group, &point, PointConversionForm::UNCOMPRESSED).ok()
}

/// The public point of a secret scalar.
pub(crate) fn multiply_generator(group: &EcGroupRef, scalar: &BigNumRef) -> Result<EcPoint, ErrorStack> {
    let mut product = EcPoint::new(group)?;
    product.mul_generator2(group, scalar, &mut *BigNumContext::new_secure()?)?;
    Ok(product)
}

/// The product of a point and a secret scalar. It is not infinity, since the cofactor is 1 and the scalar in range.
pub(crate) fn multiply(
    group: &EcGroupRef,
    point: &EcPointRef,
    scalar: &BigNumRef,
) -> Result<EcPoint, ErrorStack> {
    let mut product = EcPoint::new(group)?;
    product.mul2(group, point, scalar, &mut *BigNumContext::new_secure()?)?;
    Ok(product)
}

/// A secret scalar: cleared on drop, and computed with in constant time.
pub(crate) fn secret_number(bytes: &[u8]) -> Result<SecretNumber, ErrorStack> {
    let mut number = BigNum::new_secure()?;
    number.copy_from_slice(bytes)?;
    number.set_const_time();
    Ok(SecretNumber(number))
}

/// A number that is cleared on drop.
pub(crate) struct SecretNumber(BigNum);

impl std::ops::Deref for SecretNumber {
    type Target = BigNumRef;

    fn deref(&self) -> &BigNumRef {
        &self.0
    }
}

impl Drop for SecretNumber {
    fn drop(&mut self) {
        self.0.clear();
    }
}

/// A public key as OpenSSL has it.
pub(crate) fn public_key(curve: Nid, point: &[u8]) -> Result<EcKey<Public>, ErrorStack> {
    let group = group(curve)?;
    let point = EcPoint::from_bytes(&group, point, &mut *BigNumContext::new()?)?;
    EcKey::from_public_key(&group, &point)
}

/// A private key as OpenSSL has it.
pub(crate) fn private_key(curve: Nid, scalar: &[u8], point: &[u8]) -> Result<EcKey<Private>, ErrorStack> {
    let group = group(curve)?;
    let point = EcPoint::from_bytes(&group, point, &mut *BigNumContext::new()?)?;
    let scalar = secret_number(scalar)?;
    EcKey::from_private_components(&group, &scalar, &point)
}

/// A scalar from random bytes by rejection (FIPS 186-5 appendix A.2.2): below the order and not zero. `draw` fills a
/// buffer with fresh random bytes.
pub(crate) fn random_scalar(
    group: &EcGroupRef,
    size: usize,
    mut draw: impl FnMut(&mut [u8]),
) -> Option<Zeroizing<Vec<u8>>> {
    let mut order = BigNum::new().ok()?;
    group.order(&mut order, &mut *BigNumContext::new().ok()?).ok()?;
    let surplus = size as u32 * 8 - u32::try_from(order.num_bits()).ok()?;
    // Each draw fails with a probability below one half.
    for _ in 0..256 {
        let mut scalar = Zeroizing::new(vec![0; size]);
        draw(&mut scalar);
        if let Some(first) = scalar.first_mut() {
            *first &= 0xFF_u8.checked_shr(surplus).unwrap_or(0);
        }
        let number = secret_number(&scalar).ok()?;
        if number.num_bits() != 0 && *number < *order {
            return Some(scalar);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::curve::{Curve, Form};
    use super::*;

    fn groups() -> impl Iterator<Item = (Curve, EcGroup)> {
        Curve::ALL.iter().filter_map(|curve| match curve.form() {
            Form::Weierstrass(nid) => Some((*curve, group(nid).unwrap())),
            _ => None,
        })
    }

    #[test]
    fn scalars_have_the_size_of_the_curve_and_every_curve_has_cofactor_one() {
        for (curve, group) in groups() {
            let mut context = BigNumContext::new().unwrap();
            let (mut order, mut cofactor) = (BigNum::new().unwrap(), BigNum::new().unwrap());
            group.order(&mut order, &mut context).unwrap();
            group.cofactor(&mut cofactor, &mut context).unwrap();
            assert_eq!(order.num_bytes() as usize, curve.size(), "{}", curve.name());
            assert_eq!(group.degree(), curve.bits() as u32);
            assert_eq!(cofactor, BigNum::from_u32(1).unwrap());
        }
    }

    #[test]
    fn points_are_read_in_every_form_and_other_bytes_refused() {
        for (curve, group) in groups() {
            let point = public_point(&group, &[7]).unwrap();
            assert_eq!(point.len(), 1 + 2 * curve.size());
            for form in [
                PointConversionForm::UNCOMPRESSED,
                PointConversionForm::COMPRESSED,
                PointConversionForm::HYBRID,
            ] {
                let bytes = write_point(&group, &read_point(&group, &point).unwrap(), form).unwrap();
                let again = read_point(&group, &bytes).unwrap();
                let back = write_point(&group, &again, PointConversionForm::UNCOMPRESSED).unwrap();
                assert_eq!(back, point);
                assert!(read_point(&group, &bytes[1..]).is_none(), "a point that lacks a byte");
                assert!(
                    read_point(&group, &[&bytes[..], &[0]].concat()).is_none(),
                    "a point with a byte more"
                );
            }
            let mut off = point.clone();
            *off.last_mut().unwrap() ^= 1;
            assert!(read_point(&group, &off).is_none(), "a point beside {}", curve.name());
            assert!(read_point(&group, &[0]).is_none(), "infinity");
            assert!(read_point(&group, &[]).is_none());
        }
    }

    #[test]
    fn scalars_out_of_range_have_no_point() {
        for (_, group) in groups() {
            let mut order = BigNum::new().unwrap();
            group.order(&mut order, &mut BigNumContext::new().unwrap()).unwrap();
            assert!(public_point(&group, &order.to_vec()).is_none());
            assert!(public_point(&group, &[0; 8]).is_none());
            order.sub_word(1).unwrap();
            assert!(public_point(&group, &order.to_vec()).is_some());
        }
    }

    #[test]
    fn scalars_that_do_not_fit_are_drawn_again() {
        let group = group(Nid::X9_62_PRIME256V1).unwrap();
        let mut draws = [[0xFF; 32], [0; 32], [1; 32]].into_iter();
        let scalar =
            random_scalar(&group, 32, |buffer| buffer.copy_from_slice(&draws.next().unwrap())).unwrap();
        assert_eq!(*scalar, [1; 32]);
        assert!(random_scalar(&group, 32, |buffer| buffer.fill(0xFF)).is_none(), "it ends");
    }
}
