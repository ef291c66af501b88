//! Revocation lists (RFC 5280 sections 5 and 6.3).
//!
//! A list counts if the issuer of the certificate signed it and may do so, and it says all that it means in ways that are
//! understood here: whole lists of the certificate's own issuer. A list that is out of date proves that a certificate is
//! revoked, and not that it is not; a certificate without a list is taken as not revoked.

use std::cmp::Ordering;

use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::Verdict;
use der::Decode;
use der::asn1::AnyRef;
use openssl::asn1::{Asn1Time, Asn1TimeRef};
use openssl::error::ErrorStack;
use openssl::x509::{CrlStatus, X509, X509Crl, X509CrlRef, X509Ref};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::KeyUsage;

use super::oids;
use super::structure::{Signed, TbsCertificate, content_of, elements};

/// Revocation lists that are read.
pub(super) struct Lists(Vec<List>);

struct List {
    list: X509Crl,
    scope: Scope,
}

/// Which certificates a list is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    All,
    EndEntities,
    Authorities,
}

impl Lists {
    /// Those of the lists that are understood.
    pub(super) fn of(encoded: &[ByteString]) -> Result<Self, ErrorStack> {
        let mut lists = Vec::new();
        for encoded in encoded {
            if let Some(scope) = scope(encoded) {
                lists.push(List { list: X509Crl::from_der(encoded)?, scope });
            }
        }
        Ok(Self(lists))
    }

    /// Whether no certificate of a valid path, which ends with its root, was revoked at the time.
    pub(super) fn judge(&self, path: &[X509], at: DateTime) -> Result<Verdict, ErrorStack> {
        let at = Asn1Time::from_unix(at.0)?;
        for pair in path.windows(2) {
            if let [certificate, issuer] = pair
                && self.0.iter().any(|list| list.revokes(certificate, issuer, &at).unwrap_or(false))
            {
                return Ok(Verdict::Invalid("a certificate of the chain is revoked".into()));
            }
        }
        Ok(Verdict::Valid)
    }
}

impl List {
    /// Whether the certificate was revoked by then, according to this list of its issuer.
    fn revokes(&self, certificate: &X509Ref, issuer: &X509Ref, at: &Asn1TimeRef) -> Result<bool, ErrorStack> {
        let (is_authority, _) = facts(certificate);
        let concerned = match self.scope {
            Scope::All => true,
            Scope::EndEntities => !is_authority,
            Scope::Authorities => is_authority,
        };
        let same_name = self.list.issuer_name().try_cmp(certificate.issuer_name())? == Ordering::Equal;
        if !concerned || !same_name || !signed_by(&self.list, issuer)? {
            return Ok(false);
        }
        match self.list.get_by_serial(certificate.serial_number()) {
            CrlStatus::Revoked(entry) => Ok(entry.revocation_date().compare(at)? != Ordering::Greater),
            CrlStatus::NotRevoked | CrlStatus::RemoveFromCrl(_) => Ok(false),
        }
    }
}

/// Whether the issuer of certificates signed the list, and may sign lists.
fn signed_by(list: &X509CrlRef, issuer: &X509Ref) -> Result<bool, ErrorStack> {
    let (_, may_sign_lists) = facts(issuer);
    Ok(may_sign_lists && list.verify(&*issuer.public_key()?)?)
}

/// Whether a certificate is that of an authority, and whether its key may sign lists.
fn facts(certificate: &X509Ref) -> (bool, bool) {
    let der = certificate.to_der().unwrap_or_default();
    let Ok(signed) = Signed::from_der(&der) else { return (false, false) };
    let Ok(tbs) = signed.content.decode_as::<TbsCertificate<'_>>() else { return (false, false) };
    let extensions = tbs.extensions.as_deref().unwrap_or_default();
    let constraints =
        content_of::<x509_cert::ext::pkix::BasicConstraints>(extensions, oids::BASIC_CONSTRAINTS);
    let usage = content_of::<KeyUsage>(extensions, oids::KEY_USAGE);
    (constraints.is_some_and(|constraints| constraints.ca), usage.is_none_or(|usage| usage.crl_sign()))
}

/// What a list is about; nothing if it has a critical extension that is not understood here, such as that of a list of
/// changes or of other issuers' certificates.
fn scope(encoded: &[u8]) -> Option<Scope> {
    let signed = Signed::from_der(encoded).ok()?;
    let fields: Vec<AnyRef<'_>> = elements(signed.content.value()).ok()?;
    let explicit = der::TagNumber(0).context_specific(true);
    let extensions = fields.iter().rfind(|field| der::Tagged::tag(*field) == explicit);
    let extensions = match extensions {
        Some(extensions) => Vec::<Extension>::from_der(extensions.value()).ok()?,
        None => Vec::new(),
    };
    let unknown = |one: &Extension| one.critical && one.extn_id != oids::ISSUING_DISTRIBUTION_POINT;
    if extensions.iter().any(unknown) {
        return None;
    }
    let point = extensions.iter().find(|one| one.extn_id == oids::ISSUING_DISTRIBUTION_POINT);
    point.map_or(Some(Scope::All), |point| scope_of_point(point.extn_value.as_bytes()))
}

/// IssuingDistributionPoint (RFC 5280 section 5.2.5), of which the fields but the first are Booleans or bits.
fn scope_of_point(content: &[u8]) -> Option<Scope> {
    let point = AnyRef::from_der(content).ok()?;
    let mut scope = Scope::All;
    for field in elements::<AnyRef<'_>>(point.value()).ok()? {
        let is_set = field.value().iter().any(|byte| *byte != 0);
        match der::Tagged::tag(&field).number().0 {
            0 => {}
            1 if is_set => scope = Scope::EndEntities,
            2 if is_set => scope = Scope::Authorities,
            1 | 2 => {}
            // Some reasons only, other issuers' certificates, attribute certificates.
            4 | 5 if !is_set => {}
            _ => return None,
        }
    }
    Some(scope)
}
