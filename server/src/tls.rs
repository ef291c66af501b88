//! TLS: what the server offers, and reading certificates anew without a restart.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use claviger_plugin_sdk::settings::Settings;
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use tokio_rustls::TlsAcceptor;
use tracing::{error, info};

use crate::failure::Failure;
use crate::identity::{Identity, IdentitySource, read_authorities};

/// How often the files are looked at.
const WATCH_EVERY: Duration = Duration::from_secs(2);

/// The authority of clients, and whether all of them must have a certificate of it.
#[derive(Clone, Debug)]
struct Authority {
    file: PathBuf,
    required: bool,
}

/// TLS as it is now. Connections that are open keep what they began with.
pub(crate) struct Tls {
    source: IdentitySource,
    authority: Option<Authority>,
    current: ArcSwap<Offers>,
}

/// One set of certificates, for both kinds of listener.
struct Offers {
    http: Arc<ServerConfig>,
    ttlv: Arc<ServerConfig>,
    seen: Vec<Option<SystemTime>>,
}

impl Tls {
    /// TLS as the settings describe it; `None` if they name no certificate.
    ///
    /// # Errors
    /// A file cannot be read, or certificate and key do not belong together; an authority for clients or a port for
    /// TTLV is given without a certificate.
    pub(crate) fn from_settings(settings: &Settings) -> Result<Option<Self>, Failure> {
        // Where one proof of several suffices, it may be another than a certificate.
        let required = settings.text("auth-require") != Some("any");
        let authority = settings.path("authority-cert-file").map(|file| Authority { file, required });
        let Some(source) = IdentitySource::from_settings(settings)? else {
            let needing =
                ["authority-cert-file", "ttlv-port"].into_iter().find(|flag| settings.text(flag).is_some());
            return match needing {
                Some(flag) => Err(Failure::usage(format!(
                    "--{flag} needs TLS: give --https-p12-file, or --https-cert-file with --https-key-file"
                ))),
                None => Ok(None),
            };
        };
        let offers = Offers::read(&source, authority.as_ref())?;
        Ok(Some(Self { source, authority, current: ArcSwap::from_pointee(offers) }))
    }

    /// Accepts connections for HTTPS.
    pub(crate) fn http(&self) -> TlsAcceptor {
        self.current.load().http.clone().into()
    }

    /// Accepts connections for TTLV.
    pub(crate) fn ttlv(&self) -> TlsAcceptor {
        self.current.load().ttlv.clone().into()
    }

    /// Reads the files again. When they are no good, the server goes on with what it has and says so in the log.
    pub(crate) fn reload(&self) {
        match Offers::read(&self.source, self.authority.as_ref()) {
            Ok(offers) => {
                self.current.store(Arc::new(offers));
                info!("certificates were read again");
            }
            Err(failure) => error!(%failure, "certificates cannot be read again: the old ones stay in use"),
        }
    }

    /// Reads the files again whenever one of them changed, for ever.
    pub(crate) async fn watch(&self) {
        let mut refused = None;
        loop {
            tokio::time::sleep(WATCH_EVERY).await;
            let seen = self.look();
            if seen != self.current.load().seen && refused.as_ref() != Some(&seen) {
                self.reload();
                refused = (self.current.load().seen != seen).then_some(seen);
            }
        }
    }

    fn look(&self) -> Vec<Option<SystemTime>> {
        look(&self.source, self.authority.as_ref())
    }
}

impl Offers {
    fn read(source: &IdentitySource, authority: Option<&Authority>) -> Result<Self, Failure> {
        // Looked at first: a change while the files are read is then seen as a change.
        let seen = look(source, authority);
        let Identity { chain, key } = source.read()?;
        let provider = Arc::new(default_provider());
        let refused = |error: &dyn std::fmt::Display| Failure::new(format!("TLS cannot be offered: {error}"));
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| refused(&error))?;
        let builder = match authority {
            None => builder.with_no_client_auth(),
            Some(Authority { file, required }) => {
                let authorities = Arc::new(read_authorities(file)?);
                let verifier = WebPkiClientVerifier::builder_with_provider(authorities, provider);
                let verifier = if *required { verifier } else { verifier.allow_unauthenticated() };
                builder.with_client_cert_verifier(verifier.build().map_err(|error| refused(&error))?)
            }
        };
        let ttlv = builder.with_single_cert(chain, key).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                Failure::new("the server's private key does not belong to its certificate")
            }
            error => refused(&error),
        })?;
        let mut http = ttlv.clone();
        http.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { http: Arc::new(http), ttlv: Arc::new(ttlv), seen })
    }
}

/// When each file was changed last.
fn look(source: &IdentitySource, authority: Option<&Authority>) -> Vec<Option<SystemTime>> {
    let files = source.files().into_iter().chain(authority.map(|authority| authority.file.as_path()));
    files.map(|file| std::fs::metadata(file).and_then(|data| data.modified()).ok()).collect()
}
