//! Opaque Object (KMIP 2.1 section 2.3).

use claviger_plugin_sdk::certificate_attributes::ISSUING_NAME_DIGEST;
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{KeyBlock, ManagedObject};
use claviger_plugin_sdk::kmip::tables::enumerations::CertificateType;
use claviger_plugin_sdk::object_kind::ObjectKind;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::register_object_kind;
use claviger_plugin_sdk::scheme::{Capability, Cost, Encoding, Scheme};

use super::key_value;
use crate::certificate;

/// The rules of opaque objects.
struct OpaqueObjectKind;

register_object_kind!(OpaqueObjectKind);

impl ObjectKind for OpaqueObjectKind {
    fn object_type(&self) -> ObjectType {
        ObjectType::OPAQUE_OBJECT
    }

    fn check_template(&self, _: &Attributes) -> Result<()> {
        Err(Error::invalid("the server cannot make an Opaque Object: Register one")
            .with_reason(ResultReason::INVALID_OBJECT_TYPE))
    }

    fn check_object(
        &self,
        catalogue: &dyn Catalogue,
        object: &ManagedObject,
        attributes: &mut Attributes,
    ) -> Result<()> {
        let ManagedObject::OpaqueObject(opaque) = object else {
            return Err(Error::invalid("the object is no Opaque Object, as its Object Type says")
                .with_reason(ResultReason::INVALID_OBJECT_TYPE));
        };
        attributes.put::<kinds::OpaqueDataType>(opaque.opaque_data_type);
        attributes.put::<kinds::KeyFormatType>(KeyFormatType::OPAQUE);
        find_as_revocation_list(catalogue, &opaque.opaque_data_value, attributes);
        Ok(())
    }

    fn cost(&self, _: &dyn Catalogue, object: &ManagedObject) -> Cost {
        match object {
            ManagedObject::OpaqueObject(found) => certificate::cost(&found.opaque_data_value),
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
            ManagedObject::OpaqueObject(opaque) => Some(opaque.opaque_data_value.clone()),
            _ => None,
        }
    }
}

/// KMIP has no objects for revocation lists. One that is kept as an opaque object is found as that of its issuer when a
/// certificate has to be valid.
fn find_as_revocation_list(catalogue: &dyn Catalogue, bytes: &[u8], attributes: &mut Attributes) {
    attributes.remove(ISSUING_NAME_DIGEST);
    let schemes = catalogue.schemes(Capability::Certificates(CertificateType::X_509));
    let list = schemes.into_iter().find_map(|entry| match entry.scheme {
        Scheme::Certificates(_, scheme) => scheme.read_revocation_list(bytes),
        _ => None,
    });
    if let Some(list) = list {
        attributes.set(ISSUING_NAME_DIGEST, Value::ByteString(certificate::name_digest(&list.issuer)));
    }
}
