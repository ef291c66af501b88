//! ChaCha20 without authentication.
//!
//! A nonce of 12 bytes is that of RFC 8439 section 2.4 with a 32-bit counter; one of 8 bytes is that of the original
//! cipher with a 64-bit counter, which the OASIS test cases use. The counter begins at Initial Counter Value, or at 0.

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::CryptographicAlgorithm;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::keystream::{InitialBlock, Keystream, KeystreamCipher, initial_counter};
use crate::nonce::NonceRule;
use crate::parameters::allow;

static MODE: Keystream = Keystream {
    name: "ChaCha20",
    ciphers: &[(32, "ChaCha20")],
    nonce: NonceRule {
        name: "ChaCha20",
        fits: |length| length == 8 || length == 12,
        lengths: "8 or 12 bytes",
        made: 12,
    },
    initial_block,
};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "ChaCha20",
    algorithm: CryptographicAlgorithm::CHACHA20,
    claims: |_, parameters| {
        allow(parameters, CryptographicAlgorithm::CHACHA20) && parameters.block_cipher_mode.is_none()
    },
    scheme: Scheme::Cipher(&KeystreamCipher(&MODE)),
};
register_scheme!(CIPHER);

/// The counter, little-endian, and the nonce, at the end of 16 bytes.
fn initial_block(nonce: &[u8], parameters: &CryptographicParameters) -> Result<InitialBlock> {
    let counter = initial_counter(parameters)?.unwrap_or(0);
    let mut block = [0; 16];
    for (place, byte) in block.iter_mut().zip(counter.to_le_bytes()) {
        *place = byte;
    }
    for (place, byte) in block.iter_mut().rev().zip(nonce.iter().rev()) {
        *place = *byte;
    }
    Ok(block)
}
