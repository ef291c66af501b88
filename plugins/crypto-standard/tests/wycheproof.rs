//! The vectors of Project Wycheproof: what a library accepted that it should not have, and the reverse.
//!
//! What is valid there is either accepted or, where it is out of the ordinary (a nonce of 8 bits), refused for its
//! parameters; what is invalid is never accepted.

// Tests fail by panicking.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use claviger_crypto_standard as _;
use claviger_plugin_sdk::kmip::Value;
use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::payloads::DerivationParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    BlockCipherMode, DerivationMethod, HashingAlgorithm, MaskGenerator, PaddingMethod,
};
use claviger_plugin_sdk::plugin::{EntryKind, linked};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::{KeyFacts, Material};
use claviger_plugin_sdk::scheme::{BaseKey, Capability, CipherInput, DeriveInput, Scheme, SignInput};
use claviger_plugin_sdk::testkit::SeededRandom;
use openssl::pkey::{Id, PKey};
use wycheproof::{HashFunction, TestResult};

static NONE: Attributes = Attributes::new();

fn facts(object_type: ObjectType, algorithm: CryptographicAlgorithm) -> KeyFacts<'static> {
    KeyFacts { object_type, algorithm: Some(algorithm), length: None, format: None, attributes: &NONE }
}

/// The scheme that claims a key with these parameters.
fn scheme(
    capability: Capability,
    key: &KeyFacts<'_>,
    parameters: &CryptographicParameters,
) -> Option<Scheme> {
    linked().into_iter().find_map(|entry| match entry.kind {
        EntryKind::Scheme(entry) if entry.serves(capability, key) && (entry.claims)(key, parameters) => {
            Some(entry.scheme)
        }
        _ => None,
    })
}

fn material(format: KeyFormatType, bytes: &[u8]) -> Material {
    Material::new(format, Value::ByteString(bytes.into()))
}

fn hash(function: HashFunction) -> Option<HashingAlgorithm> {
    Some(match function {
        HashFunction::Sha1 => HashingAlgorithm::SHA_1,
        HashFunction::Sha2_224 => HashingAlgorithm::SHA_224,
        HashFunction::Sha2_256 => HashingAlgorithm::SHA_256,
        HashFunction::Sha2_384 => HashingAlgorithm::SHA_384,
        HashFunction::Sha2_512 => HashingAlgorithm::SHA_512,
        HashFunction::Sha2_512_224 => HashingAlgorithm::SHA_512_224,
        HashFunction::Sha2_512_256 => HashingAlgorithm::SHA_512_256,
        HashFunction::Sha3_224 => HashingAlgorithm::SHA3_224,
        HashFunction::Sha3_256 => HashingAlgorithm::SHA3_256,
        HashFunction::Sha3_384 => HashingAlgorithm::SHA3_384,
        HashFunction::Sha3_512 => HashingAlgorithm::SHA3_512,
        _ => return None,
    })
}

/// Counts what was accepted of a set, and checks each answer.
#[derive(Default)]
struct Count {
    accepted: usize,
}

impl Count {
    /// An answer that is bytes if it was accepted.
    fn bytes(
        &mut self,
        what: &str,
        result: TestResult,
        expected: &[u8],
        answer: Result<ByteString>,
        usual: bool,
    ) {
        match (result, answer) {
            (TestResult::Invalid, Ok(bytes)) => panic!("{what}: accepted, as {}", hex::encode(&*bytes)),
            (TestResult::Valid, Err(error)) if usual => panic!("{what}: {error}"),
            (_, Ok(bytes)) => {
                assert_eq!(hex::encode(&*bytes), hex::encode(expected), "{what}");
                self.accepted += 1;
            }
            (_, Err(_)) => {}
        }
    }

    /// An answer that is whether a signature was accepted.
    fn truth(&mut self, what: &str, result: TestResult, answer: Result<bool>, usual: bool) {
        match (result, answer) {
            (TestResult::Invalid, Ok(true)) => panic!("{what}: accepted"),
            (TestResult::Valid, Ok(false)) => panic!("{what}: refused"),
            (TestResult::Valid, Err(error)) if usual => panic!("{what}: {error}"),
            (_, Ok(true)) => self.accepted += 1,
            _ => {}
        }
    }
}

