//! The extensions of a new certificate.
//!
//! What an extension text says counts most, then what the request or the certificate to be renewed has, then what follows
//! from the plan: key identifiers, basic constraints and key usage are always there unless the text leaves them out.

use claviger_plugin_sdk::certificate_attributes::{AUTHORITY_NAME, EXTENSION_TEXT};
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::CertificatePlan;
use der::asn1::{AnyRef, ObjectIdentifier, OctetString};
use der::flagset::FlagSet;
use der::{Decode, Encode};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier};

use super::structure::{PublicKeyInfo, content_of, encoded, extension};
use super::{extension_text, key_identifiers, name, oids};

/// Whom a certificate is to be for, and extensions that it is to have.
pub(super) struct Wanted {
    pub(super) subject: Vec<u8>,
    pub(super) extensions: Vec<Extension>,
}

/// All extensions of a certificate.
///
/// # Errors
/// Invalid Field: what is wanted contradicts itself, or the subject is empty and has no alternative name.
pub(super) fn all(plan: &CertificatePlan<'_>, wanted: &Wanted, own_key: &[u8]) -> Result<Vec<Extension>> {
    let asked = match plan.attributes.get(EXTENSION_TEXT) {
        Some(Value::TextString(text)) => extension_text::read(text, &wanted.subject)?,
        _ => extension_text::Asked::default(),
    };
    let mut extensions = asked.extensions;
    for one in &wanted.extensions {
        let is_made_anew =
            matches!(one.extn_id, oids::SUBJECT_KEY_IDENTIFIER | oids::AUTHORITY_KEY_IDENTIFIER);
        if !is_made_anew && extension(&extensions, one.extn_id).is_none() {
            extensions.push(one.clone());
        }
    }
    complete_alternative_names(plan.attributes, wanted, &mut extensions)?;
    complete_usage(plan.attributes, own_key, &mut extensions)?;
    let identifiers =
        key_identifiers::wanted(plan, &wanted.subject, own_key, asked.own_key, asked.issuer_key)?;
    if let Some(identifier) = identifiers.issuer {
        extensions.insert(0, made(oids::AUTHORITY_KEY_IDENTIFIER, false, &identifier)?);
    }
    if let Some(identifier) = identifiers.own {
        let identifier = SubjectKeyIdentifier(octets(&identifier)?);
        extensions.insert(0, made(oids::SUBJECT_KEY_IDENTIFIER, false, &identifier)?);
    }
    check(&extensions)?;
    Ok(extensions)
}

/// The alternative names of the X.509 Certificate Subject that the attributes ask for. They are critical if there is no
/// other name (RFC 5280 section 4.2.1.6).
fn complete_alternative_names(
    attributes: &Attributes,
    wanted: &Wanted,
    extensions: &mut Vec<Extension>,
) -> Result<()> {
    let has_no_name = name::parts(&wanted.subject)?.is_empty();
    if let Some(subject) = attributes.one::<kinds::X509CertificateSubject>()
        && !subject.subject_alternative_name.is_empty()
        && extension(extensions, oids::SUBJECT_ALTERNATIVE_NAME).is_none()
    {
        let names: der::Result<Vec<AnyRef<'_>>> =
            subject.subject_alternative_name.iter().map(|name| AnyRef::from_der(name)).collect();
        let names = names
            .map_err(|error| Error::certificate("a Subject Alternative Name is malformed").because(error))?;
        extensions.push(made(oids::SUBJECT_ALTERNATIVE_NAME, false, &names)?);
    }
    match extensions.iter_mut().find(|extension| extension.extn_id == oids::SUBJECT_ALTERNATIVE_NAME) {
        Some(names) => names.critical |= has_no_name,
        None if has_no_name => {
            return Err(Error::certificate("a certificate needs a subject or an alternative name of it"));
        }
        None => {}
    }
    Ok(())
}

