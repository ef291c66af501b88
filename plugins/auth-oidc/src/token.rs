//! A token before its signature is verified.

use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, decode_header};
use serde_json::{Map, Value};

/// Bytes that a token may have.
const LENGTH: usize = 16 << 10;

/// A JWS in compact form whose payload is an object of JSON. Nothing of it is proven until [`Token::is_signed_by`] says so.
pub(crate) struct Token<'t> {
    /// What is signed.
    signed: &'t str,
    signature: &'t str,
    algorithm: Algorithm,
    key: String,
    claims: Map<String, Value>,
}

impl<'t> Token<'t> {
    /// Reads a token.
    ///
    /// # Errors
    /// It is too long, or no signed JWT; it is of another type, or has extensions that must be understood (RFC 7515
    /// section 4.1.11); it names no key.
    pub(crate) fn read(text: &'t str) -> Result<Self, &'static str> {
        if text.len() > LENGTH {
            return Err("it is too long");
        }
        let (signed, signature) = text.rsplit_once('.').ok_or("it is no JWT")?;
        let header = decode_header(text).map_err(|error| match error.kind() {
            // Of all that may be in a header, the name of the algorithm alone is one of a few.
            ErrorKind::Json(_) => "its header cannot be read, or its algorithm is unknown or none",
            _ => "it is no JWT",
        })?;
        if header.crit.is_some() {
            return Err("it has extensions that must be understood");
        }
        if !header.typ.as_deref().is_none_or(is_known_type) {
            return Err("it is of another type than JWT and at+jwt");
        }
        let key = header.kid.filter(|key| !key.is_empty()).ok_or("it names no key (kid)")?;
        let claims = insecure_decode_claims(text).map_err(|_| "its claims are no object of JSON")?;
        Ok(Self { signed, signature, algorithm: header.alg, key, claims })
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

    /// Whether this key made its signature, by its algorithm.
    pub(crate) fn is_signed_by(&self, key: &DecodingKey) -> bool {
        let verified =
            jsonwebtoken::crypto::verify(self.signature, self.signed.as_bytes(), key, self.algorithm);
        verified.unwrap_or(false)
    }
}

/// Types of tokens that are no access or identity tokens, such as `logout+jwt` or `dpop+jwt`, prove nobody (RFC 8725
/// section 3.11).
fn is_known_type(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    matches!(name.strip_prefix("application/").unwrap_or(&name), "jwt" | "at+jwt")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::self_test::RFC7515_ES256;

    #[test]
    fn access_and_identity_tokens_are_known_types_and_others_are_not() {
        for known in ["JWT", "jwt", "at+jwt", "application/at+JWT", "application/jwt"] {
            assert!(is_known_type(known), "{known}");
        }
        for other in ["", "logout+jwt", "dpop+jwt", "secevent+jwt", "JOSE", "at"] {
            assert!(!is_known_type(other), "{other}");
        }
    }

    #[test]
    fn what_names_no_key_or_is_no_jwt_is_refused() {
        // Its header is {"alg":"ES256"}.
        assert_eq!(Token::read(RFC7515_ES256.token).err(), Some("it names no key (kid)"));
        for wrong in ["", ".", "..", "a.b", "a.b.c", "a.b.c.d", "{}.{}.", "e30.e30.", "\u{e9}.\u{e9}.\u{e9}"]
        {
            assert!(Token::read(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Token::read(&"a".repeat(LENGTH + 1)).err(), Some("it is too long"));
    }

    #[test]
    fn an_unsecured_jwt_is_refused() {
        // RFC 7519 section 6.1.
        let unsecured = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";
        assert_eq!(
            Token::read(unsecured).err(),
            Some("its header cannot be read, or its algorithm is unknown or none")
        );
    }

    #[test]
    fn extensions_that_must_be_understood_are_not() {
        // {"alg":"ES256","kid":"k","crit":["b64"],"b64":false}
        let header = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsiLCJjcml0IjpbImI2NCJdLCJiNjQiOmZhbHNlfQ";
        let token = format!("{header}.e30.AAAA");
        assert_eq!(Token::read(&token).err(), Some("it has extensions that must be understood"));
    }
}