#[test]
fn authenticated_ciphers() {
    use wycheproof::aead::{TestName, TestSet};
    let mode =
        |mode| CryptographicParameters { block_cipher_mode: Some(mode), ..CryptographicParameters::NONE };
    let (aes, chacha) = (CryptographicAlgorithm::AES, CryptographicAlgorithm::CHACHA20_POLY1305);
    let sets = [
        (TestName::AesGcm, aes, mode(BlockCipherMode::GCM)),
        (TestName::AesGcmSiv, aes, mode(BlockCipherMode(0x8000_0002))),
        (TestName::AesCcm, aes, mode(BlockCipherMode::CCM)),
        (TestName::ChaCha20Poly1305, chacha, CryptographicParameters::NONE),
    ];
    for (name, algorithm, parameters) in sets {
        let mut count = Count::default();
        let facts = facts(ObjectType::SYMMETRIC_KEY, algorithm);
        for group in TestSet::load(name).unwrap().test_groups {
            let tag_length = i32::try_from(group.tag_size / 8).ok().filter(|_| group.tag_size != 128);
            let parameters = CryptographicParameters { tag_length, ..parameters.clone() };
            let usual = group.nonce_size == 96 && group.tag_size == 128;
            let Some(Scheme::Cipher(scheme)) = scheme(Capability::Cipher, &facts, &parameters) else {
                panic!("{name:?} has no scheme")
            };
            for test in group.tests {
                let what = format!("{name:?} {}", test.tc_id);
                let answer =
                    scheme.prepare(&facts, &material(KeyFormatType::RAW, &test.key)).and_then(|key| {
                        key.decrypt(CipherInput {
                            parameters: &parameters,
                            data: &test.ct,
                            nonce: Some(&test.nonce),
                            additional_data: &test.aad,
                            tag: Some(&test.tag),
                        })
                    });
                count.bytes(&what, test.result, &test.pt, answer, usual);
            }
        }
        assert!(count.accepted > 50, "{name:?}: {} accepted", count.accepted);
    }
}

#[test]
fn key_wrapping() {
    use wycheproof::keywrap::{TestName, TestSet};
    let sets = [
        (TestName::AesKeyWrap, BlockCipherMode::NIST_KEY_WRAP),
        (TestName::AesKeyWrapWithPadding, BlockCipherMode::AES_KEY_WRAP_PADDING),
    ];
    for (name, mode) in sets {
        let mut count = Count::default();
        let facts = facts(ObjectType::SYMMETRIC_KEY, CryptographicAlgorithm::AES);
        let parameters =
            CryptographicParameters { block_cipher_mode: Some(mode), ..CryptographicParameters::NONE };
        let Some(Scheme::Wrap(scheme)) = scheme(Capability::Wrap, &facts, &parameters) else {
            panic!("{name:?} has no scheme")
        };
        for test in TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|group| group.tests) {
            let what = format!("{name:?} {}", test.tc_id);
            let key = scheme.prepare(&facts, &material(KeyFormatType::RAW, &test.key));
            let answer = key.and_then(|key| key.unwrap(&test.ct, &parameters, None));
            count.bytes(&what, test.result, &test.pt, answer, true);
        }
        assert!(count.accepted > 30, "{name:?}: {} accepted", count.accepted);
    }
}

#[test]
fn message_authentication_codes() {
    use wycheproof::mac::{TestName, TestSet};
    let sets = [
        (TestName::AesCmac, CryptographicAlgorithm::AES),
        (TestName::HmacSha1, CryptographicAlgorithm::HMAC_SHA1),
        (TestName::HmacSha224, CryptographicAlgorithm::HMAC_SHA224),
        (TestName::HmacSha256, CryptographicAlgorithm::HMAC_SHA256),
        (TestName::HmacSha384, CryptographicAlgorithm::HMAC_SHA384),
        (TestName::HmacSha512, CryptographicAlgorithm::HMAC_SHA512),
        (TestName::HmacSha3_224, CryptographicAlgorithm::HMAC_SHA3_224),
        (TestName::HmacSha3_256, CryptographicAlgorithm::HMAC_SHA3_256),
        (TestName::HmacSha3_384, CryptographicAlgorithm::HMAC_SHA3_384),
        (TestName::HmacSha3_512, CryptographicAlgorithm::HMAC_SHA3_512),
    ];
    for (name, algorithm) in sets {
        let mut accepted = 0;
        let facts = facts(ObjectType::SYMMETRIC_KEY, algorithm);
        let none = CryptographicParameters::NONE;
        let Some(Scheme::Mac(scheme)) = scheme(Capability::Mac, &facts, &none) else {
            panic!("{name:?} has no scheme")
        };
        for test in TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|group| group.tests) {
            let key = scheme.prepare(&facts, &material(KeyFormatType::RAW, &test.key));
            let mac = key.and_then(|key| key.mac(&test.msg, &none, &mut SeededRandom::new(1)));
            // Some are cut off, which is the caller's business.
            let same = mac.is_ok_and(|mac| mac.starts_with(&test.tag) && !test.tag.is_empty());
            match test.result {
                TestResult::Valid => assert!(same, "{name:?} {}", test.tc_id),
                TestResult::Invalid => assert!(!same, "{name:?} {}", test.tc_id),
                TestResult::Acceptable => {}
            }
            accepted += usize::from(same);
        }
        assert!(accepted > 30, "{name:?}: {accepted} accepted");
    }
}

