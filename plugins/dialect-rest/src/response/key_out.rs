//! Answers of Get and Export: the key block in the form of the generation, with the attributes in its key value.

use claviger_plugin_sdk::certificate_attributes::KEY_IDENTIFIER;
use claviger_plugin_sdk::context::Authorized;
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::prelude::*;

use crate::cover_crypt;
use crate::fields;
use crate::generation::{Birth, Generation};
use crate::key_value_json;
use crate::request::import::key_block;
use crate::response::attributes;
use crate::vocabulary::BYTE_STRING;

/// Shapes the answer.
///
/// # Errors
/// None for the answers of Get and Export.
pub(crate) fn shape(
    response: &mut Vec<Ttlv>,
    target: Option<&Authorized>,
    birth: Birth,
    format_was_asked: bool,
) -> Result<()> {
    let mut known =
        target.map(|target| target.attributes().clone().into_value()).map_or(Ok(vec![]), fields::children)?;
    attributes::shape(&mut known, birth);
    let is_symmetric = fields::code(response, Tag::OBJECT_TYPE) == Some(ObjectType::SYMMETRIC_KEY.0);
    let came_in_pem = target.is_some_and(|target| target.attributes().contains(KEY_IDENTIFIER));
    if let Some(block) = key_block(response) {
        if birth == Birth::OlderImported && came_in_pem && !format_was_asked {
            name_rsa_key(block);
        }
        shape_block(block, birth.generation(), is_symmetric && !format_was_asked);
        let cover_crypt_key = target.filter(|target| cover_crypt::is_one(target));
        if let Some(key) = cover_crypt_key {
            cover_crypt::count_as_told(block, key, birth);
        }
        if let Some(format) = fields::get(block, Tag::KEY_FORMAT_TYPE).cloned() {
            let told = match cover_crypt_key {
                Some(key) => cover_crypt::told_format(key, birth, format),
                None => format,
            };
            fields::set(&mut known, Tag::KEY_FORMAT_TYPE, told);
        }
        if let Some(key_value) = fields::inner_mut(block, Tag::KEY_VALUE) {
            fields::set(key_value, Tag::ATTRIBUTES, Value::Structure(known.clone()));
        }
    }
    if fields::has(response, Tag::ATTRIBUTES) {
        fields::set(response, Tag::ATTRIBUTES, Value::Structure(known));
    }
    Ok(())
}

/// Older clients read PKCS #8 under the name of the transparent format in an RSA key that they imported in PEM.
fn name_rsa_key(block: &mut Vec<Ttlv>) {
    if fields::code(block, Tag::KEY_FORMAT_TYPE) == Some(KeyFormatType::PKCS_8.0) {
        let name = Value::Enumeration(KeyFormatType::TRANSPARENT_RSA_PRIVATE_KEY.0);
        fields::set(block, Tag::KEY_FORMAT_TYPE, name);
    }
}

fn shape_block(block: &mut Vec<Ttlv>, generation: Generation, takes_default_format: bool) {
    if let Some(wrapping) = fields::inner_mut(block, Tag::KEY_WRAPPING_DATA) {
        key_value_json::in_response(wrapping);
    }
    let is_destroyed = !fields::has(block, Tag::KEY_VALUE);
    let is_wrapped = fields::has(block, Tag::KEY_WRAPPING_DATA);
    if is_destroyed {
        let nothing = Ttlv::new(Tag::KEY_MATERIAL, Value::ByteString(ByteString::default()));
        block.push(Ttlv::structure(Tag::KEY_VALUE, vec![nothing]));
    }
    if let Some(format) = default_format(generation, takes_default_format, is_wrapped, is_destroyed) {
        fields::set(block, Tag::KEY_FORMAT_TYPE, Value::Enumeration(format.0));
    }
    // The family has wrapped bytes in a key value like any others.
    if let Some(Value::ByteString(wrapped)) = fields::get(block, Tag::KEY_VALUE) {
        let material = Ttlv::new(Tag::KEY_MATERIAL, Value::ByteString(wrapped.clone()));
        fields::set(block, Tag::KEY_VALUE, Value::Structure(vec![material]));
    }
    let is_plain = takes_default_format && !is_wrapped && !is_destroyed;
    let Some(key_value) = fields::inner_mut(block, Tag::KEY_VALUE) else { return };
    let Some(material) = fields::take(key_value, Tag::KEY_MATERIAL) else { return };
    let material = match generation {
        Generation::Older if is_plain => transparent(material),
        Generation::Older => material,
        Generation::Newer if is_plain => in_structure(raw(material)),
        Generation::Newer => in_structure(material),
    };
    key_value.insert(0, Ttlv::new(Tag::KEY_MATERIAL, material));
}

/// The format that a key block shows, where it is not the one that the handler answered with.
fn default_format(
    generation: Generation,
    takes_default: bool,
    is_wrapped: bool,
    is_destroyed: bool,
) -> Option<KeyFormatType> {
    match (generation, is_destroyed, is_wrapped) {
        (Generation::Newer, true, _) => Some(KeyFormatType::OPAQUE),
        (Generation::Newer, false, false) if takes_default => Some(KeyFormatType::RAW),
        // A wrapped key shows the format of what was wrapped, and a destroyed one the format that it had.
        _ if takes_default => Some(KeyFormatType::TRANSPARENT_SYMMETRIC_KEY),
        _ => None,
    }
}

