//! The SHA-2 family (FIPS 180-4 sections 6.2 to 6.7).

use aws_lc_rs::digest;
use claviger_plugin_sdk::kmip::tables::enumerations::HashingAlgorithm;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::digest::{AwsLcDigest, OpenSslDigest, named};

const SHA224: SchemeEntry = SchemeEntry {
    name: "SHA-224",
    algorithms: &[],
    claims: |_, parameters| named(parameters, HashingAlgorithm::SHA_224),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Digest(&AwsLcDigest(&digest::SHA224)),
};
register_scheme!(SHA224);

const SHA256: SchemeEntry = SchemeEntry {
    name: "SHA-256",
    algorithms: &[],
    claims: |_, parameters| named(parameters, HashingAlgorithm::SHA_256),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Digest(&AwsLcDigest(&digest::SHA256)),
};
register_scheme!(SHA256);

const SHA384: SchemeEntry = SchemeEntry {
    name: "SHA-384",
    algorithms: &[],
    claims: |_, parameters| named(parameters, HashingAlgorithm::SHA_384),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Digest(&AwsLcDigest(&digest::SHA384)),
};
register_scheme!(SHA384);

const SHA512: SchemeEntry = SchemeEntry {
    name: "SHA-512",
    algorithms: &[],
    claims: |_, parameters| named(parameters, HashingAlgorithm::SHA_512),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Digest(&AwsLcDigest(&digest::SHA512)),
};
register_scheme!(SHA512);

const SHA512_224: SchemeEntry = SchemeEntry {
    name: "SHA-512/224",
    algorithms: &[],
    claims: |_, parameters| named(parameters, HashingAlgorithm::SHA_512_224),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Digest(&OpenSslDigest { name: "SHA512-224", extends_to: None }),
};
register_scheme!(SHA512_224);

const SHA512_256: SchemeEntry = SchemeEntry {
    name: "SHA-512/256",
    algorithms: &[],
    claims: |_, parameters| named(parameters, HashingAlgorithm::SHA_512_256),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Digest(&AwsLcDigest(&digest::SHA512_256)),
};
register_scheme!(SHA512_256);

#[cfg(test)]
mod tests {
    use ::sha2::{Digest, Sha512_224, Sha512_256};
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::scheme::DigestSubject;
    use openssl::hash::{MessageDigest, hash};
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    scheme_conformance!(digest sha224: DigestSubject { entry: SHA224, parameters: with_hash(HashingAlgorithm::SHA_224), length: 28 });
    scheme_conformance!(digest sha256: DigestSubject { entry: SHA256, parameters: with_hash(HashingAlgorithm::SHA_256), length: 32 });
    scheme_conformance!(digest sha384: DigestSubject { entry: SHA384, parameters: with_hash(HashingAlgorithm::SHA_384), length: 48 });
    scheme_conformance!(digest sha512: DigestSubject { entry: SHA512, parameters: with_hash(HashingAlgorithm::SHA_512), length: 64 });
    scheme_conformance!(digest sha512_224: DigestSubject { entry: SHA512_224, parameters: with_hash(HashingAlgorithm::SHA_512_224), length: 28 });
    scheme_conformance!(digest sha512_256: DigestSubject { entry: SHA512_256, parameters: with_hash(HashingAlgorithm::SHA_512_256), length: 32 });

    /// NIST, "Cryptographic Standards and Guidelines: Examples with Intermediate Values", and the digests of nothing.
    #[test]
    fn it_gives_the_answers_of_the_nist() {
        check_digest(
            &SHA224,
            HashingAlgorithm::SHA_224,
            b"abc",
            "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
        );
        check_digest(
            &SHA224,
            HashingAlgorithm::SHA_224,
            LONG,
            "75388b16512776cc5dba5da1fd890150b0c6455cb4f58b1952522525",
        );
        check_digest(
            &SHA224,
            HashingAlgorithm::SHA_224,
            b"",
            "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
        );
        check_digest(
            &SHA256,
            HashingAlgorithm::SHA_256,
            b"abc",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        );
        check_digest(
            &SHA256,
            HashingAlgorithm::SHA_256,
            LONG,
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        );
        check_digest(
            &SHA256,
            HashingAlgorithm::SHA_256,
            b"",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        );
        check_digest(
            &SHA384,
            HashingAlgorithm::SHA_384,
            b"abc",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
        );
        check_digest(
            &SHA384,
            HashingAlgorithm::SHA_384,
            LONG,
            "3391fdddfc8dc7393707a65b1b4709397cf8b1d162af05abfe8f450de5f36bc6b0455a8520bc4e6f5fe95b1fe3c8452b",
        );
        check_digest(
            &SHA384,
            HashingAlgorithm::SHA_384,
            b"",
            "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b95b",
        );
        check_digest(
            &SHA512,
            HashingAlgorithm::SHA_512,
            b"abc",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        );
        check_digest(
            &SHA512,
            HashingAlgorithm::SHA_512,
            LONG,
            "204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c33596fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445",
        );
        check_digest(
            &SHA512,
            HashingAlgorithm::SHA_512,
            b"",
            "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
        );
        check_digest(
            &SHA512_224,
            HashingAlgorithm::SHA_512_224,
            b"abc",
            "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa",
        );
        check_digest(
            &SHA512_224,
            HashingAlgorithm::SHA_512_224,
            LONG,
            "e5302d6d54bb242275d1e7622d68df6eb02dedd13f564c13dbda2174",
        );
        check_digest(
            &SHA512_224,
            HashingAlgorithm::SHA_512_224,
            b"",
            "6ed0dd02806fa89e25de060c19d3ac86cabb87d6a0ddd05c333b84f4",
        );
        check_digest(
            &SHA512_256,
            HashingAlgorithm::SHA_512_256,
            b"abc",
            "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23",
        );
        check_digest(
            &SHA512_256,
            HashingAlgorithm::SHA_512_256,
            LONG,
            "bde8e1f9f19bb9fd3406c90ec6bc47bd36d8ada9f11880dbc8a22a7078b6a461",
        );
        check_digest(
            &SHA512_256,
            HashingAlgorithm::SHA_512_256,
            b"",
            "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a",
        );
    }

    /// The message of 448 bits of FIPS 180-2 appendix B.2.
    const LONG: &[u8] = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

    proptest! {
        #[test]
        fn another_library_gives_the_same(data in prop::collection::vec(any::<u8>(), 0..300)) {
            let openssl = [(&SHA224, HashingAlgorithm::SHA_224, MessageDigest::sha224()), (&SHA256, HashingAlgorithm::SHA_256, MessageDigest::sha256()), (&SHA384, HashingAlgorithm::SHA_384, MessageDigest::sha384()), (&SHA512, HashingAlgorithm::SHA_512, MessageDigest::sha512())];
            for (entry, name, function) in openssl {
                check_digest(entry, name, &data, &hex::encode(hash(function, &data).unwrap()));
            }
            check_digest(&SHA512_224, HashingAlgorithm::SHA_512_224, &data, &hex::encode(Sha512_224::digest(&data)));
            check_digest(&SHA512_256, HashingAlgorithm::SHA_512_256, &data, &hex::encode(Sha512_256::digest(&data)));
        }
    }
}
