//! TLS: what the server offers, and reading certificates anew without a restart.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use claviger_plugin_sdk::settings::Settings;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{CertificateError, ServerConfig};
use tokio::sync::Mutex;
use tracing::{error, info};

use crate::client_certificates::{ClientCertificates, Judge};
use crate::failure::Failure;
use crate::identity::{Identity, IdentitySource};
use crate::revocation_lists;

/// How often the files are looked at.
const WATCH_EVERY: Duration = Duration::from_secs(2);

/// TLS as it is now. Connections that are open keep the keys that they began with; that the certificates of their clients
/// are still good is asked again ([`Tls::check_client`]).
pub(crate) struct Tls {
    source: IdentitySource,
    clients: Option<ClientCertificates>,
    current: ArcSwap<Offers>,
    /// One reads at a time.
    reading: Mutex<()>,
}

/// One set of certificates, for both kinds of listener.
struct Offers {
    /// How many sets were before it.
    generation: u64,
    http: Arc<ServerConfig>,
    ttlv: Arc<ServerConfig>,
    /// Says which certificates of clients are good.
    judge: Option<Judge>,
    seen: Vec<Option<SystemTime>>,
}

/// How a connection begins.
pub(crate) struct Beginning {
    /// What the server offers in the handshake.
    pub(crate) config: Arc<ServerConfig>,
    /// The set of certificates that it does it with.
    pub(crate) generation: u64,
}

impl Tls {
    /// TLS as the settings describe it; `None` if they name no certificate.
    ///
    /// # Errors
    /// A file cannot be read, or certificate and key do not belong together; an authority for clients or a port for
    /// TTLV is given without a certificate.
    pub(crate) fn from_settings(settings: &Settings) -> Result<Option<Self>, Failure> {
        let clients = ClientCertificates::from_settings(settings)?;
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
        let offers = Offers::read(&source, clients.as_ref(), 0)?;
        Ok(Some(Self { source, clients, current: ArcSwap::from_pointee(offers), reading: Mutex::new(()) }))
    }

    /// Begins a connection for HTTPS.
    pub(crate) fn http(&self) -> Beginning {
        let offers = self.current.load();
        Beginning { config: offers.http.clone(), generation: offers.generation }
    }

    /// Begins a connection for TTLV.
    pub(crate) fn ttlv(&self) -> Beginning {
        let offers = self.current.load();
        Beginning { config: offers.ttlv.clone(), generation: offers.generation }
    }

    /// Which set of certificates there is now.
    pub(crate) fn generation(&self) -> u64 {
        self.current.load().generation
    }

    /// Looks at the certificate chain of a client again, whose connection may be old. Gives the set of certificates by
    /// which it is good.
    ///
    /// # Errors
    /// Why it is good no more: it has expired, was revoked, or nobody vouches for it. The text is for the log.
    pub(crate) fn check_client(&self, chain: &[Vec<u8>]) -> Result<u64, String> {
        let offers = self.current.load();
        let mut chain = chain.iter().map(|certificate| CertificateDer::from(certificate.as_slice()));
        let (Some(judge), Some(own)) = (&offers.judge, chain.next()) else { return Ok(offers.generation) };
        let issuers: Vec<_> = chain.collect();
        match judge.verifier.verify_client_cert(&own, &issuers, UnixTime::now()) {
            Ok(_) => Ok(offers.generation),
            Err(rustls::Error::InvalidCertificate(CertificateError::Revoked)) => Err("it was revoked".into()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Reads the files again, on a thread that may wait for them. When they are no good, the server goes on with what it
    /// has and says so in the log.
    pub(crate) async fn reload(self: &Arc<Self>) {
        let _reading = self.reading.lock().await;
        let next = self.generation() + 1;
        match self.apart(move |tls| Offers::read(&tls.source, tls.clients.as_ref(), next)).await {
            Some(Ok(offers)) => {
                self.current.store(Arc::new(offers));
                info!("certificates were read again");
            }
            Some(Err(failure)) => {
                error!(%failure, "certificates cannot be read again: the old ones stay in use");
            }
            None => error!("certificates were not read again: the old ones stay in use"),
        }
    }

    /// Reads the files again whenever one of them changed, for ever.
    pub(crate) async fn watch(self: &Arc<Self>) {
        let mut refused = None;
        let mut told = None;
        loop {
            tokio::time::sleep(WATCH_EVERY).await;
            let Some(seen) = self.apart(Self::look).await else { continue };
            if seen != self.current.load().seen && refused.as_ref() != Some(&seen) {
                self.reload().await;
                refused = (self.current.load().seen != seen).then_some(seen);
            }
            let offers = self.current.load();
            if offers.has_expired_lists() && told != Some(offers.generation) {
                error!("a list of --client-crl-file has expired: clients of its issuer are refused");
                told = Some(offers.generation);
            }
        }
    }

    /// What work on files gives, unless it panics.
    async fn apart<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Option<T> {
        let tls = self.clone();
        tokio::task::spawn_blocking(move || work(&tls)).await.ok()
    }

    fn look(&self) -> Vec<Option<SystemTime>> {
        look(&self.source, self.clients.as_ref())
    }
}

impl Offers {
    fn read(
        source: &IdentitySource,
        clients: Option<&ClientCertificates>,
        generation: u64,
    ) -> Result<Self, Failure> {
        // Looked at first: a change while the files are read is then seen as a change.
        let seen = look(source, clients);
        let Identity { chain, key } = source.read()?;
        let provider = Arc::new(default_provider());
        let judge = clients.map(|clients| clients.read(&provider)).transpose()?;
        let refused = |error: &dyn std::fmt::Display| Failure::new(format!("TLS cannot be offered: {error}"));
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| refused(&error))?;
        let builder = match &judge {
            None => builder.with_no_client_auth(),
            Some(judge) => builder.with_client_cert_verifier(judge.verifier.clone()),
        };
        let ttlv = builder.with_single_cert(chain, key).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                Failure::new("the server's private key does not belong to its certificate")
            }
            error => refused(&error),
        })?;
        let mut http = ttlv.clone();
        http.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self { generation, http: Arc::new(http), ttlv: Arc::new(ttlv), judge, seen })
    }

    fn has_expired_lists(&self) -> bool {
        let expire = self.judge.as_ref().and_then(|judge| judge.lists_expire);
        expire.is_some_and(|expire| expire <= revocation_lists::now())
    }
}

/// When each file was changed last.
fn look(source: &IdentitySource, clients: Option<&ClientCertificates>) -> Vec<Option<SystemTime>> {
    let files = source.files().into_iter().chain(clients.into_iter().flat_map(ClientCertificates::files));
    files.map(|file| std::fs::metadata(file).and_then(|data| data.modified()).ok()).collect()
}
