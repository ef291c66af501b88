//! AES-GCM (SP 800-38D): the mode of an AES key where nothing else is asked for. As a way to wrap keys it gives
//! nonce, ciphertext and tag in one string.

use aws_lc_rs::aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM};
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::aead::{Aead, AeadCipher, AeadWrap, Variant};
use crate::authentication_tag::TagRule;
use crate::nonce::NonceRule;
use crate::parameters::{allow, with_mode};

static MODE: Aead = Aead {
    name: "AES-GCM",
    variants: &[
        (16, Variant { fast: &AES_128_GCM, general: Some("AES-128-GCM") }),
        (24, Variant { fast: &AES_192_GCM, general: Some("AES-192-GCM") }),
        (32, Variant { fast: &AES_256_GCM, general: Some("AES-256-GCM") }),
    ],
    // OpenSSL takes no more than 128 bytes; the mode itself would.
    nonce: NonceRule {
        name: "AES-GCM",
        fits: |length| (1..=128).contains(&length),
        lengths: "1 to 128 bytes",
        made: 12,
    },
    // SP 800-38D section 5.2.1.2.
    tags: TagRule { name: "AES-GCM", lengths: &[4, 8, 12, 13, 14, 15, 16], usual: 16 },
};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-GCM",
    algorithms: &[CryptographicAlgorithm::AES],
    claims: |_, parameters| claimed(parameters),
    effective: |_, parameters| with_mode(parameters, BlockCipherMode::GCM),
    scheme: Scheme::Cipher(&AeadCipher(&MODE)),
};
register_scheme!(CIPHER);

const WRAP: SchemeEntry = SchemeEntry {
    name: "AES-GCM",
    algorithms: &[CryptographicAlgorithm::AES],
    claims: |_, parameters| claimed(parameters) && parameters.block_cipher_mode.is_some(),
    effective: |_, parameters| with_mode(parameters, BlockCipherMode::GCM),
    scheme: Scheme::Wrap(&AeadWrap(&MODE)),
};
register_scheme!(WRAP);

