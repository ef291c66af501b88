//! AES-ECB (SP 800-38A section 6.1), with the padding that the parameters name. Equal blocks stay equal: for
//! compatibility only.

use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::block_mode::BlockMode;
use crate::padding;
use crate::parameters::ask_for;

static MODE: BlockMode = BlockMode {
    name: "AES-ECB",
    ciphers: &[(16, "AES-128-ECB"), (24, "AES-192-ECB"), (32, "AES-256-ECB")],
    block: 16,
    nonce: None,
};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-ECB",
    algorithms: &[CryptographicAlgorithm::AES],
    claims: |_, parameters| ask_for(parameters, CryptographicAlgorithm::AES, BlockCipherMode::ECB),
    effective: |_, parameters| padding::named(parameters),
    scheme: Scheme::Cipher(&MODE),
};
register_scheme!(CIPHER);

#[cfg(test)]
mod tests {
    use aws_lc_rs::cipher::{AES_128, AES_192, AES_256, EncryptingKey, UnboundCipherKey};
    use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
    use claviger_plugin_sdk::kmip::tables::enumerations::PaddingMethod;
    use claviger_plugin_sdk::scheme::CipherInput;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::{Authenticity, CipherSubject};
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn subject(padding: Option<PaddingMethod>) -> CipherSubject {
        CipherSubject {
            entry: CIPHER,
            key_lengths: &[16, 24, 32],
            parameters: CryptographicParameters { padding_method: padding, ..in_mode(BlockCipherMode::ECB) },
            nonces: None,
            encrypts: if padding.is_none() { |length| length % 16 == 0 } else { |_| true },
            authenticity: Authenticity::None,
            in_parts: true,
        }
    }

    scheme_conformance!(cipher without_padding: subject(None));
    scheme_conformance!(cipher with_pkcs5: subject(Some(PaddingMethod::PKCS5)));

    /// SP 800-38A sections F.1.1, F.1.3, F.1.5.
    #[test]
    fn it_gives_the_answers_of_sp_800_38a() {
        let answers = [
            "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf\
             43b1cd7f598ece23881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4",
            "bd334f1d6e45f25ff712a214571fa5cc974104846d0ad3ad7734ecb3ecee4eef\
             ef7afd2270e2e60adce0ba2face6444e9a4b41ba738d6c72fb16691603c18e0e",
            "f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870\
             b6ed21b99ca6f4f9f153e7b1beafed1d23304b7a39f9f3ff067d8d8f9e24ecc7",
        ];
        for (key, encrypted) in SP_800_38A_KEYS.into_iter().zip(answers) {
            let answer =
                Answer { key, nonce: "", additional_data: "", plain: SP_800_38A, encrypted, tag: "" };
            check(&CIPHER, &in_mode(BlockCipherMode::ECB), &answer);
        }
    }

    /// OASIS test cases CS-BC-M-8 and CS-BC-M-9 of KMIP 2.1.
    #[test]
    fn it_pads_as_the_oasis_test_cases_do() {
        let parameters = subject(Some(PaddingMethod::PKCS5)).parameters;
        let one = Answer {
            key: "0123456789abcdef0123456789abcdef",
            nonce: "",
            additional_data: "",
            plain: "01020304050607080910111213141516",
            encrypted: "d9bcce11b0b437b90239552df3a360c90efb6bfed93b4d1ea2123ba4db075ff6",
            tag: "",
        };
        check(&CIPHER, &parameters, &one);
        let two = Answer {
            plain: "010203040506070809101112131415160102030405060708091011121314151601",
            encrypted: "d9bcce11b0b437b90239552df3a360c9d9bcce11b0b437b90239552df3a360c9be261a7bd1371bb738fe004d500381d0",
            ..one
        };
        check(&CIPHER, &parameters, &two);
    }

    proptest! {
        #[test]
        fn aws_lc_encrypts_to_the_same(key in prop::collection::vec(any::<u8>(), 32), mut data in prop::collection::vec(any::<u8>(), 0..200)) {
            data.truncate(data.len() / 16 * 16);
            for (length, algorithm) in [(16, &AES_128), (24, &AES_192), (32, &AES_256)] {
                let key = &key[..length];
                let input = CipherInput { parameters: &in_mode(BlockCipherMode::ECB), data: &data, nonce: None, additional_data: &[], tag: None };
                let ours = cipher(&CIPHER, key).encrypt(input, &mut SeededRandom::new(1)).unwrap();
                let mut theirs = data.clone();
                EncryptingKey::ecb(UnboundCipherKey::new(algorithm, key).unwrap()).unwrap().encrypt(&mut theirs).unwrap();
                prop_assert_eq!(&ours.data[..], &theirs[..]);
            }
        }
    }
}
