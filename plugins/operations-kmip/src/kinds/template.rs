//! Template (KMIP 1.4 section 2.2.6), which clients of 1.x alone register and name.

use claviger_plugin_sdk::kmip::attributes::{Attributes, rules};
use claviger_plugin_sdk::kmip::objects::{KeyBlock, ManagedObject};
use claviger_plugin_sdk::object_kind::ObjectKind;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::register_object_kind;
use claviger_plugin_sdk::scheme::{Cost, Encoding};

use super::key_value;

/// The rules of templates.
struct TemplateKind;

register_object_kind!(TemplateKind);

impl ObjectKind for TemplateKind {
    fn object_type(&self) -> ObjectType {
        ObjectType::TEMPLATE
    }

    fn check_template(&self, _: &Attributes) -> Result<()> {
        Err(Error::invalid("the server cannot make a Template: Register one")
            .with_reason(ResultReason::INVALID_OBJECT_TYPE))
    }

    fn check_object(
        &self,
        catalogue: &dyn Catalogue,
        object: &ManagedObject,
        _: &mut Attributes,
    ) -> Result<()> {
        let ManagedObject::Template(template) = object else {
            return Err(Error::invalid("the object is no Template, as its Object Type says")
                .with_reason(ResultReason::INVALID_OBJECT_TYPE));
        };
        Ok(rules::check_template(catalogue.attribute_table(), &template.attributes)?)
    }

    fn cost(&self, _: &dyn Catalogue, _: &ManagedObject) -> Cost {
        Cost::Light
    }

    fn formats(&self, _: &dyn Catalogue, _: &KeyFacts<'_>) -> &'static [KeyFormatType] {
        &[]
    }

    fn convert(&self, _: &dyn Catalogue, _: &mut KeyBlock, _: &Attributes, to: Encoding) -> Result<()> {
        let to = key_value::uncompressed(to)?;
        Err(key_value::unsupported(to, &[]))
    }

    fn digest_input(&self, _: &ManagedObject) -> Option<ByteString> {
        None
    }
}
