//! The signature algorithms that the configuration allows (RFC 7518 section 3.1, RFC 8037 section 3.1).

use claviger_plugin_sdk::{Error, Result};
use jsonwebtoken::Algorithm;

/// All that there are, and what is allowed where nothing else is configured. None of them has a secret that issuer and
/// server share, so a public key is never taken for one.
const KNOWN: [(&str, Algorithm); 5] = [
    ("RS256", Algorithm::RS256),
    ("PS256", Algorithm::PS256),
    ("ES256", Algorithm::ES256),
    ("ES384", Algorithm::ES384),
    ("EdDSA", Algorithm::EdDSA),
];

/// The names of all, as the default of the setting.
pub(crate) const ALL: &str = "RS256,PS256,ES256,ES384,EdDSA";

/// Which algorithms tokens may be signed with. A token chooses among them, and only one that its key is for.
pub(crate) struct Algorithms(Vec<Algorithm>);

impl Algorithms {
    /// Reads names that are separated by commas.
    ///
    /// # Errors
    /// Invalid Field: a name is unknown, or there is none.
    pub(crate) fn read(flag: &str, names: &str) -> Result<Self> {
        let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
        let allowed: Vec<Algorithm> = names
            .map(|name| {
                let known = KNOWN.iter().find(|(known, _)| *known == name);
                let known = known.map(|(_, algorithm)| *algorithm);
                known.ok_or_else(|| Error::invalid(format!("--{flag}: `{name}` is none of {ALL}")))
            })
            .collect::<Result<_>>()?;
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
            false => Err(format!("it is signed by {algorithm:?}, which --jwt-algorithms does not allow")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_is_not_allowed() {
        let allowed = Algorithms::read("jwt-algorithms", "ES256, EdDSA").unwrap();
        assert!(allowed.check(Algorithm::ES256).is_ok() && allowed.check(Algorithm::EdDSA).is_ok());
        for other in
            [Algorithm::RS256, Algorithm::PS256, Algorithm::ES384, Algorithm::HS256, Algorithm::RS512]
        {
            assert!(allowed.check(other).is_err(), "{other:?}");
        }
    }

    #[test]
    fn there_is_no_way_to_allow_shared_secrets_or_no_signature() {
        for name in ["HS256", "HS512", "none", "rs256", ""] {
            assert!(Algorithms::read("jwt-algorithms", name).is_err(), "{name}");
        }
        assert_eq!(Algorithms::read("jwt-algorithms", ALL).unwrap().0.len(), KNOWN.len());
    }
}
