//! A key in the envelope that every library reads: PKCS #8 (RFC 5958) if it is private, SubjectPublicKeyInfo (RFC 5280
//! section 4.1.2.7) if it is public.

use std::borrow::Cow;

use claviger_plugin_sdk::kmip::tables::enumerations::{KeyFormatType, ObjectType};
use claviger_plugin_sdk::kmip::{ByteString, Value};
use claviger_plugin_sdk::record::Material;
use claviger_plugin_sdk::{Error, Result};
use der::asn1::{AnyRef, BitStringRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode, Reader, SliceReader, TagMode, TagNumber};
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private, Public};
use pkcs8::PrivateKeyInfoRef;
use pkcs8::spki::{AlgorithmIdentifierOwned, AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use sec1::{EcParameters, EcPrivateKey};
use zeroize::Zeroizing;

use super::pem;

/// Which half of a pair a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Half {
    Private,
    Public,
}

impl Half {
    /// The half that an object of this type holds: a certificate holds a public key.
    pub(crate) fn of(object_type: ObjectType) -> Self {
        if object_type == ObjectType::PRIVATE_KEY { Self::Private } else { Self::Public }
    }

    /// The type of a key object that holds it.
    pub(crate) fn object_type(self) -> ObjectType {
        match self {
            Self::Private => ObjectType::PRIVATE_KEY,
            Self::Public => ObjectType::PUBLIC_KEY,
        }
    }
}

/// `rsaEncryption` (RFC 8017 appendix A.1).
pub(crate) const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// `id-ecPublicKey` (RFC 5480 section 2.1.1).
pub(crate) const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// A private or public key of any algorithm, in its envelope.
pub(crate) struct EncodedKey {
    half: Half,
    envelope: Zeroizing<Vec<u8>>,
    algorithm: AlgorithmIdentifierOwned,
    content: Zeroizing<Vec<u8>>,
}

impl EncodedKey {
    /// Puts what the algorithm has for a private key, such as RSAPrivateKey, into its envelope.
    ///
    /// # Errors
    /// Internal Server Error: it cannot be encoded.
    pub(crate) fn private(algorithm: AlgorithmIdentifierRef<'_>, content: &[u8]) -> Result<Self> {
        let encode = || PrivateKeyInfoRef::new(algorithm, OctetStringRef::new(content)?).to_der();
        Self::new(Half::Private, algorithm, content, encode().map_err(no_encoding)?)
    }

    /// Puts what the algorithm has for a public key, such as RSAPublicKey, into its envelope.
    ///
    /// # Errors
    /// Internal Server Error: it cannot be encoded.
    pub(crate) fn public(algorithm: AlgorithmIdentifierRef<'_>, content: &[u8]) -> Result<Self> {
        let encode = || {
            let subject_public_key = BitStringRef::from_bytes(content)?;
            SubjectPublicKeyInfoRef { algorithm, subject_public_key }.to_der()
        };
        Self::new(Half::Public, algorithm, content, encode().map_err(no_encoding)?)
    }

    /// Reads PKCS #8 in DER; nothing if it is something else, or encrypted.
    pub(crate) fn from_pkcs8(der: &[u8]) -> Option<Self> {
        let info = PrivateKeyInfoRef::from_der(der).ok()?;
        Self::new(Half::Private, info.algorithm, info.private_key.as_bytes(), der.to_vec()).ok()
    }

    /// Reads SubjectPublicKeyInfo in DER; nothing if it is something else.
    pub(crate) fn from_spki(der: &[u8]) -> Option<Self> {
        let info = SubjectPublicKeyInfoRef::from_der(der).ok()?;
        Self::new(Half::Public, info.algorithm, info.subject_public_key.as_bytes()?, der.to_vec()).ok()
    }

