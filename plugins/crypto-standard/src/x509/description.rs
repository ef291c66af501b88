//! What a certificate says.

use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::kmip::attributes::{
    Attributes, CertificateIdentifier, CertificateIssuer, CertificateSubject, X509CertificateIdentifier,
    X509CertificateIssuer, X509CertificateSubject, kinds,
};
use claviger_plugin_sdk::kmip::objects::{KeyBlock, KeyValue, PlainKeyValue};
use claviger_plugin_sdk::kmip::tables::enumerations::CertificateType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::CertificateDescription;
use der::Decode;
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, KeyUsage};

use super::structure::{PublicKeyInfo, Signed, TbsCertificate, content_of, elements, encoded, seconds};
use super::{name, oids, signature};

/// Describes a certificate in DER.
///
/// # Errors
/// Invalid Field: it is none, or bytes follow it.
pub(super) fn describe(der: &[u8]) -> Result<CertificateDescription> {
    let signed = Signed::from_der(der).map_err(malformed)?;
    let tbs: TbsCertificate<'_> = signed.content.decode_as().map_err(malformed)?;
    let extensions = tbs.extensions.as_deref().unwrap_or_default();
    let (subject, issuer) = (encoded(&tbs.subject)?, encoded(&tbs.issuer)?);
    let public_key = encoded(&tbs.public_key)?;
    let is_authority = is_authority(&tbs);
    Ok(CertificateDescription {
        attributes: attributes(der, &signed, &tbs, &subject, &issuer)?,
        not_before: seconds(tbs.validity.not_before),
        not_after: seconds(tbs.validity.not_after),
        key_identifier: match content_of::<&OctetStringRef>(extensions, oids::SUBJECT_KEY_IDENTIFIER) {
            Some(stated) => stated.as_bytes().into(),
            None => identifier_of(&public_key)?,
        },
        issuer_key_identifier: issuer_key_identifier(extensions),
        authority: if is_authority { Some(known_as(&subject)?) } else { None },
        issuing_authority: name::common_name(&issuer),
        usage: usage(extensions),
        public_key: key_block(public_key),
        subject: subject.into(),
        issuer: issuer.into(),
        value: der.into(),
    })
}

/// The key block of a public key in the format that certificates hold.
pub(super) fn key_block(public_key: Vec<u8>) -> KeyBlock {
    KeyBlock {
        key_format_type: KeyFormatType::X_509,
        key_compression_type: None,
        key_value: Some(KeyValue::Plain(PlainKeyValue {
            key_material: Value::ByteString(public_key.into()),
            attributes: None,
        })),
        cryptographic_algorithm: None,
        cryptographic_length: None,
        key_wrapping_data: None,
    }
}

/// The public key of a key block in the format that certificates hold.
///
/// # Errors
/// Key Format Type Not Supported.
pub(super) fn public_key(block: &KeyBlock) -> Result<&[u8]> {
    match (&block.key_value, block.key_format_type) {
        (
            Some(KeyValue::Plain(PlainKeyValue { key_material: Value::ByteString(bytes), .. })),
            KeyFormatType::X_509,
        ) => Ok(bytes),
        _ => Err(Error::unsupported("a public key that goes into a certificate has the format X.509")
            .with_reason(ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED)),
    }
}

/// The identifier of a public key: the SHA-1 of its bits (RFC 5280 section 4.2.1.2, method 1).
///
/// # Errors
/// Invalid Field: it is no public key.
pub(super) fn identifier_of(public_key: &[u8]) -> Result<ByteString> {
    let key = PublicKeyInfo::from_der(public_key)
        .map_err(|error| Error::certificate("a public key is malformed").because(error))?;
    Ok(openssl::sha::sha1(key.key.raw_bytes()).as_slice().into())
}

/// The serial number of a certificate, as it is encoded.
///
/// # Errors
/// Invalid Field: it is none.
pub(super) fn serial_of(certificate: &CertificateDescription) -> Result<Vec<u8>> {
    let signed = Signed::from_der(&certificate.value).map_err(malformed)?;
    let tbs: TbsCertificate<'_> = signed.content.decode_as().map_err(malformed)?;
    encoded(&tbs.serial)
}

/// Whether the certificate may issue others: version 3 says so; of older versions only those that issued themselves do.
fn is_authority(tbs: &TbsCertificate<'_>) -> bool {
    let extensions = tbs.extensions.as_deref().unwrap_or_default();
    match content_of::<BasicConstraints>(extensions, oids::BASIC_CONSTRAINTS) {
        Some(constraints) => constraints.ca,
        None => tbs.version < super::structure::V3 && tbs.subject == tbs.issuer,
    }
}

/// The name under which an authority is known: its common name, else its whole name.
fn known_as(subject: &[u8]) -> Result<String> {
    match name::common_name(subject) {
        Some(name) => Ok(name),
        None => name::text(subject),
    }
}

