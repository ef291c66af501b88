//! Split Key (KMIP 2.1 section 2.8): one part of a key.

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{KeyBlock, ManagedObject, SplitKey};
use claviger_plugin_sdk::kmip::tables::enumerations::SplitKeyMethod;
use claviger_plugin_sdk::object_kind::ObjectKind;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::KeyFacts;
use claviger_plugin_sdk::register_object_kind;
use claviger_plugin_sdk::scheme::{Cost, Encoding};

use super::key_value;

/// The rules of split keys.
struct SplitKeyKind;

register_object_kind!(SplitKeyKind);

/// Raw is the one format (KMIP 2.1 section 4.26): a part is bytes, whatever the key is.
const FORMATS: &[KeyFormatType] = &[KeyFormatType::RAW];

impl ObjectKind for SplitKeyKind {
    fn object_type(&self) -> ObjectType {
        ObjectType::SPLIT_KEY
    }

    /// The template is that of the key which is split.
    fn check_template(&self, attributes: &Attributes) -> Result<()> {
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
        let ManagedObject::SplitKey(part) = object else {
            return Err(Error::invalid("the object is no Split Key, as its Object Type says")
                .with_reason(ResultReason::INVALID_OBJECT_TYPE));
        };
        check_numbers(part)?;
        let block = &part.key_block;
        key_value::check_format(block, FORMATS)?;
        // Both tell of the whole key, of which a part may be longer.
        key_value::agree::<kinds::CryptographicAlgorithm>(block.cryptographic_algorithm, attributes)?;
        key_value::agree::<kinds::CryptographicLength>(block.cryptographic_length, attributes)?;
        key_value::check_bytes(block)
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

fn check_numbers(part: &SplitKey) -> Result<()> {
    let parts = part.split_key_parts;
    if !(1..=parts).contains(&part.key_part_identifier) {
        return Err(Error::invalid(format!("a Key Part Identifier of {parts} parts lies from 1 to {parts}")));
    }
    if !(1..=parts).contains(&part.split_key_threshold) {
        return Err(Error::invalid(format!("a Split Key Threshold of {parts} parts lies from 1 to {parts}")));
    }
    if part.split_key_method == SplitKeyMethod::POLYNOMIAL_SHARING_PRIME_FIELD
        && part.prime_field_size.is_none()
    {
        return Err(Error::invalid("Polynomial Sharing over a Prime Field needs its Prime Field Size"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::examples::{share, symmetric};
    use super::*;
    use claviger_plugin_sdk::testkit::TestCatalogue;

    fn checked(edit: impl FnOnce(&mut SplitKey)) -> Result<Attributes> {
        let mut object = share(2, &[1; 16]);
        if let ManagedObject::SplitKey(part) = &mut object {
            edit(part);
        }
        let mut attributes = Attributes::new();
        SplitKeyKind.check_object(&TestCatalogue::default(), &object, &mut attributes).map(|()| attributes)
    }

    #[test]
    fn a_part_tells_the_algorithm_and_length_of_the_whole_key() {
        let attributes = checked(|part| part.key_block.cryptographic_length = Some(96)).unwrap();
        assert_eq!(attributes.one::<kinds::CryptographicAlgorithm>(), Some(CryptographicAlgorithm::AES));
        assert_eq!(attributes.one::<kinds::CryptographicLength>(), Some(96));
        let refused = SplitKeyKind.check_object(
            &TestCatalogue::default(),
            &symmetric(&[1; 16]),
            &mut Attributes::new(),
        );
        assert_eq!(refused.unwrap_err().reason(), ResultReason::INVALID_OBJECT_TYPE);
    }

    #[test]
    fn the_numbers_of_a_part_fit_together() {
        assert!(checked(|_| ()).is_ok());
        let edits: [fn(&mut SplitKey); 6] = [
            |part| part.key_part_identifier = 0,
            |part| part.key_part_identifier = 6,
            |part| part.split_key_threshold = 0,
            |part| part.split_key_threshold = 6,
            |part| part.split_key_parts = -1,
            |part| part.split_key_method = SplitKeyMethod::POLYNOMIAL_SHARING_PRIME_FIELD,
        ];
        for edit in edits {
            assert_eq!(checked(edit).unwrap_err().reason(), ResultReason::INVALID_FIELD);
        }
    }

    #[test]
    fn a_part_is_raw_bytes() {
        let refused = checked(|part| part.key_block.key_format_type = KeyFormatType::PKCS_8).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::KEY_FORMAT_TYPE_NOT_SUPPORTED);
        let structured = checked(|part| {
            part.key_block = super::super::examples::transparent(&[1; 16]).key_block().unwrap().clone();
            part.key_block.key_format_type = KeyFormatType::RAW;
        });
        assert_eq!(structured.unwrap_err().reason(), ResultReason::INVALID_FIELD);
    }
}
