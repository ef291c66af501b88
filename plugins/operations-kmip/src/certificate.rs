//! Certificates of any type that a plugin knows: their scheme, and what they say.

use claviger_plugin_sdk::certificate_attributes::{
    AUTHORITY_NAME, ISSUING_NAME_DIGEST, KEY_IDENTIFIER, PARENT_AUTHORITY_NAME,
};
use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::objects::{Certificate, CryptographicParameters, ManagedObject};
use claviger_plugin_sdk::kmip::tables::enumerations::CertificateType;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::scheme::{
    Capability, CertificateDescription, CertificateScheme, Cost, RequestDescription, Scheme,
};
use sha2::{Digest as _, Sha256};

use crate::bundle::Further;

/// The type of a certificate if nobody says another.
pub(crate) const USUAL_TYPE: CertificateType = CertificateType::X_509;

/// The scheme of a type of certificates; nothing if no plugin knows the type.
pub(crate) fn scheme(
    catalogue: &dyn Catalogue,
    certificate_type: CertificateType,
) -> Option<&'static dyn CertificateScheme> {
    static NONE: Attributes = Attributes::new();
    let facts = KeyFacts {
        object_type: ObjectType::CERTIFICATE,
        algorithm: None,
        length: None,
        format: None,
        attributes: &NONE,
    };
    match catalogue.scheme(Capability::Certificates(certificate_type), &facts, &CryptographicParameters::NONE)
    {
        Some(Scheme::Certificates(_, scheme)) => Some(*scheme),
        _ => None,
    }
}

/// The scheme of a type of certificates that something has to be done with.
///
/// # Errors
/// Feature Not Supported: no plugin knows the type.
pub(crate) fn known_scheme(
    catalogue: &dyn Catalogue,
    certificate_type: CertificateType,
) -> Result<&'static dyn CertificateScheme> {
    scheme(catalogue, certificate_type).ok_or_else(|| {
        Error::unsupported(format!("this server knows no certificates of type {certificate_type:?}"))
    })
}

/// What a stored certificate says.
///
/// # Errors
/// Feature Not Supported: no plugin knows its type. Invalid Object Type: it is no certificate. What reading it says.
pub(crate) fn describe(catalogue: &dyn Catalogue, target: &Authorized) -> Result<CertificateDescription> {
    match target.without_material().object {
        ManagedObject::Certificate(Certificate { certificate_type, certificate_value }) => {
            only(known_scheme(catalogue, certificate_type)?.read(&certificate_value)?)
        }
        _ => {
            Err(Error::invalid("the object is no certificate").with_reason(ResultReason::INVALID_OBJECT_TYPE))
        }
    }
}

/// The one certificate of those that were read.
///
/// # Errors
/// Invalid Field: there are several, or none.
pub(crate) fn only(mut read: Vec<CertificateDescription>) -> Result<CertificateDescription> {
    read.pop().filter(|_| read.is_empty()).ok_or_else(|| Error::certificate("there are several certificates"))
}

/// Brings a certificate that a client hands over into the form in which certificates are kept: one in DER. A client may
/// hand over several at once, as a chain or a list: the others come second, in their order.
/// Nothing comes second if the object is no certificate that can be read here.
///
/// # Errors
/// Invalid Field: there is none, or one is malformed.
pub(crate) async fn taken_apart(
    cx: &mut Context<'_>,
    object: ManagedObject,
) -> Result<(ManagedObject, Option<Further>)> {
    let ManagedObject::Certificate(certificate) = object else { return Ok((object, None)) };
    let certificate_type = certificate.certificate_type;
    let Some(scheme) = scheme(cx.catalogue(), certificate_type) else {
        return Ok((ManagedObject::Certificate(certificate), None));
    };
    let object = |description: CertificateDescription| {
        ManagedObject::Certificate(Certificate { certificate_type, certificate_value: description.value })
    };
    let value = certificate.certificate_value;
    let read = cx.compute(cost(&value), move |_| scheme.read(&value)).await?;
    let mut read = end_first(read).into_iter().map(object);
    let first = read.next().ok_or_else(|| Error::certificate("there is no certificate"))?;
    Ok((first, Some(Further { certificates: read.collect(), certifies: false })))
}

/// What reading certificates of this size costs: a long one has a long key, or there are many.
pub(crate) fn cost(encoded: &[u8]) -> Cost {
    const HEAVY_FROM: usize = 2048;
    if encoded.len() < HEAVY_FROM { Cost::Light } else { Cost::Heavy }
}

/// The certificates with that which the others lead to at the beginning, if they are a chain: bundles have no order.
fn end_first(mut all: Vec<CertificateDescription>) -> Vec<CertificateDescription> {
    let issued_another = |one: &CertificateDescription| {
        all.iter().any(|other| other.issuer == one.subject && !other.is_self_issued())
    };
    let mut ends =
        all.iter().enumerate().filter(|(_, one)| !issued_another(one)).map(|(position, _)| position);
    if let (Some(end), None) = (ends.next(), ends.next()) {
        let end = all.remove(end);
        all.insert(0, end);
    }
    all
}

/// The attributes by which the server finds a certificate again.
pub(crate) fn put_server_attributes(description: &CertificateDescription, attributes: &mut Attributes) {
    attributes.set(KEY_IDENTIFIER, Value::ByteString(description.key_identifier.clone()));
    attributes.set(ISSUING_NAME_DIGEST, Value::ByteString(name_digest(&description.subject)));
    put_authority(description, attributes);
}

/// The names of an authority and of the one that issued its certificate: among the attributes of the certificate and of
/// its keys.
pub(crate) fn put_authority(description: &CertificateDescription, attributes: &mut Attributes) {
    attributes.remove(AUTHORITY_NAME);
    attributes.remove(PARENT_AUTHORITY_NAME);
    if let Some(name) = &description.authority {
        attributes.set(AUTHORITY_NAME, Value::TextString(name.clone()));
        if let Some(parent) = description.issuing_authority.clone().filter(|_| !description.is_self_issued())
        {
            attributes.set(PARENT_AUTHORITY_NAME, Value::TextString(parent));
        }
    }
}

/// The digest of a name under which certificates and revocation lists of an issuer are found: short enough for an index.
pub(crate) fn name_digest(name: &[u8]) -> ByteString {
    const BYTES: usize = 20;
    Sha256::digest(name).iter().take(BYTES).copied().collect::<Vec<u8>>().into()
}

/// What a stored certificate request says.
///
/// # Errors
/// Invalid CSR: it cannot be read.
pub(crate) fn read_request(
    scheme: &dyn CertificateScheme,
    target: &Authorized,
) -> Result<RequestDescription> {
    match target.without_material().object {
        ManagedObject::CertificateRequest(request) => {
            scheme.read_request(request.certificate_request_type, &request.certificate_request_value)
        }
        _ => Err(Error::invalid("the object is no certificate request")
            .with_reason(ResultReason::INVALID_OBJECT_TYPE)),
    }
}
