//! The operator's choice of algorithms: a preset, and lists that take the place of the preset's.

use claviger_engine::registry::Registry;
use claviger_engine::{AlgorithmPolicy, PolicyTexts};
use claviger_kmip::Tag;
use claviger_kmip::vocabulary::Vocabulary;
use claviger_plugin_sdk::settings::Settings;

use crate::failure::Failure;

/// The presets that `--policy-preset` takes.
pub(crate) const PRESETS: &[&str] = &["default", "fips"];

/// Everything that the plugins can do.
const DEFAULT: PolicyTexts<'static> = PolicyTexts {
    algorithms: None,
    curves: None,
    modes: None,
    paddings: None,
    hashes: None,
    signatures: None,
    refused_algorithms: None,
    signing_hashes: None,
    encrypting_paddings: None,
};

/// What FIPS 140-3 approves (SP 800-131A revision 2, SP 800-140C and D, FIPS 203 and 204).
///
/// Two things serve what exists and protect nothing new (SP 800-131A sections 3 and 6): signatures over SHA-1 are verified
/// and not made, and what RSA has encrypted by PKCS #1 v1.5 is decrypted, where nothing is encrypted so any more. Triple
/// DES, whose legacy use is decryption alone, is left out altogether, and so are RSA keys under 2048 bits, even for
/// verification. EdDSA is left out although FIPS 186-5 approves it: KMIP has one name for its curves and for those of
/// X25519 and X448, which are not approved.
///
/// It limits algorithms, lengths, curves, modes, paddings and hash functions. It does not limit what KMIP has no such name
/// for: methods that derive and split keys, and how certificates that come from outside were signed. And it says
/// nothing of the libraries: they are validated or not whatever the policy is.
const FIPS: PolicyTexts<'static> = PolicyTexts {
    algorithms: Some(
        "AES:128:192:256:512, RSA:2048-16384, EC, ECDSA, ECDH, \
         HMAC_SHA1:112-65536, HMAC_SHA224:112-65536, HMAC_SHA256:112-65536, HMAC_SHA384:112-65536, \
         HMAC_SHA512:112-65536, HMAC_SHA3_224:112-65536, HMAC_SHA3_256:112-65536, HMAC_SHA3_384:112-65536, \
         HMAC_SHA3_512:112-65536, ML_KEM_512, ML_KEM_768, ML_KEM_1024, ML_DSA_44, ML_DSA_65, ML_DSA_87",
    ),
    curves: Some("P_224, P_256, P_384, P_521"),
    modes: Some("CBC, ECB, CFB, OFB, CTR, CMAC, CCM, GCM, XTS, AESKeyWrapPadding, NISTKeyWrap"),
    paddings: Some("None, OAEP, PKCS5, PKCS1V1_5, PSS, X9_31"),
    hashes: Some(
        "SHA_1, SHA_224, SHA_256, SHA_384, SHA_512, SHA_512_224, SHA_512_256, SHA3_224, SHA3_256, SHA3_384, SHA3_512",
    ),
    signatures: None,
    refused_algorithms: None,
    signing_hashes: Some(
        "SHA_224, SHA_256, SHA_384, SHA_512, SHA_512_224, SHA_512_256, SHA3_224, SHA3_256, SHA3_384, SHA3_512",
    ),
    encrypting_paddings: Some("None, OAEP, PKCS5"),
};

/// The policy of the settings.
///
/// # Errors
/// A list names something that no plugin of this build knows.
pub(crate) fn of(settings: &Settings, registry: &Registry) -> Result<AlgorithmPolicy, Failure> {
    let preset = if settings.text("policy-preset") == Some("fips") { FIPS } else { DEFAULT };
    let algorithms = preset.algorithms.map(|list| known_algorithms(registry.vocabulary(), list));
    let texts = PolicyTexts {
        algorithms: settings.text("policy-algorithms").or(algorithms.as_deref()),
        curves: settings.text("policy-curves").or(preset.curves),
        modes: settings.text("policy-modes").or(preset.modes),
        paddings: settings.text("policy-paddings").or(preset.paddings),
        hashes: settings.text("policy-hashes").or(preset.hashes),
        signatures: settings.text("policy-signatures").or(preset.signatures),
        refused_algorithms: settings.text("policy-refused-algorithms").or(preset.refused_algorithms),
        signing_hashes: settings.text("policy-signing-hashes").or(preset.signing_hashes),
        encrypting_paddings: settings.text("policy-encrypting-paddings").or(preset.encrypting_paddings),
    };
    AlgorithmPolicy::parse(registry.vocabulary(), texts)
        .map_err(|why| Failure::usage(format!("the algorithm policy: {why}")))
}

/// The items of a list of algorithms that this build has names for: those of plugins that are left out are not missed.
fn known_algorithms(vocabulary: &Vocabulary, list: &str) -> String {
    let is_known = |item: &&str| {
        let name = item.split(':').next().unwrap_or_default().trim();
        vocabulary.enumeration_value(Tag::CRYPTOGRAPHIC_ALGORITHM, name).is_some()
    };
    list.split(',').filter(is_known).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use claviger_engine::registry::RegistryOptions;
    use claviger_kmip::tables::enumerations::CryptographicAlgorithm;

    use super::*;

    #[test]
    fn every_name_of_the_fips_preset_is_known_where_all_plugins_are_linked() {
        let registry = Registry::from_linked(&RegistryOptions::default()).unwrap();
        AlgorithmPolicy::parse(registry.vocabulary(), FIPS).unwrap();
    }

    #[test]
    fn names_of_plugins_that_are_left_out_are_passed_over() {
        let known = known_algorithms(Vocabulary::standard(), "AES:128, ML_KEM_768, RSA:2048-8192");
        let texts = PolicyTexts { algorithms: Some(&known), ..DEFAULT };
        let policy = AlgorithmPolicy::parse(Vocabulary::standard(), texts).unwrap();
        let algorithms: Vec<_> = policy.algorithms.unwrap().iter().map(|rule| rule.algorithm).collect();
        assert_eq!(algorithms, [CryptographicAlgorithm::AES, CryptographicAlgorithm::RSA]);
    }
}