    /// Reads the material of a private or public key, or a certificate, in one of the formats that all algorithms share;
    /// nothing if it is in another, or is none.
    pub(crate) fn read(object_type: ObjectType, material: &Material) -> Option<Self> {
        let Value::ByteString(bytes) = material.value() else { return None };
        let bytes = pem::der(bytes)?;
        let bytes = Zeroizing::new(bytes.into_owned());
        match (material.format(), Half::of(object_type)) {
            (KeyFormatType::PKCS_1, half) => from_pkcs1(half, &bytes),
            (KeyFormatType::PKCS_8, _) => Self::from_pkcs8(&bytes),
            (KeyFormatType::EC_PRIVATE_KEY, _) => from_sec1(&bytes),
            (KeyFormatType::X_509, _) => {
                Self::from_spki(&bytes).or_else(|| Self::from_spki(spki_of_certificate(&bytes)?))
            }
            // Clients of the REST family send encoded bytes under the names of the transparent formats.
            (format, Half::Private) if is_transparent(format) => Self::from_pkcs8(&bytes)
                .or_else(|| from_sec1(&bytes))
                .or_else(|| from_pkcs1(Half::Private, &bytes)),
            (format, Half::Public) if is_transparent(format) => {
                Self::from_spki(&bytes).or_else(|| from_pkcs1(Half::Public, &bytes))
            }
            _ => None,
        }
    }

    /// The DER of material that came as PEM, in any of the formats that [`EncodedKey::read`] takes; nothing if it did not.
    pub(crate) fn out_of_pem(material: &Material) -> Option<Value> {
        let Value::ByteString(bytes) = material.value() else { return None };
        let is_der = matches!(
            material.format(),
            KeyFormatType::PKCS_1
                | KeyFormatType::PKCS_8
                | KeyFormatType::EC_PRIVATE_KEY
                | KeyFormatType::X_509
        ) || is_transparent(material.format());
        match pem::der(bytes).filter(|_| is_der)? {
            Cow::Owned(der) => Some(Value::ByteString(der.into())),
            Cow::Borrowed(_) => None,
        }
    }

    /// Whether the material is PKCS #8 under a passphrase (EncryptedPrivateKeyInfo, RFC 5958 section 3), which nobody told
    /// this server.
    pub(crate) fn is_encrypted(material: &Material) -> bool {
        let Value::ByteString(bytes) = material.value() else { return false };
        let encrypted = pem::der(bytes).and_then(|der| {
            whole(&der, |info| {
                AlgorithmIdentifierRef::decode(info)?;
                <&OctetStringRef>::decode(info).map(drop)
            })
        });
        material.format() == KeyFormatType::PKCS_8 && encrypted.is_some()
    }

    /// The material in one of the formats that all algorithms share; nothing if a key of this half and algorithm has no
    /// such format.
    pub(crate) fn write(&self, format: KeyFormatType) -> Option<Value> {
        let bytes: ByteString = match (format, self.half) {
            (KeyFormatType::PKCS_8, Half::Private) | (KeyFormatType::X_509, Half::Public) => {
                self.envelope.as_slice().into()
            }
            (KeyFormatType::PKCS_1, _) if self.oid() == RSA => self.content.as_slice().into(),
            (KeyFormatType::EC_PRIVATE_KEY, Half::Private) if self.oid() == EC => self.to_sec1()?.into(),
            _ => return None,
        };
        Some(Value::ByteString(bytes))
    }

    /// Which half of a pair it is.
    pub(crate) fn half(&self) -> Half {
        self.half
    }

    /// The object identifier of the algorithm.
    pub(crate) fn oid(&self) -> ObjectIdentifier {
        self.algorithm.oid
    }

