//! The signature algorithms that the configuration allows.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RsaPublicKeyComponents,
};
use claviger_plugin_sdk::{Error, Result};

/// An algorithm that signs tokens. There is none with a secret that issuer and server share, so a public key is never
/// taken for one, and none that does not sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 section 3.3).
    Rs256,
    /// RSASSA-PSS with SHA-256 (section 3.5).
    Ps256,
    /// ECDSA on P-256 with SHA-256 (section 3.4).
    Es256,
    /// ECDSA on P-384 with SHA-384 (section 3.4).
    Es384,
    /// Ed25519 (RFC 8037 section 3.1).
    EdDsa,
}

/// The names of all, as the default of the setting.
pub(crate) const ALL: &str = "RS256,PS256,ES256,ES384,EdDSA";

impl Algorithm {
    /// By its name in headers and keys.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "PS256" => Some(Self::Ps256),
            "ES256" => Some(Self::Es256),
            "ES384" => Some(Self::Es384),
            "EdDSA" => Some(Self::EdDsa),
            _ => None,
        }
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    /// A public key that verifies by it; `None` if there is no such key.
    pub(crate) fn key(self, material: &PublicKey) -> Option<ParsedPublicKey> {
        match (self, material) {
            (Self::Rs256, PublicKey::Rsa(key)) => key.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).ok(),
            (Self::Ps256, PublicKey::Rsa(key)) => key.to_parsed_public_key(&RSA_PSS_2048_8192_SHA256).ok(),
            (Self::Es256, PublicKey::P256(point)) => {
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()
            }
            (Self::Es384, PublicKey::P384(point)) => {
                ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point).ok()
            }
            (Self::EdDsa, PublicKey::Ed25519(key)) => ParsedPublicKey::new(&ED25519, key).ok(),
            _ => None,
        }
    }
}

/// What a public key consists of.
pub(crate) enum PublicKey {
    /// Modulus and exponent.
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
    /// An uncompressed point.
    P256(Vec<u8>),
    /// An uncompressed point.
    P384(Vec<u8>),
    /// The 32 bytes of RFC 8032.
    Ed25519(Vec<u8>),
}

impl PublicKey {
    /// The algorithms that a key of its kind may be for.
    pub(crate) fn algorithms(&self) -> &'static [Algorithm] {
        match self {
            Self::Rsa(_) => &[Algorithm::Rs256, Algorithm::Ps256],
            Self::P256(_) => &[Algorithm::Es256],
            Self::P384(_) => &[Algorithm::Es384],
            Self::Ed25519(_) => &[Algorithm::EdDsa],
        }
    }
}

/// Which algorithms tokens may be signed with. A token chooses among them, and only one that its key is for.
pub(crate) struct Algorithms(Vec<Algorithm>);

impl Algorithms {
    /// Reads names that are separated by commas.
    ///
    /// # Errors
    /// Invalid Field: a name is unknown, or there is none.
    pub(crate) fn read(flag: &str, names: &str) -> Result<Self> {
        let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
        let known = |name: &str| {
            let known = Algorithm::named(name);
            known.ok_or_else(|| Error::invalid(format!("--{flag}: `{name}` is none of {ALL}")))
        };
        let allowed: Vec<Algorithm> = names.map(known).collect::<Result<_>>()?;
        match allowed.is_empty() {
            true => Err(Error::invalid(format!("--{flag} takes at least one of {ALL}"))),
            false => Ok(Self(allowed)),
        }
    }

    /// # Errors
    /// The algorithm is not allowed.
    pub(crate) fn check(&self, algorithm: Algorithm) -> Result<(), String> {
        match self.0.contains(&algorithm) {
            true => Ok(()),
            false => {
                Err(format!("it is signed by {}, which --jwt-algorithms does not allow", algorithm.name()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_not_allowed() {
        let allowed = Algorithms::read("jwt-algorithms", "ES256, EdDSA").unwrap();
        assert!(allowed.check(Algorithm::Es256).is_ok() && allowed.check(Algorithm::EdDsa).is_ok());
        for other in [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es384] {
            assert!(allowed.check(other).is_err(), "{other:?}");
        }
    }

    #[test]
    fn there_is_no_way_to_allow_shared_secrets_or_no_signature() {
        for name in ["HS256", "HS512", "none", "rs256", ""] {
            assert!(Algorithms::read("jwt-algorithms", name).is_err(), "{name}");
        }
        let all = Algorithms::read("jwt-algorithms", ALL).unwrap().0;
        assert_eq!(all.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(","), ALL);
    }
}
