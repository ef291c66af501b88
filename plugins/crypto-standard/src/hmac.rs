//! What all HMACs (RFC 2104) have in common: which parameters they accept, and a comparison in constant time.

use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, HashingAlgorithm};
use claviger_plugin_sdk::record::KeyFacts;

use crate::parameters::allow;

/// The algorithm of the keys and the hash of each HMAC.
const HASHES: &[(CryptographicAlgorithm, HashingAlgorithm)] = &[
    (CryptographicAlgorithm::HMAC_SHA1, HashingAlgorithm::SHA_1),
    (CryptographicAlgorithm::HMAC_SHA224, HashingAlgorithm::SHA_224),
    (CryptographicAlgorithm::HMAC_SHA256, HashingAlgorithm::SHA_256),
    (CryptographicAlgorithm::HMAC_SHA384, HashingAlgorithm::SHA_384),
    (CryptographicAlgorithm::HMAC_SHA512, HashingAlgorithm::SHA_512),
    (CryptographicAlgorithm::HMAC_SHA3_224, HashingAlgorithm::SHA3_224),
    (CryptographicAlgorithm::HMAC_SHA3_256, HashingAlgorithm::SHA3_256),
    (CryptographicAlgorithm::HMAC_SHA3_384, HashingAlgorithm::SHA3_384),
    (CryptographicAlgorithm::HMAC_SHA3_512, HashingAlgorithm::SHA3_512),
];

/// Whether the parameters name nothing but the HMAC of the key.
pub(crate) fn claims(facts: &KeyFacts<'_>, parameters: &CryptographicParameters) -> bool {
    HASHES.iter().any(|(algorithm, hash)| {
        facts.algorithm == Some(*algorithm)
            && allow(parameters, *algorithm)
            && parameters.hashing_algorithm.is_none_or(|named| named == *hash)
    })
}

/// Whether two MACs are equal, in a time that depends on their lengths only.
pub(crate) fn equal(one: &[u8], other: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one, other).is_ok()
}