    /// The parameters of the algorithm, such as a curve.
    pub(crate) fn parameters(&self) -> Option<AnyRef<'_>> {
        self.algorithm.parameters.as_ref().map(Into::into)
    }

    /// What the envelope holds for the algorithm: RSAPrivateKey, a point.
    pub(crate) fn content(&self) -> &[u8] {
        &self.content
    }

    /// The envelope in DER: PKCS #8 or SubjectPublicKeyInfo.
    pub(crate) fn envelope(&self) -> &[u8] {
        &self.envelope
    }

    /// The private key as OpenSSL has it.
    ///
    /// # Errors
    /// It is a public key, or one that OpenSSL cannot use.
    pub(crate) fn to_private_key(&self) -> Result<PKey<Private>, ErrorStack> {
        PKey::private_key_from_pkcs8(&self.envelope)
    }

    /// The public key as OpenSSL has it.
    ///
    /// # Errors
    /// It is a private key, or one that OpenSSL cannot use.
    pub(crate) fn to_public_key(&self) -> Result<PKey<Public>, ErrorStack> {
        PKey::public_key_from_der(&self.envelope)
    }

    fn new(
        half: Half,
        algorithm: AlgorithmIdentifierRef<'_>,
        content: &[u8],
        envelope: Vec<u8>,
    ) -> Result<Self> {
        let envelope = Zeroizing::new(envelope);
        let algorithm =
            AlgorithmIdentifierOwned { oid: algorithm.oid, parameters: algorithm.parameters.map(Into::into) };
        Ok(Self { half, envelope, algorithm, content: Zeroizing::new(content.to_vec()) })
    }

    /// ECPrivateKey that names its curve, since nothing around it does.
    fn to_sec1(&self) -> Option<Vec<u8>> {
        let key = EcPrivateKey::from_der(&self.content).ok()?;
        let curve = self.parameters()?.decode_as().ok()?;
        EcPrivateKey { parameters: Some(EcParameters::NamedCurve(curve)), ..key }.to_der().ok()
    }
}

/// RSAPrivateKey or RSAPublicKey (RFC 8017 appendix A.1): a public key has two numbers, a private one nine.
fn from_pkcs1(half: Half, der: &[u8]) -> Option<EncodedKey> {
    let numbers = whole(der, |numbers| {
        let mut count = 0;
        while !numbers.is_finished() {
            AnyRef::decode(numbers)?;
            count += 1;
        }
        Ok(count)
    })?;
    let algorithm = AlgorithmIdentifierRef { oid: RSA, parameters: Some(AnyRef::NULL) };
    match (half, numbers) {
        (_, 2) => EncodedKey::public(algorithm, der).ok(),
        (Half::Private, _) => EncodedKey::private(algorithm, der).ok(),
        (Half::Public, _) => None,
    }
}

/// ECPrivateKey (RFC 5915) that names its curve.
fn from_sec1(der: &[u8]) -> Option<EncodedKey> {
    let key = EcPrivateKey::from_der(der).ok()?;
    let EcParameters::NamedCurve(curve) = key.parameters?;
    let algorithm = AlgorithmIdentifierRef { oid: EC, parameters: Some(AnyRef::from(&curve)) };
    EncodedKey::private(algorithm, der).ok()
}

/// The SubjectPublicKeyInfo of a certificate (RFC 5280 section 4.1), which is not verified here.
fn spki_of_certificate(der: &[u8]) -> Option<&[u8]> {
    whole(der, |certificate| {
        let spki = certificate.sequence(|to_be_signed| {
            let _version: Option<u8> = to_be_signed.context_specific(TagNumber(0), TagMode::Explicit)?;
            // Serial number, signature algorithm, issuer, validity, subject.
            for _ in 0..5 {
                AnyRef::decode(to_be_signed)?;
            }
            let spki = to_be_signed.tlv_bytes()?;
            while !to_be_signed.is_finished() {
                AnyRef::decode(to_be_signed)?;
            }
            Ok::<_, der::Error>(spki)
        })?;
        // Signature algorithm and signature.
        AnyRef::decode(certificate)?;
        AnyRef::decode(certificate)?;
        Ok(spki)
    })
}

/// What is read out of a sequence that fills the bytes.
fn whole<'a, T>(der: &'a [u8], read: impl FnOnce(&mut SliceReader<'a>) -> der::Result<T>) -> Option<T> {
    let mut reader = SliceReader::new(der).ok()?;
    let content = reader.sequence(read).ok()?;
    reader.finish().ok()?;
    Some(content)
}

fn is_transparent(format: KeyFormatType) -> bool {
    (KeyFormatType::TRANSPARENT_DSA_PRIVATE_KEY..=KeyFormatType::TRANSPARENT_EC_PUBLIC_KEY).contains(&format)
}

fn no_encoding(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::server("a key cannot be encoded").because(error)
}
