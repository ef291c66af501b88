//! Keys on elliptic curves: those of NIST, SEC and Brainpool in Weierstrass form, and the two pairs of RFC 7748.
//!
//! An EC key is a curve and bytes ([`key`]); each algorithm makes of them what its library needs. The KMIP algorithms
//! EC, ECDSA, ECDH and ECMQV name keys on the same curves, and say no more than what such a key is usually for.

mod agreement;
mod curve;
mod ecdsa;
mod ecies;
mod eddsa;
mod edwards;
mod family;
mod hpke;
mod key;
mod pairs;
mod sealed_box;
mod signatures;
#[cfg(test)]
mod trial_keys;
mod weierstrass;

pub(crate) use agreement::agree;
pub(crate) use curve::{CURVE_ED448, CURVE_ED25519, Curve};
pub(crate) use ecdsa::P1363;
pub(crate) use hpke::{HPKE_AES_128_GCM, HPKE_AES_256_GCM, HPKE_CHACHA20_POLY1305};
pub(crate) use key::{Key, PrivateKey, PublicKey};
