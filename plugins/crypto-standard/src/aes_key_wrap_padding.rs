//! AES key wrap with padding, RFC 5649 (SP 800-38F KWP): data of any length. Keys are wrapped so where nothing else
//! is asked for, since every key fits.

use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::key_wrap::{AsCipher, AsWrap, KeyWrap};
use crate::parameters::{VENDOR_KEY_WRAP_PADDING, allow};

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
    algorithm: CryptographicAlgorithm::AES,
    claims: |_, parameters| claimed(parameters) && parameters.block_cipher_mode.is_some(),
    scheme: Scheme::Cipher(&AsCipher(&MODE)),
};
register_scheme!(CIPHER);

const WRAP: SchemeEntry = SchemeEntry {
    name: "AES-KWP",
    algorithm: CryptographicAlgorithm::AES,
    claims: |_, parameters| claimed(parameters),
    scheme: Scheme::Wrap(&AsWrap(&MODE)),
};
register_scheme!(WRAP);

fn claimed(parameters: &CryptographicParameters) -> bool {
    allow(parameters, CryptographicAlgorithm::AES)
        && matches!(
            parameters.block_cipher_mode,
            None | Some(BlockCipherMode::AES_KEY_WRAP_PADDING | VENDOR_KEY_WRAP_PADDING)
        )
}
