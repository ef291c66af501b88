//! What all HMACs (RFC 2104) have in common: which keys and parameters they accept, and a comparison in constant time.

use std::sync::Arc;

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, HashingAlgorithm, ObjectType};
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::scheme::MacKey;

use crate::parameters::bad_parameters;
use crate::{hmac_sha2, hmac_sha3};

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

/// Whether the parameters, or else the key, name this HMAC and no other hash than its own.
///
/// A key of another algorithm, or secret data, makes an HMAC where the parameters name it, or name a hash and nothing
/// else; a key of one HMAC never makes another.
pub(crate) fn claims(
    hmac: CryptographicAlgorithm,
    facts: &KeyFacts<'_>,
    parameters: &CryptographicParameters,
) -> bool {
    let of_key = facts.algorithm.filter(|algorithm| hash_of(*algorithm).is_some());
    let named = match parameters.cryptographic_algorithm.or(of_key) {
        Some(named) => named == hmac,
        None => parameters.hashing_algorithm.is_some() && parameters.block_cipher_mode.is_none(),
    };
    named
        && of_key.is_none_or(|of_key| of_key == hmac)
        && parameters.hashing_algorithm.is_none_or(|hash| hash_of(hmac) == Some(hash))
        && matches!(facts.object_type, ObjectType::SYMMETRIC_KEY | ObjectType::SECRET_DATA)
}

/// The parameters of this HMAC, with its name and that of its hash.
pub(crate) fn effective(
    hmac: CryptographicAlgorithm,
    parameters: &CryptographicParameters,
) -> CryptographicParameters {
    CryptographicParameters {
        cryptographic_algorithm: Some(hmac),
        hashing_algorithm: hash_of(hmac),
        ..parameters.clone()
    }
}

/// The hash of an HMAC; nothing for any other algorithm.
pub(crate) fn hash_of(algorithm: CryptographicAlgorithm) -> Option<HashingAlgorithm> {
    HASHES.iter().find(|(hmac, _)| *hmac == algorithm).map(|(_, hash)| *hash)
}

/// A key for the HMAC with this hash.
///
/// # Errors
/// Bad Cryptographic Parameters: there is none.
pub(crate) fn key(hash: HashingAlgorithm, key: &[u8]) -> Result<Arc<dyn MacKey>> {
    if let Some(key) = hmac_sha2::key(hash, key) {
        return Ok(key);
    }
    hmac_sha3::key(hash, key)?.ok_or_else(|| bad_parameters(format!("there is no HMAC with {hash:?}")))
}

/// Whether two MACs are equal, in a time that depends on their lengths only.
pub(crate) fn equal(one: &[u8], other: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(one, other).is_ok()
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::Attributes;
    use claviger_plugin_sdk::kmip::tables::enumerations::BlockCipherMode;

    use super::*;

    const AES: Option<CryptographicAlgorithm> = Some(CryptographicAlgorithm::AES);
    const SHA256: Option<CryptographicAlgorithm> = Some(CryptographicAlgorithm::HMAC_SHA256);
    const SHA512: Option<CryptographicAlgorithm> = Some(CryptographicAlgorithm::HMAC_SHA512);

    /// The one HMAC of a key of this algorithm with these parameters.
    fn claimed(
        object_type: ObjectType,
        algorithm: Option<CryptographicAlgorithm>,
        parameters: &CryptographicParameters,
    ) -> Option<CryptographicAlgorithm> {
        let attributes = Attributes::new();
        let facts = KeyFacts { object_type, algorithm, length: None, format: None, attributes: &attributes };
        let mut claim = HASHES.iter().filter(|(hmac, _)| claims(*hmac, &facts, parameters));
        let claimed = claim.next().map(|(hmac, _)| *hmac);
        assert_eq!(claim.next(), None);
        claimed
    }

    fn of(
        algorithm: Option<CryptographicAlgorithm>,
        hash: Option<HashingAlgorithm>,
    ) -> CryptographicParameters {
        CryptographicParameters {
            cryptographic_algorithm: algorithm,
            hashing_algorithm: hash,
            ..CryptographicParameters::NONE
        }
    }

    #[test]
    fn a_key_of_an_hmac_makes_that_one_alone() {
        let claimed = |parameters| claimed(ObjectType::SYMMETRIC_KEY, SHA256, &parameters);
        assert_eq!(claimed(of(None, None)), SHA256);
        assert_eq!(claimed(of(SHA256, None)), SHA256);
        assert_eq!(claimed(of(None, Some(HashingAlgorithm::SHA_256))), SHA256);
        assert_eq!(claimed(of(SHA512, None)), None);
        assert_eq!(claimed(of(None, Some(HashingAlgorithm::SHA_512))), None);
        assert_eq!(claimed(of(AES, None)), None);
    }

    /// OASIS test cases CS-AC-M-4 and CS-AC-M-5 register an AES key whose Cryptographic Parameters name HMAC-SHA256.
    #[test]
    fn another_key_makes_the_hmac_that_the_parameters_name() {
        let secrets = [(ObjectType::SYMMETRIC_KEY, AES), (ObjectType::SECRET_DATA, None)];
        for (object_type, algorithm) in secrets {
            let claimed = |parameters| claimed(object_type, algorithm, &parameters);
            assert_eq!(claimed(of(SHA256, None)), SHA256);
            assert_eq!(claimed(of(SHA512, Some(HashingAlgorithm::SHA_512))), SHA512);
            assert_eq!(claimed(of(None, Some(HashingAlgorithm::SHA_256))), SHA256);
            assert_eq!(claimed(of(SHA256, Some(HashingAlgorithm::SHA_512))), None);
            assert_eq!(claimed(of(None, None)), None);
            assert_eq!(claimed(of(AES, Some(HashingAlgorithm::SHA_256))), None);
            let in_mode = CryptographicParameters {
                block_cipher_mode: Some(BlockCipherMode::CMAC),
                ..of(None, Some(HashingAlgorithm::SHA_256))
            };
            assert_eq!(claimed(in_mode), None);
        }
        for object_type in [ObjectType::PRIVATE_KEY, ObjectType::PUBLIC_KEY, ObjectType::CERTIFICATE] {
            assert_eq!(claimed(object_type, Some(CryptographicAlgorithm::RSA), &of(SHA256, None)), None);
        }
    }
}
