//! Which certificates of clients are good: who vouches for them, and what has been taken back.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use claviger_plugin_sdk::settings::Settings;
use rustls::crypto::CryptoProvider;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;

use crate::failure::Failure;
use crate::identity::read_authorities;
use crate::plugin_options::list;
use crate::revocation_lists::RevocationLists;

/// The flag that names the lists.
const LISTS: &str = "client-crl-file";

/// Where it says which certificates of clients are good.
pub(crate) struct ClientCertificates {
    authority: PathBuf,
    /// Whether every client must have one.
    required: bool,
    lists: Vec<PathBuf>,
    /// Whether a certificate is good of whose issuer there is no list.
    accept_unknown: bool,
    /// Whether a list counts whose next update is overdue.
    accept_expired: bool,
}

/// What was read there.
pub(crate) struct Judge {
    /// Says which certificates are good.
    pub(crate) verifier: Arc<dyn ClientCertVerifier>,
    /// When the first of the lists expires, in seconds since 1970, if that makes certificates useless.
    pub(crate) lists_expire: Option<i64>,
}

impl ClientCertificates {
    /// What the settings name; `None` if they name no authority for clients.
    ///
    /// # Errors
    /// They name lists and no authority.
    pub(crate) fn from_settings(settings: &Settings) -> Result<Option<Self>, Failure> {
        let lists: Vec<PathBuf> = list(settings, LISTS).map(|file| settings.root().join(file)).collect();
        let Some(authority) = settings.path("authority-cert-file") else {
            return match lists.is_empty() {
                true => Ok(None),
                false => Err(Failure::usage(format!("--{LISTS} needs --authority-cert-file"))),
            };
        };
        Ok(Some(Self {
            authority,
            // Where one proof of several suffices, it may be another than a certificate.
            required: settings.text("auth-require") != Some("any"),
            lists,
            accept_unknown: settings.text("client-crl-unknown") == Some("accept"),
            accept_expired: settings.text("client-crl-expired") == Some("accept"),
        }))
    }

    /// The files, to be watched.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(&self.authority).chain(&self.lists).map(PathBuf::as_path)
    }

    /// Reads the files.
    ///
    /// # Errors
    /// One cannot be read, or is not what it should be.
    pub(crate) fn read(&self, provider: &Arc<CryptoProvider>) -> Result<Judge, Failure> {
        let authorities = Arc::new(read_authorities(&self.authority)?);
        let mut verifier = WebPkiClientVerifier::builder_with_provider(authorities, provider.clone());
        if !self.required {
            verifier = verifier.allow_unauthenticated();
        }
        let mut lists_expire = None;
        if !self.lists.is_empty() {
            let lists = RevocationLists::read(&self.lists, &verifier)?;
            lists_expire = lists.next_update().filter(|_| !self.accept_expired);
            verifier = verifier.with_crls(lists.into_der());
        }
        if self.accept_unknown {
            verifier = verifier.allow_unknown_revocation_status();
        }
        if !self.accept_expired {
            verifier = verifier.enforce_revocation_expiration();
        }
        let verifier = verifier.build();
        let refused = |error| Failure::new(format!("{}: {error}", self.authority.display()));
        Ok(Judge { verifier: verifier.map_err(refused)?, lists_expire })
    }
}
