//! AES key wrap, RFC 3394 (SP 800-38F KW): data of whole semiblocks of 8 bytes, two or more.

use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::key_wrap::{AsCipher, AsWrap, KeyWrap};
use crate::parameters::allow;

static MODE: KeyWrap = KeyWrap {
    name: "AES key wrap (RFC 3394)",
    ciphers: &[(16, "AES-128-WRAP"), (24, "AES-192-WRAP"), (32, "AES-256-WRAP")],
    wraps: |length| length >= 16 && length % 8 == 0,
    lengths: "16 bytes or more in multiples of 8",
    shortest: 24,
};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-KW",
    algorithm: CryptographicAlgorithm::AES,
    claims,
    scheme: Scheme::Cipher(&AsCipher(&MODE)),
};
register_scheme!(CIPHER);

const WRAP: SchemeEntry = SchemeEntry {
    name: "AES-KW",
    algorithm: CryptographicAlgorithm::AES,
    claims,
    scheme: Scheme::Wrap(&AsWrap(&MODE)),
};
register_scheme!(WRAP);

fn claims(_: &KeyFacts<'_>, parameters: &CryptographicParameters) -> bool {
    allow(parameters, CryptographicAlgorithm::AES)
        && parameters.block_cipher_mode == Some(BlockCipherMode::NIST_KEY_WRAP)
}
