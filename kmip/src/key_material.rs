//! The key material of the transparent key formats (KMIP 2.1 sections 3.4 to 3.12).
//!
//! A key block holds its key material undecoded, since the Key Format Type beside it says what it is:
//! `PlainKeyValue::key_material` is read as one of these by `TtlvValue::from_value(Tag::KEY_MATERIAL, …)`.

use crate::structure;
use crate::tables::enumerations::{KeyFormatType, RecommendedCurve};
use crate::ttlv::{BigInteger, ByteString};

structure! {
    /// A symmetric key (section 3.4).
    pub struct TransparentSymmetricKey {
        /// The key.
        key: ByteString = KEY,
    }
}

structure! {
    /// A DSA private key (section 3.5).
    pub struct TransparentDsaPrivateKey {
        /// The prime of the field.
        p: BigInteger = P,
        /// The order of the group, a prime factor of `p` - 1.
        q: BigInteger = Q,
        /// The generator.
        g: BigInteger = G,
        /// The private exponent.
        x: BigInteger = X,
    }
}

structure! {
    /// A DSA public key (section 3.6).
    pub struct TransparentDsaPublicKey {
        /// The prime of the field.
        p: BigInteger = P,
        /// The order of the group, a prime factor of `p` - 1.
        q: BigInteger = Q,
        /// The generator.
        g: BigInteger = G,
        /// `g` to the power of the private exponent.
        y: BigInteger = Y,
    }
}

structure! {
    /// An RSA private key (section 3.7). The private exponent, both primes or both prime exponents must be present.
    pub struct TransparentRsaPrivateKey {
        /// The modulus.
        modulus: BigInteger = MODULUS,
        /// The private exponent.
        private_exponent: Option<BigInteger> = PRIVATE_EXPONENT,
        /// The public exponent.
        public_exponent: Option<BigInteger> = PUBLIC_EXPONENT,
        /// The first prime.
        p: Option<BigInteger> = P,
        /// The second prime.
        q: Option<BigInteger> = Q,
        /// The private exponent modulo `p` - 1.
        prime_exponent_p: Option<BigInteger> = PRIME_EXPONENT_P,
        /// The private exponent modulo `q` - 1.
        prime_exponent_q: Option<BigInteger> = PRIME_EXPONENT_Q,
        /// The inverse of `q` modulo `p`.
        crt_coefficient: Option<BigInteger> = CRT_COEFFICIENT,
    }
}

structure! {
    /// An RSA public key (section 3.8).
    pub struct TransparentRsaPublicKey {
        /// The modulus.
        modulus: BigInteger = MODULUS,
        /// The public exponent.
        public_exponent: BigInteger = PUBLIC_EXPONENT,
    }
}

structure! {
    /// A Diffie-Hellman private key (section 3.9).
    pub struct TransparentDhPrivateKey {
        /// The prime of the field.
        p: BigInteger = P,
        /// The order of the group.
        q: Option<BigInteger> = Q,
        /// The generator.
        g: BigInteger = G,
        /// The cofactor: `p` = `j` `q` + 1.
        j: Option<BigInteger> = J,
        /// The private exponent.
        x: BigInteger = X,
    }
}

structure! {
    /// A Diffie-Hellman public key (section 3.10).
    pub struct TransparentDhPublicKey {
        /// The prime of the field.
        p: BigInteger = P,
        /// The order of the group.
        q: Option<BigInteger> = Q,
        /// The generator.
        g: BigInteger = G,
        /// The cofactor: `p` = `j` `q` + 1.
        j: Option<BigInteger> = J,
        /// `g` to the power of the private exponent.
        y: BigInteger = Y,
    }
}

structure! {
    /// An elliptic-curve private key (section 3.11); in 1.x also under the formats of ECDSA, ECDH and ECMQV.
    pub struct TransparentEcPrivateKey {
        /// The curve.
        recommended_curve: RecommendedCurve = RECOMMENDED_CURVE,
        /// The private scalar.
        d: BigInteger = D,
    }
}

