//! AES-GCM-SIV, RFC 8452: a nonce that repeats by mistake tells no more than whether the data was the same.

use aws_lc_rs::aead::{AES_128_GCM_SIV, AES_256_GCM_SIV};
use claviger_plugin_sdk::kmip::tables::enumerations::CryptographicAlgorithm;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::aead::{Aead, AeadCipher, Variant};
use crate::authentication_tag::TagRule;
use crate::nonce::NonceRule;
use crate::parameters::{VENDOR_GCM_SIV, ask_for};

// No `general`: the mode reads all data twice, so it cannot work in parts, and it has one length of nonce and tag.
static MODE: Aead = Aead {
    name: "AES-GCM-SIV",
    variants: &[
        (16, Variant { fast: &AES_128_GCM_SIV, general: None }),
        (32, Variant { fast: &AES_256_GCM_SIV, general: None }),
    ],
    nonce: NonceRule { name: "AES-GCM-SIV", fits: |length| length == 12, lengths: "12 bytes", made: 12 },
    tags: TagRule { name: "AES-GCM-SIV", lengths: &[16], usual: 16 },
};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-GCM-SIV",
    algorithms: &[CryptographicAlgorithm::AES],
    claims: |_, parameters| ask_for(parameters, CryptographicAlgorithm::AES, VENDOR_GCM_SIV),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Cipher(&AeadCipher(&MODE)),
};
register_scheme!(CIPHER);

#[cfg(test)]
mod tests {
    use aes_gcm_siv::aead::{Aead as _, KeyInit, Payload};
    use claviger_plugin_sdk::scheme::CipherInput;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::{Authenticity, CipherSubject, NonceLengths};
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    scheme_conformance!(cipher conformance: CipherSubject {
        entry: CIPHER,
        key_lengths: &[16, 32],
        parameters: in_mode(VENDOR_GCM_SIV),
        nonces: Some(NonceLengths { made: 12, fits: |length| length == 12 }),
        encrypts: |_| true,
        authenticity: Authenticity::Tag,
        in_parts: false,
    });

    /// RFC 8452 appendices C.1 and C.2.
    #[test]
    fn it_gives_the_answers_of_rfc_8452() {
        let cases = [
            (16, "", "", "", "dc20e2d83f25705bb49e439eca56de25"),
            (16, "", "0100000000000000", "b5d839330ac7b786", "578782fff6013b815b287c22493a364c"),
            (16, "01", "0200000000000000", "1e6daba35669f427", "3b0a1a2560969cdf790d99759abd1508"),
            (32, "", "", "", "07f5f4169bbf55a8400cd47ea6fd400f"),
            (32, "", "0100000000000000", "c2ef328e5c71c83b", "843122130f7364b761e0b97427e3df28"),
            (32, "01", "0200000000000000", "1de22967237a8132", "91213f267e3b452f02d01ae33e4ec854"),
        ];
        for (length, additional_data, plain, encrypted, tag) in cases {
            let key = format!("01{}", "00".repeat(length - 1));
            let answer = Answer {
                key: &key,
                nonce: "030000000000000000000000",
                additional_data,
                plain,
                encrypted,
                tag,
            };
            check(&CIPHER, &in_mode(VENDOR_GCM_SIV), &answer);
        }
    }

    proptest! {
        #[test]
        fn another_library_encrypts_to_the_same(
            key: [u8; 32],
            nonce: [u8; 12],
            additional_data in prop::collection::vec(any::<u8>(), 0..60),
            data in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            let payload = || Payload { msg: &data, aad: &additional_data };
            let short = aes_gcm_siv::Aes128GcmSiv::new_from_slice(&key[..16]).unwrap();
            let long = aes_gcm_siv::Aes256GcmSiv::new_from_slice(&key).unwrap();
            let expected = [
                (16, short.encrypt(&nonce.into(), payload()).unwrap()),
                (32, long.encrypt(&nonce.into(), payload()).unwrap()),
            ];
            for (length, expected) in expected {
                let input = CipherInput { parameters: &in_mode(VENDOR_GCM_SIV), data: &data, nonce: Some(&nonce), additional_data: &additional_data, tag: None };
                let ours = cipher(&CIPHER, &key[..length]).encrypt(input, &mut SeededRandom::new(1)).unwrap();
                prop_assert_eq!([&ours.data[..], &ours.tag.unwrap()[..]].concat(), expected);
            }
        }
    }
}