fn attributes(
    der: &[u8],
    signed: &Signed<'_>,
    tbs: &TbsCertificate<'_>,
    subject: &[u8],
    issuer: &[u8],
) -> Result<Attributes> {
    let extensions = tbs.extensions.as_deref().unwrap_or_default();
    let alternative = |oid| alternative_names(extensions, oid);
    let length = i32::try_from(der.len()).map_err(|_| Error::certificate("a certificate is too long"))?;
    let mut attributes = Attributes::new();
    attributes.put::<kinds::CertificateType>(CertificateType::X_509);
    attributes.put::<kinds::CertificateLength>(length);
    attributes.put::<kinds::X509CertificateIdentifier>(X509CertificateIdentifier {
        issuer_distinguished_name: issuer.into(),
        // As the OASIS test cases TC-ECC-3 have it: with its tag and length.
        certificate_serial_number: encoded(&tbs.serial)?.into(),
    });
    attributes.put::<kinds::X509CertificateSubject>(X509CertificateSubject {
        subject_distinguished_name: if name::parts(subject)?.is_empty() {
            ByteString::default()
        } else {
            subject.into()
        },
        subject_alternative_name: alternative(oids::SUBJECT_ALTERNATIVE_NAME)?,
    });
    attributes.put::<kinds::X509CertificateIssuer>(X509CertificateIssuer {
        issuer_distinguished_name: issuer.into(),
        issuer_alternative_name: alternative(oids::ISSUER_ALTERNATIVE_NAME)?,
    });
    if let Some(algorithm) = signature::recognise(signed.algorithm) {
        attributes.put::<kinds::DigitalSignatureAlgorithm>(algorithm);
    }
    name::describe(subject, issuer, &mut attributes)?;
    describe_in_text(tbs, subject, issuer, &mut attributes)?;
    Ok(attributes)
}

/// The attributes of KMIP 1.0, in text (KMIP 1.4 sections 3.13 to 3.15).
fn describe_in_text(
    tbs: &TbsCertificate<'_>,
    subject: &[u8],
    issuer: &[u8],
    attributes: &mut Attributes,
) -> Result<()> {
    let extensions = tbs.extensions.as_deref().unwrap_or_default();
    attributes.put::<kinds::CertificateIdentifier>(CertificateIdentifier {
        issuer: name::text(issuer)?,
        serial_number: Some(serial_in_text(tbs.serial.value())),
    });
    attributes.put::<kinds::CertificateSubject>(CertificateSubject {
        distinguished_name: name::text(subject)?,
        alternative_name: plain_names(extensions, oids::SUBJECT_ALTERNATIVE_NAME),
    });
    attributes.put::<kinds::CertificateIssuer>(CertificateIssuer {
        distinguished_name: name::text(issuer)?,
        alternative_name: plain_names(extensions, oids::ISSUER_ALTERNATIVE_NAME),
    });
    Ok(())
}

/// A serial number as the OASIS test cases TC-ECC-3 have it: in hexadecimal digits, without a byte for the sign.
fn serial_in_text(bytes: &[u8]) -> String {
    let number = bytes.strip_prefix(&[0]).filter(|rest| !rest.is_empty()).unwrap_or(bytes);
    number.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// The general names of an extension, each encoded.
fn alternative_names(extensions: &[Extension], oid: ObjectIdentifier) -> Result<Vec<ByteString>> {
    general_names(extensions, oid).into_iter().map(|name| encoded(&name).map(ByteString::from)).collect()
}

/// The general names of an extension that are text: e-mail addresses, host names, URIs.
fn plain_names(extensions: &[Extension], oid: ObjectIdentifier) -> Vec<String> {
    let is_text = |name: &AnyRef<'_>| matches!(der::Tagged::tag(name).number().0, 1 | 2 | 6);
    let names = general_names(extensions, oid).into_iter().filter(is_text);
    names.map(|name| String::from_utf8_lossy(name.value()).into_owned()).collect()
}

fn general_names(extensions: &[Extension], oid: ObjectIdentifier) -> Vec<AnyRef<'_>> {
    let names = content_of::<AnyRef<'_>>(extensions, oid);
    names.and_then(|names| elements(names.value()).ok()).unwrap_or_default()
}

fn issuer_key_identifier(extensions: &[Extension]) -> Option<ByteString> {
    let identifier: AuthorityKeyIdentifier = content_of(extensions, oids::AUTHORITY_KEY_IDENTIFIER)?;
    identifier.key_identifier.map(|identifier| identifier.as_bytes().into())
}

/// What the key may be used for. A certificate without a Key Usage extension does not restrict it (RFC 5280 section
/// 4.2.1.3).
fn usage(extensions: &[Extension]) -> i32 {
    use CryptographicUsageMask as Mask;
    let bits = match content_of::<KeyUsage>(extensions, oids::KEY_USAGE) {
        None => Mask::VERIFY.0 | Mask::ENCRYPT.0 | Mask::WRAP_KEY.0,
        Some(usage) => [
            (usage.digital_signature() || usage.non_repudiation(), Mask::VERIFY.0),
            (usage.key_encipherment(), Mask::WRAP_KEY.0 | Mask::ENCRYPT.0),
            (usage.data_encipherment(), Mask::ENCRYPT.0),
            (usage.key_agreement(), Mask::KEY_AGREEMENT.0 | Mask::WRAP_KEY.0 | Mask::ENCRYPT.0),
            (usage.key_cert_sign(), Mask::CERTIFICATE_SIGN.0 | Mask::VERIFY.0),
            (usage.crl_sign(), Mask::CRL_SIGN.0 | Mask::VERIFY.0),
        ]
        .iter()
        .filter(|(has, _)| *has)
        .fold(0, |bits, (_, more)| bits | more),
    };
    bits.cast_signed()
}

/// The extensions of a certificate.
///
/// # Errors
/// Invalid Field: it is malformed.
pub(super) fn extensions_of(description: &CertificateDescription) -> Result<Vec<Extension>> {
    let signed = Signed::from_der(&description.value).map_err(malformed)?;
    let tbs: TbsCertificate<'_> = signed.content.decode_as().map_err(malformed)?;
    Ok(tbs.extensions.unwrap_or_default())
}

fn malformed(error: der::Error) -> Error {
    Error::certificate("the bytes are no X.509 certificate").because(error)
}
