//! AES-GCM-SIV, RFC 8452: a nonce that repeats by mistake tells no more than whether the data was the same.

use aws_lc_rs::aead::{AES_128_GCM_SIV, AES_256_GCM_SIV};
use claviger_plugin_sdk::kmip::tables::enumerations::CryptographicAlgorithm;
use claviger_plugin_sdk::register_scheme;
use claviger_plugin_sdk::scheme::{Scheme, SchemeEntry};

use crate::aead::{Aead, AeadCipher, Variant};
use crate::nonce::NonceRule;
use crate::parameters::{VENDOR_GCM_SIV, allow};

// No `general`: the mode reads all data twice, so it cannot work in parts, and it has one length of nonce and tag.
static MODE: Aead = Aead {
    name: "AES-GCM-SIV",
    variants: &[
        (16, Variant { fast: &AES_128_GCM_SIV, general: None }),
        (32, Variant { fast: &AES_256_GCM_SIV, general: None }),
    ],
    nonce: NonceRule { name: "AES-GCM-SIV", fits: |length| length == 12, lengths: "12 bytes", made: 12 },
    tag_lengths: &[16],
};

const CIPHER: SchemeEntry = SchemeEntry {
    name: "AES-GCM-SIV",
    algorithm: CryptographicAlgorithm::AES,
    claims: |_, parameters| {
        allow(parameters, CryptographicAlgorithm::AES) && parameters.block_cipher_mode == Some(VENDOR_GCM_SIV)
    },
    scheme: Scheme::Cipher(&AeadCipher(&MODE)),
};
register_scheme!(CIPHER);
