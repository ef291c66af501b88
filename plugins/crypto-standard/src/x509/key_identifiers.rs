//! The identifiers of its own key and of its issuer's in a new certificate (RFC 5280 sections 4.2.1.1 and 4.2.1.2).

use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::scheme::CertificatePlan;
use der::Decode;
use der::asn1::OctetString;
use x509_cert::ext::pkix::AuthorityKeyIdentifier;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;

use super::description::{identifier_of, serial_of};
use super::draft;
use super::extension_text::{IssuerKey, OwnKey, Presence};

/// The identifiers that a certificate is to have.
pub(super) struct KeyIdentifiers {
    /// Of its own key.
    pub(super) own: Option<Vec<u8>>,
    /// Of its issuer's.
    pub(super) issuer: Option<AuthorityKeyIdentifier>,
}

/// The identifiers that a text asks for. Where it does not say, that of each key is there.
///
/// # Errors
/// Invalid Field: a key or the issuer's certificate is malformed.
pub(super) fn wanted(
    plan: &CertificatePlan<'_>,
    subject: &[u8],
    own_key: &[u8],
    own: Option<OwnKey>,
    issuer: Option<IssuerKey>,
) -> Result<KeyIdentifiers> {
    let (identifier, is_there) = match own {
        Some(OwnKey::Given(given)) => (given, true),
        Some(OwnKey::Absent) => (identifier_of(own_key)?.to_vec(), false),
        Some(OwnKey::Hash) | None => (identifier_of(own_key)?.to_vec(), true),
    };
    let asked = issuer.unwrap_or(IssuerKey { key: Presence::Always, certificate: Presence::Absent });
    let issuer = of_issuer(plan, subject, &identifier, asked)?;
    Ok(KeyIdentifiers { own: is_there.then_some(identifier), issuer })
}

fn of_issuer(
    plan: &CertificatePlan<'_>,
    subject: &[u8],
    own_identifier: &[u8],
    asked: IssuerKey,
) -> Result<Option<AuthorityKeyIdentifier>> {
    let useful = plan.issuer.is_some();
    let has_key = asked.key == Presence::Always || asked.key == Presence::IfUseful && useful;
    let has_certificate = asked.certificate == Presence::Always
        || asked.certificate == Presence::IfUseful && asked.key == Presence::Absent && useful;
    if !has_key && !has_certificate {
        return Ok(None);
    }
    let mut identifier = AuthorityKeyIdentifier {
        key_identifier: None,
        authority_cert_issuer: None,
        authority_cert_serial_number: None,
    };
    if has_key {
        let key = plan.issuer.map_or(own_identifier, |issuer| &issuer.key_identifier);
        identifier.key_identifier = Some(OctetString::new(key).map_err(malformed)?);
    }
    if has_certificate {
        let (name, serial) = match plan.issuer {
            Some(issuer) => (&issuer.issuer[..], serial_of(issuer)?),
            None => (subject, draft::serial(plan.serial)?),
        };
        let name = Name::from_der(name).map_err(malformed)?;
        identifier.authority_cert_issuer = Some(vec![GeneralName::DirectoryName(name)]);
        identifier.authority_cert_serial_number = Some(SerialNumber::from_der(&serial).map_err(malformed)?);
    }
    Ok(Some(identifier))
}

fn malformed(error: der::Error) -> Error {
    Error::certificate("the issuer cannot be identified: its certificate is malformed").because(error)
}
