//! Authentication by bearer tokens: signed JWTs (RFC 7519) of OpenID Connect issuers, in the field `Authorization` of
//! HTTP requests (RFC 6750 section 2.1).
//!
//! A request's way: `token` reads the header of its token, `issuer` verifies its signature by a key that
//! the issuer has published, `claims` looks at time, issuer and audience, and `identity` at who it is about. No request
//! waits for the network but one whose token no known key has signed, and that one for a bounded time: `refresh` fetches
//! keys in a thread of its own.

mod algorithms;
mod authorities;
mod claims;
mod configuration;
mod fetch;
mod identity;
mod issuer;
mod key_set;
mod key_source;
mod refresh;
mod token;
mod url;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use claviger_plugin_sdk::authentication::{
    Authentication, Authenticator, AuthenticatorFactory, Bearer, Challenge, ConnectionFacts, Principal,
};
use claviger_plugin_sdk::credentials::CredentialVerifier;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::{BoxFuture, Result, plugin, register_authenticator};

use configuration::{Configuration, Rules};
use issuer::Issuer;
use token::Token;

/// The name of the authenticator.
const NAME: &str = "oidc";

/// RFC 6750 section 3.
const CHALLENGE: Challenge = Challenge {
    absent: "Bearer realm=\"claviger\"",
    wrong: "Bearer realm=\"claviger\", error=\"invalid_token\"",
};

/// Makes the authenticator when an issuer is configured.
pub struct OidcFactory;

impl AuthenticatorFactory for OidcFactory {
    fn name(&self) -> &'static str {
        NAME
    }

    fn start(&self, settings: &Settings) -> Result<Option<Arc<dyn Authenticator>>> {
        let Some(configuration) = Configuration::read(settings)? else { return Ok(None) };
        let Configuration { issuers, rules, refresh } = configuration;
        let issuers = refresh::start(issuers, refresh)?;
        Ok(Some(Arc::new(Oidc { issuers, rules })))
    }
}

/// Verifies tokens of these issuers.
struct Oidc {
    issuers: Vec<Issuer>,
    rules: Rules,
}

impl Oidc {
    /// Whom a token proves.
    ///
    /// # Errors
    /// Why it proves nobody, for the log.
    async fn principal(&self, text: &str) -> Result<Principal, String> {
        let token = Token::read(text)?;
        self.rules.algorithms.check(token.algorithm())?;
        let named = token.claims().get("iss").and_then(|named| named.as_str());
        let named = named.ok_or("it names no issuer")?;
        let issuer = self.issuers.iter().find(|issuer| issuer.name() == named);
        let issuer = issuer.ok_or("its issuer is not one of --jwt-issuer-uri")?;
        issuer.verify(&token).await?;
        claims::check(token.claims(), issuer.audiences(), self.rules.leeway, now())?;
        self.rules.identity.principal(token.claims(), NAME)
    }
}

impl Authenticator for Oidc {
    fn connection<'a>(&'a self, facts: &'a ConnectionFacts) -> BoxFuture<'a, Authentication> {
        Box::pin(async move {
            let proven = match facts.bearer() {
                Bearer::Absent => return Authentication::NotMine,
                Bearer::Token(token) if !Token::is_meant(token) => return Authentication::NotMine,
                Bearer::Wrong(why) => Err(why.to_owned()),
                Bearer::Token(token) => self.principal(token).await,
            };
            match proven {
                Ok(principal) => Authentication::Accepted(principal),
                Err(why) => Authentication::Rejected(format!("bearer token: {why}")),
            }
        })
    }

    fn verifier(&self) -> Option<&dyn CredentialVerifier> {
        None
    }

    fn challenge(&self) -> Option<Challenge> {
        Some(CHALLENGE)
    }
}

/// Seconds since 1970. A clock before that makes every token one of the future.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |passed| passed.as_secs_f64())
}

plugin! {
    summary: "Authentication by bearer tokens of OpenID Connect issuers",
    settings: configuration::SETTINGS,
}
register_authenticator!(OidcFactory);
