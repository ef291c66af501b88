//! Where the keys of an issuer are found.

use serde_json::Value;

use crate::authorities::Authorities;
use crate::fetch::{self, FetchError};
use crate::key_set::KeySet;
use crate::url::Url;

/// Where the keys of an issuer are found.
pub(crate) enum KeySource {
    /// At a URL that the configuration names.
    Configured(Url),
    /// Where the issuer says (OpenID Connect Discovery 1.0, section 4).
    Discovered {
        /// The issuer, as its tokens name it.
        issuer: String,
        /// The document in which it says so.
        document: Url,
        /// Where they are if it has no such document.
        otherwise: Url,
        /// Whether the keys may be fetched in the clear from another machine.
        allow_http: bool,
    },
}

impl KeySource {
    /// The keys that an issuer publishes itself.
    ///
    /// # Errors
    /// The issuer is no URL from which anything may be fetched.
    pub(crate) fn of_issuer(issuer: &str, allow_http: bool) -> Result<Self, String> {
        let below =
            |path| Url::read(&format!("{}/.well-known/{path}", issuer.trim_end_matches('/')), allow_http);
        Ok(Self::Discovered {
            issuer: issuer.to_owned(),
            document: below("openid-configuration")?,
            otherwise: below("jwks.json")?,
            allow_http,
        })
    }

    /// Fetches the keys.
    ///
    /// # Errors
    /// They cannot be fetched, or are none. The text is for the log.
    pub(crate) async fn fetch(&self, authorities: &Authorities) -> Result<KeySet, String> {
        let set = match self {
            Self::Configured(url) => document(url, authorities).await?,
            Self::Discovered { issuer, document: url, otherwise, allow_http } => {
                match fetch::json(url, authorities).await {
                    Ok(found) => document(&keys_url(&found, issuer, *allow_http)?, authorities).await?,
                    Err(FetchError::Status(status)) if status.is_client_error() => {
                        let set = document(otherwise, authorities).await;
                        set.map_err(|why| format!("{url} is answered by status {}; {why}", status.as_u16()))?
                    }
                    Err(error) => return Err(format!("{url}: {error}")),
                }
            }
        };
        KeySet::read(&set)
    }
}

async fn document(url: &Url, authorities: &Authorities) -> Result<Value, String> {
    fetch::json(url, authorities).await.map_err(|error| format!("{url}: {error}"))
}

/// The URL of the keys in what an issuer says about itself. It must be the issuer that was asked (section 4.3).
fn keys_url(found: &Value, issuer: &str, allow_http: bool) -> Result<Url, String> {
    let text = |name: &str| found.get(name).and_then(Value::as_str);
    if text("issuer") != Some(issuer) {
        return Err(format!(
            "its openid-configuration is of the issuer {:?}",
            text("issuer").unwrap_or_default()
        ));
    }
    let url = text("jwks_uri").ok_or("its openid-configuration has no jwks_uri")?;
    Url::read(url, allow_http).map_err(|why| format!("its jwks_uri cannot be used: {why}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_issuer_speaks_for_itself_alone() {
        let found = json!({"issuer": "https://id.example", "jwks_uri": "https://keys.example/all"});
        assert_eq!(
            keys_url(&found, "https://id.example", false).unwrap().to_string(),
            "https://keys.example/all"
        );
        assert!(keys_url(&found, "https://id.example/", false).is_err());
        assert!(keys_url(&json!({"issuer": "https://id.example"}), "https://id.example", false).is_err());
        assert!(
            keys_url(&json!({"jwks_uri": "https://keys.example/all"}), "https://id.example", false).is_err()
        );
    }

    #[test]
    fn keys_are_not_fetched_in_the_clear_because_an_issuer_says_so() {
        let found = json!({"issuer": "https://id.example", "jwks_uri": "http://keys.example/all"});
        assert!(keys_url(&found, "https://id.example", false).is_err());
        assert!(keys_url(&found, "https://id.example", true).is_ok());
    }

    #[test]
    fn the_documents_stand_below_the_issuer_with_or_without_a_slash_at_its_end() {
        for issuer in ["https://id.example/tenant", "https://id.example/tenant/"] {
            let KeySource::Discovered { issuer: kept, document, otherwise, .. } =
                KeySource::of_issuer(issuer, false).unwrap()
            else {
                panic!("it is discovered")
            };
            assert_eq!(kept, issuer);
            assert_eq!(document.path(), "/tenant/.well-known/openid-configuration");
            assert_eq!(otherwise.path(), "/tenant/.well-known/jwks.json");
        }
    }
}
