//! Certificate (KMIP 2.1 section 2.1).
//!
//! What a certificate says its scheme tells, and its attributes follow from that. One of a type that no scheme of this
//! server knows is kept as it is.

use claviger_plugin_sdk::kmip::attributes::{AttributeType, Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{Certificate, KeyBlock, ManagedObject};
use claviger_plugin_sdk::kmip::tables::enumerations::CertificateType;
use claviger_plugin_sdk::object_kind::ObjectKind;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::register_object_kind;
use claviger_plugin_sdk::scheme::{CertificateDescription, Cost, Encoding};

use super::{key_pair, key_value};
use crate::certificate;

/// The rules of certificates.
struct CertificateKind;

register_object_kind!(CertificateKind);

impl ObjectKind for CertificateKind {
    fn object_type(&self) -> ObjectType {
        ObjectType::CERTIFICATE
    }

    fn check_template(&self, _: &Attributes) -> Result<()> {
        Err(Error::invalid("the server makes certificates by Certify, not by Create")
            .with_reason(ResultReason::INVALID_OBJECT_TYPE))
    }

    fn check_object(
        &self,
        catalogue: &dyn Catalogue,
        object: &ManagedObject,
        attributes: &mut Attributes,
    ) -> Result<()> {
        let ManagedObject::Certificate(found) = object else {
            return Err(Error::invalid("the object is no Certificate, as its Object Type says")
                .with_reason(ResultReason::INVALID_OBJECT_TYPE));
        };
        key_value::agree::<kinds::CertificateType>(Some(found.certificate_type), attributes)?;
        match certificate::scheme(catalogue, found.certificate_type) {
            Some(scheme) => match scheme.read(&found.certificate_value)?.as_slice() {
                [only] => complete(catalogue, only, attributes),
                _ => Err(Error::certificate("a Certificate object holds one certificate")),
            },
            None => {
                attributes.put::<kinds::CertificateLength>(length(found)?);
                Ok(())
            }
        }
    }

    fn cost(&self, _: &dyn Catalogue, object: &ManagedObject) -> Cost {
        match object {
            ManagedObject::Certificate(found) => certificate::cost(&found.certificate_value),
            _ => Cost::Light,
        }
    }

    /// A certificate is what KMIP calls X.509 as a format of keys.
    fn formats(&self, _: &dyn Catalogue, certificate: &KeyFacts<'_>) -> &'static [KeyFormatType] {
        match certificate.attributes.one::<kinds::CertificateType>() {
            Some(CertificateType::X_509) => &[KeyFormatType::X_509],
            _ => &[],
        }
    }

    fn convert(&self, _: &dyn Catalogue, _: &mut KeyBlock, _: &Attributes, to: Encoding) -> Result<()> {
        let to = key_value::uncompressed(to)?;
        Err(key_value::unsupported(to, &[]))
    }

    fn digest_input(&self, object: &ManagedObject) -> Option<ByteString> {
        match object {
            ManagedObject::Certificate(certificate) => Some(certificate.certificate_value.clone()),
            _ => None,
        }
    }
}

/// Puts what the certificate says into the attributes.
///
/// # Errors
/// Invalid Field: the client states something else.
fn complete(
    catalogue: &dyn Catalogue,
    description: &CertificateDescription,
    attributes: &mut Attributes,
) -> Result<()> {
    agree::<kinds::CertificateLength>(description, attributes)?;
    agree::<kinds::DigitalSignatureAlgorithm>(description, attributes)?;
    for instance in &description.attributes {
        attributes.remove(instance.tag);
    }
    attributes.extend(description.attributes.clone());
    attributes.put::<kinds::KeyFormatType>(KeyFormatType::X_509);
    certificate::put_server_attributes(description, attributes);
    key_pair::complete_from_public_key(catalogue, &description.public_key, attributes)?;
    if attributes.one::<kinds::CryptographicUsageMask>().is_none() {
        attributes.put::<kinds::CryptographicUsageMask>(description.usage);
    }
    Ok(())
}

/// Checks what the client states against what the certificate says.
fn agree<A>(description: &CertificateDescription, attributes: &mut Attributes) -> Result<()>
where
    A: AttributeType,
    A::Value: Copy + PartialEq + std::fmt::Debug,
{
    match (description.attributes.one::<A>(), attributes.one::<A>()) {
        (Some(said), Some(stated)) if said != stated => Err(Error::invalid(format!(
            "{:?} is {said:?} in the certificate and {stated:?} among the attributes",
            A::TAG
        ))),
        _ => Ok(()),
    }
}

fn length(certificate: &Certificate) -> Result<i32> {
    i32::try_from(certificate.certificate_value.len())
        .map_err(|_| Error::certificate("a certificate is longer than its length can be told"))
}
