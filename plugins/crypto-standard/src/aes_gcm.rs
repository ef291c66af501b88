//! AES-GCM (SP 800-38D): the mode of an AES key where nothing else is asked for. As a way to wrap keys it gives
//! nonce, ciphertext and tag in one string.

use aws_lc_rs::aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM};
use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
use claviger_plugin_sdk::kmip::tables::enumerations::{BlockCipherMode, CryptographicAlgorithm};
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::aead::{Aead, AeadCipher, AeadWrap, Variant};
use crate::nonce::NonceRule;
use crate::parameters::allow;

static MODE: Aead = Aead {
    name: "AES-GCM",
    variants: &[
        (16, Variant { fast: &AES_128_GCM, general: Some("AES-128-GCM") }),
        (24, Variant { fast: &AES_192_GCM, general: Some("AES-192-GCM") }),
        (32, Variant { fast: &AES_256_GCM, general: Some("AES-256-GCM") }),
    ],
    // OpenSSL takes no more than 128 bytes; the mode itself would.
    nonce: NonceRule {
        name: "AES-GCM",
        fits: |length| (1..=128).contains(&length),
        lengths: "1 to 128 bytes",
        made: 12,
    },
    // SP 800-38D section 5.2.1.2.
    tag_lengths: &[4, 8, 12, 13, 14, 15, 16],
};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-GCM",
    algorithm: CryptographicAlgorithm::AES,
    claims: |_, parameters| {
        named(parameters)
            || (parameters.block_cipher_mode.is_none() && allow(parameters, CryptographicAlgorithm::AES))
    },
    scheme: Scheme::Cipher(&AeadCipher(&MODE)),
};
register_scheme!(CIPHER);

const WRAP: SchemeEntry = SchemeEntry {
    name: "AES-GCM",
    algorithm: CryptographicAlgorithm::AES,
    claims: |_, parameters| named(parameters),
    scheme: Scheme::Wrap(&AeadWrap(&MODE)),
};
register_scheme!(WRAP);

fn named(parameters: &CryptographicParameters) -> bool {
    allow(parameters, CryptographicAlgorithm::AES)
        && matches!(parameters.block_cipher_mode, Some(BlockCipherMode::GCM | BlockCipherMode::AEAD))
}
