//! ChaCha20-Poly1305, RFC 8439 section 2.8: the mode of its own keys, and of ChaCha20 keys where the parameters ask
//! for authenticated encryption.

use aws_lc_rs::aead::CHACHA20_POLY1305;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::aead::{Aead, AeadCipher, Variant};
use crate::authentication_tag::TagRule;
use crate::nonce::NonceRule;
use crate::parameters::{allow, with_mode};

static MODE: Aead = Aead {
    name: "ChaCha20-Poly1305",
    variants: &[(32, Variant { fast: &CHACHA20_POLY1305, general: Some("ChaCha20-Poly1305") })],
    nonce: NonceRule {
        name: "ChaCha20-Poly1305",
        fits: |length| length == 12,
        lengths: "12 bytes",
        made: 12,
    },
    tags: TagRule { name: "ChaCha20-Poly1305", lengths: &[16], usual: 16 },
};

const OWN_KEYS: SchemeEntry = SchemeEntry {
    name: "ChaCha20-Poly1305",
    algorithms: &[CryptographicAlgorithm::CHACHA20_POLY1305],
    claims: |_, parameters| {
        allow(parameters, CryptographicAlgorithm::CHACHA20_POLY1305)
            && matches!(parameters.block_cipher_mode, None | Some(BlockCipherMode::AEAD))
    },
    effective: |_, parameters| effective(parameters),
    scheme: Scheme::Cipher(&AeadCipher(&MODE)),
};
register_scheme!(OWN_KEYS);

const CHACHA20_KEYS: SchemeEntry = SchemeEntry {
    name: "ChaCha20-Poly1305",
    algorithms: &[CryptographicAlgorithm::CHACHA20],
    claims: |_, parameters| asked_for(parameters),
    effective: |_, parameters| effective(parameters),
    scheme: Scheme::Cipher(&AeadCipher(&MODE)),
};
register_scheme!(CHACHA20_KEYS);

fn effective(parameters: &CryptographicParameters) -> CryptographicParameters {
    CryptographicParameters {
        cryptographic_algorithm: Some(CryptographicAlgorithm::CHACHA20_POLY1305),
        ..with_mode(parameters, BlockCipherMode::AEAD)
    }
}

/// Whether the parameters ask a ChaCha20 key to authenticate, too.
fn asked_for(parameters: &CryptographicParameters) -> bool {
    match parameters.cryptographic_algorithm {
        Some(CryptographicAlgorithm::CHACHA20_POLY1305) => {
            matches!(parameters.block_cipher_mode, None | Some(BlockCipherMode::AEAD))
        }
        None | Some(CryptographicAlgorithm::CHACHA20) => {
            parameters.block_cipher_mode == Some(BlockCipherMode::AEAD)
        }
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::scheme::CipherInput;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::{Authenticity, CipherSubject, NonceLengths};
    use openssl::symm;
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn subject(entry: SchemeEntry, parameters: CryptographicParameters) -> CipherSubject {
        CipherSubject {
            entry,
            key_lengths: &[32],
            parameters,
            nonces: Some(NonceLengths { made: 12, fits: |length| length == 12 }),
            encrypts: |_| true,
            authenticity: Authenticity::Tag,
            in_parts: true,
        }
    }

    scheme_conformance!(cipher with_its_own_keys: subject(OWN_KEYS, CryptographicParameters::NONE));
    scheme_conformance!(cipher with_chacha20_keys: subject(CHACHA20_KEYS, in_mode(BlockCipherMode::AEAD)));

    #[test]
    fn a_chacha20_key_authenticates_where_the_parameters_name_the_algorithm() {
        let parameters = CryptographicParameters {
            cryptographic_algorithm: Some(CryptographicAlgorithm::CHACHA20_POLY1305),
            ..CryptographicParameters::NONE
        };
        assert!(asked_for(&parameters));
        assert!(!asked_for(&CryptographicParameters::NONE));
        assert!(!asked_for(&in_mode(BlockCipherMode::GCM)));
    }

    /// RFC 8439 section 2.8.2.
    #[test]
    fn it_gives_the_answer_of_rfc_8439() {
        let plain = hex::encode(
            "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
             sunscreen would be it.",
        );
        let answer = Answer {
            key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
            nonce: "070000004041424344454647",
            additional_data: "50515253c0c1c2c3c4c5c6c7",
            plain: &plain,
            encrypted: "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6\
                        3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36\
                        92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc\
                        3ff4def08e4b7a9de576d26586cec64b6116",
            tag: "1ae10b594f09e26a7e902ecbd0600691",
        };
        check(&OWN_KEYS, &CryptographicParameters::NONE, &answer);
    }

    proptest! {
        #[test]
        fn openssl_encrypts_to_the_same(
            key: [u8; 32],
            nonce: [u8; 12],
            additional_data in prop::collection::vec(any::<u8>(), 0..60),
            data in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let input = CipherInput { parameters: &CryptographicParameters::NONE, data: &data, nonce: Some(&nonce), additional_data: &additional_data, tag: None };
            let ours = cipher(&OWN_KEYS, &key).encrypt(input, &mut SeededRandom::new(1)).unwrap();
            let mut tag = [0; 16];
            let theirs = symm::encrypt_aead(symm::Cipher::chacha20_poly1305(), &key, Some(&nonce), &additional_data, &data, &mut tag).unwrap();
            prop_assert_eq!(&ours.data[..], &theirs[..]);
            prop_assert_eq!(&ours.tag.unwrap()[..], &tag[..]);
        }
    }
}
