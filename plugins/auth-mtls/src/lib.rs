//! Authentication by client certificate: the user is the common name of the certificate's subject, or another of its names.
//!
//! The server verifies certificates in the TLS handshake against the authority that `--authority-cert-file` names, on
//! HTTPS and on the TTLV socket alike; what arrives here is verified. A connection without a certificate is left to
//! other authenticators, and to nobody if there is none. One that Re-Provision replaced is good for nothing any more.

mod authority;
mod replaced;
mod user_name;

use std::sync::Arc;

use claviger_plugin_sdk::authentication::{
    Authentication, Authenticator, AuthenticatorFactory, Challenge, ConnectionFacts, Principal,
};
use claviger_plugin_sdk::client_certificates;
use claviger_plugin_sdk::credentials::CredentialVerifier;
use claviger_plugin_sdk::settings::{Setting, SettingKind, Settings};
use claviger_plugin_sdk::{BoxFuture, Result, plugin, register_authenticator};

use replaced::Replaced;
use user_name::UserName;

/// The name of the authenticator.
const NAME: &str = "mtls";

/// The flag that names the authority; without it there is no authentication by certificate.
const AUTHORITY: &str = "authority-cert-file";

/// The flag that says which name is the user.
const USER: &str = "client-certificate-user";

const SETTINGS: &[Setting] = &[
    Setting {
        flag: AUTHORITY,
        variable: "KMS_AUTHORITY_CERT_FILE",
        variable_aliases: &[],
        section: "auth.mtls",
        kind: SettingKind::Path,
        default: None,
        help: "PEM file of the authority that signs the certificates of clients, such as ./ca.pem. Every client needs \
               one, unless --auth-require any lets it prove who it is by something else. Needs TLS.",
    },
    Setting {
        flag: "client-crl-file",
        variable: "KMS_CLIENT_CRL_FILE",
        variable_aliases: &[],
        section: "auth.mtls",
        kind: SettingKind::Text,
        default: None,
        help: "Files with lists of revoked client certificates (CRL), in PEM or DER, separated by commas, such as \
               ./ca.crl,./sub-ca.crl; read again when they change. Each authority in a client's chain needs one.",
    },
    Setting {
        flag: "client-crl-unknown",
        variable: "KMS_CLIENT_CRL_UNKNOWN",
        variable_aliases: &[],
        section: "auth.mtls",
        kind: SettingKind::OneOf(&["refuse", "accept"]),
        default: Some("refuse"),
        help: "What becomes of client certificates of an authority that has no list in --client-crl-file",
    },
    Setting {
        flag: "client-crl-expired",
        variable: "KMS_CLIENT_CRL_EXPIRED",
        variable_aliases: &[],
        section: "auth.mtls",
        kind: SettingKind::OneOf(&["refuse", "accept"]),
        default: Some("refuse"),
        help: "What becomes of client certificates whose authority's list is past its Next Update; those on it are \
               refused in any case",
    },
    Setting {
        flag: USER,
        variable: "KMS_CLIENT_CERTIFICATE_USER",
        variable_aliases: &[],
        section: "auth.mtls",
        kind: SettingKind::OneOf(UserName::WORDS),
        default: Some("common-name"),
        help: "Which name of a client's certificate is the user: the common name of its subject, or the one email \
               address, URI or SPIFFE ID (spiffe://DOMAIN/PATH) among its alternative names",
    },
];

/// Makes the authenticator when an authority is configured.
pub struct MtlsFactory;

impl AuthenticatorFactory for MtlsFactory {
    fn name(&self) -> &'static str {
        NAME
    }

    fn start(&self, settings: &Settings) -> Result<Option<Arc<dyn Authenticator>>> {
        let Some(path) = settings.path(AUTHORITY) else { return Ok(None) };
        authority::check(&path)?;
        let replaced = settings.text(client_certificates::ISSUER).map(|_| Replaced);
        let user = UserName::read(settings.text(USER).unwrap_or_default());
        Ok(Some(Arc::new(Mtls { user, replaced })))
    }
}

/// Reads the user from the verified certificate of the connection.
struct Mtls {
    /// Which of its names is the user.
    user: UserName,
    /// Refuses certificates that were replaced, where they can be.
    replaced: Option<Replaced>,
}

impl Authenticator for Mtls {
    fn connection<'a>(&'a self, facts: &'a ConnectionFacts) -> BoxFuture<'a, Authentication> {
        Box::pin(async move {
            let Some(certificate) = facts.certificates.first() else { return Authentication::NotMine };
            match self.user.of(certificate) {
                Ok(user) => {
                    let mut principal = Principal::user(&user, Some(NAME));
                    principal.certificates = Some(facts.certificates.clone());
                    Authentication::Accepted(principal)
                }
                Err(why) => Authentication::Rejected(format!("client certificate: {why}")),
            }
        })
    }

    fn verifier(&self) -> Option<&dyn CredentialVerifier> {
        self.replaced.as_ref().map(|verifier| verifier as _)
    }

    fn challenge(&self) -> Option<Challenge> {
        None
    }
}

plugin! {
    summary: "Authentication by client certificate",
    settings: SETTINGS,
}
register_authenticator!(MtlsFactory);
