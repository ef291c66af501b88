//! HMAC with SHA-1 and the SHA-2 family (RFC 2104, FIPS 198-1), on AWS-LC.

use std::sync::Arc;

use aws_lc_rs::hmac;
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{CryptographicAlgorithm, HashingAlgorithm};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{MacKey, MacScheme, MacStream, Scheme, SchemeEntry};
use claviger_plugin_sdk::{Result, register_scheme};

use crate::hmac::{claims, effective, equal};

struct Hmac(&'static hmac::Algorithm);

const SHA1: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA1",
    algorithms: &[],
    claims: |facts, parameters| claims(CryptographicAlgorithm::HMAC_SHA1, facts, parameters),
    effective: |_, parameters| effective(CryptographicAlgorithm::HMAC_SHA1, parameters),
    scheme: Scheme::Mac(&Hmac(&hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY)),
};
register_scheme!(SHA1);

const SHA224: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA224",
    algorithms: &[],
    claims: |facts, parameters| claims(CryptographicAlgorithm::HMAC_SHA224, facts, parameters),
    effective: |_, parameters| effective(CryptographicAlgorithm::HMAC_SHA224, parameters),
    scheme: Scheme::Mac(&Hmac(&hmac::HMAC_SHA224)),
};
register_scheme!(SHA224);

const SHA256: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA256",
    algorithms: &[],
    claims: |facts, parameters| claims(CryptographicAlgorithm::HMAC_SHA256, facts, parameters),
    effective: |_, parameters| effective(CryptographicAlgorithm::HMAC_SHA256, parameters),
    scheme: Scheme::Mac(&Hmac(&hmac::HMAC_SHA256)),
};
register_scheme!(SHA256);

const SHA384: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA384",
    algorithms: &[],
    claims: |facts, parameters| claims(CryptographicAlgorithm::HMAC_SHA384, facts, parameters),
    effective: |_, parameters| effective(CryptographicAlgorithm::HMAC_SHA384, parameters),
    scheme: Scheme::Mac(&Hmac(&hmac::HMAC_SHA384)),
};
register_scheme!(SHA384);

const SHA512: SchemeEntry = SchemeEntry {
    name: "HMAC-SHA512",
    algorithms: &[],
    claims: |facts, parameters| claims(CryptographicAlgorithm::HMAC_SHA512, facts, parameters),
    effective: |_, parameters| effective(CryptographicAlgorithm::HMAC_SHA512, parameters),
    scheme: Scheme::Mac(&Hmac(&hmac::HMAC_SHA512)),
};
register_scheme!(SHA512);

impl MacScheme for Hmac {
    fn prepare(&self, _: &KeyFacts<'_>, material: &Material) -> Result<Arc<dyn MacKey>> {
        Ok(Arc::new(HmacKey(hmac::Key::new(*self.0, material.symmetric_key()?))))
    }
}

/// A key for the HMAC with this hash, if it is one of these.
pub(crate) fn key(hash: HashingAlgorithm, key: &[u8]) -> Option<Arc<dyn MacKey>> {
    let algorithm = match hash {
        HashingAlgorithm::SHA_1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        HashingAlgorithm::SHA_224 => hmac::HMAC_SHA224,
        HashingAlgorithm::SHA_256 => hmac::HMAC_SHA256,
        HashingAlgorithm::SHA_384 => hmac::HMAC_SHA384,
        HashingAlgorithm::SHA_512 => hmac::HMAC_SHA512,
        _ => return None,
    };
    Some(Arc::new(HmacKey(hmac::Key::new(algorithm, key))))
}

/// The key with both inner states computed, so that a short message costs two compressions.
struct HmacKey(hmac::Key);

impl MacKey for HmacKey {
    fn mac(&self, data: &[u8], _: &CryptographicParameters, _: &mut dyn RandomSource) -> Result<ByteString> {
        Ok(hmac::sign(&self.0, data).as_ref().into())
    }

    fn verify(&self, data: &[u8], mac: &[u8], _: &CryptographicParameters) -> Result<bool> {
        Ok(equal(hmac::sign(&self.0, data).as_ref(), mac))
    }

