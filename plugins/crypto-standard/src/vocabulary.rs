//! Names that KMIP 2.1 does not have: post-quantum algorithms, the suites of HPKE, another form of ECDSA signatures,
//! SHAKE as a hash, Argon2id as a way to derive, PKCS #8 under a password as a format of its own.

use std::borrow::Cow;

use claviger_plugin_sdk::kmip::vocabulary::Extension;

use crate::{derive, ec, pkcs8_encrypted, post_quantum, shake};

/// The vendor values of this crate.
pub(crate) const EXTENSIONS: &[Extension] = &[
    value("CryptographicAlgorithm", post_quantum::ML_KEM_512.0, "ML_KEM_512"),
    value("CryptographicAlgorithm", post_quantum::ML_KEM_768.0, "ML_KEM_768"),
    value("CryptographicAlgorithm", post_quantum::ML_KEM_1024.0, "ML_KEM_1024"),
    value("CryptographicAlgorithm", post_quantum::ML_DSA_44.0, "ML_DSA_44"),
    value("CryptographicAlgorithm", post_quantum::ML_DSA_65.0, "ML_DSA_65"),
    value("CryptographicAlgorithm", post_quantum::ML_DSA_87.0, "ML_DSA_87"),
    value("CryptographicAlgorithm", post_quantum::X25519_ML_KEM_768.0, "X25519MLKEM768"),
    value("RecommendedCurve", ec::CURVE_ED25519.0, "CURVEED25519"),
    value("RecommendedCurve", ec::CURVE_ED448.0, "CURVEED448"),
    value("BlockCipherMode", ec::HPKE_AES_128_GCM.0, "HPKE_AES_128_GCM"),
    value("BlockCipherMode", ec::HPKE_AES_256_GCM.0, "HPKE_AES_256_GCM"),
    value("BlockCipherMode", ec::HPKE_CHACHA20_POLY1305.0, "HPKE_ChaCha20Poly1305"),
    value("DerivationMethod", derive::ARGON2ID.0, "Argon2id"),
    value("HashingAlgorithm", shake::SHAKE_128_HASH.0, "SHAKE_128"),
    value("HashingAlgorithm", shake::SHAKE_256_HASH.0, "SHAKE_256"),
    value("KeyFormatType", pkcs8_encrypted::PKCS_8_ENCRYPTED.0, "PKCS_8Encrypted"),
    value("PaddingMethod", ec::P1363.0, "IEEE_P1363"),
];

const fn value(of: &'static str, code: u32, name: &'static str) -> Extension {
    Extension::Value { of: Cow::Borrowed(of), code, name: Cow::Borrowed(name) }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::Tag;
    use claviger_plugin_sdk::kmip::vocabulary::Vocabulary;

    use super::*;

    #[test]
    fn no_name_clashes_with_the_standard() {
        let vocabulary = Vocabulary::standard().extended(EXTENSIONS).unwrap();
        let mode = vocabulary.enumeration_value(Tag::BLOCK_CIPHER_MODE, "HPKE-AES-128-GCM");
        assert_eq!(mode, Some(0x9180_0001));
        let hash = vocabulary.enumeration_value(Tag::HASHING_ALGORITHM, "SHAKE-256");
        assert_eq!(hash, Some(0x8C1A_0002));
        let value = |name| vocabulary.enumeration_value(Tag::CRYPTOGRAPHIC_ALGORITHM, name);
        assert_eq!(value("ML-KEM-768"), Some(0x8000_003A));
        assert_eq!(value("X25519MLKEM768"), Some(0x8000_11EC));
    }
}
