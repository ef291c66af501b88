//! Derivation of keys.

use claviger_kmip::ByteString;
use claviger_kmip::attributes::CryptographicDomainParameters;
use claviger_kmip::payloads::DerivationParameters;
use claviger_kmip::tables::enumerations::{CryptographicAlgorithm, ObjectType};

use super::{Capability, Cost, PreparedKey};
use crate::error::Result;
use crate::record::Material;

/// Derives bytes by one Derivation Method (KMIP 2.1 sections 6.1.14 and 7.12).
pub trait DeriveScheme: Send + Sync {
    /// The capability that the first base key needs besides: ENCRYPT encrypts with it, whatever its algorithm. The key
    /// comes prepared for it then.
    fn builds_on(&self) -> Option<Capability>;

    /// What a derivation costs.
    fn cost(&self, input: &DeriveInput) -> Cost;

    /// Derives. The same input gives the same bytes. They must not tell the first base key, nor those of a pair, which
    /// may be Sensitive where what is derived is not. The bytes of other objects may be had back from them.
    ///
    /// # Errors
    /// Invalid Field or Bad Cryptographic Parameters: parameters are absent, too many or out of range. Invalid Message:
    /// there is derivation data and an object that stands for it. Cryptographic Failure: the method does not give so
    /// many bytes, or the base keys do not fit it.
    fn derive(&self, input: &DeriveInput) -> Result<ByteString>;
}

/// What is derived from what.
pub struct DeriveInput {
    /// The objects to derive from, in the order of the request.
    pub base: Vec<BaseKey>,
    /// The first of them, where the method [builds on](DeriveScheme::builds_on) a capability of it.
    pub prepared: Option<PreparedKey>,
    /// The parameters of the request; its Cryptographic Parameters completed by those of the first base key.
    pub parameters: DerivationParameters,
    /// How many bytes to derive.
    pub length: usize,
}

/// An object that something is derived from.
#[derive(Debug)]
pub struct BaseKey {
    /// Its type.
    pub object_type: ObjectType,
    /// Its algorithm, if it has one.
    pub algorithm: Option<CryptographicAlgorithm>,
    /// Its curve or sizes, if it has some.
    pub domain: Option<CryptographicDomainParameters>,
    /// Its material.
    pub material: Material,
}
