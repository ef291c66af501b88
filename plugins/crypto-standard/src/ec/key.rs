//! A key on a curve, checked: what all algorithms make their own form of.

use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::{Error, Result};
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode};
use openssl::ec::PointConversionForm;
use openssl::pkey::PKey;
use pkcs8::spki::AlgorithmIdentifierRef;
use sec1::EcPrivateKey;
use zeroize::Zeroizing;

use super::curve::{Curve, Form};
use super::family::EcKeys;
use super::{edwards, weierstrass};
use crate::encoding::{EC, EncodedKey, Half, key_of, not_a_key};

/// A private or public key.
#[derive(Clone)]
pub(crate) enum Key {
    Private(PrivateKey),
    Public(PublicKey),
}

/// A private key.
#[derive(Clone)]
pub(crate) struct PrivateKey {
    /// A scalar, big-endian and of the size of the curve; on other curves than Weierstrass', the bytes of their RFC.
    secret: Zeroizing<Vec<u8>>,
    public: PublicKey,
}

/// A public key: a point of the curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey {
    curve: Curve,
    /// The point, uncompressed; on other curves than Weierstrass', the bytes of their RFC.
    bytes: Vec<u8>,
}

impl Key {
    /// The key in the material, for one use or another.
    ///
    /// # Errors
    /// Cryptographic Failure: it is no key on a curve, or malformed.
    pub(crate) fn of(facts: &KeyFacts<'_>, material: &Material) -> Result<Self> {
        let (encoded, _) = key_of(&EcKeys, facts, material)?;
        Self::decode(&encoded)?
            .ok_or_else(|| Error::cryptographic("the material is no key on an elliptic curve"))
    }

    /// The key in its envelope; nothing if it is of another family.
    ///
    /// # Errors
    /// Invalid Field: it is malformed, or on a curve that is not known.
    pub(crate) fn decode(encoded: &EncodedKey) -> Result<Option<Self>> {
        let Some(curve) = curve_of(encoded)? else { return Ok(None) };
        Ok(Some(match encoded.half() {
            Half::Public => Self::Public(PublicKey::new(curve, encoded.content())?),
            Half::Private => Self::Private(decode_private(curve, encoded.content())?),
        }))
    }

    /// The public half, which a private key tells, too.
    pub(crate) fn public(&self) -> &PublicKey {
        match self {
            Self::Private(key) => &key.public,
            Self::Public(key) => key,
        }
    }

    /// The curve.
    pub(crate) fn curve(&self) -> Curve {
        self.public().curve
    }
}

impl PrivateKey {
    /// Takes the bytes of a private key: a scalar, or the bytes of the RFC.
    ///
    /// # Errors
    /// Invalid Field: their number is another, or the scalar is not between zero and the order.
    pub(crate) fn new(curve: Curve, secret: &[u8]) -> Result<Self> {
        if secret.len() != curve.size() {
            return Err(not_a_key("the private key has not as many bytes as the curve asks for"));
        }
        Self::of_number(curve, secret)
    }

    /// Takes a private key that went through a number, and lost its leading zeros by that.
    ///
    /// # Errors
    /// Invalid Field: it is too large a number, or the scalar is not between zero and the order.
    pub(crate) fn of_number(curve: Curve, secret: &[u8]) -> Result<Self> {
        let out_of_range =
            || not_a_key("a private key on a curve is a number between zero and the order of the curve");
        let secret = padded(curve.size(), secret).ok_or_else(out_of_range)?;
        let bytes = match curve.form() {
            Form::Weierstrass(nid) => {
                let group = weierstrass::group(nid).map_err(of_library)?;
                weierstrass::public_point(&group, &secret).ok_or_else(out_of_range)?
            }
            Form::Montgomery(id) | Form::Edwards(id) => PKey::private_key_from_raw_bytes(&secret, id)
                .and_then(|key| key.raw_public_key())
                .map_err(|error| out_of_range().because(error))?,
        };
        Ok(Self { secret, public: PublicKey { curve, bytes } })
    }

    /// Makes a new one.
    ///
    /// # Errors
    /// Internal Server Error: the library fails.
    pub(crate) fn generate(curve: Curve, rng: &mut dyn RandomSource) -> Result<Self> {
        let secret = match curve.form() {
            Form::Weierstrass(nid) => {
                let group = weierstrass::group(nid).map_err(of_library)?;
                weierstrass::random_scalar(&group, curve.size(), |buffer| rng.fill(buffer))
                    .ok_or_else(|| Error::server("no private key could be drawn"))?
            }
            Form::Montgomery(_) | Form::Edwards(_) => {
                let mut secret = Zeroizing::new(vec![0; curve.size()]);
                rng.fill(&mut secret);
                secret
            }
        };
        Self::new(curve, &secret)
    }

    /// The curve.
    pub(crate) fn curve(&self) -> Curve {
        self.public.curve
    }

    /// The scalar, or the bytes of the RFC.
    pub(crate) fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// The public key.
    pub(crate) fn public(&self) -> &PublicKey {
        &self.public
    }

    /// PKCS #8: with ECPrivateKey (RFC 5915), which repeats the public key, or CurvePrivateKey (RFC 8410).
    ///
    /// # Errors
    /// Internal Server Error: it cannot be encoded.
    pub(crate) fn encode(&self) -> Result<EncodedKey> {
        let curve = self.curve();
        let content = Zeroizing::new(
            match curve.form() {
                Form::Weierstrass(_) => {
                    let public_key = Some(self.public.bytes.as_slice());
                    EcPrivateKey { private_key: &self.secret, parameters: None, public_key }.to_der()
                }
                _ => OctetStringRef::new(&self.secret).and_then(|secret| secret.to_der()),
            }
            .map_err(no_encoding)?,
        );
        EncodedKey::private(identifier(curve, &curve.oid()), &content)
    }
}