fn claimed(parameters: &CryptographicParameters) -> bool {
    allow(parameters, CryptographicAlgorithm::AES)
        && matches!(parameters.block_cipher_mode, None | Some(BlockCipherMode::GCM | BlockCipherMode::AEAD))
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::tables::enumerations::ResultReason;
    use claviger_plugin_sdk::scheme::CipherInput;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::{Authenticity, CipherSubject, NonceLengths, WrapSubject};
    use openssl::symm;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn with_tag(length: i32) -> CryptographicParameters {
        CryptographicParameters { tag_length: Some(length), ..in_mode(BlockCipherMode::GCM) }
    }

    fn subject(parameters: CryptographicParameters) -> CipherSubject {
        CipherSubject {
            entry: CIPHER,
            key_lengths: &[16, 24, 32],
            parameters,
            nonces: Some(NonceLengths { made: 12, fits: |length| (1..=128).contains(&length) }),
            encrypts: |_| true,
            authenticity: Authenticity::Tag,
            in_parts: true,
        }
    }

    scheme_conformance!(cipher where_nothing_is_asked_for: subject(CryptographicParameters::NONE));
    scheme_conformance!(cipher with_short_tags: subject(with_tag(12)));
    scheme_conformance!(wrap as_a_wrap: WrapSubject {
        entry: WRAP,
        key_lengths: &[16, 24, 32],
        parameters: in_mode(BlockCipherMode::GCM),
        wraps: |_| true,
    });

    const PLAIN: &str = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
                         1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
    const LONG_NONCE: &str = "9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728\
                              c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b";

    /// McGrew and Viega, "The Galois/Counter Mode of Operation", appendix B, test cases 4, 5, 6, 10, 16 and 18.
    #[test]
    fn it_gives_the_answers_of_the_specification() {
        let cases = [
            (
                1,
                "cafebabefacedbaddecaf888",
                "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
                "5bc94fbc3221a5db94fae95ae7121a47",
            ),
            (
                1,
                "cafebabefacedbad",
                "61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c742373806900e49f24b22b097544d4896b424989b5e1ebac0f07c23f4598",
                "3612d2e79e3b0785561be14aaca2fccb",
            ),
            (
                1,
                LONG_NONCE,
                "8ce24998625615b603a033aca13fb894be9112a5c3a211a8ba262a3cca7e2ca701e4a9a4fba43c90ccdcb281d48c7c6fd62875d2aca417034c34aee5",
                "619cc5aefffe0bfa462af43c1699d050",
            ),
            (
                2,
                "cafebabefacedbaddecaf888",
                "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710",
                "2519498e80f1478f37ba55bd6d27618c",
            ),
            (
                3,
                "cafebabefacedbaddecaf888",
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
                "76fc6ece0f4e1768cddf8853bb2d551b",
            ),
            (
                3,
                LONG_NONCE,
                "5a8def2f0c9e53f1f75d7853659e2a20eeb2b22aafde6419a058ab4f6f746bf40fc0c3b780f244452da3ebf1c5d82cdea2418997200ef82e44ae7e3f",
                "a44a8266ee1c8eb0c8b5d4cf5ae9f19a",
            ),
        ];
        let key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
        for (size, nonce, encrypted, tag) in cases {
            let answer = Answer {
                key: &key[..16 + size * 16],
                nonce,
                additional_data: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
                plain: PLAIN,
                encrypted,
                tag,
            };
            check(&CIPHER, &CryptographicParameters::NONE, &answer);
        }
    }

    /// CAVP, gcmEncryptExtIV128, as OASIS test case CS-BC-M-GCM-2 has them.
    #[test]
    fn it_gives_the_shorter_tags_of_the_cavp() {
        let thirteen = Answer {
            key: "a1412ff6f687787fb404a4a9d18511d1",
            nonce: "7e78061027ac22ddad25c930",
            additional_data: "e21cfc627452107d55f34f7d06bca88e",
            plain: "abef8c37dfc74ad8b5e59e71ae9a9583",
            encrypted: "0d378e6a61589c6f49b739ae374e6fc1",
            tag: "75ea647ff1318e4a53b55ac0d2",
        };
        check(&CIPHER, &with_tag(13), &thirteen);
        let twelve = Answer {
            key: "5ac0b25cccaaa4bb2375aef5034db959",
            nonce: "65765ef5c5ff39c256af5838",
            additional_data: "77d997b514608c0d0b0668cecae21f4a",
            plain: "53b4f37fcb17ecbf88f47f5aa53bfe96",
            encrypted: "506959e2cc4929a7047a5bc986854e0e",
            tag: "c69d14f2e795336f6eb22171",
        };
        check(&CIPHER, &with_tag(12), &twelve);
    }

    /// OASIS test case CS-BC-M-GCM-1.
    #[test]
    fn tag_lengths_that_gcm_does_not_have_are_a_general_failure() {
        let key = cipher(&CIPHER, &[0; 16]);
        for length in [-1, 0, 1, 3, 5, 11, 17, 32] {
            let parameters = with_tag(length);
            let input = CipherInput {
                parameters: &parameters,
                data: &[0; 16],
                nonce: Some(&[0; 12]),
                additional_data: &[],
                tag: None,
            };
            let error = key.encrypt(input, &mut SeededRandom::new(1)).unwrap_err();
            assert_eq!(error.reason(), ResultReason::GENERAL_FAILURE, "{length}");
        }
    }

    #[test]
    fn iv_length_rules_the_nonce_that_is_made_and_the_one_that_is_given() {
        let key = cipher(&CIPHER, &[0; 16]);
        let encrypt = |bits, nonce| {
            let parameters =
                CryptographicParameters { iv_length: Some(bits), ..CryptographicParameters::NONE };
            let input = CipherInput {
                parameters: &parameters,
                data: b"data",
                nonce,
                additional_data: &[],
                tag: None,
            };
            key.encrypt(input, &mut SeededRandom::new(1)).ok()
        };
        assert_eq!(encrypt(128, None).unwrap().nonce.unwrap().len(), 16);
        assert!(encrypt(64, None).is_none(), "a short random nonce repeats too soon");
        assert!(encrypt(97, None).is_none());
        assert!(encrypt(64, Some(&[1; 8][..])).is_some());
        assert!(encrypt(96, Some(&[1; 8][..])).is_none());
    }

    #[test]
    fn a_decryption_in_parts_holds_no_more_than_a_message_brings() {
        let input = CipherInput {
            parameters: &CryptographicParameters::NONE,
            data: &[],
            nonce: Some(&[0; 12]),
            additional_data: &[],
            tag: None,
        };
        let mut stream = cipher(&CIPHER, &[0; 16]).decrypt_in_parts(input).unwrap();
        assert!(stream.update(&vec![0; crate::held_back::MOST]).unwrap().is_empty());
        assert_eq!(stream.update(&[0]).unwrap_err().reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
    }

    proptest! {
        #[test]
        fn openssl_encrypts_to_the_same(
            key in prop::collection::vec(any::<u8>(), 32),
            nonce in prop::collection::vec(any::<u8>(), 1..40),
            additional_data in prop::collection::vec(any::<u8>(), 0..60),
            data in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let theirs = [(16, symm::Cipher::aes_128_gcm()), (24, symm::Cipher::aes_192_gcm()), (32, symm::Cipher::aes_256_gcm())];
            for (length, theirs) in theirs {
                for nonce in [&nonce[..], &[7; 12]] {
                    let input = CipherInput { parameters: &CryptographicParameters::NONE, data: &data, nonce: Some(nonce), additional_data: &additional_data, tag: None };
                    let ours = cipher(&CIPHER, &key[..length]).encrypt(input, &mut SeededRandom::new(1)).unwrap();
                    let mut tag = [0; 16];
                    let expected = symm::encrypt_aead(theirs, &key[..length], Some(nonce), &additional_data, &data, &mut tag).unwrap();
                    prop_assert_eq!(&ours.data[..], &expected[..]);
                    prop_assert_eq!(&ours.tag.unwrap()[..], &tag[..]);
                }
            }
        }
    }
}
