//! AES-CBC (SP 800-38A section 6.2), with the padding that the parameters name.

use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::block_mode::BlockMode;
use crate::nonce::NonceRule;
use crate::padding;
use crate::parameters::ask_for;

static MODE: BlockMode = BlockMode {
    name: "AES-CBC",
    ciphers: &[(16, "AES-128-CBC"), (24, "AES-192-CBC"), (32, "AES-256-CBC")],
    block: 16,
    nonce: Some(NonceRule { name: "AES-CBC", fits: |length| length == 16, lengths: "16 bytes", made: 16 }),
};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-CBC",
    algorithms: &[CryptographicAlgorithm::AES],
    claims: |_, parameters| ask_for(parameters, CryptographicAlgorithm::AES, BlockCipherMode::CBC),
    effective: |_, parameters| padding::named(parameters),
    scheme: Scheme::Cipher(&MODE),
};
register_scheme!(CIPHER);

#[cfg(test)]
mod tests {
    use aws_lc_rs::cipher::{AES_128, AES_192, AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey};
    use aws_lc_rs::iv::FixedLength;
    use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
    use claviger_plugin_sdk::kmip::tables::enumerations::PaddingMethod;
    use claviger_plugin_sdk::scheme::CipherInput;
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::{Authenticity, CipherSubject, NonceLengths};
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn subject(padding: Option<PaddingMethod>) -> CipherSubject {
        CipherSubject {
            entry: CIPHER,
            key_lengths: &[16, 24, 32],
            parameters: CryptographicParameters { padding_method: padding, ..in_mode(BlockCipherMode::CBC) },
            nonces: Some(NonceLengths { made: 16, fits: |length| length == 16 }),
            encrypts: if padding.is_none() { |length| length % 16 == 0 } else { |_| true },
            authenticity: Authenticity::None,
            in_parts: true,
        }
    }

    scheme_conformance!(cipher without_padding: subject(None));
    scheme_conformance!(cipher with_pkcs5: subject(Some(PaddingMethod::PKCS5)));
    scheme_conformance!(cipher with_ansi_x9_23: subject(Some(PaddingMethod::ANSI_X9_23)));
    scheme_conformance!(cipher with_iso_10126: subject(Some(PaddingMethod::ISO_10126)));
    scheme_conformance!(cipher with_ssl3: subject(Some(PaddingMethod::SSL3)));

    /// SP 800-38A sections F.2.1, F.2.3, F.2.5.
    #[test]
    fn it_gives_the_answers_of_sp_800_38a() {
        let answers = [
            "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2\
             73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7",
            "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a\
             571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd",
            "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d\
             39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b",
        ];
        for (key, encrypted) in SP_800_38A_KEYS.into_iter().zip(answers) {
            let nonce = "000102030405060708090a0b0c0d0e0f";
            let answer = Answer { key, nonce, additional_data: "", plain: SP_800_38A, encrypted, tag: "" };
            check(&CIPHER, &in_mode(BlockCipherMode::CBC), &answer);
        }
    }

    /// OASIS test case CS-BC-M-11 of KMIP 2.1: only the first block depends on the IV.
    #[test]
    fn another_iv_changes_the_first_block_only() {
        let parameters = subject(Some(PaddingMethod::PKCS5)).parameters;
        let key = cipher(&CIPHER, &bytes("0123456789abcdef0123456789abcdef"));
        let data = bytes(
            "e768203ba72b6e157daaad34b1e791d8e88457dc147942f01bfaff7b28a3cdde2203d4d5a4c7928ba9e9cc78b66a6546",
        );
        let decrypt = |nonce: &str| {
            let nonce = bytes(nonce);
            let input = CipherInput {
                parameters: &parameters,
                data: &data,
                nonce: Some(&nonce),
                additional_data: &[],
                tag: None,
            };
            hex::encode(&*key.decrypt(input).unwrap())
        };
        assert_eq!(
            decrypt("ff020304050607080910111213141516"),
            "010203040506070809101112131415160102030405060708091011121314151601"
        );
        assert_eq!(
            decrypt("00000000000000000000000000000000"),
            "fe0000000000000000000000000000000102030405060708091011121314151601"
        );
    }

    proptest! {
        #[test]
        fn aws_lc_encrypts_to_the_same(key in prop::collection::vec(any::<u8>(), 32), iv: [u8; 16], mut data in prop::collection::vec(any::<u8>(), 0..200)) {
            data.truncate(data.len() / 16 * 16);
            for (length, algorithm) in [(16, &AES_128), (24, &AES_192), (32, &AES_256)] {
                let key = &key[..length];
                let input = CipherInput { parameters: &in_mode(BlockCipherMode::CBC), data: &data, nonce: Some(&iv), additional_data: &[], tag: None };
                let ours = cipher(&CIPHER, key).encrypt(input, &mut SeededRandom::new(1)).unwrap();
                let mut theirs = data.clone();
                EncryptingKey::cbc(UnboundCipherKey::new(algorithm, key).unwrap())
                    .unwrap()
                    .less_safe_encrypt(&mut theirs, EncryptionContext::Iv128(FixedLength::from(iv)))
                    .unwrap();
                prop_assert_eq!(&ours.data[..], &theirs[..]);
            }
        }
    }
}
