//! AES-ECB (SP 800-38A section 6.1), with the padding that the parameters name. Equal blocks stay equal: for
//! compatibility only.

use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::block_mode::BlockMode;
use crate::parameters::allow;

static MODE: BlockMode = BlockMode {
    name: "AES-ECB",
    ciphers: &[(16, "AES-128-ECB"), (24, "AES-192-ECB"), (32, "AES-256-ECB")],
    block: 16,
    nonce: None,
};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-ECB",
    algorithm: CryptographicAlgorithm::AES,
    claims: |_, parameters| {
        allow(parameters, CryptographicAlgorithm::AES)
            && parameters.block_cipher_mode == Some(BlockCipherMode::ECB)
    },
    scheme: Scheme::Cipher(&MODE),
};
register_scheme!(CIPHER);
