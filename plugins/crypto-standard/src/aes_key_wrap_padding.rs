//! AES key wrap with padding, RFC 5649 (SP 800-38F KWP): data of any length. Keys are wrapped so where nothing else
//! is asked for, since every key fits.

use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};
use claviger_plugin_sdk::{Result, register_scheme};

use crate::key_wrap::{AsCipher, AsWrap, KeyWrap};
use crate::parameters::{VENDOR_KEY_WRAP_PADDING, allow, with_mode};

/// OpenSSL wraps less than 2 GiB.
const LONGEST: usize = (1 << 31) - 1;

static MODE: KeyWrap = KeyWrap {
    name: "AES key wrap with padding (RFC 5649)",
    ciphers: &[(16, "AES-128-WRAP-PAD"), (24, "AES-192-WRAP-PAD"), (32, "AES-256-WRAP-PAD")],
    wraps: |length| (1..=LONGEST).contains(&length),
    lengths: "1 byte or more",
    shortest: 16,
};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-KWP",
    algorithms: &[CryptographicAlgorithm::AES],
    claims: |_, parameters| claimed(parameters) && parameters.block_cipher_mode.is_some(),
    effective: |_, parameters| with_mode(parameters, BlockCipherMode::AES_KEY_WRAP_PADDING),
    scheme: Scheme::Cipher(&AsCipher(&MODE)),
};
register_scheme!(CIPHER);

const WRAP: SchemeEntry = SchemeEntry {
    name: "AES-KWP",
    algorithms: &[CryptographicAlgorithm::AES],
    claims: |_, parameters| claimed(parameters),
    effective: |_, parameters| with_mode(parameters, BlockCipherMode::AES_KEY_WRAP_PADDING),
    scheme: Scheme::Wrap(&AsWrap(&MODE)),
};
register_scheme!(WRAP);

/// Wraps data with the bytes of an AES key.
///
/// # Errors
/// Cryptographic Failure: the key has no length of AES. Bad Cryptographic Parameters: there is no data.
pub(crate) fn wrap(key: &[u8], plain: &[u8]) -> Result<ByteString> {
    MODE.key(key)?.seal(plain)
}

/// Unwraps data with the bytes of an AES key.
///
/// # Errors
/// Cryptographic Failure: the key has no length of AES, or is another, or the data is damaged.
pub(crate) fn unwrap(key: &[u8], wrapped: &[u8]) -> Result<ByteString> {
    MODE.key(key)?.open(wrapped)
}

fn claimed(parameters: &CryptographicParameters) -> bool {
    allow(parameters, CryptographicAlgorithm::AES)
        && matches!(
            parameters.block_cipher_mode,
            None | Some(BlockCipherMode::AES_KEY_WRAP_PADDING | VENDOR_KEY_WRAP_PADDING)
        )
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrapPadded};
    use claviger_plugin_sdk::scheme_conformance;
    use claviger_plugin_sdk::testkit::SeededRandom;
    use claviger_plugin_sdk::testkit::scheme::facts_of_raw_key;
    use claviger_plugin_sdk::testkit::scheme::{Authenticity, CipherSubject, WrapSubject};
    use proptest::prelude::*;

    use super::*;
    use crate::known_answers::*;

    fn subject(mode: BlockCipherMode) -> CipherSubject {
        CipherSubject {
            entry: CIPHER,
            key_lengths: &[16, 24, 32],
            parameters: in_mode(mode),
            nonces: None,
            encrypts: |length| length >= 1,
            authenticity: Authenticity::Redundancy,
            in_parts: false,
        }
    }

    scheme_conformance!(cipher as_a_cipher: subject(BlockCipherMode::AES_KEY_WRAP_PADDING));
    scheme_conformance!(cipher under_its_code_of_the_rest_family: subject(VENDOR_KEY_WRAP_PADDING));
    scheme_conformance!(wrap where_nothing_is_asked_for: WrapSubject {
        entry: WRAP,
        key_lengths: &[16, 24, 32],
        parameters: CryptographicParameters::NONE,
        wraps: |length| length >= 1,
    });

    /// RFC 5649 section 6.
    #[test]
    fn it_gives_the_answers_of_rfc_5649() {
        let key = "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8";
        check_wrap(
            &WRAP,
            key,
            "c37b7e6492584340bed12207808941155068f738",
            "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a",
        );
        check_wrap(&WRAP, key, "466f7250617369", "afbeb0f07dfbf5419200f2ccb50bb24f");
    }

    proptest! {
        #[test]
        fn aws_lc_wraps_to_the_same(key: [u8; 32], data in prop::collection::vec(any::<u8>(), 1..100)) {
            let Scheme::Wrap(scheme) = WRAP.scheme else { panic!("it wraps") };
            for (length, algorithm) in [(16, &AES_128), (32, &AES_256)] {
                let ours = scheme.prepare(&facts_of_raw_key(&WRAP, length), &raw(&key[..length])).unwrap();
                let ours = ours.wrap(&data, &CryptographicParameters::NONE, &mut SeededRandom::new(1)).unwrap();
                let mut theirs = vec![0; data.len() + 16];
                let theirs = AesKek::new(algorithm, &key[..length]).unwrap().wrap_with_padding(&data, &mut theirs).unwrap();
                prop_assert_eq!(&ours.data[..], &theirs[..]);
            }
        }
    }
}
