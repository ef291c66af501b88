//! AES-CTR (SP 800-38A section 6.5).
//!
//! The IV/Counter/Nonce is the whole first counter block, or its beginning where Initial Counter Value gives the rest:
//! with 12 bytes and Initial Counter Value 1 that is RFC 3686. Counter Length is 32 bits if nothing else is said.

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::keystream::{InitialBlock, Keystream, KeystreamCipher, initial_counter};
use crate::nonce::NonceRule;
use crate::parameters::{ask_for, bad_parameters};

static MODE: Keystream = Keystream {
    name: "AES-CTR",
    ciphers: &[(16, "AES-128-CTR"), (24, "AES-192-CTR"), (32, "AES-256-CTR")],
    nonce: NonceRule {
        name: "AES-CTR",
        fits: |length| (8..=16).contains(&length),
        lengths: "16 bytes, or 8 to 15 with an Initial Counter Value for the rest",
        made: 16,
    },
    initial_block,
};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-CTR",
    algorithms: &[CryptographicAlgorithm::AES],
    claims: |_, parameters| ask_for(parameters, CryptographicAlgorithm::AES, BlockCipherMode::CTR),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Cipher(&KeystreamCipher(&MODE)),
};
register_scheme!(CIPHER);

fn initial_block(nonce: &[u8], parameters: &CryptographicParameters) -> Result<InitialBlock> {
    let counter = initial_counter(parameters)?;
    if let (Ok(block), None) = (InitialBlock::try_from(nonce), counter) {
        return Ok(block);
    }
    let bits = parameters.counter_length.unwrap_or(32);
    let (Some(counter), Some(16)) = (counter, whole_bytes(bits).map(|counter| counter + nonce.len())) else {
        return Err(bad_parameters(format!(
            "the IV/Counter/Nonce for AES-CTR is 16 bytes without an Initial Counter Value, or as many as Counter \
             Length ({bits} bits) leaves with one; it has {}",
            nonce.len()
        )));
    };
    let mut block = [0; 16];
    for (place, byte) in block.iter_mut().rev().zip(counter.to_be_bytes().into_iter().rev()) {
        *place = byte;
    }
    for (place, byte) in block.iter_mut().zip(nonce) {
        *place = *byte;
    }
    Ok(block)
}

fn whole_bytes(bits: i32) -> Option<usize> {
    usize::try_from(bits).ok().filter(|bits| bits % 8 == 0).map(|bits| bits / 8)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::cipher::{AES_128, AES_192, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
    use aws_lc_rs::iv::FixedLength;
    use claviger_plugin_sdk::scheme::CipherInput;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::{Authenticity, CipherSubject, NonceLengths};
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    scheme_conformance!(cipher conformance: CipherSubject {
        entry: CIPHER,
        key_lengths: &[16, 24, 32],
        parameters: in_mode(BlockCipherMode::CTR),
        nonces: Some(NonceLengths { made: 16, fits: |length| length == 16 }),
        encrypts: |_| true,
        authenticity: Authenticity::None,
        in_parts: true,
    });

    /// SP 800-38A sections F.5.1, F.5.3, F.5.5.
    #[test]
    fn it_gives_the_answers_of_sp_800_38a() {
        let answers = [
            "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff\
             5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee",
            "1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e94\
             1e36b26bd1ebc670d1bd1d665620abf74f78a7f6d29809585a97daec58c6b050",
            "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5\
             2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6",
        ];
        for (key, encrypted) in SP_800_38A_KEYS.into_iter().zip(answers) {
            let nonce = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";
            let answer = Answer { key, nonce, additional_data: "", plain: SP_800_38A, encrypted, tag: "" };
            check(&CIPHER, &in_mode(BlockCipherMode::CTR), &answer);
        }
    }

    /// RFC 3686 section 6, test vector 1: nonce and IV are 12 bytes, the counter begins at 1.
    #[test]
    fn the_initial_counter_value_fills_the_counter_block() {
        let parameters =
            CryptographicParameters { initial_counter_value: Some(1), ..in_mode(BlockCipherMode::CTR) };
        let answer = Answer {
            key: "ae6852f8121067cc4bf7a5765577f39e",
            nonce: "000000300000000000000000",
            additional_data: "",
            plain: "53696e676c6520626c6f636b206d7367",
            encrypted: "e4095d4fb7a7b3792d6175a3261311b8",
            tag: "",
        };
        check(&CIPHER, &parameters, &answer);
        let parameters = CryptographicParameters { counter_length: Some(64), ..parameters };
        check(&CIPHER, &parameters, &Answer { nonce: "0000003000000000", ..answer });
    }

    #[test]
    fn a_counter_that_does_not_fit_the_nonce_is_refused() {
        let key = cipher(&CIPHER, &[7; 16]);
        let encrypt = |nonce: &[u8], initial_counter_value, counter_length| {
            let parameters = CryptographicParameters {
                initial_counter_value,
                counter_length,
                ..in_mode(BlockCipherMode::CTR)
            };
            let input = CipherInput {
                parameters: &parameters,
                data: b"data",
                nonce: Some(nonce),
                additional_data: &[],
                tag: None,
            };
            key.encrypt(input, &mut SeededRandom::new(1)).is_ok()
        };
        assert!(encrypt(&[1; 12], Some(0), None));
        assert!(encrypt(&[1; 12], Some(i32::MAX), Some(32)));
        assert!(encrypt(&[1; 16], None, Some(32)));
        assert!(!encrypt(&[1; 12], None, None));
        assert!(!encrypt(&[1; 12], Some(-1), None));
        assert!(!encrypt(&[1; 12], Some(1), Some(64)));
        assert!(!encrypt(&[1; 13], Some(1), Some(25)));
        assert!(!encrypt(&[1; 16], Some(1), None));
    }

    proptest! {
        #[test]
        fn aws_lc_encrypts_to_the_same(key in prop::collection::vec(any::<u8>(), 32), block: [u8; 16], data in prop::collection::vec(any::<u8>(), 0..200)) {
            for (length, algorithm) in [(16, &AES_128), (24, &AES_192), (32, &AES_256)] {
                let key = &key[..length];
                let input = CipherInput { parameters: &in_mode(BlockCipherMode::CTR), data: &data, nonce: Some(&block), additional_data: &[], tag: None };
                let ours = cipher(&CIPHER, key).encrypt(input, &mut SeededRandom::new(1)).unwrap();
                let mut theirs = data.clone();
                EncryptingKey::ctr(UnboundCipherKey::new(algorithm, key).unwrap())
                    .unwrap()
                    .less_safe_encrypt(&mut theirs, EncryptionContext::Iv128(FixedLength::from(block)))
                    .unwrap();
                prop_assert_eq!(&ours.data[..], &theirs[..]);
            }
        }
    }
}
