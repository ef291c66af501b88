//! The encodings of keys on curves: those that all algorithms share, the transparent ones of KMIP, and bare bytes.

use claviger_plugin_sdk::kmip::attributes::{CryptographicDomainParameters, kinds};
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::key_material::{TransparentEcPrivateKey, TransparentEcPublicKey};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    CryptographicAlgorithm, KeyCompressionType, KeyFormatType, RecommendedCurve, ResultReason,
};
use claviger_plugin_sdk::kmip::{BigInteger, Tag, Value};
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{Cost, Encoding, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Error, Result, register_scheme};
use openssl::ec::PointConversionForm;

use super::curve::{ALGORITHMS, Curve};
use super::key::{Key, PrivateKey, PublicKey, has_points};
use super::weierstrass;
use crate::encoding::{AsFormats, EncodedKey, Half, Inspected, KeyFamily, not_a_key};

/// Keys on elliptic curves.
pub(crate) struct EcKeys;

pub(super) const FORMATS: SchemeEntry = SchemeEntry {
    name: "keys on elliptic curves",
    algorithms: ALGORITHMS,
    claims: |_, _| true,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Formats(&AsFormats(EcKeys)),
};
register_scheme!(FORMATS);

impl KeyFamily for EcKeys {
    fn name(&self) -> &'static str {
        "elliptic-curve"
    }

    fn cost(&self, _: &Material) -> Cost {
        Cost::Light
    }

    fn inspect(&self, facts: &KeyFacts<'_>, key: &EncodedKey) -> Result<Option<Inspected>> {
        let Some(key) = Key::decode(key)? else { return Ok(None) };
        let curve = key.curve();
        let algorithm = facts.algorithm.unwrap_or(curve.algorithm());
        if !curve.serves(algorithm) {
            return Err(not_a_key("the key is on a curve on which its algorithm has no keys"));
        }
        if let Some(named) = domain(facts)
            && Curve::named(algorithm, named) != Some(curve)
        {
            return Err(not_a_key(
                "the key is on another curve than its Cryptographic Domain Parameters name",
            ));
        }
        let domain = CryptographicDomainParameters {
            qlength: None,
            recommended_curve: Some(curve.recommended(algorithm)),
        };
        Ok(Some(Inspected { algorithm, length: curve.bits(), domain: Some(domain) }))
    }

    fn formats(&self, facts: &KeyFacts<'_>, half: Half) -> &'static [KeyFormatType] {
        match half {
            Half::Public => PUBLIC_FORMATS,
            // ECPrivateKey is for points of SEC 1.
            Half::Private if curve_of(facts).is_some_and(|curve| !has_points(curve)) => {
                PRIVATE_FORMATS.split_last().map_or(PRIVATE_FORMATS, |(_, others)| others)
            }
            Half::Private => PRIVATE_FORMATS,
        }
    }

    fn read(&self, facts: &KeyFacts<'_>, material: &Material) -> Result<Option<EncodedKey>> {
        let format = material.format();
        let Some(algorithm) = facts.algorithm.or(algorithm_of(format)) else { return Ok(None) };
        if !ALGORITHMS.contains(&algorithm) {
            return Ok(None);
        }
        let is_transparent = algorithm_of(format).is_some();
        match material.value() {
            Value::Structure(_) if is_transparent && PRIVATE_FORMATS.contains(&format) => {
                let key: TransparentEcPrivateKey = transparent(material)?;
                let d = key
                    .d
                    .to_unsigned_be()
                    .ok_or_else(|| not_a_key("the private key is a negative number"))?;
                PrivateKey::of_number(named(algorithm, key.recommended_curve)?, d)?.encode().map(Some)
            }
            Value::Structure(_) if is_transparent && PUBLIC_FORMATS.contains(&format) => {
                let key: TransparentEcPublicKey = transparent(material)?;
                PublicKey::new(named(algorithm, key.recommended_curve)?, &key.q_string)?.encode().map(Some)
            }
            // Bare bytes stand under a transparent format, too, where they were wrapped without it.
            Value::ByteString(bytes) if format == KeyFormatType::RAW || is_transparent => {
                let curve = curve_of(facts).ok_or_else(|| {
                    not_a_key(
                        "the bytes of the key do not tell its curve; set Cryptographic Domain Parameters",
                    )
                })?;
                match Half::of(facts.object_type) {
                    Half::Private if is_transparent && lacks_few_bytes(curve, bytes) => {
                        PrivateKey::of_number(curve, bytes)?.encode().map(Some)
                    }
                    Half::Private => PrivateKey::new(curve, bytes)?.encode().map(Some),
                    Half::Public => PublicKey::new(curve, bytes)?.encode().map(Some),
                }
            }
            _ => Ok(None),
        }
    }

    fn write(&self, facts: &KeyFacts<'_>, key: &EncodedKey, to: Encoding) -> Result<Option<Value>> {
        let Some(decoded) = Key::decode(key)? else { return Ok(None) };
        let curve = decoded.curve();
        let form = form(&decoded, to.compression)?;
        let transparent = algorithm_of(to.format);
        let recommended_curve = curve
            .recommended(facts.algorithm.filter(|named| curve.serves(*named)).unwrap_or(curve.algorithm()));
        Ok(Some(match &decoded {
            Key::Private(key) if transparent.is_some() => {
                let d = BigInteger::from_unsigned_be(key.secret());
                TransparentEcPrivateKey { recommended_curve, d }.into_value()
            }
            Key::Public(key) if transparent.is_some() => {
                let q_string = key.in_form(form)?.into();
                TransparentEcPublicKey { recommended_curve, q_string }.into_value()
            }
            Key::Private(key) if to.format == KeyFormatType::RAW => Value::ByteString(key.secret().into()),
            Key::Public(key) if to.format == KeyFormatType::RAW => {
                Value::ByteString(key.in_form(form)?.into())
            }
            Key::Public(key) if to.compression.is_some() => return Ok(key.encode_in(form)?.write(to.format)),
            // Written anew, so that what is left out by some is always there: the public key in a private one.
            Key::Private(key) => return Ok(key.encode()?.write(to.format)),
            Key::Public(_) => return Ok(None),
        }))
    }

    fn public_key(&self, private: &EncodedKey) -> Result<EncodedKey> {
        match Key::decode(private)? {
            Some(key) => key.public().encode(),
            None => Err(Error::cryptographic("the private key is on no curve")),
        }
    }
}

