//! Authentication by the credentials that a message brings (KMIP 2.1 section 9.11), against users and devices that an
//! operator lists in a file.
//!
//! `--credentials-file` names the file. It is read again when it changes. Passwords are in it as Argon2id hashes, which
//! `claviger-server hash-password` makes.
//!
//! ```toml
//! [[user]]
//! name = "alice"
//! groups = ["backup"]
//! operations = ["Get", "Locate"]    # nothing else
//! password = "$argon2id$v=19$m=19456,t=2,p=1$…"
//! requires = ["one_time_password"]    # without it no message is let in
//!
//! [user.one_time_password]     # or kind = "hotp"; also algorithm, digits and period
//! kind = "totp"
//! secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
//!
//! [[device]]
//! user = "tape-library-7"
//! serial_number = "SN-0042"
//! machine = "rack 3"
//! password = "$argon2id$v=19$m=19456,t=2,p=1$…"
//! connections = ["gateway"]    # only on connections that prove this user
//!
//! [[attestation]]              # messages of this user must bring a quote of this TPM
//! user = "alice"
//! key = """-----BEGIN PUBLIC KEY-----…"""
//! pcrs = [0, 2, 7]
//! digest = "…"
//! ```
//!
//! Whether a user exists is told neither by an answer nor by the time that it takes. Passwords that were verified are
//! remembered for a minute, as keyed digests; wrong ones are counted for each name, and slow the next attempts down.

mod attempts;
mod attestation;
mod bounded;
mod device;
mod directory;
mod file;
mod hashed_password;
mod hexadecimal;
mod once;
mod one_time_password;
mod operations;
mod password;
mod remembered;
mod verifier;

use std::sync::Arc;

use claviger_plugin_sdk::authentication::{
    Authentication, Authenticator, AuthenticatorFactory, Challenge, ConnectionFacts,
};
use claviger_plugin_sdk::credentials::CredentialVerifier;
use claviger_plugin_sdk::settings::{Setting, SettingKind, Settings};
use claviger_plugin_sdk::{BoxFuture, Result, plugin, register_authenticator};

pub use hashed_password::hashed_password;
pub use password::{PasswordHash, hash_password};

use verifier::Verifier;

/// The name of the authenticator.
const NAME: &str = "credentials";

/// The flag that names the file; without it there is no authentication by credentials.
const FILE: &str = "credentials-file";
/// The flag that says how long verified passwords are remembered.
const REMEMBERED: &str = "credentials-remembered";

const SETTINGS: &[Setting] = &[
    Setting {
        flag: FILE,
        variable: "KMS_CREDENTIALS_FILE",
        variable_aliases: &[],
        section: "auth.credentials",
        kind: SettingKind::Path,
        default: None,
        help: "TOML file of the users and devices whose credentials messages may bring, such as ./credentials.toml. \
               Keep it from other users; `hash-password` makes the passwords in it",
    },
    Setting {
        flag: REMEMBERED,
        variable: "KMS_CREDENTIALS_REMEMBERED",
        variable_aliases: &[],
        section: "auth.credentials",
        kind: SettingKind::Number(0, 3600),
        default: Some("60"),
        help: "Seconds for which a password that was verified need not be hashed again",
    },
];

/// Makes the authenticator when a file is configured.
pub struct CredentialsFactory;

impl AuthenticatorFactory for CredentialsFactory {
    fn name(&self) -> &'static str {
        NAME
    }

    fn start(&self, settings: &Settings) -> Result<Option<Arc<dyn Authenticator>>> {
        let Some(path) = settings.path(FILE) else { return Ok(None) };
        let remembered = settings.number(REMEMBERED)?.unwrap_or(60);
        Ok(Some(Arc::new(Credentials { verifier: Verifier::start(path, remembered)? })))
    }
}

/// Reads the credentials of messages.
struct Credentials {
    verifier: Verifier,
}

impl Authenticator for Credentials {
    fn connection<'a>(&'a self, _: &'a ConnectionFacts) -> BoxFuture<'a, Authentication> {
        Box::pin(async { Authentication::NotMine })
    }

    fn verifier(&self) -> Option<&dyn CredentialVerifier> {
        Some(&self.verifier)
    }

    fn challenge(&self) -> Option<Challenge> {
        None
    }
}

plugin! {
    summary: "Authentication by the credentials of messages",
    settings: SETTINGS,
}
register_authenticator!(CredentialsFactory);
