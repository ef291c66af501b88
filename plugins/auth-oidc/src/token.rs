//! A token before its signature is verified.

use aws_lc_rs::signature::ParsedPublicKey;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde_json::{Map, Value};

use crate::algorithms::Algorithm;

/// Bytes that a token may have.
const LENGTH: usize = 16 << 10;

/// A JWS in compact form (RFC 7515 section 7.1) whose payload is an object of JSON. Nothing of it is proven until
/// [`Token::is_signed_by`] says so.
#[derive(Debug)]
pub(crate) struct Token<'t> {
    /// What is signed.
    signed: &'t str,
    signature: Vec<u8>,
    algorithm: Algorithm,
    key: String,
    claims: Map<String, Value>,
}

impl<'t> Token<'t> {
    /// Whether a bearer token means to be a JWT: those of other forms are for other authenticators.
    pub(crate) fn is_meant(text: &str) -> bool {
        text.contains('.') || text.starts_with("eyJ")
    }

    /// Reads a token.
    ///
    /// # Errors
    /// It is too long, or no signed JWT; it is of another type, or has extensions that must be understood (RFC 7515
    /// section 4.1.11); it names no key. The text is for the log.
    pub(crate) fn read(text: &'t str) -> Result<Self, &'static str> {
        if text.len() > LENGTH {
            return Err("it is too long");
        }
        let (signed, signature) = text.rsplit_once('.').ok_or("it is no JWT")?;
        let (header, claims) = signed.split_once('.').ok_or("it is no JWT")?;
        let header = object(header).ok_or("its header is no object of JSON")?;
        let text = |name: &str| header.get(name).and_then(Value::as_str);
        if header.contains_key("crit") {
            return Err("it has extensions that must be understood");
        }
        if header.contains_key("typ") && !text("typ").is_some_and(is_known_type) {
            return Err("it is of another type than JWT and at+jwt");
        }
        let algorithm =
            text("alg").and_then(Algorithm::named).ok_or("its algorithm is none that may sign it")?;
        let key = text("kid").filter(|key| !key.is_empty()).ok_or("it names no key (kid)")?.to_owned();
        let claims = object(claims).ok_or("its claims are no object of JSON")?;
        let signature = decoded(signature).ok_or("its signature cannot be read")?;
        Ok(Self { signed, signature, algorithm, key, claims })
    }

    /// What it says it is signed with.
    pub(crate) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key that it names.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// What it claims.
    pub(crate) fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// Whether this key made its signature. The key knows by which algorithm.
    pub(crate) fn is_signed_by(&self, key: &ParsedPublicKey) -> bool {
        key.verify_sig(self.signed.as_bytes(), &self.signature).is_ok()
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}

fn object(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&decoded(text)?).ok()
}

/// Types of tokens that are no access or identity tokens, such as `logout+jwt` or `dpop+jwt`, prove nobody (RFC 8725
/// section 3.11).
fn is_known_type(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(name.strip_prefix("application/").unwrap_or(&name), "jwt" | "at+jwt")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with_header(header: Value) -> String {
        let header = Base64UrlUnpadded::encode_string(header.to_string().as_bytes());
        format!("{header}.e30.AAAA")
    }

    fn refusal(token: &str) -> &'static str {
        Token::read(token).unwrap_err()
    }

    #[test]
    fn access_and_identity_tokens_are_known_types_and_others_are_not() {
        for known in ["JWT", "jwt", "at+jwt", "application/at+JWT", "application/jwt"] {
            assert!(
                Token::read(&with_header(json!({"alg": "ES256", "kid": "k", "typ": known}))).is_ok(),
                "{known}"
            );
        }
        for other in [json!(""), json!("logout+jwt"), json!("dpop+jwt"), json!("JOSE"), json!(null), json!(1)]
        {
            let token = with_header(json!({"alg": "ES256", "kid": "k", "typ": other}));
            assert_eq!(refusal(&token), "it is of another type than JWT and at+jwt");
        }
    }

    #[test]
    fn what_names_no_key_or_is_no_jwt_is_refused() {
        for header in
            [json!({"alg": "ES256"}), json!({"alg": "ES256", "kid": ""}), json!({"alg": "ES256", "kid": 1})]
        {
            assert_eq!(refusal(&with_header(header)), "it names no key (kid)");
        }
        for wrong in ["", ".", "..", "a.b", "a.b.c", "a.b.c.d", "{}.{}.", "e30.e30.", "\u{e9}.\u{e9}.\u{e9}"]
        {
            assert!(Token::read(wrong).is_err(), "{wrong}");
        }
        assert!(
            Token::read(&with_header(json!({"alg": "ES256", "kid": "k"})).replace("e30", "e30=")).is_err()
        );
        assert_eq!(refusal(&"a".repeat(LENGTH + 1)), "it is too long");
    }

    #[test]
    fn an_unsecured_jwt_and_one_with_a_shared_secret_are_refused() {
        // RFC 7519 section 6.1.
        let unsecured = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";
        assert_eq!(refusal(unsecured), "its algorithm is none that may sign it");
        for alg in [json!("HS256"), json!("HS512"), json!("NONE"), json!("es256"), json!("RS1"), json!(null)]
        {
            let token = with_header(json!({"alg": alg, "kid": "k"}));
            assert_eq!(refusal(&token), "its algorithm is none that may sign it");
        }
    }

    #[test]
    fn extensions_that_must_be_understood_are_not() {
        let token = with_header(json!({"alg": "ES256", "kid": "k", "crit": ["b64"], "b64": false}));
        assert_eq!(refusal(&token), "it has extensions that must be understood");
    }
}
