//! Certificate Request (KMIP 2.1 section 2.2).
//!
//! A request of a kind that this server reads is verified when it comes, so that Certify finds no surprises. Others are
//! kept as they are.

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{KeyBlock, ManagedObject};
use claviger_plugin_sdk::kmip::tables::enumerations::{CertificateRequestType, CertificateType};
use claviger_plugin_sdk::object_kind::ObjectKind;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::register_object_kind;
use claviger_plugin_sdk::scheme::{Cost, Encoding};

use super::{key_pair, key_value};
use crate::certificate;

/// The rules of certificate requests.
struct CertificateRequestKind;

register_object_kind!(CertificateRequestKind);

impl ObjectKind for CertificateRequestKind {
    fn object_type(&self) -> ObjectType {
        ObjectType::CERTIFICATE_REQUEST
    }

    fn check_template(&self, _: &Attributes) -> Result<()> {
        Err(Error::invalid("the server cannot make a Certificate Request: Register one")
            .with_reason(ResultReason::INVALID_OBJECT_TYPE))
    }

    fn check_object(
        &self,
        catalogue: &dyn Catalogue,
        object: &ManagedObject,
        attributes: &mut Attributes,
    ) -> Result<()> {
        let ManagedObject::CertificateRequest(request) = object else {
            return Err(Error::invalid("the object is no Certificate Request, as its Object Type says")
                .with_reason(ResultReason::INVALID_OBJECT_TYPE));
        };
        if [CertificateRequestType::PKCS_10, CertificateRequestType::PEM]
            .contains(&request.certificate_request_type)
        {
            attributes.put::<kinds::KeyFormatType>(KeyFormatType::PKCS_10);
        }
        let Some(scheme) = certificate::scheme(catalogue, CertificateType::X_509) else { return Ok(()) };
        match scheme.read_request(request.certificate_request_type, &request.certificate_request_value) {
            Ok(read) => key_pair::complete_from_public_key(catalogue, &read.public_key, attributes),
            Err(error) if error.reason() == ResultReason::FEATURE_NOT_SUPPORTED => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn cost(&self, _: &dyn Catalogue, object: &ManagedObject) -> Cost {
        match object {
            ManagedObject::CertificateRequest(request) => {
                certificate::cost(&request.certificate_request_value)
            }
            _ => Cost::Light,
        }
    }

    fn formats(&self, _: &dyn Catalogue, _: &KeyFacts<'_>) -> &'static [KeyFormatType] {
        &[]
    }

    fn convert(&self, _: &dyn Catalogue, _: &mut KeyBlock, _: &Attributes, to: Encoding) -> Result<()> {
        let to = key_value::uncompressed(to)?;
        Err(key_value::unsupported(to, &[]))
    }

    fn digest_input(&self, object: &ManagedObject) -> Option<ByteString> {
        match object {
            ManagedObject::CertificateRequest(request) => Some(request.certificate_request_value.clone()),
            _ => None,
        }
    }
}
