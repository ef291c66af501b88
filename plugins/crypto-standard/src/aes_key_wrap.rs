//! AES key wrap, RFC 3394 (SP 800-38F KW): data of whole semiblocks of 8 bytes, two or more.

use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::key_wrap::{AsCipher, AsWrap, KeyWrap};
use crate::parameters::ask_for;

static MODE: KeyWrap = KeyWrap {
    name: "AES key wrap (RFC 3394)",
    ciphers: &[(16, "AES-128-WRAP"), (24, "AES-192-WRAP"), (32, "AES-256-WRAP")],
    wraps: |length| length >= 16 && length % 8 == 0,
    lengths: "16 bytes or more in multiples of 8",
    shortest: 24,
};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-KW",
    algorithms: &[CryptographicAlgorithm::AES],
    claims,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Cipher(&AsCipher(&MODE)),
};
register_scheme!(CIPHER);

const WRAP: SchemeEntry = SchemeEntry {
    name: "AES-KW",
    algorithms: &[CryptographicAlgorithm::AES],
    claims,
    effective: SchemeEntry::as_asked,
    scheme: Scheme::Wrap(&AsWrap(&MODE)),
};
register_scheme!(WRAP);

fn claims(_: &KeyFacts<'_>, parameters: &CryptographicParameters) -> bool {
    ask_for(parameters, CryptographicAlgorithm::AES, BlockCipherMode::NIST_KEY_WRAP)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrap as _};
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::facts_of_raw_key;
    use claviger_plugin_sdk::testkit::scheme::{Authenticity, CipherSubject, WrapSubject};
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    scheme_conformance!(cipher as_a_cipher: CipherSubject {
        entry: CIPHER,
        key_lengths: &[16, 24, 32],
        parameters: in_mode(BlockCipherMode::NIST_KEY_WRAP),
        nonces: None,
        encrypts: MODE.wraps,
        authenticity: Authenticity::Redundancy,
        in_parts: false,
    });
    scheme_conformance!(wrap as_a_wrap: WrapSubject {
        entry: WRAP,
        key_lengths: &[16, 24, 32],
        parameters: in_mode(BlockCipherMode::NIST_KEY_WRAP),
        wraps: |length| length >= 16 && length % 8 == 0,
    });

    /// RFC 3394 sections 4.1 to 4.6.
    #[test]
    fn it_gives_the_answers_of_rfc_3394() {
        let key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        let data = "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f";
        let cases = [
            (16, 16, "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"),
            (24, 16, "96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d"),
            (32, 16, "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7"),
            (24, 24, "031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2"),
            (32, 24, "a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1"),
            (32, 32, "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"),
        ];
        for (key_length, length, wrapped) in cases {
            check_wrap(&WRAP, &key[..key_length * 2], &data[..length * 2], wrapped);
        }
    }

    proptest! {
        #[test]
        fn aws_lc_wraps_to_the_same(key: [u8; 32], semiblocks in 2..12usize, byte: u8) {
            let data = vec![byte; semiblocks * 8];
            let Scheme::Wrap(scheme) = WRAP.scheme else { panic!("it wraps") };
            for (length, algorithm) in [(16, &AES_128), (32, &AES_256)] {
                let ours = scheme.prepare(&facts_of_raw_key(&WRAP, length), &raw(&key[..length])).unwrap();
                let ours = ours.wrap(&data, &CryptographicParameters::NONE, &mut SeededRandom::new(1)).unwrap();
                let mut theirs = vec![0; data.len() + 8];
                AesKek::new(algorithm, &key[..length]).unwrap().wrap(&data, &mut theirs).unwrap();
                prop_assert_eq!(&ours.data[..], &theirs[..]);
            }
        }
    }
}