#[test]
fn hkdf() {
    use wycheproof::hkdf::{TestName, TestSet};
    let sets = [
        (TestName::HkdfSha1, HashingAlgorithm::SHA_1),
        (TestName::HkdfSha256, HashingAlgorithm::SHA_256),
        (TestName::HkdfSha384, HashingAlgorithm::SHA_384),
        (TestName::HkdfSha512, HashingAlgorithm::SHA_512),
    ];
    for (name, hash) in sets {
        let mut count = Count::default();
        let facts = facts(ObjectType::SYMMETRIC_KEY, CryptographicAlgorithm::AES);
        let parameters =
            CryptographicParameters { hashing_algorithm: Some(hash), ..CryptographicParameters::NONE };
        let capability = Capability::Derive(DerivationMethod::HKDF);
        let Some(Scheme::Derive(_, scheme)) = scheme(capability, &facts, &parameters) else {
            panic!("HKDF has no scheme")
        };
        for test in TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|group| group.tests) {
            let answer = scheme.derive(&DeriveInput {
                base: vec![BaseKey {
                    object_type: ObjectType::SYMMETRIC_KEY,
                    algorithm: Some(CryptographicAlgorithm::AES),
                    domain: None,
                    material: material(KeyFormatType::RAW, &test.ikm),
                }],
                prepared: None,
                parameters: DerivationParameters {
                    cryptographic_parameters: Some(parameters.clone()),
                    initialization_vector: None,
                    derivation_data: vec![test.info.to_vec().into()],
                    salt: Some(test.salt.to_vec().into()),
                    iteration_count: None,
                },
                length: test.size,
            });
            count.bytes(&format!("{name:?} {}", test.tc_id), test.result, &test.okm, answer, true);
        }
        assert!(count.accepted > 30, "{name:?}: {} accepted", count.accepted);
    }
}

#[test]
fn rsa_oaep() {
    use wycheproof::rsa_oaep::{TestName, TestSet};
    let mut count = Count::default();
    let facts = facts(ObjectType::PRIVATE_KEY, CryptographicAlgorithm::RSA);
    for group in TestName::all().into_iter().flat_map(|name| TestSet::load(name).unwrap().test_groups) {
        let parameters = CryptographicParameters {
            padding_method: Some(PaddingMethod::OAEP),
            hashing_algorithm: hash(group.hash),
            mask_generator: Some(MaskGenerator::MGF1),
            mask_generator_hashing_algorithm: hash(group.mgf_hash),
            ..CryptographicParameters::NONE
        };
        let Some(Scheme::Cipher(scheme)) = scheme(Capability::Cipher, &facts, &parameters) else {
            panic!("RSA OAEP has no scheme")
        };
        let key = scheme.prepare(&facts, &material(KeyFormatType::PKCS_8, &group.pkcs8)).unwrap();
        for test in group.tests {
            let label = Some(test.label.to_vec().into()).filter(|label: &ByteString| !label.is_empty());
            let parameters = CryptographicParameters { p_source: label, ..parameters.clone() };
            let answer = key.decrypt(CipherInput {
                parameters: &parameters,
                data: &test.ct,
                nonce: None,
                additional_data: &[],
                tag: None,
            });
            let what = format!("OAEP {:?} {:?} {}", group.hash, group.mgf_hash, test.tc_id);
            count.bytes(&what, test.result, &test.pt, answer, true);
        }
    }
    assert!(count.accepted > 300, "{} accepted", count.accepted);
}

