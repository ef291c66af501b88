//! Encodings of keys.

use claviger_kmip::Value;
use claviger_kmip::attributes::CryptographicDomainParameters;
use claviger_kmip::objects::KeyBlock;
use claviger_kmip::tables::enumerations::{
    CryptographicAlgorithm, KeyCompressionType, KeyFormatType, ObjectType,
};

use super::Cost;
use crate::error::Result;
use crate::record::{KeyFacts, Material};

/// Knows the encodings in which private and public keys of some algorithms come and go.
///
/// It claims keys by algorithm; an object kind that does not know the algorithm yet asks each scheme whether it
/// recognises the material.
pub trait Formats: Send + Sync {
    /// What each of the following costs, and what parsing the key for any other capability does.
    fn cost(&self, key: &KeyFacts<'_>, material: &Material) -> Cost;

    /// What the material is; nothing if it is no key of the scheme's algorithms. Material in a format that does not
    /// tell, such as Raw, is a key of the algorithm and length that the facts tell.
    ///
    /// # Errors
    /// Invalid Field: it is such a key and malformed: a point that is not on its curve, a modulus of no use.
    fn recognise(&self, key: &KeyFacts<'_>, material: &Material) -> Result<Option<KeyDescription>>;

    /// The material as its format has it, where it came otherwise: the DER that stands in PEM. Nothing where it is so
    /// already, or is no material of the scheme.
    fn bare(&self, material: &Material) -> Option<Value>;

    /// The formats in which keys of this type and algorithm may be had, the usual one first.
    fn formats(&self, key: &KeyFacts<'_>) -> &'static [KeyFormatType];

    /// The material in another encoding.
    ///
    /// # Errors
    /// Key Format Type Not Supported, Key Compression Type Not Supported; Cryptographic Failure: the material is
    /// malformed.
    fn convert(&self, key: &KeyFacts<'_>, material: &Material, to: Encoding) -> Result<Value>;

    /// The public key that belongs to a private one, in the usual format of public keys.
    ///
    /// # Errors
    /// Cryptographic Failure: the material is malformed, or does not tell the public key.
    fn public_key(&self, key: &KeyFacts<'_>, private: &Material) -> Result<KeyBlock>;
}

/// How a key is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// The format.
    pub format: KeyFormatType,
    /// How points of elliptic curves are compressed; uncompressed if absent.
    pub compression: Option<KeyCompressionType>,
}

impl From<KeyFormatType> for Encoding {
    fn from(format: KeyFormatType) -> Self {
        Self { format, compression: None }
    }
}

/// What key material turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDescription {
    /// Private or public.
    pub object_type: ObjectType,
    /// The algorithm.
    pub algorithm: CryptographicAlgorithm,
    /// The Cryptographic Length in bits.
    pub length: i32,
    /// Curve or sizes, where the algorithm has some.
    pub domain: Option<CryptographicDomainParameters>,
}
