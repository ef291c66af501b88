//! Secret Data (KMIP 2.1 section 2.7).

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{KeyBlock, ManagedObject};
use claviger_plugin_sdk::object_kind::ObjectKind;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::register_object_kind;
use claviger_plugin_sdk::scheme::{Cost, Encoding};

use super::key_value;

/// The rules of secret data.
struct SecretDataKind;

register_object_kind!(SecretDataKind);

/// Raw is the default (KMIP 2.1 section 4.26); clients of 1.x register passwords as Opaque.
const FORMATS: &[KeyFormatType] = &[KeyFormatType::RAW, KeyFormatType::OPAQUE];

impl ObjectKind for SecretDataKind {
    fn object_type(&self) -> ObjectType {
        ObjectType::SECRET_DATA
    }

    fn check_template(&self, attributes: &Attributes) -> Result<()> {
        match attributes.one::<kinds::CryptographicLength>() {
            Some(bits) if bits > 0 && bits % 8 == 0 => {}
            _ => {
                return Err(Error::invalid(
                    "secret data to be generated need the attribute Cryptographic Length, a multiple of 8 bits",
                ));
            }
        }
        match attributes.one::<kinds::KeyFormatType>() {
            Some(format) if !FORMATS.contains(&format) => Err(key_value::unsupported(format, FORMATS)),
            _ => Ok(()),
        }
    }

    fn check_object(
        &self,
        _: &dyn Catalogue,
        object: &ManagedObject,
        attributes: &mut Attributes,
    ) -> Result<()> {
        let ManagedObject::SecretData(secret) = object else {
            return Err(Error::invalid("the object is no Secret Data, as its Object Type says")
                .with_reason(ResultReason::INVALID_OBJECT_TYPE));
        };
        let block = &secret.key_block;
        key_value::check_format(block, FORMATS)?;
        key_value::agree::<kinds::CryptographicAlgorithm>(block.cryptographic_algorithm, attributes)?;
        key_value::agree::<kinds::CryptographicLength>(block.cryptographic_length, attributes)?;
        key_value::check_bytes(block)?;
        if let Some(bits) = key_value::plain_bits(block)
            && !attributes.contains(Tag::CRYPTOGRAPHIC_LENGTH)
        {
            attributes.put::<kinds::CryptographicLength>(bits);
        }
        Ok(())
    }

    fn cost(&self, _: &dyn Catalogue, _: &ManagedObject) -> Cost {
        Cost::Light
    }

    fn formats(&self, _: &dyn Catalogue, _: &KeyFacts<'_>) -> &'static [KeyFormatType] {
        FORMATS
    }

    fn convert(&self, _: &dyn Catalogue, block: &mut KeyBlock, _: &Attributes, to: Encoding) -> Result<()> {
        key_value::rename_format(block, to, FORMATS)
    }

    fn digest_input(&self, object: &ManagedObject) -> Option<ByteString> {
        key_value::digest_input(object.key_block()?)
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{password, symmetric};
    use super::*;
    use claviger_plugin_sdk::testkit::TestCatalogue;

    #[test]
    fn a_password_needs_neither_algorithm_nor_length() {
        assert!(
            SecretDataKind
                .check_object(&TestCatalogue::default(), &password(b"secret"), &mut Attributes::new())
                .is_ok()
        );
        let refused = SecretDataKind
            .check_object(&TestCatalogue::default(), &symmetric(&[1; 16]), &mut Attributes::new())
            .unwrap_err();
        assert_eq!(refused.reason(), ResultReason::INVALID_OBJECT_TYPE);
    }

    #[test]
    fn secret_data_are_generated_in_whole_bytes() {
        let mut template = Attributes::new();
        assert!(SecretDataKind.check_template(&template).is_err());
        template.put::<kinds::CryptographicLength>(129);
        assert!(SecretDataKind.check_template(&template).is_err());
        template.put::<kinds::CryptographicLength>(128);
        assert!(SecretDataKind.check_template(&template).is_ok());
    }
}
