//! The encodings in which certificates, requests and revocation lists come.

use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::kmip::tables::enumerations::CertificateRequestType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::scheme::{CertificateDescription, RequestDescription, RevocationList};
use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Encode, Sequence, TagNumber};
use openssl::x509::{X509Crl, X509Req};
use x509_cert::ext::Extension;

use super::description::{describe, key_block};
use super::oids;
use super::structure::{AnySet, RequestAttribute, RequestInfo, Signed, elements, encoded};
use crate::encoding::pem;

/// Certificates that are read at once at most: enough for the lists of all public root certificates.
const MOST: usize = 1000;

/// Every certificate in the bytes.
///
/// # Errors
/// Invalid Field: there is none, one is malformed, or there are too many.
pub(super) fn certificates(bytes: &[u8]) -> Result<Vec<CertificateDescription>> {
    let mut ders = Vec::new();
    if let Some(blocks) = blocks(bytes)? {
        for block in blocks {
            match block.label {
                "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => ders.push(block.der.to_vec()),
                "PKCS7" | "CMS" => ders.extend(bundled(&block.der)?),
                _ => {}
            }
        }
    } else if let Ok(certificates) = bundled(bytes) {
        ders = certificates;
    } else {
        ders.push(bytes.to_vec());
    }
    match ders.len() {
        0 => Err(Error::certificate("there is no certificate: give one in DER or PEM, or a PKCS#7 bundle")),
        1..=MOST => ders.iter().map(|der| describe(der)).collect(),
        _ => Err(Error::certificate(format!("there are more than {MOST} certificates"))),
    }
}

/// The blocks of a PEM text; nothing if the bytes are none. What begins as DER does is none, whatever follows.
///
/// # Errors
/// Invalid Field: a block cannot be read.
fn blocks(bytes: &[u8]) -> Result<Option<Vec<pem::Block<'_>>>> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    let begun = bytes.windows(BEGIN.len()).filter(|window| *window == BEGIN).count();
    if begun == 0 || bytes.first() == Some(&0x30) {
        return Ok(None);
    }
    let blocks = pem::blocks(bytes);
    if blocks.len() == begun {
        Ok(Some(blocks))
    } else {
        Err(Error::certificate("the PEM has a block that has no end, is encrypted or is not base64"))
    }
}

/// ContentInfo of PKCS#7 and CMS (RFC 5652 section 3).
#[derive(Sequence)]
struct ContentInfo<'a> {
    kind: ObjectIdentifier,
    content: AnyRef<'a>,
}

/// The certificates of a PKCS#7 bundle (RFC 5652 section 5.1).
///
/// # Errors
/// Invalid Field: it is none.
pub(crate) fn bundled(bytes: &[u8]) -> Result<Vec<Vec<u8>>> {
    let malformed = |error: der::Error| Error::certificate("the PKCS#7 bundle is malformed").because(error);
    let info = ContentInfo::from_der(bytes).map_err(malformed)?;
    if info.kind != oids::SIGNED_DATA {
        return Err(Error::certificate("a PKCS#7 bundle of certificates is of type signed data"));
    }
    let signed = AnyRef::from_der(info.content.value()).map_err(malformed)?;
    let fields: Vec<AnyRef<'_>> = elements(signed.value()).map_err(malformed)?;
    let certificates = TagNumber(0).context_specific(true);
    let field = fields.iter().find(|field| der::Tagged::tag(*field) == certificates);
    let certificates: Vec<AnyRef<'_>> = match field {
        Some(field) => elements(field.value()).map_err(malformed)?,
        None => Vec::new(),
    };
    certificates.iter().map(encoded).collect()
}

/// A bundle of certificates without signatures (PKCS#7, `openssl crl2pkcs7 -nocrl`).
///
/// # Errors
/// Invalid Field: one is no DER.
pub(crate) fn bundle(certificates: &[ByteString]) -> Result<Vec<u8>> {
    let malformed = |error: der::Error| Error::certificate("the PKCS#7 bundle cannot be made").because(error);
    let constructed =
        |tag, content: &[u8]| -> Result<Vec<u8>> { encoded(&AnyRef::new(tag, content).map_err(malformed)?) };
    let explicit = TagNumber(0).context_specific(true);
    let empty_set = constructed(der::Tag::Set, &[])?;
    let data = constructed(der::Tag::Sequence, &oids::DATA.to_der().map_err(malformed)?)?;
    let all: Vec<u8> = certificates.iter().flat_map(|certificate| certificate.to_vec()).collect();
    let signed_data =
        [1u8.to_der().map_err(malformed)?, empty_set.clone(), data, constructed(explicit, &all)?, empty_set]
            .concat();
    let signed_data = constructed(der::Tag::Sequence, &signed_data)?;
    let content = constructed(explicit, &signed_data)?;
    constructed(der::Tag::Sequence, &[oids::SIGNED_DATA.to_der().map_err(malformed)?, content].concat())
}