impl PublicKey {
    /// Takes the bytes of a public key; a point may be in any form of SEC 1.
    ///
    /// # Errors
    /// Invalid Field: they are no point of the curve, the point at infinity, or a signature key of small order.
    pub(crate) fn new(curve: Curve, bytes: &[u8]) -> Result<Self> {
        let no_point =
            || not_a_key("the public key is no point of its curve, or a point that no private key has");
        let bytes = match curve.form() {
            Form::Weierstrass(nid) => {
                let group = weierstrass::group(nid).map_err(of_library)?;
                let point = weierstrass::read_point(&group, bytes).ok_or_else(no_point)?;
                weierstrass::write_point(&group, &point, PointConversionForm::UNCOMPRESSED)
                    .map_err(of_library)?
            }
            // Every number is the coordinate of a point on the curve or its twist; agreement refuses those of small
            // order.
            Form::Montgomery(_) if bytes.len() == curve.size() => bytes.to_vec(),
            Form::Edwards(_) if edwards::is_public_key(curve, bytes) => bytes.to_vec(),
            _ => return Err(no_point()),
        };
        Ok(Self { curve, bytes })
    }

    /// The curve.
    pub(crate) fn curve(&self) -> Curve {
        self.curve
    }

    /// The uncompressed point, or the bytes of the RFC.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The point in a form of SEC 1; on other curves than Weierstrass', the only bytes that there are.
    ///
    /// # Errors
    /// Internal Server Error: the library fails.
    pub(crate) fn in_form(&self, form: PointConversionForm) -> Result<Vec<u8>> {
        let Form::Weierstrass(nid) = self.curve.form() else { return Ok(self.bytes.clone()) };
        let group = weierstrass::group(nid).map_err(of_library)?;
        let point = weierstrass::read_point(&group, &self.bytes)
            .ok_or_else(|| Error::server("a public key has lost its point"))?;
        weierstrass::write_point(&group, &point, form).map_err(of_library)
    }

    /// SubjectPublicKeyInfo (RFC 5480, RFC 8410).
    ///
    /// # Errors
    /// Internal Server Error: it cannot be encoded.
    pub(crate) fn encode(&self) -> Result<EncodedKey> {
        EncodedKey::public(identifier(self.curve, &self.curve.oid()), &self.bytes)
    }

    /// SubjectPublicKeyInfo with the point in a form of SEC 1.
    ///
    /// # Errors
    /// Internal Server Error: it cannot be encoded.
    pub(crate) fn encode_in(&self, form: PointConversionForm) -> Result<EncodedKey> {
        EncodedKey::public(identifier(self.curve, &self.curve.oid()), &self.in_form(form)?)
    }
}

fn curve_of(encoded: &EncodedKey) -> Result<Option<Curve>> {
    if encoded.oid() == EC {
        let named = encoded.parameters().and_then(|curve| curve.decode_as::<ObjectIdentifier>().ok());
        let known = named.and_then(Curve::of_oid).filter(|curve| has_points(*curve));
        return known
            .map(Some)
            .ok_or_else(|| not_a_key("the key is on a curve that this server does not know"));
    }
    Ok(Curve::of_oid(encoded.oid()).filter(|curve| !has_points(*curve) && encoded.parameters().is_none()))
}

fn decode_private(curve: Curve, content: &[u8]) -> Result<PrivateKey> {
    let malformed = || not_a_key("the private key is malformed");
    if !has_points(curve) {
        let secret = <&OctetStringRef>::from_der(content).map_err(|error| malformed().because(error))?;
        return PrivateKey::new(curve, secret.as_bytes());
    }
    let decoded = EcPrivateKey::from_der(content).map_err(|error| malformed().because(error))?;
    // Some software writes the scalar without its leading zeros, against RFC 5915.
    let key = PrivateKey::of_number(curve, decoded.private_key)?;
    let other = |told: &[u8]| PublicKey::new(curve, told).map(|told| told != key.public).unwrap_or(true);
    if decoded.public_key.is_some_and(other) {
        return Err(not_a_key("the private key comes with a public key that is not its own"));
    }
    Ok(key)
}

/// Whether its public keys are points of SEC 1.
pub(super) fn has_points(curve: Curve) -> bool {
    matches!(curve.form(), Form::Weierstrass(_))
}

fn identifier(curve: Curve, oid: &ObjectIdentifier) -> AlgorithmIdentifierRef<'_> {
    if has_points(curve) {
        AlgorithmIdentifierRef { oid: EC, parameters: Some(AnyRef::from(oid)) }
    } else {
        AlgorithmIdentifierRef { oid: *oid, parameters: None }
    }
}

/// The bytes with zeros before them, or without those that are too many.
fn padded(size: usize, bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let surplus = bytes.len().saturating_sub(size);
    let (zeros, digits) = bytes.split_at_checked(surplus)?;
    if zeros.iter().any(|byte| *byte != 0) {
        return None;
    }
    let mut padded = Zeroizing::new(vec![0; size]);
    padded.get_mut(size - digits.len()..)?.copy_from_slice(digits);
    Some(padded)
}

/// The library fails at something that cannot fail for reasons of the key.
pub(super) fn of_library(error: openssl::error::ErrorStack) -> Error {
    Error::server("the library for elliptic curves failed").because(error)
}

fn no_encoding(error: der::Error) -> Error {
    Error::server("a key on a curve cannot be encoded").because(error)
}
