//! The server's own certificate and key, and the authority of its clients, read from files.

use std::path::{Path, PathBuf};

use claviger_plugin_sdk::settings::Settings;
use openssl::error::ErrorStack;
use openssl::pkcs12::{ParsedPkcs12_2, Pkcs12};
use openssl::provider::Provider;
use openssl::stack::Stack;
use openssl::x509::{X509, X509VerifyResult};
use rustls::RootCertStore;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// A certificate chain, the server's own certificate first, and its private key.
pub(crate) struct Identity {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

/// Where the server's certificate and key are.
pub(crate) enum IdentitySource {
    /// Both in a PKCS#12 file.
    Pkcs12 { file: PathBuf, password: Zeroizing<String> },
    /// In two PEM files.
    Pem { certificates: PathBuf, key: PathBuf },
}

impl IdentitySource {
    /// What the settings name; `None` if they name nothing.
    ///
    /// # Errors
    /// They name half of it, or both forms.
    pub(crate) fn from_settings(settings: &Settings) -> Result<Option<Self>, Failure> {
        let pkcs12 = settings.path("https-p12-file");
        match (pkcs12, settings.path("https-cert-file"), settings.path("https-key-file")) {
            (None, None, None) => Ok(None),
            (Some(file), None, None) => {
                let password = settings.text("https-p12-password").unwrap_or_default();
                Ok(Some(Self::Pkcs12 { file, password: Zeroizing::new(password.to_owned()) }))
            }
            (None, Some(certificates), Some(key)) => Ok(Some(Self::Pem { certificates, key })),
            (None, _, _) => Err(Failure::usage("--https-cert-file and --https-key-file are given together")),
            (Some(_), _, _) => {
                let message = "give --https-p12-file or --https-cert-file with --https-key-file, not both";
                Err(Failure::usage(message))
            }
        }
    }

    /// The files, to be watched.
    pub(crate) fn files(&self) -> Vec<&Path> {
        match self {
            Self::Pkcs12 { file, .. } => vec![file],
            Self::Pem { certificates, key } => vec![certificates, key],
        }
    }

    /// Reads certificate and key.
    ///
    /// # Errors
    /// A file cannot be read, is not in the form, or lacks what it must hold.
    pub(crate) fn read(&self) -> Result<Identity, Failure> {
        match self {
            Self::Pkcs12 { file, password } => read_pkcs12(file, password),
            Self::Pem { certificates, key } => {
                let chain = read_certificates(certificates)?;
                let key = PrivateKeyDer::from_pem_file(key)
                    .map_err(|error| not_pem(key, "no private key in PEM", error))?;
                Ok(Identity { chain, key })
            }
        }
    }
}

/// Reads the authorities that may sign certificates of clients.
///
/// # Errors
/// The file cannot be read or holds none.
pub(crate) fn read_authorities(file: &Path) -> Result<RootCertStore, Failure> {
    let mut authorities = RootCertStore::empty();
    for certificate in read_certificates(file)? {
        authorities.add(certificate).map_err(|error| problem(file, error))?;
    }
    Ok(authorities)
}

fn read_certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let certificates = CertificateDer::pem_file_iter(file)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| not_pem(file, "no certificate in PEM", error))?;
    match certificates.is_empty() {
        true => Err(problem(file, "it holds no certificate")),
        false => Ok(certificates),
    }
}

fn read_pkcs12(file: &Path, password: &str) -> Result<Identity, Failure> {
    let bytes = std::fs::read(file).map(Zeroizing::new).map_err(|error| problem(file, error))?;
    let parsed = open_pkcs12(&bytes, password).map_err(|error| {
        let error = last_reason(&error);
        problem(file, format!("no PKCS#12 file that --https-p12-password opens: {error}"))
    })?;
    let (Some(key), Some(certificate)) = (&parsed.pkey, &parsed.cert) else {
        return Err(problem(file, "it lacks a certificate or its private key"));
    };
    let encoding = |error: ErrorStack| problem(file, last_reason(&error));
    let key = PrivatePkcs8KeyDer::from(key.private_key_to_pkcs8().map_err(encoding)?);
    let mut chain = Vec::new();
    for certificate in std::iter::once(certificate.clone()).chain(issuers(certificate, parsed.ca)) {
        chain.push(CertificateDer::from(certificate.to_der().map_err(encoding)?));
    }
    Ok(Identity { chain, key: key.into() })
}

/// Opens the file; one with ciphers of old needs OpenSSL's legacy provider, which is loaded only for that.
pub(crate) fn open_pkcs12(bytes: &[u8], password: &str) -> Result<ParsedPkcs12_2, ErrorStack> {
    // A password for a C library ends at its first NUL; none can hold one.
    let password = password.split('\0').next().unwrap_or_default();
    let file = Pkcs12::from_der(bytes)?;
    file.parse2(password).or_else(|error| match Provider::try_load(None, "legacy", true) {
        Ok(_legacy) => file.parse2(password),
        Err(_) => Err(error),
    })
}

/// The issuers of a certificate, each after the one that it signed, whatever their order in the file.
fn issuers(certificate: &X509, others: Option<Stack<X509>>) -> Vec<X509> {
    let mut others: Vec<X509> = others.into_iter().flatten().collect();
    let mut chain: Vec<X509> = Vec::new();
    loop {
        let last = chain.last().unwrap_or(certificate);
        match others.iter().position(|other| other.issued(last) == X509VerifyResult::OK) {
            Some(place) => chain.push(others.remove(place)),
            None => return chain,
        }
    }
}

/// What OpenSSL says was wrong.
pub(crate) fn last_reason(error: &ErrorStack) -> String {
    let reason = error.errors().last().and_then(|error| error.reason());
    reason.unwrap_or("OpenSSL gives no reason").to_owned()
}

fn not_pem(file: &Path, what: &str, error: pem::Error) -> Failure {
    match error {
        pem::Error::Io(error) => problem(file, error),
        pem::Error::NoItemsFound => problem(file, what),
        error => problem(file, format!("{what}: {error}")),
    }
}

fn problem(file: &Path, what: impl std::fmt::Display) -> Failure {
    Failure::new(format!("{}: {what}", file.display()))
}
