//! Keys of issuers, and the tokens that they sign, by OpenSSL.

use openssl::base64::encode_block;
use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::ec::{EcGroup, EcKey};
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::{Padding, Rsa};
use openssl::sign::{RsaPssSaltlen, Signer};
use serde_json::{Value, json};

/// A key with its name.
pub(crate) struct Key {
    pub(crate) algorithm: &'static str,
    id: String,
    key: PKey<Private>,
}

impl Key {
    pub(crate) fn rsa(id: &str, algorithm: &'static str) -> Self {
        Self { algorithm, id: id.to_owned(), key: PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap() }
    }

    pub(crate) fn p256(id: &str) -> Self {
        Self::on_curve(id, "ES256", Nid::X9_62_PRIME256V1)
    }

    pub(crate) fn p384(id: &str) -> Self {
        Self::on_curve(id, "ES384", Nid::SECP384R1)
    }

    pub(crate) fn ed25519(id: &str) -> Self {
        Self { algorithm: "EdDSA", id: id.to_owned(), key: PKey::generate_ed25519().unwrap() }
    }

    fn on_curve(id: &str, algorithm: &'static str, curve: Nid) -> Self {
        let group = EcGroup::from_curve_name(curve).unwrap();
        let key = EcKey::generate(&group).unwrap();
        Self { algorithm, id: id.to_owned(), key: PKey::from_ec_key(key).unwrap() }
    }

    /// The public key, as an issuer publishes it.
    pub(crate) fn jwk(&self) -> Value {
        let mut jwk = match self.algorithm {
            "RS256" | "PS256" => {
                let rsa = self.key.rsa().unwrap();
                json!({"kty": "RSA", "n": base64url(&rsa.n().to_vec()), "e": base64url(&rsa.e().to_vec())})
            }
            "EdDSA" => {
                json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(&self.key.raw_public_key().unwrap())})
            }
            _ => {
                let key = self.key.ec_key().unwrap();
                let (mut x, mut y) = (BigNum::new().unwrap(), BigNum::new().unwrap());
                let mut context = BigNumContext::new().unwrap();
                key.public_key().affine_coordinates(key.group(), &mut x, &mut y, &mut context).unwrap();
                let text = |number: &BigNumRef| base64url(&number.to_vec_padded(self.coordinate()).unwrap());
                let curve = if self.algorithm == "ES256" { "P-256" } else { "P-384" };
                json!({"kty": "EC", "crv": curve, "x": text(&x), "y": text(&y)})
            }
        };
        jwk["kid"] = json!(self.id);
        jwk["use"] = json!("sig");
        jwk
    }

    /// A token with a usual header.
    pub(crate) fn token(&self, claims: &Value) -> String {
        self.token_with(&json!({"alg": self.algorithm, "typ": "JWT", "kid": self.id}), claims)
    }

    /// A token with this header.
    pub(crate) fn token_with(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| base64url(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(header), part(claims));
        let signature = self.sign(signed.as_bytes());
        format!("{signed}.{}", base64url(&signature))
    }

    /// A MAC with the public key in PEM as its key, which is no secret.
    pub(crate) fn hmac_by_public_key(&self, signed: &str) -> Vec<u8> {
        let key = PKey::hmac(&self.key.public_key_to_pem().unwrap()).unwrap();
        Signer::new(MessageDigest::sha256(), &key).unwrap().sign_oneshot_to_vec(signed.as_bytes()).unwrap()
    }

    fn sign(&self, data: &[u8]) -> Vec<u8> {
        if self.algorithm == "EdDSA" {
            return Signer::new_without_digest(&self.key).unwrap().sign_oneshot_to_vec(data).unwrap();
        }
        let digest =
            if self.algorithm == "ES384" { MessageDigest::sha384() } else { MessageDigest::sha256() };
        let mut signer = Signer::new(digest, &self.key).unwrap();
        if self.algorithm == "PS256" {
            signer.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
            signer.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH).unwrap();
        }
        let signature = signer.sign_oneshot_to_vec(data).unwrap();
        if !self.algorithm.starts_with("ES") {
            return signature;
        }
        // RFC 7518 section 3.4: r and s as octets of the length of the order.
        let signature = EcdsaSig::from_der(&signature).unwrap();
        let number = |number: &BigNumRef| number.to_vec_padded(self.coordinate()).unwrap();
        [number(signature.r()), number(signature.s())].concat()
    }

    fn coordinate(&self) -> i32 {
        if self.algorithm == "ES384" { 48 } else { 32 }
    }
}

/// RFC 7515 section 2: base64url without padding.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    encode_block(bytes).replace('\n', "").replace('+', "-").replace('/', "_").replace('=', "")
}
