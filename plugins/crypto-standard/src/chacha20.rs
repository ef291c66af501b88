//! ChaCha20 without authentication.
//!
//! A nonce of 12 bytes is that of RFC 8439 section 2.4 with a 32-bit counter; one of 8 bytes is that of the original
//! cipher with a 64-bit counter, which the OASIS test cases use. The counter begins at Initial Counter Value, or at 0.

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::CryptographicAlgorithm;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::keystream::{InitialBlock, Keystream, KeystreamCipher, initial_counter};
use crate::nonce::NonceRule;
use crate::parameters::allow;

static MODE: Keystream = Keystream {
    name: "ChaCha20",
    ciphers: &[(32, "ChaCha20")],
    nonce: NonceRule {
        name: "ChaCha20",
        fits: |length| length == 8 || length == 12,
        lengths: "8 or 12 bytes",
        made: 12,
    },
    initial_block,
};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "ChaCha20",
    algorithms: &[CryptographicAlgorithm::CHACHA20],
    claims: |_, parameters| {
        allow(parameters, CryptographicAlgorithm::CHACHA20) && parameters.block_cipher_mode.is_none()
    },
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Cipher(&KeystreamCipher(&MODE)),
};
register_scheme!(CIPHER);

/// The counter, little-endian, and the nonce, at the end of 16 bytes.
fn initial_block(nonce: &[u8], parameters: &CryptographicParameters) -> Result<InitialBlock> {
    let counter = initial_counter(parameters)?.unwrap_or(0);
    let mut block = [0; 16];
    for (place, byte) in block.iter_mut().zip(counter.to_le_bytes()) {
        *place = byte;
    }
    for (place, byte) in block.iter_mut().rev().zip(nonce.iter().rev()) {
        *place = *byte;
    }
    Ok(block)
}

#[cfg(test)]
mod tests {
    use chacha20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};
    use claviger_plugin_sdk::scheme::CipherInput;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::{Authenticity, CipherSubject, NonceLengths};
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    scheme_conformance!(cipher conformance: CipherSubject {
        entry: CIPHER,
        key_lengths: &[32],
        parameters: CryptographicParameters::NONE,
        nonces: Some(NonceLengths { made: 12, fits: |length| length == 8 || length == 12 }),
        encrypts: |_| true,
        authenticity: Authenticity::None,
        in_parts: true,
    });

    fn from(counter: i32) -> CryptographicParameters {
        CryptographicParameters { initial_counter_value: Some(counter), ..CryptographicParameters::NONE }
    }

    /// RFC 8439 section 2.4.2.
    #[test]
    fn it_gives_the_answer_of_rfc_8439() {
        let plain = hex::encode(
            "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
             sunscreen would be it.",
        );
        let answer = Answer {
            key: "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            nonce: "000000000000004a00000000",
            additional_data: "",
            plain: &plain,
            encrypted: "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b\
                        f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8\
                        07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736\
                        5af90bbf74a35be6b40b8eedf2785e42874d",
            tag: "",
        };
        check(&CIPHER, &from(1), &answer);
    }

    /// OASIS test cases CS-BC-M-CHACHA20-1 and 3 of KMIP 2.1.
    #[test]
    fn a_nonce_of_8_bytes_is_that_of_the_original_cipher() {
        let key = "00".repeat(32);
        let zeros = "00".repeat(64);
        let one = Answer {
            key: &key,
            nonce: "0000000000000000",
            additional_data: "",
            plain: &zeros,
            encrypted: "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7\
                        da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586",
            tag: "",
        };
        check(&CIPHER, &CryptographicParameters::NONE, &one);
        let three = Answer {
            nonce: "0000000000000001",
            plain: &zeros[..120],
            encrypted: "de9cba7bf3d69ef5e786dc63973f653a0b49e015adbff7134fcb7df137821031\
                        e85a050278a7084527214f73efc7fa5b5277062eb7a0433e445f41e3",
            ..one
        };
        check(&CIPHER, &CryptographicParameters::NONE, &three);
    }

    #[test]
    fn a_negative_counter_is_refused() {
        let key = cipher(&CIPHER, &[7; 32]);
        let parameters = from(-1);
        let input = CipherInput {
            parameters: &parameters,
            data: b"data",
            nonce: None,
            additional_data: &[],
            tag: None,
        };
        assert!(key.encrypt(input, &mut SeededRandom::new(1)).is_err());
    }

    proptest! {
        #[test]
        fn another_library_encrypts_to_the_same(
            key: [u8; 32],
            nonce: [u8; 12],
            counter in 0..1_000_000u32,
            data in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            let parameters = from(counter as i32);
            let input = CipherInput { parameters: &parameters, data: &data, nonce: Some(&nonce), additional_data: &[], tag: None };
            let ours = cipher(&CIPHER, &key).encrypt(input, &mut SeededRandom::new(1)).unwrap();
            let mut theirs = data.clone();
            let mut library = chacha20::ChaCha20::new(&key.into(), &nonce.into());
            library.seek(u64::from(counter) * 64);
            library.apply_keystream(&mut theirs);
            prop_assert_eq!(&ours.data[..], &theirs[..]);
        }
    }
}