/// What is not padded well is decrypted to something else, which nobody can tell from a message.
#[test]
fn rsa_pkcs1_decryption() {
    use wycheproof::rsa_pkcs1_decrypt::{TestName, TestSet};
    let facts = facts(ObjectType::PRIVATE_KEY, CryptographicAlgorithm::RSA);
    let parameters = CryptographicParameters {
        padding_method: Some(PaddingMethod::PKCS1_V1_5),
        ..CryptographicParameters::NONE
    };
    let Some(Scheme::Cipher(scheme)) = scheme(Capability::Cipher, &facts, &parameters) else {
        panic!("RSA PKCS1 v1.5 has no scheme")
    };
    let mut accepted = 0;
    for group in TestName::all().into_iter().flat_map(|name| TestSet::load(name).unwrap().test_groups) {
        let key = scheme.prepare(&facts, &material(KeyFormatType::PKCS_8, &group.pkcs8)).unwrap();
        for test in group.tests {
            let answer = key.decrypt(CipherInput {
                parameters: &parameters,
                data: &test.ct,
                nonce: None,
                additional_data: &[],
                tag: None,
            });
            if test.result == TestResult::Valid {
                assert_eq!(*answer.unwrap(), *test.pt, "{}", test.tc_id);
                accepted += 1;
            } else if let Ok(other) = answer {
                assert!(test.pt.is_empty() || *other != *test.pt, "{}", test.tc_id);
            }
        }
    }
    assert!(accepted > 30, "{accepted} accepted");
}

/// The scheme that verifies with a key in X.509, and the key.
fn verifies(
    algorithm: CryptographicAlgorithm,
    der: &[u8],
    parameters: &CryptographicParameters,
) -> Option<std::sync::Arc<dyn claviger_plugin_sdk::scheme::SignKey>> {
    let facts = facts(ObjectType::PUBLIC_KEY, algorithm);
    let Some(Scheme::Sign(scheme)) = scheme(Capability::Sign, &facts, parameters) else {
        panic!("{algorithm:?} has no scheme")
    };
    scheme.prepare(&facts, &material(KeyFormatType::X_509, der)).ok()
}

#[test]
fn rsa_signatures() {
    use wycheproof::{rsa_pkcs1_verify, rsa_pss_verify};
    let mut count = Count::default();
    let names = rsa_pkcs1_verify::TestName::all().into_iter();
    for group in names.flat_map(|name| rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups) {
        let parameters = CryptographicParameters {
            padding_method: Some(PaddingMethod::PKCS1_V1_5),
            hashing_algorithm: hash(group.hash),
            ..CryptographicParameters::NONE
        };
        let key = verifies(CryptographicAlgorithm::RSA, &group.der, &parameters).unwrap();
        for test in group.tests {
            let answer = key.verify(SignInput::Data(&test.msg), &test.sig, &parameters);
            count.truth(&format!("PKCS1 {:?} {}", group.hash, test.tc_id), test.result, answer, true);
        }
    }
    let names = rsa_pss_verify::TestName::all().into_iter();
    for group in names.flat_map(|name| rsa_pss_verify::TestSet::load(name).unwrap().test_groups) {
        let (Some(of_data), Some(of_mask)) = (hash(group.hash), group.mgf_hash.and_then(hash)) else {
            continue;
        };
        let parameters = CryptographicParameters {
            padding_method: Some(PaddingMethod::PSS),
            hashing_algorithm: Some(of_data),
            mask_generator: Some(MaskGenerator::MGF1),
            mask_generator_hashing_algorithm: Some(of_mask),
            salt_length: i32::try_from(group.salt_size).ok(),
            ..CryptographicParameters::NONE
        };
        // Some keys name the parameters of their signatures, which is another algorithm to X.509.
        let Some(key) = verifies(CryptographicAlgorithm::RSA, &group.der, &parameters) else { continue };
        for test in group.tests {
            let answer = key.verify(SignInput::Data(&test.msg), &test.sig, &parameters);
            let what = format!("PSS {:?} {:?} {}", group.hash, group.mgf_hash, test.tc_id);
            count.truth(&what, test.result, answer, true);
        }
    }
    assert!(count.accepted > 500, "{} accepted", count.accepted);
}

