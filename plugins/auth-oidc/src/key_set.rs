//! The keys of an issuer (JSON Web Key Set, RFC 7517 section 5).

use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse, RSAKeyParameters,
};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

/// Keys that a set may have.
const KEYS: usize = 100;

/// Letters of base64url that the modulus of 2048 bits has: no shorter RSA key is taken (RFC 7518 section 3.3).
const RSA_MODULUS: usize = 342;

/// The keys of an issuer that verify signatures.
#[derive(Default)]
pub(crate) struct KeySet {
    keys: Vec<VerificationKey>,
    /// Keys of the set that are of no use here.
    left_out: usize,
}

struct VerificationKey {
    id: String,
    /// What it may verify: the key says that, not the token.
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

impl KeySet {
    /// Reads a set. Keys of other kinds, for other uses or without a name are left out.
    ///
    /// # Errors
    /// It is none, or too large.
    pub(crate) fn read(set: &Value) -> Result<Self, String> {
        let all = set.get("keys").and_then(Value::as_array).ok_or("it is no key set: it lacks `keys`")?;
        if all.len() > KEYS {
            return Err(format!("it has more than {KEYS} keys"));
        }
        let keys: Vec<VerificationKey> = all.iter().filter_map(VerificationKey::read).collect();
        Ok(Self { left_out: all.len() - keys.len(), keys })
    }

    /// The keys of this name for this algorithm. Names are not always unique.
    pub(crate) fn find(&self, id: &str, algorithm: Algorithm) -> impl Iterator<Item = &DecodingKey> {
        let fitting = self.keys.iter().filter(move |key| key.id == id && key.algorithms.contains(&algorithm));
        fitting.map(|key| &key.key)
    }

    /// How many keys there are, and how many of the set were left out.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.keys.len(), self.left_out)
    }

    /// Whether it has the keys that another has, by their names.
    pub(crate) fn names_the_same(&self, other: &Self) -> bool {
        self.keys.iter().map(|key| &key.id).eq(other.keys.iter().map(|key| &key.id))
    }
}

impl VerificationKey {
    fn read(value: &Value) -> Option<Self> {
        // A name that the library does not know makes it refuse the whole key.
        let jwk: Jwk = serde_json::from_value(value.clone()).ok()?;
        let common = &jwk.common;
        let verifies = common.key_operations.as_ref().is_none_or(|all| all.contains(&KeyOperations::Verify));
        let signs =
            common.public_key_use.as_ref().is_none_or(|intended| *intended == PublicKeyUse::Signature);
        let id = common.key_id.clone().filter(|id| !id.is_empty())?;
        let mut algorithms = algorithms(&jwk.algorithm);
        if let Some(only) = common.key_algorithm {
            let only = Algorithm::try_from(only).ok()?;
            algorithms.retain(|algorithm| *algorithm == only);
        }
        if !verifies || !signs || algorithms.is_empty() {
            return None;
        }
        Some(Self { id, algorithms, key: DecodingKey::from_jwk(&jwk).ok()? })
    }
}

/// What a key can verify. A secret is no key of an issuer, whatever it says.
fn algorithms(parameters: &AlgorithmParameters) -> Vec<Algorithm> {
    match parameters {
        AlgorithmParameters::RSA(RSAKeyParameters { n, .. }) if n.len() >= RSA_MODULUS => {
            vec![Algorithm::RS256, Algorithm::PS256]
        }
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => vec![Algorithm::ES256],
            EllipticCurve::P384 => vec![Algorithm::ES384],
            _ => Vec::new(),
        },
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            vec![Algorithm::EdDSA]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// RFC 7517 appendix A.1: the elliptic curve key is for encryption, the RSA key for RS256.
    fn published() -> Value {
        json!({"keys": [
            {"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
             "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM", "use": "enc", "kid": "1"},
            {"kty": "RSA", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
             "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"},
        ]})
    }

    fn has(keys: &KeySet, id: &str, algorithm: Algorithm) -> bool {
        keys.find(id, algorithm).next().is_some()
    }

    #[test]
    fn keys_for_signatures_are_taken_and_others_left_out() {
        let keys = KeySet::read(&published()).unwrap();
        assert_eq!(keys.counts(), (1, 1));
        assert!(!has(&keys, "1", Algorithm::ES256));
        assert!(has(&keys, "2011-04-29", Algorithm::RS256));
    }

    #[test]
    fn a_key_is_for_its_own_algorithm_alone() {
        let keys = KeySet::read(&published()).unwrap();
        for other in [Algorithm::PS256, Algorithm::ES256, Algorithm::HS256, Algorithm::EdDSA] {
            assert!(!has(&keys, "2011-04-29", other), "{other:?}");
        }
        let mut set = published();
        set["keys"][1].as_object_mut().unwrap().remove("alg");
        let keys = KeySet::read(&set).unwrap();
        assert!(has(&keys, "2011-04-29", Algorithm::RS256) && has(&keys, "2011-04-29", Algorithm::PS256));
        assert!(!has(&keys, "2011-04-29", Algorithm::HS256));
    }

    #[test]
    fn secrets_weak_nameless_and_unknown_keys_are_left_out() {
        let mut rsa = published()["keys"][1].clone();
        let mut set = vec![
            json!({"kty": "oct", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow", "kid": "a"}),
        ];
        set.push(json!({"kty": "oct", "alg": "HS256", "k": "AyM1", "kid": "b"}));
        set.push(json!({"kty": "XYZ", "kid": "c"}));
        set.push(json!("no key"));
        set.push(json!({"kty": "OKP", "crv": "X25519", "x": "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08", "kid": "d"}));
        for (name, value) in [
            ("alg", json!("RSA-OAEP")),
            ("alg", json!("ES256")),
            ("key_ops", json!(["sign"])),
            ("kid", json!("")),
            ("n", json!("AQAB")),
        ] {
            let mut key = rsa.clone();
            key[name] = value;
            set.push(key);
        }
        rsa.as_object_mut().unwrap().remove("kid");
        set.push(rsa);
        let count = set.len();
        assert_eq!(KeySet::read(&json!({"keys": set})).unwrap().counts(), (0, count));
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for wrong in
            [json!({}), json!([]), json!({"keys": {}}), json!(null), json!({"keys": vec![json!({}); 101]})]
        {
            assert!(KeySet::read(&wrong).is_err());
        }
    }
}
