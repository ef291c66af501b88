//! New certificates: what is signed, and the certificate with its signature.

use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::{CertificateDraft, CertificatePlan};
use der::Decode;
use der::asn1::{AnyRef, BitStringRef, UintRef};
use openssl::pkey::PKey;
use openssl::x509::X509;
use x509_cert::ext::pkix::BasicConstraints;

use super::description::{extensions_of, public_key};
use super::extension::{self, Wanted};
use super::structure::{Signed, TbsCertificate, V3, Validity, content_of, encoded, time};
use super::{name, oids, reading, signature};

/// The longest serial number (RFC 5280 section 4.1.2.2).
const SERIAL_BYTES: usize = 20;

/// The certificate of a plan, without its signature.
///
/// # Errors
/// Those of [`draft`](claviger_plugin_sdk::scheme::CertificateScheme::draft).
pub(super) fn draft(plan: &CertificatePlan<'_>) -> Result<CertificateDraft> {
    if plan.not_after < plan.not_before {
        return Err(Error::certificate("the certificate would end before it begins"));
    }
    let own_key = public_key(plan.public_key)?;
    let issuer_key = match plan.issuer {
        Some(issuer) => public_key(&issuer.public_key)?,
        None => own_key,
    };
    let signature = plan.attributes.one::<kinds::DigitalSignatureAlgorithm>();
    let choice = signature::choose(issuer_key, signature, plan.parameters)?;
    let wanted = wanted(plan)?;
    let extensions = extension::all(plan, &wanted, own_key)?;
    let constraints = content_of::<BasicConstraints>(&extensions, oids::BASIC_CONSTRAINTS);
    check_issuer(plan, constraints.is_some_and(|constraints| constraints.ca))?;
    let serial = serial(plan.serial)?;
    let issuer = plan.issuer.map_or(wanted.subject.as_slice(), |issuer| &issuer.subject);
    let tbs = TbsCertificate {
        version: V3,
        serial: AnyRef::from_der(&serial).map_err(malformed)?,
        algorithm: AnyRef::from_der(&choice.algorithm).map_err(malformed)?,
        issuer: AnyRef::from_der(issuer).map_err(malformed)?,
        validity: Validity { not_before: time(plan.not_before)?, not_after: time(plan.not_after)? },
        subject: AnyRef::from_der(&wanted.subject).map_err(malformed)?,
        public_key: AnyRef::from_der(own_key).map_err(malformed)?,
        issuer_unique_id: None,
        subject_unique_id: None,
        extensions: Some(extensions),
    };
    Ok(CertificateDraft {
        to_be_signed: encoded(&tbs)?.into(),
        parameters: choice.parameters,
        algorithm: choice.algorithm.into(),
        issuer_key: issuer_key.into(),
    })
}

/// The certificate of a draft, if the signature is one of the issuer's key.
///
/// # Errors
/// Cryptographic Failure.
pub(super) fn finish(draft: &CertificateDraft, signature: &[u8]) -> Result<ByteString> {
    let signed = Signed {
        content: AnyRef::from_der(&draft.to_be_signed).map_err(malformed)?,
        algorithm: AnyRef::from_der(&draft.algorithm).map_err(malformed)?,
        signature: BitStringRef::from_bytes(signature).map_err(malformed)?,
    };
    let certificate = encoded(&signed)?;
    // A key of an algorithm that this library lacks cannot be compared with the issuer's.
    if let Ok(key) = PKey::public_key_from_der(&draft.issuer_key) {
        let parsed = X509::from_der(&certificate).map_err(|error| unsigned().because(error))?;
        if !parsed.verify(&key).map_err(|error| unsigned().because(error))? {
            return Err(unsigned());
        }
    }
    Ok(certificate.into())
}

fn unsigned() -> Error {
    Error::cryptographic("the private key that signed is not that of the issuer's certificate")
}

/// Subject and extensions: those of the request, else those of the attributes, else those of the certificate that is
/// renewed (KMIP 2.1 sections 6.1.6 and 6.1.45).
fn wanted(plan: &CertificatePlan<'_>) -> Result<Wanted> {
    if let Some(request) = plan.request {
        let (subject, extensions) = reading::asked(&request.value)?;
        return Ok(Wanted { subject, extensions });
    }
    let renewed = plan.renewed;
    let extensions = renewed.map(extensions_of).transpose()?.unwrap_or_default();
    let subject = match (name::wanted(plan.attributes)?, renewed) {
        (Some(subject), _) => subject,
        (None, Some(renewed)) => renewed.subject.to_vec(),
        (None, None) => {
            return Err(Error::certificate(
                "a certificate needs a subject: a request that names one, or the Certificate Subject among the attributes",
            ));
        }
    };
    Ok(Wanted { subject, extensions })
}

/// Whether the issuer may issue the certificate (RFC 5280 section 4.2.1.9): it is an authority, and of no others if its
/// path must not go on.
fn check_issuer(plan: &CertificatePlan<'_>, for_authority: bool) -> Result<()> {
    let Some(issuer) = plan.issuer else { return Ok(()) };
    let refused = |why: &str| {
        Err(Error::certificate(why.to_owned()).with_reason(ResultReason::INVALID_ATTRIBUTE_VALUE))
    };
    if issuer.authority.is_none() {
        return refused("the certificate that is to issue another is not that of an authority");
    }
    let extensions = extensions_of(issuer)?;
    let path = content_of::<BasicConstraints>(&extensions, oids::BASIC_CONSTRAINTS)
        .and_then(|constraints| constraints.path_len_constraint);
    if for_authority && path == Some(0) {
        return refused("the issuer must not issue certificates of authorities: its path length is 0");
    }
    Ok(())
}

/// The serial number as a positive INTEGER.
///
/// # Errors
/// Invalid Field: it is zero or too long.
pub(super) fn serial(bytes: &[u8]) -> Result<Vec<u8>> {
    let serial = encoded(&UintRef::new(bytes).map_err(malformed)?)?;
    if bytes.len() > SERIAL_BYTES || bytes.iter().all(|byte| *byte == 0) {
        return Err(Error::certificate("a serial number is positive and has up to 20 bytes"));
    }
    Ok(serial)
}

fn malformed(error: der::Error) -> Error {
    Error::certificate("a certificate cannot be made of malformed parts").because(error)
}