#[test]
fn elliptic_curve_signatures() {
    use wycheproof::{ecdsa, eddsa};
    let mut count = Count::default();
    for name in ecdsa::TestName::all() {
        let text = format!("{name:?}");
        let is_p1363 = text.ends_with("P1363");
        if text.contains("160") || text.contains("192k") || text.contains("224k") || text.ends_with("Bitcoin")
        {
            continue;
        }
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            let Some(hash) = hash(group.hash) else { continue };
            let parameters = CryptographicParameters {
                hashing_algorithm: Some(hash),
                padding_method: is_p1363.then_some(PaddingMethod(0x8000_1363)),
                ..CryptographicParameters::NONE
            };
            let key = verifies(CryptographicAlgorithm::ECDSA, &group.der, &parameters)
                .unwrap_or_else(|| panic!("{text}: no key"));
            for test in group.tests {
                let answer = key.verify(SignInput::Data(&test.msg), &test.sig, &parameters);
                count.truth(&format!("{text} {}", test.tc_id), test.result, answer, true);
            }
        }
    }
    assert!(count.accepted > 2000, "{} accepted", count.accepted);
    let sets = [
        (eddsa::TestName::Ed25519, CryptographicAlgorithm::ED25519),
        (eddsa::TestName::Ed448, CryptographicAlgorithm::ED448),
    ];
    for (name, algorithm) in sets {
        let mut count = Count::default();
        let none = CryptographicParameters::NONE;
        for group in eddsa::TestSet::load(name).unwrap().test_groups {
            let key = verifies(algorithm, &group.der, &none).unwrap();
            for test in group.tests {
                let answer = key.verify(SignInput::Data(&test.msg), &test.sig, &none);
                count.truth(&format!("{name:?} {}", test.tc_id), test.result, answer, true);
            }
        }
        assert!(count.accepted > 15, "{name:?}: {} accepted", count.accepted);
    }
}

#[test]
fn montgomery_curves() {
    use wycheproof::xdh::{TestName, TestSet};
    let facts = facts(ObjectType::PRIVATE_KEY, CryptographicAlgorithm::ECDH);
    let capability = Capability::Derive(DerivationMethod::ASYMMETRIC_KEY);
    let Some(Scheme::Derive(_, scheme)) = scheme(capability, &facts, &CryptographicParameters::NONE) else {
        panic!("agreement has no scheme")
    };
    for (name, id) in [(TestName::X25519, Id::X25519), (TestName::X448, Id::X448)] {
        let mut accepted = 0;
        for test in TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|group| group.tests) {
            let private = PKey::private_key_from_raw_bytes(&test.private_key, id).unwrap();
            let Ok(public) = PKey::public_key_from_raw_bytes(&test.public_key, id) else {
                assert_ne!(test.result, TestResult::Valid, "{name:?} {}", test.tc_id);
                continue;
            };
            let base = |object_type, format, der: Vec<u8>| BaseKey {
                object_type,
                algorithm: Some(CryptographicAlgorithm::ECDH),
                domain: None,
                material: material(format, &der),
            };
            let private = private.private_key_to_pkcs8().unwrap();
            let public = public.public_key_to_der().unwrap();
            let answer = scheme.derive(&DeriveInput {
                base: vec![
                    base(ObjectType::PUBLIC_KEY, KeyFormatType::X_509, public),
                    base(ObjectType::PRIVATE_KEY, KeyFormatType::PKCS_8, private),
                ],
                prepared: None,
                parameters: DerivationParameters {
                    cryptographic_parameters: None,
                    initialization_vector: None,
                    derivation_data: Vec::new(),
                    salt: None,
                    iteration_count: None,
                },
                length: test.shared_secret.len(),
            });
            let what = format!("{name:?} {}", test.tc_id);
            let is_zero = test.shared_secret.iter().all(|byte| *byte == 0);
            match answer {
                Ok(secret) => {
                    assert!(!is_zero, "{what}: a point of small order");
                    assert_eq!(*secret, *test.shared_secret, "{what}");
                    accepted += 1;
                }
                Err(error) => assert!(is_zero || test.result != TestResult::Valid, "{what}: {error}"),
            }
        }
        assert!(accepted > 100, "{name:?}: {accepted} accepted");
    }
}
