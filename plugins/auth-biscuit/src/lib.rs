//! Authentication by biscuits: tokens that the server makes for its users, and that whoever has one can narrow further
//! without asking anybody.
//!
//! A token is a chain of signed blocks (<https://www.biscuitsec.org>). The first says as whom it acts; every block may have
//! checks. The way of a token: `form` decodes it, `token` verifies its signatures by one of the `keys` and reads its
//! blocks, `datalog` turns their checks into a `caveat` each, and `restriction` is what the engine asks in admission. What is
//! kept about tokens, all servers of a storage share: `revocation` and `uses`.

mod attenuation;
mod caveat;
mod command;
mod configuration;
mod credential;
mod datalog;
mod form;
mod keys;
mod mint;
mod moment;
mod operations;
mod restriction;
mod revocation;
mod routes;
mod span;
mod token;
mod uses;
mod values;
mod vocabulary;

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use claviger_plugin_sdk::authentication::{
    Authentication, Authenticator, AuthenticatorFactory, Bearer, Challenge, ConnectionFacts, Principal,
};
use claviger_plugin_sdk::clock::Clock;
use claviger_plugin_sdk::credentials::CredentialVerifier;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::{BoxFuture, Result, plugin, register_authenticator, register_routes};

pub use attenuation::Attenuation;
pub use command::{inspect, keygen, mint_token};
pub use moment::parse as parse_moment;
pub use operations::{
    MINT_TOKEN, MintTokenRequest, MintTokenResponse, REVOKE_TOKEN, REVOKE_TOKEN_IDENTIFIER,
    RevokeTokenIdentifierRequest, RevokeTokenRequest, TICKET_TYPE,
};

use configuration::Configuration;
use restriction::TokenRestriction;
use token::Token;

/// The name of the authenticator.
const NAME: &str = "biscuit";

/// RFC 6750 section 3.
const CHALLENGE: Challenge = Challenge {
    absent: "Bearer realm=\"claviger\"",
    wrong: "Bearer realm=\"claviger\", error=\"invalid_token\"",
};

/// Makes the authenticator when a root key is configured.
pub struct BiscuitFactory;

impl AuthenticatorFactory for BiscuitFactory {
    fn name(&self) -> &'static str {
        NAME
    }

    fn start(&self, settings: &Settings) -> Result<Option<Arc<dyn Authenticator>>> {
        let configured = Configuration::of(settings)?;
        Ok(configured.map(|configured| Arc::new(Biscuits { configured, clock: Arc::new(SystemClock) }) as _))
    }
}

/// Verifies tokens of the root keys that are configured.
struct Biscuits {
    configured: Arc<Configuration>,
    clock: Arc<dyn Clock>,
}

impl Biscuits {
    /// Whom a token proves.
    ///
    /// # Errors
    /// Why it proves nobody, for the log.
    fn principal(&self, bytes: &[u8]) -> Result<Principal, String> {
        TokenRestriction::principal(Token::verify(bytes, &self.configured.keys)?, &self.clock)
    }

    /// Whom a token proves that is written as text.
    ///
    /// # Errors
    /// As those of [`Biscuits::principal`].
    fn principal_of_text(&self, text: &str) -> Result<Principal, String> {
        self.principal(&form::decode(text)?)
    }
}

impl Authenticator for Biscuits {
    fn connection<'a>(&'a self, facts: &'a ConnectionFacts) -> BoxFuture<'a, Authentication> {
        let proven = match facts.bearer() {
            Bearer::Token(text) if form::is_meant(text) => self.principal_of_text(text),
            Bearer::Absent | Bearer::Token(_) => return Box::pin(async { Authentication::NotMine }),
            Bearer::Wrong(why) => Err(why.to_owned()),
        };
        Box::pin(async {
            match proven {
                Ok(principal) => Authentication::Accepted(principal),
                Err(why) => Authentication::Rejected(format!("token: {why}")),
            }
        })
    }

    fn verifier(&self) -> Option<&dyn CredentialVerifier> {
        Some(self)
    }

    fn challenge(&self) -> Option<Challenge> {
        Some(CHALLENGE)
    }
}

struct SystemClock;

impl Clock for SystemClock {
    fn now_millis(&self) -> i64 {
        let passed = SystemTime::now().duration_since(UNIX_EPOCH);
        // A clock before 1970 makes every token that ends one that is over.
        passed.map_or(i64::MAX, |passed| i64::try_from(passed.as_millis()).unwrap_or(i64::MAX))
    }
}

plugin! {
    summary: "Authentication by biscuits: tokens that their holders narrow offline",
    settings: configuration::SETTINGS,
}
register_authenticator!(BiscuitFactory);
register_routes!(routes::TokenRoutes);
