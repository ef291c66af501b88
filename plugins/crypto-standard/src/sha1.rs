//! SHA-1 (FIPS 180-4 section 6.1), for what older systems made.

use aws_lc_rs::digest;
use claviger_plugin_sdk::kmip::tables::enumerations::HashingAlgorithm;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::digest::{AwsLcDigest, named};

const SHA1: SchemeEntry = SchemeEntry {
    name: "SHA-1",
    algorithms: &[],
    claims: |_, parameters| named(parameters, HashingAlgorithm::SHA_1),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Digest(&AwsLcDigest(&digest::SHA1_FOR_LEGACY_USE_ONLY)),
};
register_scheme!(SHA1);

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::scheme::DigestSubject;
    use openssl::hash::{MessageDigest, hash};
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    scheme_conformance!(digest sha1: DigestSubject { entry: SHA1, parameters: with_hash(HashingAlgorithm::SHA_1), length: 20 });

    /// FIPS 180-2 appendices A.1 and A.2, and the digest of nothing.
    #[test]
    fn it_gives_the_answers_of_fips_180() {
        check_digest(&SHA1, HashingAlgorithm::SHA_1, b"abc", "a9993e364706816aba3e25717850c26c9cd0d89d");
        check_digest(&SHA1, HashingAlgorithm::SHA_1, LONG, "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
        check_digest(&SHA1, HashingAlgorithm::SHA_1, b"", "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    }

    /// The message of 448 bits of FIPS 180-2 appendix B.2.
    const LONG: &[u8] = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

    proptest! {
        #[test]
        fn openssl_gives_the_same(data in prop::collection::vec(any::<u8>(), 0..300)) {
            let theirs = [(&SHA1, HashingAlgorithm::SHA_1, MessageDigest::sha1())];
            for (entry, name, function) in theirs {
                check_digest(entry, name, &data, &hex::encode(hash(function, &data).unwrap()));
            }
        }
    }
}
