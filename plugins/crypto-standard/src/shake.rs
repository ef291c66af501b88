//! SHAKE128 and SHAKE256 (FIPS 202 section 6.2), with as many bytes as RFC 8702 section 3 takes for a digest.
//!
//! KMIP names them as Cryptographic Algorithms and not as Hashing Algorithms: both ways to ask for them are taken.

use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, HashingAlgorithm};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::digest::{OpenSslDigest, naming_hash};

/// SHAKE128 as a Hashing Algorithm in the vendor range.
pub(crate) const SHAKE_128_HASH: HashingAlgorithm = HashingAlgorithm(0x8C1A_0001);

/// SHAKE256 as a Hashing Algorithm in the vendor range.
pub(crate) const SHAKE_256_HASH: HashingAlgorithm = HashingAlgorithm(0x8C1A_0002);

const SHAKE_128: SchemeEntry = SchemeEntry {
    name: "SHAKE128",
    algorithms: &[],
    claims: |_, parameters| named(parameters, SHAKE_128_HASH, CryptographicAlgorithm::SHAKE_128),
    effective: |_, parameters| naming_hash(parameters, SHAKE_128_HASH),
    scheme: Scheme::Digest(&OpenSslDigest { name: "SHAKE128", extends_to: Some(32) }),
};
register_scheme!(SHAKE_128);

const SHAKE_256: SchemeEntry = SchemeEntry {
    name: "SHAKE256",
    algorithms: &[],
    claims: |_, parameters| named(parameters, SHAKE_256_HASH, CryptographicAlgorithm::SHAKE_256),
    effective: |_, parameters| naming_hash(parameters, SHAKE_256_HASH),
    scheme: Scheme::Digest(&OpenSslDigest { name: "SHAKE256", extends_to: Some(64) }),
};
register_scheme!(SHAKE_256);

fn named(
    parameters: &CryptographicParameters,
    hash: HashingAlgorithm,
    algorithm: CryptographicAlgorithm,
) -> bool {
    match parameters.hashing_algorithm {
        Some(named) => named == hash,
        None => parameters.cryptographic_algorithm == Some(algorithm),
    }
}

#[cfg(test)]
mod tests {
    use ::shake::digest::{ExtendableOutput, Update, XofReader};
    use ::shake::{Shake128, Shake256};
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::scheme::DigestSubject;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    scheme_conformance!(digest shake_128: DigestSubject {
        entry: SHAKE_128,
        parameters: with_hash(SHAKE_128_HASH),
        length: 32,
    });
    scheme_conformance!(digest shake_256: DigestSubject {
        entry: SHAKE_256,
        parameters: with_hash(SHAKE_256_HASH),
        length: 64,
    });
    scheme_conformance!(digest shake_256_as_an_algorithm: DigestSubject {
        entry: SHAKE_256,
        parameters: CryptographicParameters {
            cryptographic_algorithm: Some(CryptographicAlgorithm::SHAKE_256),
            ..CryptographicParameters::NONE
        },
        length: 64,
    });

    /// NIST, "Cryptographic Standards and Guidelines: Examples with Intermediate Values", SHAKE128 and SHAKE256 of a
    /// message of 0 bits, the first bytes.
    #[test]
    fn they_give_the_answers_of_the_nist() {
        check_digest(
            &SHAKE_128,
            SHAKE_128_HASH,
            b"",
            "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26",
        );
        check_digest(
            &SHAKE_256,
            SHAKE_256_HASH,
            b"",
            "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f\
             d75dc4ddd8c0f200cb05019d67b592f6fc821c49479ab48640292eacb3b7c4be",
        );
    }

    fn theirs<X: ExtendableOutput + Default + Update>(data: &[u8], length: usize) -> String {
        let mut function = X::default();
        function.update(data);
        let mut digest = vec![0; length];
        function.finalize_xof().read(&mut digest);
        hex::encode(digest)
    }

    proptest! {
        #[test]
        fn rust_crypto_gives_the_same(data in prop::collection::vec(any::<u8>(), 0..400)) {
            check_digest(&SHAKE_128, SHAKE_128_HASH, &data, &theirs::<Shake128>(&data, 32));
            check_digest(&SHAKE_256, SHAKE_256_HASH, &data, &theirs::<Shake256>(&data, 64));
        }
    }
}
