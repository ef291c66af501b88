//! An issuer on loopback, and the tokens that it signs.

// What the tests of the plugin need, too.
#[allow(dead_code)]
#[path = "../../../../plugins/auth-oidc/tests/bearer_tokens/issuer.rs"]
mod issuer;
#[allow(dead_code)]
#[path = "../../../../plugins/auth-oidc/tests/bearer_tokens/keys.rs"]
mod keys;

use std::time::SystemTime;

use serde_json::json;

use issuer::TestIssuer;
use keys::Key;

/// An issuer with one key.
pub(crate) struct Tokens {
    key: Key,
    issuer: TestIssuer,
}

impl Tokens {
    pub(crate) fn start() -> Self {
        let key = Key::p256("k");
        let issuer = TestIssuer::start(&[&key]);
        Self { key, issuer }
    }

    /// The settings of a server that trusts the issuer.
    pub(crate) fn settings(&self) -> Vec<String> {
        let settings =
            ["--jwt-issuer-uri", &self.issuer.url, "--jwt-audience", "kms", "--jwt-groups-claim", "groups"];
        settings.map(str::to_owned).into()
    }

    /// The header line by which a user with these groups shows himself.
    pub(crate) fn header(&self, user: &str, groups: &[&str]) -> String {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let claims = json!({
            "iss": self.issuer.url, "aud": "kms", "email": user, "groups": groups, "exp": now + 600,
        });
        format!("authorization: Bearer {}", self.key.token(&claims))
    }
}
