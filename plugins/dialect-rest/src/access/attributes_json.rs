//! Attributes in the family's direct JSON: one member an attribute, without tags and types.

use std::sync::LazyLock;

use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::codec::rest_json::spelling;
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::vocabulary::Vocabulary;
use claviger_plugin_sdk::prelude::*;
use serde_json::{Map, Value as Json};

use crate::vocabulary::EXTENSIONS;

/// Attributes that the dialect has shaped, as a JSON object.
pub(super) fn direct(known: Attributes) -> Json {
    let Value::Structure(known) = known.into_value() else { return Json::Object(Map::new()) };
    let mut object = Map::new();
    for Ttlv { tag, value } in known {
        match tag {
            Tag::ATTRIBUTE => push(&mut object, "VendorAttributes", tag, value),
            Tag::LINK => push(&mut object, "Link", tag, value),
            tag => {
                object.insert(name(tag), json(tag, value));
            }
        }
    }
    Json::Object(object)
}

fn push(object: &mut Map<String, Json>, name: &str, tag: Tag, value: Value) {
    let array = object.entry(name).or_insert_with(|| Json::Array(Vec::new()));
    if let Json::Array(array) = array {
        array.push(json(tag, value));
    }
}

fn json(tag: Tag, value: Value) -> Json {
    match value {
        Value::Structure(fields) => Json::Object(
            fields.into_iter().map(|field| (name(field.tag), json(field.tag, field.value))).collect(),
        ),
        Value::Integer(n) => n.into(),
        Value::LongInteger(n) | Value::DateTime(n) | Value::DateTimeExtended(n) => n.into(),
        Value::Interval(n) => n.into(),
        Value::Boolean(truth) => truth.into(),
        Value::TextString(text) => text.into(),
        Value::Enumeration(code) => match spelling(names(), tag, code) {
            Some(name) => name.into_owned().into(),
            None => code.into(),
        },
        Value::ByteString(bytes) => bytes.iter().copied().collect(),
        Value::BigInteger(n) => n.to_signed_be().iter().copied().collect(),
    }
}

fn name(tag: Tag) -> String {
    match tag {
        Tag::QLENGTH => "QLength".to_owned(),
        Tag::IV_LENGTH => "IvLength".to_owned(),
        Tag::RANDOM_IV => "RandomIv".to_owned(),
        tag => names().tag_name(tag).unwrap_or_default().to_owned(),
    }
}

/// The standard's names and the family's. That they do not clash is tested where the family's are declared.
fn names() -> &'static Vocabulary {
    static NAMES: LazyLock<Vocabulary> = LazyLock::new(|| {
        Vocabulary::standard().extended(EXTENSIONS).unwrap_or_else(|_| Vocabulary::standard().clone())
    });
    &NAMES
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_plugin_sdk::kmip::attributes::{Link, kinds};
    use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
    use serde_json::json;

    #[test]
    fn attributes_are_told_as_in_the_contract_s_example() {
        let mut attributes = Attributes::new();
        attributes.put::<kinds::CryptographicAlgorithm>(CryptographicAlgorithm::AES);
        attributes.put::<kinds::CryptographicLength>(256);
        attributes.put::<kinds::CryptographicUsageMask>(2108);
        attributes.put::<kinds::KeyFormatType>(KeyFormatType::TRANSPARENT_SYMMETRIC_KEY);
        attributes.put::<kinds::ObjectType>(ObjectType::SYMMETRIC_KEY);
        let told = direct(attributes);
        let expected = json!({
            "CryptographicAlgorithm": "AES", "CryptographicLength": 256, "CryptographicUsageMask": 2108,
            "KeyFormatType": "TransparentSymmetricKey", "ObjectType": "SymmetricKey",
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn links_and_vendor_attributes_are_arrays() {
        let mut attributes = Attributes::new();
        attributes.push::<kinds::Link>(Link {
            link_type: LinkType::PUBLIC_KEY_LINK,
            linked_object_identifier: "uid".into(),
        });
        attributes.set_vendor("acme", "colour", Value::ByteString(vec![1, 2].into()));
        let expected = json!({
            "Link": [{"LinkType": "PublicKeyLink", "LinkedObjectIdentifier": "uid"}],
            "VendorAttributes": [{"VendorIdentification": "acme", "AttributeName": "colour", "AttributeValue": [1, 2]}],
        });
        assert_eq!(direct(attributes), expected);
    }
}
