//! Lists of certificates that their authorities have taken back (CRL, RFC 5280 section 5).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rustls::pki_types::CertificateRevocationListDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::ClientCertVerifierBuilder;
use tracing::{info, warn};
use x509_parser::oid_registry::OID_X509_EXT_ISSUER_DISTRIBUTION_POINT;
use x509_parser::prelude::FromDer as _;
use x509_parser::revocation_list::CertificateRevocationList;

use crate::failure::Failure;

type Der = CertificateRevocationListDer<'static>;

/// The lists in several files that count: of one issuer for one kind of certificates, the newest.
pub(crate) struct RevocationLists(Vec<List>);

struct List {
    der: Der,
    /// The issuer, in DER.
    issuer: Vec<u8>,
    /// The certificates that it is about, in DER (RFC 5280 section 5.2.5); `None` if those are all of the issuer's.
    scope: Option<Vec<u8>>,
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
        Ok(Self(newest(lists)))
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

/// The lists without those that a newer one takes the place of, the newest first.
fn newest(mut lists: Vec<List>) -> Vec<List> {
    lists.sort_by_key(|list| std::cmp::Reverse(list.this_update));
    let mut seen = BTreeSet::new();
    lists.retain(|list| {
        let is_newest = !seen.contains(&(list.issuer.clone(), None))
            && !seen.contains(&(list.issuer.clone(), list.scope.clone()));
        seen.insert((list.issuer.clone(), list.scope.clone()));
        is_newest
    });
    lists
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
        let read = CertificateRevocationList::from_der(&der);
        let (_, crl) = read.map_err(|_| problem("no revocation list in DER or PEM"))?;
        let next_update =
            crl.next_update().ok_or_else(|| problem("a revocation list without Next Update"))?;
        if let Err(error) = verifier.clone().with_crls([der.clone()]).build() {
            return Err(problem(&format!("a revocation list that cannot be used: {error}")));
        }
        let mut extensions = crl.extensions().iter();
        let scope = extensions.find(|extension| extension.oid == OID_X509_EXT_ISSUER_DISTRIBUTION_POINT);
        let list = List {
            der: der.clone(),
            issuer: crl.issuer().as_raw().to_vec(),
            scope: scope.map(|extension| extension.value.to_vec()),
            this_update: crl.last_update().timestamp(),
            next_update: next_update.timestamp(),
        };
        let revoked = crl.iter_revoked_certificates().count();
        tell(file, revoked, &list);
        lists.push(list);
    }
    Ok(lists)
}

/// How every block of PEM begins.
const PEM: &[u8] = b"-----BEGIN ";

fn tell(file: &Path, revoked: usize, list: &List) {
    let file = file.display();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn list(issuer: &str, scope: Option<&str>, this_update: i64, next_update: i64) -> List {
        let [issuer, scope] = [Some(issuer), scope].map(|text| text.map(|text| text.as_bytes().to_vec()));
        List {
            der: Der::from(Vec::new()),
            issuer: issuer.unwrap_or_default(),
            scope,
            this_update,
            next_update,
        }
    }

    /// When the lists that count were made, and when the first of them is overdue.
    fn counting(lists: Vec<List>) -> (Vec<i64>, Option<i64>) {
        let lists = RevocationLists(newest(lists));
        let made = lists.0.iter().map(|list| list.this_update).collect();
        (made, lists.next_update())
    }

    #[test]
    fn a_list_that_a_newer_one_takes_the_place_of_is_not_waited_for() {
        assert_eq!(counting(vec![list("a", None, 1, 10), list("a", None, 5, 50)]), (vec![5], Some(50)));
        let two = vec![list("a", None, 1, 10), list("b", None, 5, 50)];
        assert_eq!(counting(two), (vec![5, 1], Some(10)));
        // A list of some certificates does not stand for all, but one of all stands for some.
        let of_some = || list("a", Some("users"), 5, 50);
        assert_eq!(counting(vec![list("a", None, 1, 10), of_some()]), (vec![5, 1], Some(10)));
        assert_eq!(counting(vec![list("a", None, 7, 70), of_some()]), (vec![7], Some(70)));
        assert_eq!(counting(vec![list("a", Some("users"), 1, 10), of_some()]), (vec![5], Some(50)));
        assert_eq!(counting(Vec::new()), (Vec::new(), None));
    }
}
