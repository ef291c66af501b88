//! The standard algorithms, as schemes: ciphers, key wrapping, MACs, hashes, and the making, deriving, splitting
//! and encodings of keys.
//!
//! The hot paths run on AWS-LC; OpenSSL does what AWS-LC lacks. One file holds one algorithm in one mode and
//! registers it; what modes have in common lies in the files that they name.

mod aead;
mod aes_cbc;
mod aes_ccm;
mod aes_cfb;
mod aes_cmac;
mod aes_ctr;
mod aes_ecb;
mod aes_gcm;
mod aes_gcm_siv;
mod aes_gmac;
mod aes_key_wrap;
mod aes_key_wrap_padding;
mod aes_ofb;
mod aes_xts;
mod authentication_tag;
mod block_mode;
mod chacha20;
mod chacha20_poly1305;
mod cmac;
mod derive;
mod digest;
mod digest_signatures;
mod ec;
mod encoding;
mod finite_field;
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
mod password_encryption;
mod pkcs12;
mod pkcs7;
mod pkcs8_encrypted;
mod post_quantum;
mod public_key_cipher;
mod random_keys;
mod rsa;
mod sha1;
mod sha2;
mod sha3;
mod shake;
mod signature_hash;
mod split;
mod triple_des;
mod triple_des_cmac;
mod vocabulary;
mod x509;

claviger_plugin_sdk::plugin! {
    summary: "AES, ChaCha20, Triple DES, RSA, DSA, elliptic curves, ML-KEM, ML-DSA, key wrapping, MACs, hashes, derivation, splitting, X.509 certificates",
    vocabulary: vocabulary::EXTENSIONS,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use claviger_plugin_sdk::plugin::{EntryKind, linked};
    use claviger_plugin_sdk::scheme::SchemeEntry;
    use claviger_plugin_sdk::scheme_conformance;

    fn schemes() -> Vec<&'static SchemeEntry> {
        let scheme = |kind| if let EntryKind::Scheme(entry) = kind { Some(entry) } else { None };
        linked().into_iter().filter_map(|entry| scheme(entry.kind)).collect()
    }

    scheme_conformance!(claims of_this_crate: super::schemes());

    /// Finds a file without a `mod` line, too. What a macro makes is not read here; the compiler tells of an entry that
    /// nothing uses.
    #[test]
    fn every_scheme_of_this_crate_is_registered() {
        let mut named: BTreeMap<String, usize> = BTreeMap::new();
        for name in sources().iter().flat_map(|source| names_of_entries(source)) {
            *named.entry(name).or_default() += 1;
        }
        assert!(!named.is_empty());
        for (name, count) in named {
            let registered = schemes().iter().filter(|entry| entry.name == name).count();
            assert!(registered >= count, "{count} schemes are called {name}; {registered} are registered");
        }
    }

    /// The names of the constants of that type, which begin with it.
    fn names_of_entries(source: &str) -> Vec<String> {
        let entries = source.split("SchemeEntry = SchemeEntry {").skip(1);
        entries
            .filter_map(|entry| entry.trim_start().strip_prefix("name: \"")?.split('"').next())
            .map(str::to_owned)
            .collect()
    }

    fn sources() -> Vec<String> {
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        let mut sources = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    sources.push(std::fs::read_to_string(path).unwrap());
                }
            }
        }
        sources
    }
}
