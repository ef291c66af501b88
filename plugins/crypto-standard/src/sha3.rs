//! The SHA-3 family (FIPS 202 section 6.1).

use aws_lc_rs::digest;
use claviger_plugin_sdk::kmip::tables::enumerations::HashingAlgorithm;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::digest::{AwsLcDigest, OpenSslDigest, named};

const SHA3_224: SchemeEntry = SchemeEntry {
    name: "SHA3-224",
    algorithms: &[],
    claims: |_, parameters| named(parameters, HashingAlgorithm::SHA3_224),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Digest(&OpenSslDigest { name: "SHA3-224", extends_to: None }),
};
register_scheme!(SHA3_224);

const SHA3_256: SchemeEntry = SchemeEntry {
    name: "SHA3-256",
    algorithms: &[],
    claims: |_, parameters| named(parameters, HashingAlgorithm::SHA3_256),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Digest(&AwsLcDigest(&digest::SHA3_256)),
};
register_scheme!(SHA3_256);

const SHA3_384: SchemeEntry = SchemeEntry {
    name: "SHA3-384",
    algorithms: &[],
    claims: |_, parameters| named(parameters, HashingAlgorithm::SHA3_384),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Digest(&AwsLcDigest(&digest::SHA3_384)),
};
register_scheme!(SHA3_384);

const SHA3_512: SchemeEntry = SchemeEntry {
    name: "SHA3-512",
    algorithms: &[],
    claims: |_, parameters| named(parameters, HashingAlgorithm::SHA3_512),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Digest(&AwsLcDigest(&digest::SHA3_512)),
};
register_scheme!(SHA3_512);

#[cfg(test)]
mod tests {
    use ::sha3::{Digest, Sha3_224, Sha3_256, Sha3_384, Sha3_512};
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::scheme::DigestSubject;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    scheme_conformance!(digest sha3_224: DigestSubject { entry: SHA3_224, parameters: with_hash(HashingAlgorithm::SHA3_224), length: 28 });
    scheme_conformance!(digest sha3_256: DigestSubject { entry: SHA3_256, parameters: with_hash(HashingAlgorithm::SHA3_256), length: 32 });
    scheme_conformance!(digest sha3_384: DigestSubject { entry: SHA3_384, parameters: with_hash(HashingAlgorithm::SHA3_384), length: 48 });
    scheme_conformance!(digest sha3_512: DigestSubject { entry: SHA3_512, parameters: with_hash(HashingAlgorithm::SHA3_512), length: 64 });

    /// NIST, "Cryptographic Standards and Guidelines: Examples with Intermediate Values", and the digests of nothing.
    #[test]
    fn it_gives_the_answers_of_the_nist() {
        check_digest(
            &SHA3_224,
            HashingAlgorithm::SHA3_224,
            b"abc",
            "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf",
        );
        check_digest(
            &SHA3_224,
            HashingAlgorithm::SHA3_224,
            LONG,
            "8a24108b154ada21c9fd5574494479ba5c7e7ab76ef264ead0fcce33",
        );
        check_digest(
            &SHA3_224,
            HashingAlgorithm::SHA3_224,
            b"",
            "6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7",
        );
        check_digest(
            &SHA3_256,
            HashingAlgorithm::SHA3_256,
            b"abc",
            "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
        );
        check_digest(
            &SHA3_256,
            HashingAlgorithm::SHA3_256,
            LONG,
            "41c0dba2a9d6240849100376a8235e2c82e1b9998a999e21db32dd97496d3376",
        );
        check_digest(
            &SHA3_256,
            HashingAlgorithm::SHA3_256,
            b"",
            "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a",
        );
        check_digest(
            &SHA3_384,
            HashingAlgorithm::SHA3_384,
            b"abc",
            "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25",
        );
        check_digest(
            &SHA3_384,
            HashingAlgorithm::SHA3_384,
            LONG,
            "991c665755eb3a4b6bbdfb75c78a492e8c56a22c5c4d7e429bfdbc32b9d4ad5aa04a1f076e62fea19eef51acd0657c22",
        );
        check_digest(
            &SHA3_384,
            HashingAlgorithm::SHA3_384,
            b"",
            "0c63a75b845e4f7d01107d852e4c2485c51a50aaaa94fc61995e71bbee983a2ac3713831264adb47fb6bd1e058d5f004",
        );
        check_digest(
            &SHA3_512,
            HashingAlgorithm::SHA3_512,
            b"abc",
            "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
        );
        check_digest(
            &SHA3_512,
            HashingAlgorithm::SHA3_512,
            LONG,
            "04a371e84ecfb5b8b77cb48610fca8182dd457ce6f326a0fd3d7ec2f1e91636dee691fbe0c985302ba1b0d8dc78c086346b533b49c030d99a27daf1139d6e75e",
        );
        check_digest(
            &SHA3_512,
            HashingAlgorithm::SHA3_512,
            b"",
            "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a615b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26",
        );
    }

    /// The message of 448 bits of FIPS 180-2 appendix B.2.
    const LONG: &[u8] = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

    proptest! {
        #[test]
        fn rust_crypto_gives_the_same(data in prop::collection::vec(any::<u8>(), 0..300)) {
            check_digest(&SHA3_224, HashingAlgorithm::SHA3_224, &data, &hex::encode(Sha3_224::digest(&data)));
            check_digest(&SHA3_256, HashingAlgorithm::SHA3_256, &data, &hex::encode(Sha3_256::digest(&data)));
            check_digest(&SHA3_384, HashingAlgorithm::SHA3_384, &data, &hex::encode(Sha3_384::digest(&data)));
            check_digest(&SHA3_512, HashingAlgorithm::SHA3_512, &data, &hex::encode(Sha3_512::digest(&data)));
        }
    }
}