structure! {
    /// An elliptic-curve public key (section 3.12); in 1.x also under the formats of ECDSA, ECDH and ECMQV.
    pub struct TransparentEcPublicKey {
        /// The curve.
        recommended_curve: RecommendedCurve = RECOMMENDED_CURVE,
        /// The public point, as SEC 1 writes it, compressed or not.
        q_string: ByteString = Q_STRING,
    }
}

/// Whether the key material of this format is one of these structures, where that of others is a byte string.
pub fn is_transparent(format: KeyFormatType) -> bool {
    // Their codes follow one another (section 11.25).
    (KeyFormatType::TRANSPARENT_SYMMETRIC_KEY..=KeyFormatType::TRANSPARENT_EC_PUBLIC_KEY).contains(&format)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::{DecodeError, Structure};
    use crate::tables::Enumeration as _;
    use crate::ttlv::{ItemType, Tag, Ttlv, Value};
    use crate::vocabulary::Vocabulary;

    fn sample(tag: &Tag) -> Ttlv {
        let value = match Vocabulary::standard().item_type(*tag) {
            Some(ItemType::BigInteger) => Value::BigInteger(BigInteger::from_unsigned_be(&[0xFF])),
            Some(ItemType::ByteString) => Value::ByteString(vec![1].into()),
            Some(ItemType::Enumeration) => Value::Enumeration(6),
            other => panic!("{tag:?} is {other:?}"),
        };
        Ttlv::new(*tag, value)
    }

    /// Reads and writes all fields, then those that the specification requires, then these but one.
    fn check<T: Structure>(required: &[Tag], optional: &[Tag]) {
        let written = |tags: &[Tag]| {
            let fields = Value::Structure(tags.iter().map(sample).collect());
            let read = T::from_value(Tag::KEY_MATERIAL, fields)?;
            Ok::<_, DecodeError>(Ttlv::new(Tag::KEY_MATERIAL, read.into_value()).children().len())
        };
        assert_eq!(written(&[required, optional].concat()), Ok(T::FIELDS.len()));
        assert_eq!(written(required), Ok(required.len()));
        for absent in required {
            let rest: Vec<Tag> = required.iter().copied().filter(|tag| tag != absent).collect();
            assert!(matches!(written(&rest), Err(DecodeError::Missing { field, .. }) if field == *absent));
        }
    }

    #[test]
    fn key_material_has_the_fields_of_tables_18_to_26() {
        use Tag as T;
        check::<TransparentSymmetricKey>(&[T::KEY], &[]);
        check::<TransparentDsaPrivateKey>(&[T::P, T::Q, T::G, T::X], &[]);
        check::<TransparentDsaPublicKey>(&[T::P, T::Q, T::G, T::Y], &[]);
        check::<TransparentRsaPrivateKey>(
            &[T::MODULUS],
            &[
                T::PRIVATE_EXPONENT,
                T::PUBLIC_EXPONENT,
                T::P,
                T::Q,
                T::PRIME_EXPONENT_P,
                T::PRIME_EXPONENT_Q,
                T::CRT_COEFFICIENT,
            ],
        );
        check::<TransparentRsaPublicKey>(&[T::MODULUS, T::PUBLIC_EXPONENT], &[]);
        check::<TransparentDhPrivateKey>(&[T::P, T::G, T::X], &[T::Q, T::J]);
        check::<TransparentDhPublicKey>(&[T::P, T::G, T::Y], &[T::Q, T::J]);
        check::<TransparentEcPrivateKey>(&[T::RECOMMENDED_CURVE, T::D], &[]);
        check::<TransparentEcPublicKey>(&[T::RECOMMENDED_CURVE, T::Q_STRING], &[]);
    }

    #[test]
    fn transparent_formats_are_those_whose_names_say_so() {
        for (code, name) in KeyFormatType::VALUES {
            assert_eq!(is_transparent(KeyFormatType(*code)), name.starts_with("Transparent"), "{name}");
        }
    }
}
