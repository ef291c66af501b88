//! AES-OFB (SP 800-38A section 6.4).

use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::keystream::{Keystream, KeystreamCipher};
use crate::parameters::ask_for;

static MODE: Keystream =
    Keystream::of_aes("AES-OFB", &[(16, "AES-128-OFB"), (24, "AES-192-OFB"), (32, "AES-256-OFB")]);

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-OFB",
    algorithms: &[CryptographicAlgorithm::AES],
    claims: |_, parameters| ask_for(parameters, CryptographicAlgorithm::AES, BlockCipherMode::OFB),
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Cipher(&KeystreamCipher(&MODE)),
};
register_scheme!(CIPHER);

#[cfg(test)]
mod tests {
    use aws_lc_rs::cipher::{AES_128, AES_192, AES_256, Algorithm, EncryptingKey, UnboundCipherKey};
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
        parameters: in_mode(BlockCipherMode::OFB),
        nonces: Some(NonceLengths { made: 16, fits: |length| length == 16 }),
        encrypts: |_| true,
        authenticity: Authenticity::None,
        in_parts: true,
    });

    /// SP 800-38A sections F.4.1, F.4.3, F.4.5.
    #[test]
    fn it_gives_the_answers_of_sp_800_38a() {
        let answers = [
            "3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed825\
             9740051e9c5fecf64344f7a82260edcc304c6528f659c77866a510d9c1d6ae5e",
            "cdc80d6fddf18cab34c25909c99a4174fcc28b8d4c63837c09e81700c1100401\
             8d9a9aeac0f6596f559c6d4daf59a5f26d9f200857ca6c3e9cac524bd9acc92a",
            "dc7e84bfda79164b7ecd8486985d38604febdc6740d20b3ac88f6ad82a4fb08d\
             71ab47a086e86eedf39d1c5bba97c4080126141d67f37be8538f5a8be740e484",
        ];
        for (key, encrypted) in SP_800_38A_KEYS.into_iter().zip(answers) {
            let nonce = "000102030405060708090a0b0c0d0e0f";
            let answer = Answer { key, nonce, additional_data: "", plain: SP_800_38A, encrypted, tag: "" };
            check(&CIPHER, &in_mode(BlockCipherMode::OFB), &answer);
        }
    }

    /// OFB as SP 800-38A section 6.4 defines it, over single blocks of AWS-LC.
    fn defined(algorithm: &'static Algorithm, key: &[u8], iv: [u8; 16], data: &[u8]) -> Vec<u8> {
        let block = EncryptingKey::ecb(UnboundCipherKey::new(algorithm, key).unwrap()).unwrap();
        let mut output = iv;
        let mut encrypted = Vec::new();
        for part in data.chunks(16) {
            block.encrypt(&mut output).unwrap();
            encrypted.extend(part.iter().zip(output).map(|(byte, pad)| byte ^ pad));
        }
        encrypted
    }

    proptest! {
        #[test]
        fn its_definition_over_aws_lc_encrypts_to_the_same(key in prop::collection::vec(any::<u8>(), 32), iv: [u8; 16], data in prop::collection::vec(any::<u8>(), 0..200)) {
            for (length, algorithm) in [(16, &AES_128), (24, &AES_192), (32, &AES_256)] {
                let key = &key[..length];
                let input = CipherInput { parameters: &in_mode(BlockCipherMode::OFB), data: &data, nonce: Some(&iv), additional_data: &[], tag: None };
                let ours = cipher(&CIPHER, key).encrypt(input, &mut SeededRandom::new(1)).unwrap();
                prop_assert_eq!(&ours.data[..], &defined(algorithm, key, iv, &data)[..]);
            }
        }
    }
}