    fn in_parts(&self, _: &CryptographicParameters) -> Result<Box<dyn MacStream>> {
        Ok(Box::new(HmacStream(hmac::Context::with_key(&self.0))))
    }
}

struct HmacStream(hmac::Context);

impl MacStream for HmacStream {
    fn update(&mut self, part: &[u8]) -> Result<()> {
        self.0.update(part);
        Ok(())
    }

    fn finish(self: Box<Self>, _: &mut dyn RandomSource) -> Result<ByteString> {
        Ok(self.0.sign().as_ref().into())
    }

    fn verify(self: Box<Self>, mac: &[u8]) -> Result<bool> {
        Ok(equal(self.0.sign().as_ref(), mac))
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::scheme::MacSubject;
    use openssl::hash::MessageDigest;
    use openssl::pkey::PKey;
    use openssl::sign::Signer;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn subject(entry: SchemeEntry, algorithm: CryptographicAlgorithm, length: usize) -> MacSubject {
        MacSubject {
            entry,
            key_lengths: &[14, 32, 64, 200],
            refused_key_lengths: &[],
            parameters: CryptographicParameters {
                cryptographic_algorithm: Some(algorithm),
                ..CryptographicParameters::NONE
            },
            length,
            has_nonce: false,
        }
    }

    scheme_conformance!(mac sha1: subject(SHA1, CryptographicAlgorithm::HMAC_SHA1, 20));
    scheme_conformance!(mac sha224: subject(SHA224, CryptographicAlgorithm::HMAC_SHA224, 28));
    scheme_conformance!(mac sha256: subject(SHA256, CryptographicAlgorithm::HMAC_SHA256, 32));
    scheme_conformance!(mac sha384: subject(SHA384, CryptographicAlgorithm::HMAC_SHA384, 48));
    scheme_conformance!(mac sha512: subject(SHA512, CryptographicAlgorithm::HMAC_SHA512, 64));

    /// RFC 2202 section 3, test cases 1, 2, 3 and 6.
    #[test]
    fn sha1_gives_the_answers_of_rfc_2202() {
        check_mac(&SHA1, &[0x0B; 20], b"Hi There", "b617318655057264e28bc0b6fb378c8ef146be00");
        check_mac(
            &SHA1,
            b"Jefe",
            b"what do ya want for nothing?",
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
        );
        check_mac(&SHA1, &[0xAA; 20], &[0xDD; 50], "125d7342b9ac11cd91a39af48aa17b4f63f175d3");
        check_mac(
            &SHA1,
            &[0xAA; 80],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "aa4ae5e15272d00e95705637ce8a3b55ed402112",
        );
    }

    /// RFC 4231 sections 4.2, 4.3 and 4.7.
    #[test]
    fn sha2_gives_the_answers_of_rfc_4231() {
        let cases: [(&[u8], &[u8], [&str; 4]); 3] = [
            (
                &[0x0B; 20],
                b"Hi There",
                [
                    "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22",
                    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
                    "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
                    "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
                ],
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                [
                    "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44",
                    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                    "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
                    "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
                ],
            ),
            (
                &[0xAA; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                [
                    "95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e",
                    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
                    "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
                    "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
                ],
            ),
        ];
        for (key, data, macs) in cases {
            for (entry, mac) in [SHA224, SHA256, SHA384, SHA512].iter().zip(macs) {
                check_mac(entry, key, data, mac);
            }
        }
    }

    proptest! {
        #[test]
        fn openssl_makes_the_same(key in prop::collection::vec(any::<u8>(), 1..200), data in prop::collection::vec(any::<u8>(), 0..300)) {
            let theirs = PKey::hmac(&key).unwrap();
            let hashes: [(SchemeEntry, MessageDigest); 3] = [(SHA1, MessageDigest::sha1()), (SHA256, MessageDigest::sha256()), (SHA512, MessageDigest::sha512())];
            for (entry, hash) in hashes {
                let mac = Signer::new(hash, &theirs).unwrap().sign_oneshot_to_vec(&data).unwrap();
                check_mac(&entry, &key, &data, &hex::encode(mac));
            }
        }
    }
}