/// `{ Key }` around the bytes of a symmetric key.
fn transparent(material: Value) -> Value {
    match material {
        Value::ByteString(_) => Value::Structure(vec![Ttlv::new(Tag::KEY, material)]),
        other => other,
    }
}

/// The bytes of a symmetric key.
fn raw(material: Value) -> Value {
    match material {
        Value::Structure(mut parts) => match fields::take(&mut parts, Tag::KEY) {
            Some(key) => key,
            None => Value::Structure(parts),
        },
        other => other,
    }
}

/// Newer clients read bytes in a structure of their own.
fn in_structure(material: Value) -> Value {
    match material {
        Value::ByteString(_) => Value::Structure(vec![Ttlv::new(BYTE_STRING, material)]),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Value {
        Value::ByteString(vec![7; 16].into())
    }

    fn answer(block: Vec<Ttlv>, birth: Birth, format_was_asked: bool) -> Vec<Ttlv> {
        let mut response = vec![
            Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(ObjectType::SYMMETRIC_KEY.0)),
            Ttlv::structure(Tag::SYMMETRIC_KEY, vec![Ttlv::structure(Tag::KEY_BLOCK, block)]),
        ];
        shape(&mut response, None, birth, format_was_asked).unwrap();
        key_block(&mut response).unwrap().clone()
    }

    fn plain(format: KeyFormatType, material: Value) -> Vec<Ttlv> {
        vec![
            Ttlv::new(Tag::KEY_FORMAT_TYPE, Value::Enumeration(format.0)),
            Ttlv::structure(Tag::KEY_VALUE, vec![Ttlv::new(Tag::KEY_MATERIAL, material)]),
        ]
    }

    fn material(block: &[Ttlv]) -> Option<&Value> {
        let key_value = block.iter().find(|field| field.tag == Tag::KEY_VALUE)?;
        fields::get(key_value.children(), Tag::KEY_MATERIAL)
    }

    #[test]
    fn older_clients_get_a_transparent_key_and_newer_ones_a_raw_one() {
        let transparent_key = Value::Structure(vec![Ttlv::new(Tag::KEY, key())]);
        for stored in [
            plain(KeyFormatType::RAW, key()),
            plain(KeyFormatType::TRANSPARENT_SYMMETRIC_KEY, transparent_key.clone()),
        ] {
            let older = answer(stored.clone(), Birth::OlderGenerated, false);
            assert_eq!(
                fields::code(&older, Tag::KEY_FORMAT_TYPE),
                Some(KeyFormatType::TRANSPARENT_SYMMETRIC_KEY.0)
            );
            assert_eq!(material(&older), Some(&transparent_key));
            let newer = answer(stored, Birth::Newer, false);
            assert_eq!(fields::code(&newer, Tag::KEY_FORMAT_TYPE), Some(KeyFormatType::RAW.0));
            assert_eq!(material(&newer), Some(&Value::Structure(vec![Ttlv::new(BYTE_STRING, key())])));
        }
    }

    #[test]
    fn a_format_that_the_client_named_stays() {
        let transparent_key = Value::Structure(vec![Ttlv::new(Tag::KEY, key())]);
        let block = plain(KeyFormatType::TRANSPARENT_SYMMETRIC_KEY, transparent_key.clone());
        assert_eq!(material(&answer(block, Birth::Newer, true)), Some(&transparent_key));
    }

    #[test]
    fn a_wrapped_key_shows_the_format_of_what_was_wrapped() {
        let mut block = vec![Ttlv::new(Tag::KEY_VALUE, key())];
        block.push(Ttlv::structure(Tag::KEY_WRAPPING_DATA, vec![]));
        let older = answer(block.clone(), Birth::OlderGenerated, false);
        assert_eq!(
            fields::code(&older, Tag::KEY_FORMAT_TYPE),
            Some(KeyFormatType::TRANSPARENT_SYMMETRIC_KEY.0)
        );
        assert_eq!(material(&older), Some(&key()));
        let newer = answer(block, Birth::Newer, false);
        assert_eq!(
            fields::code(&newer, Tag::KEY_FORMAT_TYPE),
            Some(KeyFormatType::TRANSPARENT_SYMMETRIC_KEY.0)
        );
        assert_eq!(material(&newer), Some(&Value::Structure(vec![Ttlv::new(BYTE_STRING, key())])));
    }

    #[test]
    fn a_destroyed_key_has_empty_material() {
        let block = vec![Ttlv::new(Tag::KEY_FORMAT_TYPE, Value::Enumeration(KeyFormatType::RAW.0))];
        let older = answer(block.clone(), Birth::OlderGenerated, false);
        assert_eq!(material(&older), Some(&Value::ByteString(ByteString::default())));
        assert_eq!(
            fields::code(&older, Tag::KEY_FORMAT_TYPE),
            Some(KeyFormatType::TRANSPARENT_SYMMETRIC_KEY.0)
        );
        let newer = answer(block, Birth::Newer, false);
        assert_eq!(fields::code(&newer, Tag::KEY_FORMAT_TYPE), Some(KeyFormatType::OPAQUE.0));
    }
}
