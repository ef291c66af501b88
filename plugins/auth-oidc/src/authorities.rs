//! Who signs the certificates of issuers.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore};

/// The authorities of a file, or those that the system trusts.
pub(crate) struct Authorities(pub(crate) Option<PathBuf>);

impl Authorities {
    /// TLS with these authorities, as they are now: keys are fetched seldom, and certificates change.
    ///
    /// # Errors
    /// The file cannot be read or holds no certificate in PEM; the system has none. The text is for the log.
    pub(crate) fn tls(&self) -> Result<Arc<ClientConfig>, String> {
        let mut roots = RootCertStore::empty();
        let (added, _) = roots.add_parsable_certificates(self.certificates()?);
        if added == 0 {
            return Err(match &self.0 {
                Some(file) => format!("{} holds no certificate of an authority in PEM", file.display()),
                None => "this system trusts no authority: name one by --jwt-ca-file".to_owned(),
            });
        }
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    fn certificates(&self) -> Result<Vec<CertificateDer<'static>>, String> {
        match &self.0 {
            None => Ok(rustls_native_certs::load_native_certs().certs),
            Some(file) => CertificateDer::pem_file_iter(file)
                .and_then(Iterator::collect::<Result<Vec<_>, _>>)
                .map_err(|error| format!("{}: {error}", file.display())),
        }
    }
}
