//! The bytes of a key, of a length that the algorithm has.

use claviger_plugin_sdk::record::Material;
use claviger_plugin_sdk::{Error, Result};

/// What an algorithm does by length of the key in bytes: with [`str`], OpenSSL's name of the cipher.
pub(crate) type ByKeyLength<T> = &'static [(usize, T)];

/// The bytes of a symmetric key, and what belongs to keys of that length.
///
/// # Errors
/// Key Format Type Not Supported: the material is no symmetric key. Cryptographic Failure: it has none of the
/// lengths.
pub(crate) fn symmetric_key<'a, T>(
    material: &'a Material,
    name: &str,
    variants: ByKeyLength<T>,
) -> Result<(&'a [u8], &'static T)> {
    let key: &[u8] = material.symmetric_key()?;
    Ok((key, variant(key, name, variants)?))
}

/// What belongs to keys of that length.
///
/// # Errors
/// Cryptographic Failure: the key has none of the lengths.
pub(crate) fn variant<T>(key: &[u8], name: &str, variants: ByKeyLength<T>) -> Result<&'static T> {
    if let Some((_, variant)) = variants.iter().find(|(length, _)| *length == key.len()) {
        return Ok(variant);
    }
    let lengths: Vec<String> = variants.iter().map(|(length, _)| (length * 8).to_string()).collect();
    Err(Error::cryptographic(format!(
        "{name} takes keys of {} bits; this key has {}",
        lengths.join(" or "),
        key.len() * 8
    )))
}
