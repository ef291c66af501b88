//! Lists of certificates that their authorities have taken back (CRL, RFC 5280 section 5).

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::x509::X509Crl;
use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::ClientCertVerifierBuilder;
use tracing::{info, warn};

use crate::failure::Failure;

type Der = CertificateRevocationListDer<'static>;

/// The lists in several files, the newest first: of the lists of one issuer the first counts.
pub(crate) struct RevocationLists(Vec<List>);

struct List {
    der: Der,
    /// Both in seconds since 1970.
    this_update: i64,
    next_update: i64,
}

impl RevocationLists {
    /// Reads files in DER, with a list each, or in PEM, with any number. The verifier is asked whether it can use them.
    ///
    /// # Errors
    /// A file cannot be read, has no list in it, or one that cannot be used: of another version than 2, without Next
    /// Update, or one of changes only.
    pub(crate) fn read(files: &[PathBuf], verifier: &ClientCertVerifierBuilder) -> Result<Self, Failure> {
        let mut lists = Vec::new();
        for file in files {
            lists.extend(read_file(file, verifier)?);
        }
        lists.sort_by_key(|list| std::cmp::Reverse(list.this_update));
        Ok(Self(lists))
    }

    /// When the first of them is overdue, in seconds since 1970.
    pub(crate) fn next_update(&self) -> Option<i64> {
        self.0.iter().map(|list| list.next_update).min()
    }

    /// The lists themselves.
    pub(crate) fn into_der(self) -> Vec<Der> {
        self.0.into_iter().map(|list| list.der).collect()
    }
}

fn read_file(file: &Path, verifier: &ClientCertVerifierBuilder) -> Result<Vec<List>, Failure> {
    let problem = |what: &str| Failure::new(format!("{}: {what}", file.display()));
    let bytes = std::fs::read(file).map_err(|error| problem(&error.to_string()))?;
    let is_pem = bytes.windows(PEM.len()).any(|window| window == PEM);
    let ders = match is_pem {
        true => Der::pem_slice_iter(&bytes)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| problem(&format!("no revocation list in PEM: {error}")))?,
        false => vec![Der::from(bytes)],
    };
    if ders.is_empty() {
        return Err(problem("it holds no revocation list (X509 CRL)"));
    }
    let mut lists = Vec::new();
    for der in ders {
        let crl = X509Crl::from_der(&der).map_err(|_| problem("no revocation list in DER or PEM"))?;
        let next_update =
            crl.next_update().ok_or_else(|| problem("a revocation list without Next Update"))?;
        if let Err(error) = verifier.clone().with_crls([der.clone()]).build() {
            return Err(problem(&format!("a revocation list that cannot be used: {error}")));
        }
        let unreadable = |_: ErrorStack| problem("a revocation list whose dates cannot be read");
        let list = List {
            this_update: seconds(crl.last_update()).map_err(unreadable)?,
            next_update: seconds(next_update).map_err(unreadable)?,
            der,
        };
        tell(file, &crl, &list);
        lists.push(list);
    }
    Ok(lists)
}

/// How every block of PEM begins.
const PEM: &[u8] = b"-----BEGIN ";

fn tell(file: &Path, crl: &X509Crl, list: &List) {
    let (file, revoked) = (file.display(), crl.get_revoked().map_or(0, |revoked| revoked.len()));
    match list.next_update <= now() {
        true => warn!(%file, revoked, "a revocation list is past its Next Update"),
        false => info!(%file, revoked, until = list.next_update, "a revocation list was read"),
    }
}

/// Seconds since 1970.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

fn seconds(time: &Asn1TimeRef) -> Result<i64, ErrorStack> {
    let since = Asn1Time::from_unix(0)?.diff(time)?;
    Ok(i64::from(since.days) * 86_400 + i64::from(since.secs))
}
