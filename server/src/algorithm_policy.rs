//! The operator's choice of algorithms: a preset, and lists that take the place of the preset's.

use claviger_engine::registry::Registry;
use claviger_engine::{AlgorithmPolicy, PolicyTexts};
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
};

/// What FIPS 140-3 approves for new protection (SP 800-131A revision 2, SP 800-140C and D). It says nothing of the
/// libraries: they are validated or not whatever the policy is.
const FIPS: PolicyTexts<'static> = PolicyTexts {
    algorithms: Some(
        "AES:128:192:256:512, RSA:2048-16384, EC, ECDSA, ECDH, Ed25519, Ed448, \
         HMAC_SHA1:112-65536, HMAC_SHA224:112-65536, HMAC_SHA256:112-65536, HMAC_SHA384:112-65536, \
         HMAC_SHA512:112-65536, HMAC_SHA3_224:112-65536, HMAC_SHA3_256:112-65536, HMAC_SHA3_384:112-65536, \
         HMAC_SHA3_512:112-65536",
    ),
    curves: Some("P_224, P_256, P_384, P_521, CURVE25519, CURVE448"),
    modes: Some("CBC, ECB, CFB, OFB, CTR, CMAC, CCM, GCM, XTS, AESKeyWrapPadding, NISTKeyWrap"),
    paddings: Some("None, OAEP, PKCS5, PKCS1V1_5, PSS, X9_31"),
    hashes: Some(
        "SHA_1, SHA_224, SHA_256, SHA_384, SHA_512, SHA_512_224, SHA_512_256, SHA3_224, SHA3_256, SHA3_384, SHA3_512",
    ),
    signatures: None,
};

/// The policy of the settings.
///
/// # Errors
/// A list names something that no plugin of this build knows.
pub(crate) fn of(settings: &Settings, registry: &Registry) -> Result<AlgorithmPolicy, Failure> {
    let preset = if settings.text("policy-preset") == Some("fips") { FIPS } else { DEFAULT };
    let texts = PolicyTexts {
        algorithms: settings.text("policy-algorithms").or(preset.algorithms),
        curves: settings.text("policy-curves").or(preset.curves),
        modes: settings.text("policy-modes").or(preset.modes),
        paddings: settings.text("policy-paddings").or(preset.paddings),
        hashes: settings.text("policy-hashes").or(preset.hashes),
        signatures: settings.text("policy-signatures").or(preset.signatures),
    };
    AlgorithmPolicy::parse(registry.vocabulary(), texts)
        .map_err(|why| Failure::usage(format!("the algorithm policy: {why}")))
}

#[cfg(test)]
mod tests {
    use claviger_kmip::vocabulary::Vocabulary;

    use super::*;

    #[test]
    fn every_name_of_the_presets_is_known() {
        for texts in [DEFAULT, FIPS] {
            AlgorithmPolicy::parse(Vocabulary::standard(), texts).unwrap();
        }
    }
}
