//! Import: an object with its attributes.

use claviger_plugin_sdk::kmip::tables::enumerations::{EncodingOption, KeyWrapType};
use claviger_plugin_sdk::prelude::*;

use crate::cover_crypt;
use crate::fields;
use crate::key_value_json;
use crate::request::birth::{self, Origin};
use crate::request::certificate;

/// Completes an Import.
///
/// # Errors
/// Internal Server Error, as this family expects it: the identifier is a selector, or the key is to be unwrapped and
/// does not tell with what. Invalid Field: there are no attributes.
pub(crate) fn imported(request: &mut [Ttlv], now: DateTime) -> Result<()> {
    refuse_selector(request)?;
    let unwraps = fields::code(request, Tag::KEY_WRAP_TYPE) == Some(KeyWrapType::NOT_WRAPPED.0);
    if let Some(block) = key_block(request) {
        complete_key_block(block, unwraps)?;
    }
    let attributes = fields::inner_mut(request, Tag::ATTRIBUTES)
        .ok_or_else(|| Error::invalid("Import needs the Attributes of the object"))?;
    let is_older = !fields::has(attributes, Tag::SENSITIVE);
    let beside = if is_older { certificate::complete(request)? } else { Vec::new() };
    let object_type = fields::code(request, Tag::OBJECT_TYPE);
    let Some(attributes) = fields::inner_mut(request, Tag::ATTRIBUTES) else { return Ok(()) };
    birth::complete(attributes, object_type, Origin::Imported, now);
    for attribute in beside {
        fields::set(attributes, attribute.tag, attribute.value);
    }
    Ok(())
}

/// Nobody could ever name an object whose identifier reads as a selector.
fn refuse_selector(request: &[Ttlv]) -> Result<()> {
    match fields::text(request, Tag::UNIQUE_IDENTIFIER) {
        Some(text) if text.starts_with('[') => {
            Err(Error::server("the identifier of an imported object must not begin with ["))
        }
        _ => Ok(()),
    }
}

/// The key block of the object in a payload.
pub(crate) fn key_block(payload: &mut [Ttlv]) -> Option<&mut Vec<Ttlv>> {
    payload.iter_mut().find_map(|field| match (&mut field.value, field.tag) {
        (Value::Structure(object), tag) if KEYS.contains(&tag) => fields::inner_mut(object, Tag::KEY_BLOCK),
        _ => None,
    })
}

const KEYS: &[Tag] =
    &[Tag::SYMMETRIC_KEY, Tag::PRIVATE_KEY, Tag::PUBLIC_KEY, Tag::SECRET_DATA, Tag::SPLIT_KEY, Tag::PGP_KEY];

/// The attributes of the request replace those in the key value.
fn complete_key_block(block: &mut Vec<Ttlv>, unwraps: bool) -> Result<()> {
    let mut is_bytes = false;
    if let Some(key_value) = fields::inner_mut(block, Tag::KEY_VALUE) {
        fields::take(key_value, Tag::ATTRIBUTES);
        is_bytes = fields::bytes(key_value, Tag::KEY_MATERIAL).is_some();
    }
    // As older clients read it in an RSA key that they imported in PEM.
    let format = fields::code(block, Tag::KEY_FORMAT_TYPE).map(KeyFormatType);
    if format == Some(KeyFormatType::TRANSPARENT_RSA_PRIVATE_KEY) && is_bytes {
        let pkcs_8 = Value::Enumeration(KeyFormatType::PKCS_8.0);
        fields::set(block, Tag::KEY_FORMAT_TYPE, pkcs_8);
    }
    cover_crypt::count_bits(block);
    if let Some(wrapping) = fields::inner_mut(block, Tag::KEY_WRAPPING_DATA) {
        if unwraps && !fields::has(wrapping, Tag::ENCRYPTION_KEY_INFORMATION) {
            return Err(Error::server(
                "the key cannot be unwrapped: its Key Wrapping Data names no unwrapping key",
            ));
        }
        fields::default(wrapping, Tag::ENCODING_OPTION, Value::Enumeration(EncodingOption::NO_ENCODING.0));
        key_value_json::in_request(wrapping);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn import(identifier: &str, block: Vec<Ttlv>) -> Vec<Ttlv> {
        vec![
            Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString(identifier.into())),
            Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(ObjectType::SYMMETRIC_KEY.0)),
            Ttlv::new(Tag::KEY_WRAP_TYPE, Value::Enumeration(KeyWrapType::NOT_WRAPPED.0)),
            Ttlv::structure(Tag::ATTRIBUTES, vec![]),
            Ttlv::structure(Tag::SYMMETRIC_KEY, vec![Ttlv::structure(Tag::KEY_BLOCK, block)]),
        ]
    }

    #[test]
    fn an_identifier_that_reads_as_a_selector_is_refused() {
        let refused = imported(&mut import("[\"a\"]", vec![]), DateTime(0)).unwrap_err();
        assert_eq!(refused.class(), ErrorClass::Server);
    }

    #[test]
    fn the_attributes_beside_the_object_are_the_ones_that_count() {
        let material = Ttlv::new(Tag::KEY_MATERIAL, Value::ByteString(vec![1; 16].into()));
        let value =
            Ttlv::structure(Tag::KEY_VALUE, vec![material.clone(), Ttlv::structure(Tag::ATTRIBUTES, vec![])]);
        let mut request = import("k", vec![value]);
        imported(&mut request, DateTime(0)).unwrap();
        let block = key_block(&mut request).unwrap();
        assert_eq!(block[0].children(), [material]);
    }

    #[test]
    fn a_wrapped_key_that_names_no_unwrapping_key_cannot_be_unwrapped() {
        let mut request = import("k", vec![Ttlv::structure(Tag::KEY_WRAPPING_DATA, vec![])]);
        assert_eq!(imported(&mut request, DateTime(0)).unwrap_err().class(), ErrorClass::Server);
    }
}