/// Basic constraints and key usage, unless they are there.
fn complete_usage(attributes: &Attributes, own_key: &[u8], extensions: &mut Vec<Extension>) -> Result<()> {
    let mask = attributes.one::<kinds::CryptographicUsageMask>().unwrap_or(0).cast_unsigned();
    let is_authority = match content_of::<BasicConstraints>(extensions, oids::BASIC_CONSTRAINTS) {
        Some(constraints) => constraints.ca,
        None => attributes.contains(AUTHORITY_NAME) || mask & CryptographicUsageMask::CERTIFICATE_SIGN.0 != 0,
    };
    if extension(extensions, oids::BASIC_CONSTRAINTS).is_none() {
        let constraints = BasicConstraints { ca: is_authority, path_len_constraint: None };
        extensions.push(made(oids::BASIC_CONSTRAINTS, true, &constraints)?);
    }
    if extension(extensions, oids::KEY_USAGE).is_none() {
        let of_mask = usages_of_mask(mask);
        let usages = match (is_authority, of_mask.is_empty()) {
            (true, _) => of_mask | KeyUsages::KeyCertSign | KeyUsages::CRLSign,
            (false, false) => of_mask,
            (false, true) => usages_of_key(own_key)?,
        };
        extensions.push(made(oids::KEY_USAGE, true, &KeyUsage(usages))?);
    }
    Ok(())
}

/// What a Cryptographic Usage Mask comes to. One that restricts nothing says nothing.
fn usages_of_mask(mask: u32) -> FlagSet<KeyUsages> {
    use CryptographicUsageMask as Mask;
    if mask & Mask::UNRESTRICTED.0 != 0 {
        return FlagSet::default();
    }
    let rows = [
        (Mask::SIGN.0 | Mask::VERIFY.0, KeyUsages::DigitalSignature),
        (Mask::CONTENT_COMMITMENT_NON_REPUDIATION.0, KeyUsages::NonRepudiation),
        (Mask::WRAP_KEY.0 | Mask::UNWRAP_KEY.0, KeyUsages::KeyEncipherment),
        (Mask::ENCRYPT.0 | Mask::DECRYPT.0, KeyUsages::DataEncipherment),
        (Mask::KEY_AGREEMENT.0 | Mask::DERIVE_KEY.0, KeyUsages::KeyAgreement),
        (Mask::CERTIFICATE_SIGN.0, KeyUsages::KeyCertSign),
        (Mask::CRL_SIGN.0, KeyUsages::CRLSign),
    ];
    rows.iter()
        .filter(|(bits, _)| mask & bits != 0)
        .fold(FlagSet::default(), |usages, (_, usage)| usages | *usage)
}

/// All that a key of this algorithm can be used for (RFC 3279 section 2.3, RFC 9295 section 3, RFC 9935 section 5).
fn usages_of_key(own_key: &[u8]) -> Result<FlagSet<KeyUsages>> {
    let key = PublicKeyInfo::from_der(own_key)
        .map_err(|error| Error::certificate("a public key is malformed").because(error))?;
    let signs = KeyUsages::DigitalSignature | KeyUsages::NonRepudiation;
    Ok(match key.algorithm.oid {
        oids::RSA => signs | KeyUsages::KeyEncipherment | KeyUsages::DataEncipherment,
        oids::EC => signs | KeyUsages::KeyAgreement,
        oids::X25519 | oids::X448 => KeyUsages::KeyAgreement.into(),
        oids::ML_KEM_512 | oids::ML_KEM_768 | oids::ML_KEM_1024 => KeyUsages::KeyEncipherment.into(),
        _ => signs,
    })
}

/// Whether the extensions go together (RFC 5280 sections 4.2.1.3 and 4.2.1.9).
fn check(extensions: &[Extension]) -> Result<()> {
    let refused = |why: &str| Err(Error::certificate(why.to_owned()));
    let malformed = |oid| extension(extensions, oid).is_some();
    let constraints = content_of::<BasicConstraints>(extensions, oids::BASIC_CONSTRAINTS);
    let usage = content_of::<KeyUsage>(extensions, oids::KEY_USAGE);
    match (constraints, usage) {
        (None, _) if malformed(oids::BASIC_CONSTRAINTS) => refused("the basic constraints are malformed"),
        (_, None) if malformed(oids::KEY_USAGE) => refused("the key usage is malformed"),
        (Some(constraints), _) if !constraints.ca && constraints.path_len_constraint.is_some() => {
            refused("only an authority has a path length")
        }
        (Some(constraints), Some(usage)) if !constraints.ca && usage.key_cert_sign() => {
            refused("only an authority signs certificates")
        }
        _ => Ok(()),
    }
}

fn made(oid: ObjectIdentifier, critical: bool, content: &impl Encode) -> Result<Extension> {
    Ok(Extension { extn_id: oid, critical, extn_value: octets(&encoded(content)?)? })
}

fn octets(bytes: &[u8]) -> Result<OctetString> {
    OctetString::new(bytes).map_err(|error| Error::certificate("an extension is too long").because(error))
}
