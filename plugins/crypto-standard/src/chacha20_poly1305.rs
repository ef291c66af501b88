//! ChaCha20-Poly1305, RFC 8439 section 2.8: the mode of its own keys, and of ChaCha20 keys where the parameters ask
//! for authenticated encryption.

use aws_lc_rs::aead::CHACHA20_POLY1305;
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::aead::{Aead, AeadCipher, Variant};
use crate::nonce::NonceRule;
use crate::parameters::allow;

static MODE: Aead = Aead {
    name: "ChaCha20-Poly1305",
    variants: &[(32, Variant { fast: &CHACHA20_POLY1305, general: Some("ChaCha20-Poly1305") })],
    nonce: NonceRule {
        name: "ChaCha20-Poly1305",
        fits: |length| length == 12,
        lengths: "12 bytes",
        made: 12,
    },
    tag_lengths: &[16],
};

const OWN_KEYS: SchemeEntry = SchemeEntry {
    name: "ChaCha20-Poly1305",
    algorithm: CryptographicAlgorithm::CHACHA20_POLY1305,
    claims: |_, parameters| {
        allow(parameters, CryptographicAlgorithm::CHACHA20_POLY1305)
            && matches!(parameters.block_cipher_mode, None | Some(BlockCipherMode::AEAD))
    },
    scheme: Scheme::Cipher(&AeadCipher(&MODE)),
};
register_scheme!(OWN_KEYS);

const CHACHA20_KEYS: SchemeEntry = SchemeEntry {
    name: "ChaCha20-Poly1305",
    algorithm: CryptographicAlgorithm::CHACHA20,
    claims: |_, parameters| asked_for(parameters),
    scheme: Scheme::Cipher(&AeadCipher(&MODE)),
};
register_scheme!(CHACHA20_KEYS);

/// Whether the parameters ask a ChaCha20 key to authenticate, too.
fn asked_for(parameters: &CryptographicParameters) -> bool {
    match parameters.cryptographic_algorithm {
        Some(CryptographicAlgorithm::CHACHA20_POLY1305) => {
            matches!(parameters.block_cipher_mode, None | Some(BlockCipherMode::AEAD))
        }
        None | Some(CryptographicAlgorithm::CHACHA20) => {
            parameters.block_cipher_mode == Some(BlockCipherMode::AEAD)
        }
        Some(_) => false,
    }
}