/// The last is for points of SEC 1 alone.
const PRIVATE_FORMATS: &[KeyFormatType] = &[
    KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY,
    KeyFormatType::PKCS_8,
    KeyFormatType::RAW,
    KeyFormatType::TRANSPARENT_ECDSA_PRIVATE_KEY,
    KeyFormatType::TRANSPARENT_ECDH_PRIVATE_KEY,
    KeyFormatType::TRANSPARENT_ECMQV_PRIVATE_KEY,
    KeyFormatType::EC_PRIVATE_KEY,
];

const PUBLIC_FORMATS: &[KeyFormatType] = &[
    KeyFormatType::TRANSPARENT_EC_PUBLIC_KEY,
    KeyFormatType::X_509,
    KeyFormatType::RAW,
    KeyFormatType::TRANSPARENT_ECDSA_PUBLIC_KEY,
    KeyFormatType::TRANSPARENT_ECDH_PUBLIC_KEY,
    KeyFormatType::TRANSPARENT_ECMQV_PUBLIC_KEY,
];

/// The algorithm that a transparent format of this family is named after.
fn algorithm_of(format: KeyFormatType) -> Option<CryptographicAlgorithm> {
    match format {
        KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY | KeyFormatType::TRANSPARENT_EC_PUBLIC_KEY => {
            Some(CryptographicAlgorithm::EC)
        }
        KeyFormatType::TRANSPARENT_ECDSA_PRIVATE_KEY | KeyFormatType::TRANSPARENT_ECDSA_PUBLIC_KEY => {
            Some(CryptographicAlgorithm::ECDSA)
        }
        KeyFormatType::TRANSPARENT_ECDH_PRIVATE_KEY | KeyFormatType::TRANSPARENT_ECDH_PUBLIC_KEY => {
            Some(CryptographicAlgorithm::ECDH)
        }
        KeyFormatType::TRANSPARENT_ECMQV_PRIVATE_KEY | KeyFormatType::TRANSPARENT_ECMQV_PUBLIC_KEY => {
            Some(CryptographicAlgorithm::ECMQV)
        }
        _ => None,
    }
}

/// Whether the bytes may be a private key that was wrapped as a number, without its leading zeros. More than a few happen
/// to nobody.
fn lacks_few_bytes(curve: Curve, bytes: &[u8]) -> bool {
    (curve.size() - 4..curve.size()).contains(&bytes.len())
}

fn transparent<T: TtlvValue>(material: &Material) -> Result<T> {
    T::from_value(Tag::KEY_MATERIAL, material.value().clone())
        .map_err(|error| not_a_key("the transparent key is malformed").because(error))
}

fn named(algorithm: CryptographicAlgorithm, curve: RecommendedCurve) -> Result<Curve> {
    Curve::named(algorithm, curve)
        .ok_or_else(|| not_a_key("the key is on a curve that this server does not know for its algorithm"))
}

fn domain(facts: &KeyFacts<'_>) -> Option<RecommendedCurve> {
    facts.attributes.one::<kinds::CryptographicDomainParameters>()?.recommended_curve
}

/// The curve that the facts of a key tell: by name, or else by length.
pub(super) fn curve_of(facts: &KeyFacts<'_>) -> Option<Curve> {
    let algorithm = facts.algorithm?;
    match domain(facts) {
        Some(name) => Curve::named(algorithm, name),
        None => Curve::usual(algorithm, Some(facts.length?)),
    }
}

/// The form that a key's point is asked for in.
///
/// # Errors
/// Key Compression Type Not Supported: the key has no point to compress, or no such form.
fn form(key: &Key, compression: Option<KeyCompressionType>) -> Result<PointConversionForm> {
    let Some(compression) = compression else { return Ok(PointConversionForm::UNCOMPRESSED) };
    let form = weierstrass::form_of(compression);
    let fits = matches!(key, Key::Public(_)) && has_points(key.curve());
    form.filter(|_| fits || compression == KeyCompressionType::EC_PUBLIC_KEY_TYPE_UNCOMPRESSED).ok_or_else(
        || {
            Error::unsupported(format!(
                "a key of this type on {} cannot be had as {compression:?}",
                key.curve().name()
            ))
            .with_reason(ResultReason::KEY_COMPRESSION_TYPE_NOT_SUPPORTED)
        },
    )
}

#[cfg(test)]
mod tests;
