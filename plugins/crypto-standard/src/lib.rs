//! The standard algorithms, as schemes: ciphers, key wrapping, MACs, and the generation of symmetric keys.
//!
//! The hot paths run on AWS-LC; OpenSSL does what AWS-LC lacks. One file holds one algorithm in one mode and
//! registers it; what modes have in common lies in the files that they name.

mod aead;
mod aes_cbc;
mod aes_ctr;
mod aes_ecb;
mod aes_gcm;
mod aes_gcm_siv;
mod aes_key_wrap;
mod aes_key_wrap_padding;
mod aes_xts;
mod block_mode;
mod chacha20;
mod chacha20_poly1305;
mod held_back;
mod hmac;
mod hmac_sha2;
mod hmac_sha3;
mod key_material;
mod key_wrap;
mod keyed_cipher;
mod keystream;
#[cfg(test)]
mod known_answers;
mod nonce;
mod padding;
mod parameters;
mod random_keys;
mod triple_des;

claviger_plugin_sdk::plugin! {
    summary: "AES, ChaCha20, Triple DES, key wrapping, HMAC and symmetric keys"
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::plugin::{EntryKind, linked};
    use claviger_plugin_sdk::scheme::SchemeEntry;
    use claviger_plugin_sdk::scheme_conformance;

    fn schemes() -> Vec<&'static SchemeEntry> {
        let scheme = |kind| if let EntryKind::Scheme(entry) = kind { Some(entry) } else { None };
        linked().into_iter().filter_map(|entry| scheme(entry.kind)).collect()
    }

    scheme_conformance!(claims of_this_crate: super::schemes());

    #[test]
    fn every_scheme_of_this_crate_is_registered() {
        assert_eq!(schemes().len(), 45);
    }
}
