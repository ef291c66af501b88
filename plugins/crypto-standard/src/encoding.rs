//! Private and public keys in the encodings that all asymmetric algorithms share: PKCS #1, PKCS #8, SEC 1,
//! SubjectPublicKeyInfo, certificates, and each of them as PEM.
//!
//! All of them become an [`EncodedKey`], which tells its algorithm by object identifier. What an algorithm adds, its
//! transparent structures above all, it tells as a [`KeyFamily`], and has its [`Formats`] by [`AsFormats`].
//!
//! [`Formats`]: claviger_plugin_sdk::scheme::Formats

pub(crate) mod ber;
mod encoded_key;
mod family;
mod number;
pub(crate) mod pem;
#[cfg(test)]
pub(crate) mod trial_pairs;

pub(crate) use encoded_key::{EC, EncodedKey, Half, RSA};
pub(crate) use family::{AsFormats, Inspected, KeyFamily, key_of, new_pair, not_a_key};
pub(crate) use number::{Number, big_integer, number};
