//! Algorithms that quantum computers do not break: ML-KEM (FIPS 203), ML-DSA (FIPS 204), and X25519MLKEM768, which
//! joins ML-KEM with X25519.
//!
//! KMIP 2.1 has no names for them. Their names here are those of KMIP 3.0, and so are their numbers, in the vendor
//! range. The Cryptographic Length of both keys of a pair is that of the public one.
//!
//! AWS-LC does the work. It does not make an ML-KEM key of its seed, and takes an expanded key unseen: that is done by
//! another library, when a key is made, imported or prepared.

mod encapsulation;
mod family;
mod hybrid;
mod ml_kem_keys;
mod pairs;
mod parameter_set;
mod signatures;
#[cfg(test)]
mod trial_keys;

pub(crate) use hybrid::X25519_ML_KEM_768;
pub(crate) use parameter_set::{ML_DSA_44, ML_DSA_65, ML_DSA_87, ML_KEM_512, ML_KEM_768, ML_KEM_1024};
