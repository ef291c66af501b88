//! AES-CTR (SP 800-38A section 6.5).
//!
//! The IV/Counter/Nonce is the whole first counter block, or its beginning where Initial Counter Value gives the rest:
//! with 12 bytes and Initial Counter Value 1 that is RFC 3686. Counter Length is 32 bits if nothing else is said.

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::keystream::{InitialBlock, Keystream, KeystreamCipher, initial_counter};
use crate::nonce::NonceRule;
use crate::parameters::{allow, bad_parameters};

static MODE: Keystream = Keystream {
    name: "AES-CTR",
    ciphers: &[(16, "AES-128-CTR"), (24, "AES-192-CTR"), (32, "AES-256-CTR")],
    nonce: NonceRule {
        name: "AES-CTR",
        fits: |length| (8..=16).contains(&length),
        lengths: "16 bytes, or 8 to 15 with an Initial Counter Value for the rest",
        made: 16,
    },
    initial_block,
};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-CTR",
    algorithm: CryptographicAlgorithm::AES,
    claims: |_, parameters| {
        allow(parameters, CryptographicAlgorithm::AES)
            && parameters.block_cipher_mode == Some(BlockCipherMode::CTR)
    },
    scheme: Scheme::Cipher(&KeystreamCipher(&MODE)),
};
register_scheme!(CIPHER);

fn initial_block(nonce: &[u8], parameters: &CryptographicParameters) -> Result<InitialBlock> {
    let counter = initial_counter(parameters)?;
    if let (Ok(block), None) = (InitialBlock::try_from(nonce), counter) {
        return Ok(block);
    }
    let bits = parameters.counter_length.unwrap_or(32);
    let (Some(counter), Some(16)) = (counter, whole_bytes(bits).map(|counter| counter + nonce.len())) else {
        return Err(bad_parameters(format!(
            "the IV/Counter/Nonce for AES-CTR is 16 bytes without an Initial Counter Value, or as many as Counter \
             Length ({bits} bits) leaves with one; it has {}",
            nonce.len()
        )));
    };
    let mut block = [0; 16];
    for (place, byte) in block.iter_mut().rev().zip(counter.to_be_bytes().into_iter().rev()) {
        *place = byte;
    }
    for (place, byte) in block.iter_mut().zip(nonce) {
        *place = *byte;
    }
    Ok(block)
}

fn whole_bytes(bits: i32) -> Option<usize> {
    usize::try_from(bits).ok().filter(|bits| bits % 8 == 0).map(|bits| bits / 8)
}
