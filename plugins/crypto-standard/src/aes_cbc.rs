//! AES-CBC (SP 800-38A section 6.2), with the padding that the parameters name.

use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::block_mode::BlockMode;
use crate::nonce::NonceRule;
use crate::parameters::allow;

static MODE: BlockMode = BlockMode {
    name: "AES-CBC",
    ciphers: &[(16, "AES-128-CBC"), (24, "AES-192-CBC"), (32, "AES-256-CBC")],
    block: 16,
    nonce: Some(NonceRule { name: "AES-CBC", fits: |length| length == 16, lengths: "16 bytes", made: 16 }),
};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-CBC",
    algorithm: CryptographicAlgorithm::AES,
    claims: |_, parameters| {
        allow(parameters, CryptographicAlgorithm::AES)
            && parameters.block_cipher_mode == Some(BlockCipherMode::CBC)
    },
    scheme: Scheme::Cipher(&MODE),
};
register_scheme!(CIPHER);
