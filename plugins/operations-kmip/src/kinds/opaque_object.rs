//! Opaque Object (KMIP 2.1 section 2.3).

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{KeyBlock, ManagedObject};
use claviger_plugin_sdk::object_kind::ObjectKind;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::register_object_kind;
use claviger_plugin_sdk::scheme::Encoding;

use super::key_value;

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
        _: &dyn Catalogue,
        object: &ManagedObject,
        attributes: &mut Attributes,
    ) -> Result<()> {
        let ManagedObject::OpaqueObject(opaque) = object else {
            return Err(Error::invalid("the object is no Opaque Object, as its Object Type says")
                .with_reason(ResultReason::INVALID_OBJECT_TYPE));
        };
        attributes.put::<kinds::OpaqueDataType>(opaque.opaque_data_type);
        Ok(())
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