/// A request whose signature is right.
///
/// # Errors
/// Invalid CSR, Feature Not Supported.
pub(super) fn request(kind: CertificateRequestType, bytes: &[u8]) -> Result<RequestDescription> {
    if !matches!(kind, CertificateRequestType::PKCS_10 | CertificateRequestType::PEM) {
        return Err(Error::unsupported(format!(
            "this server reads PKCS#10 requests in DER or PEM, not {kind:?}"
        )));
    }
    let der = request_der(bytes)?;
    let info = Signed::from_der(&der).map_err(invalid_request)?;
    let info: RequestInfo<'_> = info.content.decode_as().map_err(invalid_request)?;
    verify(&der)?;
    Ok(RequestDescription {
        subject: encoded(&info.subject)?.into(),
        public_key: key_block(encoded(&info.public_key)?),
        value: der.into(),
    })
}

fn request_der(bytes: &[u8]) -> Result<Vec<u8>> {
    let Some(blocks) = blocks(bytes).map_err(|error| error.with_reason(ResultReason::INVALID_CSR))? else {
        return Ok(bytes.to_vec());
    };
    let mut blocks = blocks.iter();
    let request =
        blocks.find(|block| matches!(block.label, "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST"));
    request.map(|block| block.der.to_vec()).ok_or_else(|| {
        Error::certificate("the PEM holds no certificate request").with_reason(ResultReason::INVALID_CSR)
    })
}

/// Proof that the requester has the private key.
fn verify(der: &[u8]) -> Result<()> {
    let request = X509Req::from_der(der).map_err(invalid_request)?;
    let key = request.public_key().map_err(|error| {
        Error::unsupported("the key of the certificate request has an algorithm that cannot be verified")
            .because(error)
    })?;
    match request.verify(&key) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::certificate("the certificate request is not signed by its own key")
            .with_reason(ResultReason::INVALID_CSR)),
        Err(error) => Err(invalid_request(error)),
    }
}

fn invalid_request(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::certificate("the bytes are no PKCS#10 certificate request")
        .with_reason(ResultReason::INVALID_CSR)
        .because(error)
}

/// The subject and the extensions that a request asks for (RFC 2985 section 5.4.2).
///
/// # Errors
/// Invalid CSR.
pub(super) fn asked(request: &[u8]) -> Result<(Vec<u8>, Vec<Extension>)> {
    let signed = Signed::from_der(request).map_err(invalid_request)?;
    let info: RequestInfo<'_> = signed.content.decode_as().map_err(invalid_request)?;
    let attributes: &AnySet<'_> = &info.attributes;
    let mut extensions = Vec::new();
    for attribute in attributes {
        let attribute: RequestAttribute<'_> = attribute.decode_as().map_err(invalid_request)?;
        if attribute.oid == oids::EXTENSION_REQUEST {
            for list in elements::<Vec<Extension>>(attribute.values.value()).map_err(invalid_request)? {
                extensions.extend(list);
            }
        }
    }
    Ok((encoded(&info.subject)?, extensions))
}

/// A revocation list; nothing if the bytes are none.
pub(super) fn revocation_list(bytes: &[u8]) -> Option<RevocationList> {
    let is_pem = bytes.trim_ascii_start().starts_with(b"-----BEGIN X509 CRL-----");
    // Anything but a SEQUENCE is told apart without a look into it.
    if !is_pem && bytes.first() != Some(&0x30) {
        return None;
    }
    let der = if is_pem { pem::blocks(bytes).first()?.der.to_vec() } else { bytes.to_vec() };
    let list = X509Crl::from_der(&der).ok()?;
    let issuer = list.issuer_name().to_der().ok()?;
    Some(RevocationList { value: der.into(), issuer: issuer.into() })
}
