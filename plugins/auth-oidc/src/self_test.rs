//! A test of the library that verifies signatures, before anybody relies on it: which implementation it uses is decided by
//! how the whole program was built, and one without any would show it at the first token.

use claviger_plugin_sdk::{Error, Result};
use jsonwebtoken::crypto::aws_lc;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::json;

use crate::key_set::KeySet;

/// A published signature: the key as a JWK of one line, and the JWS.
pub(crate) struct Published {
    algorithm: Algorithm,
    key: &'static [(&'static str, &'static str)],
    pub(crate) token: &'static str,
}

/// RFC 7515 appendix A.2.
const RFC7515_RS256: Published = Published {
    algorithm: Algorithm::RS256,
    key: &[
        ("kty", "RSA"),
        (
            "n",
            "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
        ),
        ("e", "AQAB"),
    ],
    token: "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
};

/// RFC 7515 appendix A.3.
pub(crate) const RFC7515_ES256: Published = Published {
    algorithm: Algorithm::ES256,
    key: &[
        ("kty", "EC"),
        ("crv", "P-256"),
        ("x", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"),
        ("y", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"),
    ],
    token: "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
};

/// RFC 8037 appendix A.4.
const RFC8037_EDDSA: Published = Published {
    algorithm: Algorithm::EdDSA,
    key: &[("kty", "OKP"), ("crv", "Ed25519"), ("x", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")],
    token: "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
};

/// Verifies published signatures, and that altered ones are none.
///
/// # Errors
/// Internal Server Error: the library does not do what it has to.
pub(crate) fn run() -> Result<()> {
    // Another part of the program may have chosen before: the test is of what was chosen.
    let _ = aws_lc::DEFAULT_PROVIDER.install_default();
    for published in [&RFC7515_RS256, &RFC7515_ES256, &RFC8037_EDDSA] {
        if published.verifies(|text| text.to_owned()) != Some(true)
            || published.verifies(|text| text.replacen('.', ".A", 1)) != Some(false)
        {
            let message = format!("the verification of {:?} signatures does not work", published.algorithm);
            return Err(Error::server(message));
        }
    }
    Ok(())
}

impl Published {
    /// Whether the signature, altered, is good; `None` if the key cannot be read.
    fn verifies(&self, alter: impl FnOnce(&str) -> String) -> Option<bool> {
        let mut key = json!({"kid": "published"});
        for (name, value) in self.key {
            key[*name] = json!(value);
        }
        let keys = KeySet::read(&json!({"keys": [key]})).ok()?;
        let key: &DecodingKey = keys.find("published", self.algorithm).next()?;
        let (signed, signature) = self.token.rsplit_once('.')?;
        let signed = alter(signed);
        jsonwebtoken::crypto::verify(signature, signed.as_bytes(), key, self.algorithm).ok()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn published_signatures_verify_and_altered_ones_do_not() {
        super::run().unwrap();
    }
}
