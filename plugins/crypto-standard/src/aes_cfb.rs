//! AES-CFB with whole blocks of feedback (SP 800-38A section 6.3, CFB128), which is what KMIP calls CFB.

use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::keystream::{Keystream, KeystreamCipher};
use crate::parameters::ask_for;

static MODE: Keystream =
    Keystream::of_aes("AES-CFB", &[(16, "AES-128-CFB"), (24, "AES-192-CFB"), (32, "AES-256-CFB")]);

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-CFB",
    algorithms: &[CryptographicAlgorithm::AES],
    claims: |_, parameters| ask_for(parameters, CryptographicAlgorithm::AES, BlockCipherMode::CFB),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Cipher(&KeystreamCipher(&MODE)),
};
register_scheme!(CIPHER);

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
        parameters: in_mode(BlockCipherMode::CFB),
        nonces: Some(NonceLengths { made: 16, fits: |length| length == 16 }),
        encrypts: |_| true,
        authenticity: Authenticity::None,
        in_parts: true,
    });

    /// SP 800-38A sections F.3.13, F.3.15, F.3.17.
    #[test]
    fn it_gives_the_answers_of_sp_800_38a() {
        let answers = [
            "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b\
             26751f67a3cbb140b1808cf187a4f4dfc04b05357c5d1c0eeac4c66f9ff7f2e6",
            "cdc80d6fddf18cab34c25909c99a417467ce7f7f81173621961a2b70171d3d7a\
             2e1e8a1dd59b88b1c8e60fed1efac4c9c05f9f9ca9834fa042ae8fba584b09ff",
            "dc7e84bfda79164b7ecd8486985d386039ffed143b28b1c832113c6331e5407b\
             df10132415e54b92a13ed0a8267ae2f975a385741ab9cef82031623d55b1e471",
        ];
        for (key, encrypted) in SP_800_38A_KEYS.into_iter().zip(answers) {
            let nonce = "000102030405060708090a0b0c0d0e0f";
            let answer = Answer { key, nonce, additional_data: "", plain: SP_800_38A, encrypted, tag: "" };
            check(&CIPHER, &in_mode(BlockCipherMode::CFB), &answer);
        }
    }

    proptest! {
        #[test]
        fn aws_lc_encrypts_to_the_same(key in prop::collection::vec(any::<u8>(), 32), iv: [u8; 16], data in prop::collection::vec(any::<u8>(), 0..200)) {
            for (length, algorithm) in [(16, &AES_128), (24, &AES_192), (32, &AES_256)] {
                let key = &key[..length];
                let input = CipherInput { parameters: &in_mode(BlockCipherMode::CFB), data: &data, nonce: Some(&iv), additional_data: &[], tag: None };
                let ours = cipher(&CIPHER, key).encrypt(input, &mut SeededRandom::new(1)).unwrap();
                let mut theirs = data.clone();
                EncryptingKey::cfb128(UnboundCipherKey::new(algorithm, key).unwrap())
                    .unwrap()
                    .less_safe_encrypt(&mut theirs, EncryptionContext::Iv128(FixedLength::from(iv)))
                    .unwrap();
                prop_assert_eq!(&ours.data[..], &theirs[..]);
            }
        }
    }
}
