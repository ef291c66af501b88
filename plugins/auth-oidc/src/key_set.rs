//! The keys of an issuer (JSON Web Key Set, RFC 7517 section 5).

use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::Value;

use crate::algorithms::{Algorithm, PublicKey};

/// Keys that a set may have.
const KEYS: usize = 100;

/// Bytes of the modulus of 2048 bits: no shorter RSA key is taken (RFC 7518 section 3.3).
const RSA_MODULUS: usize = 256;

/// The keys of an issuer that verify signatures.
#[derive(Default)]
pub(crate) struct KeySet {
    keys: Vec<VerificationKey>,
    /// Keys of the set that are of no use here.
    left_out: usize,
}

/// A key for an algorithm: the key says for which, not the token.
struct VerificationKey {
    id: String,
    algorithm: Algorithm,
    key: ParsedPublicKey,
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
        let mut keys = Self::default();
        for key in all {
            let read = VerificationKey::read(key);
            keys.left_out += usize::from(read.is_empty());
            keys.keys.extend(read);
        }
        Ok(keys)
    }

    /// The keys of this name for this algorithm. Names are not always unique.
    pub(crate) fn find(&self, id: &str, algorithm: Algorithm) -> impl Iterator<Item = &ParsedPublicKey> {
        let fitting = self.keys.iter().filter(move |key| key.id == id && key.algorithm == algorithm);
        fitting.map(|key| &key.key)
    }

    /// Whether there is no key.
    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many keys of the set were left out.
    pub(crate) fn left_out(&self) -> usize {
        self.left_out
    }

    /// The names of the keys, in the order of the set.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.keys.iter().map(|key| key.id.as_str()).collect();
        names.dedup();
        names
    }
}

impl VerificationKey {
    /// One for each algorithm that the key is for.
    fn read(jwk: &Value) -> Vec<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let Some(id) = text("kid").filter(|id| !id.is_empty()) else { return Vec::new() };
        let (material, verifies) = (public_key(jwk), is_for_verification(jwk));
        let Some(material) = material.filter(|_| verifies) else { return Vec::new() };
        let only = jwk.get("alg").map(|alg| alg.as_str().and_then(Algorithm::named));
        let fitting = material
            .algorithms()
            .iter()
            .filter(|algorithm| only.is_none_or(|only| only == Some(**algorithm)));
        let with = |algorithm: &Algorithm| {
            Some(Self { id: id.to_owned(), algorithm: *algorithm, key: algorithm.key(&material)? })
        };
        fitting.filter_map(with).collect()
    }
}

/// That nothing says the key is for something else (RFC 7517 sections 4.2 and 4.3).
fn is_for_verification(jwk: &Value) -> bool {
    let operations =
        jwk.get("key_ops").map(|all| all.as_array().is_some_and(|all| all.contains(&"verify".into())));
    jwk.get("use").is_none_or(|intended| intended == "sig") && operations != Some(false)
}

/// The public key (RFC 7518 section 6, RFC 8037 section 2); `None` if it is of a kind that verifies nothing here. A secret
/// is no key of an issuer, whatever it says.
fn public_key(jwk: &Value) -> Option<PublicKey> {
    let bytes = |name: &str| Base64UrlUnpadded::decode_vec(jwk.get(name)?.as_str()?).ok();
    let curve = jwk.get("crv").and_then(Value::as_str);
    match (jwk.get("kty")?.as_str()?, curve) {
        ("RSA", _) => {
            let (n, e) = (bytes("n")?, bytes("e")?);
            (n.len() >= RSA_MODULUS).then_some(PublicKey::Rsa(RsaPublicKeyComponents { n, e }))
        }
        ("EC", Some("P-256")) => Some(PublicKey::P256(point(&bytes("x")?, &bytes("y")?, 32)?)),
        ("EC", Some("P-384")) => Some(PublicKey::P384(point(&bytes("x")?, &bytes("y")?, 48)?)),
        ("OKP", Some("Ed25519")) => bytes("x").map(PublicKey::Ed25519),
        _ => None,
    }
}

