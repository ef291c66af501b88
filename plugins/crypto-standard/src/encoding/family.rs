//! What an algorithm adds to the encodings that all algorithms share.

use claviger_plugin_sdk::kmip::Value;
use claviger_plugin_sdk::kmip::attributes::{CryptographicDomainParameters, kinds};
use claviger_plugin_sdk::kmip::objects::{KeyBlock, KeyValue, PlainKeyValue};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    CryptographicAlgorithm, KeyFormatType, ObjectType, ResultReason,
};
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{Cost, Encoding, Formats, KeyDescription, KeyPair, PairTemplates};
use claviger_plugin_sdk::{Error, ErrorClass, Result};

use super::encoded_key::{EncodedKey, Half};

/// A family of algorithms with the same keys: RSA, the keys on elliptic curves.
pub(crate) trait KeyFamily: Send + Sync {
    /// The family, as errors name it.
    fn name(&self) -> &'static str;

    /// What inspecting a key costs.
    fn cost(&self, material: &Material) -> Cost;

    /// What the key is; nothing if it is of another family, which its object identifier tells. Where several algorithms
    /// have the same keys, the facts tell which is meant.
    ///
    /// # Errors
    /// Invalid Field: it is of this family, and malformed.
    fn inspect(&self, facts: &KeyFacts<'_>, key: &EncodedKey) -> Result<Option<Inspected>>;

    /// The formats of keys of this half, the usual one first.
    fn formats(&self, facts: &KeyFacts<'_>, half: Half) -> &'static [KeyFormatType];

    /// Reads material in a format that only this family has, such as its transparent one; nothing if it is none of them.
    /// The shared formats have been tried.
    ///
    /// # Errors
    /// Invalid Field: it is in such a format, and malformed.
    fn read(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Option<EncodedKey>>;

    /// Writes the key in a format that only this family has, or with compressed points; nothing if a shared format is
    /// asked for and will do.
    ///
    /// # Errors
    /// Key Compression Type Not Supported.
    fn write(&self, facts: &KeyFacts<'_>, key: &EncodedKey, to: Encoding) -> Result<Option<Value>>;

    /// The public key of a private one.
    ///
    /// # Errors
    /// Cryptographic Failure: the private key does not tell.
    fn public_key(&self, private: &EncodedKey) -> Result<EncodedKey>;
}

/// What a key is, apart from its half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inspected {
    pub(crate) algorithm: CryptographicAlgorithm,
    /// In bits.
    pub(crate) length: i32,
    pub(crate) domain: Option<CryptographicDomainParameters>,
}

/// The family's encodings as a scheme.
pub(crate) struct AsFormats<F>(pub(crate) F);

impl<F: KeyFamily> Formats for AsFormats<F> {
    fn cost(&self, _: &KeyFacts<'_>, material: &Material) -> Cost {
        self.0.cost(material)
    }

    fn recognise(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Option<KeyDescription>> {
        let Some(encoded) = read(&self.0, key, material)? else { return encrypted(key, material) };
        let inspected = self.0.inspect(key, &encoded)?;
        Ok(inspected.map(|Inspected { algorithm, length, domain }| KeyDescription {
            object_type: encoded.half().object_type(),
            algorithm,
            length,
            domain,
        }))
    }

    fn bare(&self, material: &Material) -> Option<Value> {
        EncodedKey::out_of_pem(material)
    }

    fn formats(&self, key: &KeyFacts<'_>) -> &'static [KeyFormatType] {
        self.0.formats(key, Half::of(key.object_type))
    }

    fn convert(&self, key: &KeyFacts<'_>, material: &Material, to: Encoding) -> Result<Value> {
        let (encoded, _) = key_of(&self.0, key, material)?;
        write(&self.0, key, &encoded, to)
    }

    fn public_key(&self, key: &KeyFacts<'_>, private: &Material) -> Result<KeyBlock> {
        let (encoded, _) = key_of(&self.0, key, private)?;
        if encoded.half() == Half::Public {
            return Err(Error::cryptographic("this is a public key already"));
        }
        block(&self.0, &facts_of_public(key), &self.0.public_key(&encoded)?, None)
    }
}

/// The key in the material, and what it is.
///
/// # Errors
/// Cryptographic Failure: it is no key of the family, or malformed.
pub(crate) fn key_of(
    family: &dyn KeyFamily,
    facts: &KeyFacts<'_>,
    material: &Material,
) -> Result<(EncodedKey, Inspected)> {
    let failed = |error: Error| error.with_reason(ResultReason::CRYPTOGRAPHIC_FAILURE);
    let key = read(family, facts, material).map_err(failed)?;
    let inspected = key.as_ref().map(|key| family.inspect(facts, key)).transpose().map_err(failed)?.flatten();
    key.zip(inspected).ok_or_else(|| {
        if EncodedKey::is_encrypted(material) {
            return Error::cryptographic(
                "the key is encrypted with a passphrase that this server does not know; it can be had as PKCS #8 alone",
            );
        }
        Error::cryptographic(format!(
            "the material is no {} key in the format {:?}",
            family.name(),
            material.format()
        ))
    })
}

/// A new pair, in the formats that the templates ask for. A format that only the other half has stands for its
/// counterpart, since one format may be asked for both.
///
/// # Errors
/// Key Format Type Not Supported.
pub(crate) fn new_pair(
    family: &dyn KeyFamily,
    private: &EncodedKey,
    templates: PairTemplates<'_>,
) -> Result<KeyPair> {
    let format = |facts: &KeyFacts<'_>, half: Half| {
        let asked = facts.attributes.one::<kinds::KeyFormatType>()?;
        let formats = family.formats(facts, half);
        if formats.contains(&asked) {
            return Some(asked);
        }
        COUNTERPARTS
            .iter()
            .flat_map(|(private, public)| [(private, public), (public, private)])
            .find_map(|(from, to)| (*from == asked && formats.contains(to)).then_some(*to))
            .or(Some(asked))
    };
    let private_facts = KeyFacts::of(ObjectType::PRIVATE_KEY, None, templates.private);
    let public_facts = KeyFacts::of(ObjectType::PUBLIC_KEY, None, templates.public);
    Ok(KeyPair::new(
        block(family, &private_facts, private, format(&private_facts, Half::Private))?,
        block(family, &public_facts, &family.public_key(private)?, format(&public_facts, Half::Public))?,
    ))
}

/// Formats of private keys, and what the public keys to them have.
const COUNTERPARTS: &[(KeyFormatType, KeyFormatType)] = &[
    (KeyFormatType::PKCS_8, KeyFormatType::X_509),
    (KeyFormatType::EC_PRIVATE_KEY, KeyFormatType::X_509),
    (KeyFormatType::TRANSPARENT_RSA_PRIVATE_KEY, KeyFormatType::TRANSPARENT_RSA_PUBLIC_KEY),
    (KeyFormatType::TRANSPARENT_DSA_PRIVATE_KEY, KeyFormatType::TRANSPARENT_DSA_PUBLIC_KEY),
    (KeyFormatType::TRANSPARENT_DH_PRIVATE_KEY, KeyFormatType::TRANSPARENT_DH_PUBLIC_KEY),
    (KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY, KeyFormatType::TRANSPARENT_EC_PUBLIC_KEY),
    (KeyFormatType::TRANSPARENT_ECDSA_PRIVATE_KEY, KeyFormatType::TRANSPARENT_ECDSA_PUBLIC_KEY),
    (KeyFormatType::TRANSPARENT_ECDH_PRIVATE_KEY, KeyFormatType::TRANSPARENT_ECDH_PUBLIC_KEY),
    (KeyFormatType::TRANSPARENT_ECMQV_PRIVATE_KEY, KeyFormatType::TRANSPARENT_ECMQV_PUBLIC_KEY),
];

/// What the facts of a private key tell of its public key.
fn facts_of_public<'a>(private: &KeyFacts<'a>) -> KeyFacts<'a> {
    KeyFacts { object_type: ObjectType::PUBLIC_KEY, format: None, ..*private }
}

/// The material is malformed: Invalid Field.
pub(crate) fn not_a_key(why: &'static str) -> Error {
    Error::new(ResultReason::INVALID_FIELD, ErrorClass::Request, why)
}

/// A private key under a passphrase, which is what the client says it is: it can be kept and handed out as it came.
fn encrypted(key: &KeyFacts<'_>, material: &Material) -> Result<Option<KeyDescription>> {
    let Some(algorithm) = key.algorithm.filter(|_| EncodedKey::is_encrypted(material)) else {
        return Ok(None);
    };
    let length = key.length.ok_or_else(|| {
        not_a_key("a key that is encrypted with a passphrase tells nothing; state its Cryptographic Length")
    })?;
    Ok(Some(KeyDescription { object_type: ObjectType::PRIVATE_KEY, algorithm, length, domain: None }))
}

fn read(family: &dyn KeyFamily, facts: &KeyFacts<'_>, material: &Material) -> Result<Option<EncodedKey>> {
    match EncodedKey::read(facts.object_type, material) {
        Some(key) => Ok(Some(key)),
        None if facts.object_type == ObjectType::CERTIFICATE => Ok(None),
        None => family.read(facts, material),
    }
}

fn write(family: &dyn KeyFamily, facts: &KeyFacts<'_>, key: &EncodedKey, to: Encoding) -> Result<Value> {
    let unsupported = || {
        let formats = family.formats(facts, key.half());
        Error::unsupported(format!(
            "{} keys of this type may be had as {formats:?}, not as {:?}",
            family.name(),
            to.format
        ))
        .with_reason(ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED)
    };
    if !family.formats(facts, key.half()).contains(&to.format) {
        return Err(unsupported());
    }
    if let Some(value) = family.write(facts, key, to)? {
        return Ok(value);
    }
    if to.compression.is_some() {
        return Err(Error::unsupported(format!("{} keys have no points to compress", family.name()))
            .with_reason(ResultReason::KEY_COMPRESSION_TYPE_NOT_SUPPORTED));
    }
    key.write(to.format).ok_or_else(unsupported)
}

fn block(
    family: &dyn KeyFamily,
    facts: &KeyFacts<'_>,
    key: &EncodedKey,
    format: Option<KeyFormatType>,
) -> Result<KeyBlock> {
    let inspected = family.inspect(facts, key)?.ok_or_else(|| Error::server("a key is of another family"))?;
    let usual = family.formats(facts, key.half()).first().copied();
    let format = format.or(usual).ok_or_else(|| Error::server("a family has no formats"))?;
    Ok(KeyBlock {
        key_format_type: format,
        key_compression_type: None,
        key_value: Some(KeyValue::Plain(PlainKeyValue {
            key_material: write(family, facts, key, format.into())?,
            attributes: None,
        })),
        cryptographic_algorithm: Some(inspected.algorithm),
        cryptographic_length: Some(inspected.length),
        key_wrapping_data: None,
    })
}
