//! What a derivation starts from, and the errors where it does not fit.

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{HashingAlgorithm, ObjectType, ResultReason};
use claviger_plugin_sdk::scheme::{BaseKey, DeriveInput};
use claviger_plugin_sdk::{Error, Result};

use crate::hmac::hash_of;
use crate::parameters::bad_parameters;

/// A field of the Derivation Parameters that not every method has a use for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    DerivationData,
    InitializationVector,
    IterationCount,
    Salt,
}

/// Refuses the fields that the method has no use for: to ignore one would derive another key than the client expects.
///
/// # Errors
/// Invalid Field: there is such a field.
pub(super) fn takes_only(input: &DeriveInput, method: &str, fields: &[Field]) -> Result<()> {
    let parameters = &input.parameters;
    let present = [
        (Field::DerivationData, "Derivation Data", !parameters.derivation_data.is_empty()),
        (Field::InitializationVector, "Initialization Vector", parameters.initialization_vector.is_some()),
        (Field::IterationCount, "Iteration Count", parameters.iteration_count.is_some()),
        (Field::Salt, "Salt", parameters.salt.is_some()),
    ];
    match present.iter().find(|(field, _, present)| *present && !fields.contains(field)) {
        Some((_, name, _)) => Err(Error::invalid(format!("{method} has no use for {name}; leave it out"))),
        None => Ok(()),
    }
}

/// The bytes of the only base key.
///
/// # Errors
/// Invalid Field: there is none, there are several, or it is neither a symmetric key nor secret data.
pub(super) fn only_key<'a>(input: &'a DeriveInput, method: &str) -> Result<&'a [u8]> {
    match &input.base[..] {
        [key] => secret_bytes(key, method),
        base => Err(Error::invalid(format!("{method} derives from one object, not from {}", base.len()))),
    }
}

/// The bytes of the base key, and the derivation data: that of the request, or a second object, which is secret data.
///
/// # Errors
/// Invalid Field: there are too few, too many or other objects. Invalid Message: there is derivation data of both kinds.
pub(super) fn key_and_data<'a>(input: &'a DeriveInput, method: &str) -> Result<(&'a [u8], Option<&'a [u8]>)> {
    let given: Option<&[u8]> = match &input.parameters.derivation_data[..] {
        [] => None,
        [data] => Some(data),
        several => {
            return Err(Error::invalid(format!("{method} takes one Derivation Data, not {}", several.len())));
        }
    };
    match &input.base[..] {
        [key] => Ok((secret_bytes(key, method)?, given)),
        [key, data] if data.object_type == ObjectType::SECRET_DATA => {
            if given.is_some() {
                return Err(ambiguous());
            }
            Ok((secret_bytes(key, method)?, Some(secret_bytes(data, method)?)))
        }
        _ => Err(Error::invalid(format!(
            "{method} derives from a key and, in place of Derivation Data, from secret data after it"
        ))),
    }
}

/// The derivation data, where the method needs some.
///
/// # Errors
/// Invalid Field: there is none.
pub(super) fn needed<'a>(data: Option<&'a [u8]>, method: &str) -> Result<&'a [u8]> {
    data.ok_or_else(|| {
        Error::invalid(format!("{method} needs Derivation Data, or secret data after the key"))
    })
}

/// There is derivation data of both kinds.
pub(super) fn ambiguous() -> Error {
    Error::invalid("Derivation Data and an object stand for the same: leave one of them out")
        .with_reason(ResultReason::INVALID_MESSAGE)
}

fn secret_bytes<'a>(key: &'a BaseKey, method: &str) -> Result<&'a [u8]> {
    if !matches!(key.object_type, ObjectType::SYMMETRIC_KEY | ObjectType::SECRET_DATA) {
        return Err(Error::invalid(format!("{method} derives from symmetric keys and secret data")));
    }
    Ok(key.material.symmetric_key()?)
}

/// The Cryptographic Parameters, which may be absent.
pub(super) fn cryptographic(input: &DeriveInput) -> &CryptographicParameters {
    static NONE: CryptographicParameters = CryptographicParameters::NONE;
    input.parameters.cryptographic_parameters.as_ref().unwrap_or(&NONE)
}

/// The hash function that the parameters name, as Hashing Algorithm or as part of an HMAC.
///
/// # Errors
/// Bad Cryptographic Parameters: they name two.
pub(super) fn named_hash(input: &DeriveInput) -> Result<Option<HashingAlgorithm>> {
    hash_of_parameters(cryptographic(input))
}

/// The parameters with the hash function that a method derives with: the named one, else this one.
pub(super) fn effective(
    parameters: &CryptographicParameters,
    usual: Option<HashingAlgorithm>,
) -> CryptographicParameters {
    let hash = hash_of_parameters(parameters).unwrap_or(parameters.hashing_algorithm).or(usual);
    CryptographicParameters { hashing_algorithm: hash, ..parameters.clone() }
}

fn hash_of_parameters(parameters: &CryptographicParameters) -> Result<Option<HashingAlgorithm>> {
    let of_hmac = parameters.cryptographic_algorithm.and_then(hash_of);
    match (parameters.hashing_algorithm, of_hmac) {
        (Some(hash), Some(other)) if hash != other => Err(bad_parameters(format!(
            "Hashing Algorithm says {hash:?} and Cryptographic Algorithm the HMAC with {other:?}; leave one of them out"
        ))),
        (hash, other) => Ok(hash.or(other)),
    }
}

/// The beginning of what was derived.
///
/// # Errors
/// Cryptographic Failure: more was asked for, or nothing.
pub(super) fn beginning(derived: &[u8], length: usize, method: &str) -> Result<ByteString> {
    check_length(length, 1, derived.len(), method)?;
    Ok(derived.get(..length).unwrap_or(derived).into())
}

/// The method gives so many bytes.
///
/// # Errors
/// Cryptographic Failure: it does not.
pub(super) fn check_length(length: usize, least: usize, most: usize, method: &str) -> Result<()> {
    if (least..=most).contains(&length) {
        return Ok(());
    }
    Err(Error::cryptographic(format!("{method} derives {least} to {most} bytes, not {length}")))
}