/// An uncompressed point. Coordinates have the full length, with zeros in front (RFC 7518 section 6.2.1.2).
fn point(x: &[u8], y: &[u8], length: usize) -> Option<Vec<u8>> {
    (x.len() == length && y.len() == length).then(|| [&[4], x, y].concat())
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
        assert_eq!((keys.names(), keys.left_out()), (vec!["2011-04-29"], 1));
        assert!(!has(&keys, "1", Algorithm::Es256));
        assert!(has(&keys, "2011-04-29", Algorithm::Rs256));
    }

    #[test]
    fn a_key_is_for_its_own_algorithm_alone() {
        let keys = KeySet::read(&published()).unwrap();
        for other in [Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa] {
            assert!(!has(&keys, "2011-04-29", other), "{other:?}");
        }
        let mut set = published();
        set["keys"][1].as_object_mut().unwrap().remove("alg");
        let keys = KeySet::read(&set).unwrap();
        assert!(has(&keys, "2011-04-29", Algorithm::Rs256) && has(&keys, "2011-04-29", Algorithm::Ps256));
        assert_eq!(keys.names(), ["2011-04-29"]);
    }

    #[test]
    fn secrets_weak_nameless_and_unknown_keys_are_left_out() {
        let mut rsa = published()["keys"][1].clone();
        let mut ec = published()["keys"][0].clone();
        ec["use"] = json!("sig");
        assert!(has(&KeySet::read(&json!({"keys": [ec]})).unwrap(), "1", Algorithm::Es256));
        let mut set = vec![
            json!({"kty": "oct", "alg": "HS256", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow", "kid": "a"}),
        ];
        set.push(json!({"kty": "XYZ", "kid": "c"}));
        set.push(json!("no key"));
        // RFC 8037 appendix A.6.
        set.push(json!({"kty": "OKP", "crv": "X25519", "x": "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08", "kid": "d"}));
        for (name, value) in [
            ("alg", json!("RSA-OAEP")),
            ("alg", json!("ES256")),
            ("alg", json!(1)),
            ("key_ops", json!(["sign"])),
            ("kid", json!("")),
            ("n", json!("AQAB")),
            ("use", json!("enc")),
        ] {
            let mut key = rsa.clone();
            key[name] = value;
            set.push(key);
        }
        // Not on the curve, and not of its length.
        for (name, value) in [("x", ec["y"].clone()), ("x", json!("AQAB"))] {
            let mut key = ec.clone();
            key[name] = value;
            set.push(key);
        }
        rsa.as_object_mut().unwrap().remove("kid");
        set.push(rsa);
        let count = set.len();
        let keys = KeySet::read(&json!({"keys": set})).unwrap();
        assert_eq!((keys.names(), keys.left_out()), (vec![], count));
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for wrong in
            [json!({}), json!([]), json!({"keys": {}}), json!(null), json!({"keys": vec![json!({}); 101]})]
        {
            assert!(KeySet::read(&wrong).is_err());
        }
    }

    #[test]
    fn published_signatures_verify_and_altered_ones_do_not() {
        // RFC 7515 appendices A.2 and A.3, RFC 8037 appendix A.4.
        let rsa = json!({"kty": "RSA", "kid": "k", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"});
        let ec = json!({"kty": "EC", "crv": "P-256", "kid": "k", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
        let okp = json!({"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        for (algorithm, key, token) in [
            (
                Algorithm::Rs256,
                rsa,
                "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
            ),
            (
                Algorithm::Es256,
                ec,
                "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
            ),
            (
                Algorithm::EdDsa,
                okp,
                "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
            ),
        ] {
            let keys = KeySet::read(&json!({"keys": [key]})).unwrap();
            let key = keys.find("k", algorithm).next().unwrap();
            let (signed, signature) = token.rsplit_once('.').unwrap();
            let signature = Base64UrlUnpadded::decode_vec(signature).unwrap();
            assert!(key.verify_sig(signed.as_bytes(), &signature).is_ok(), "{algorithm:?}");
            let altered = signed.replacen('.', ".A", 1);
            assert!(key.verify_sig(altered.as_bytes(), &signature).is_err(), "{algorithm:?}");
        }
    }
}
