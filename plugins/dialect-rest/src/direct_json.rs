//! The family's direct JSON: one member an attribute or a field, without tags and types.

use std::sync::LazyLock;

use claviger_plugin_sdk::kmip::BigInteger;
use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::codec::rest_json::spelling;
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::ttlv::ItemType;
use claviger_plugin_sdk::kmip::vocabulary::Vocabulary;
use claviger_plugin_sdk::prelude::*;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value as Json};

use crate::vocabulary::EXTENSIONS;

/// Attributes that the dialect has shaped, as a JSON object.
pub(crate) fn attributes(known: Attributes) -> Json {
    match known.into_value() {
        Value::Structure(known) => members(known),
        _ => Json::Object(Map::new()),
    }
}

/// The same, of attributes one by one.
pub(crate) fn members(known: Vec<Ttlv>) -> Json {
    let mut object = Map::new();
    for Ttlv { tag, value } in known {
        match tag {
            Tag::ATTRIBUTE => push(&mut object, "VendorAttributes", tag, value),
            Tag::LINK => push(&mut object, "Link", tag, value),
            tag => {
                object.insert(name(tag).to_owned(), json(tag, &value));
            }
        }
    }
    Json::Object(object)
}

fn push(object: &mut Map<String, Json>, name: &str, tag: Tag, value: Value) {
    let array = object.entry(name).or_insert_with(|| Json::Array(Vec::new()));
    if let Json::Array(array) = array {
        array.push(json(tag, &value));
    }
}

/// One value.
fn json(tag: Tag, value: &Value) -> Json {
    serde_json::to_value(Direct { tag, value }).unwrap_or_default()
}

/// One value as it is written. A key is written from it, and nowhere else leaves its bytes.
pub(crate) struct Direct<'a> {
    pub(crate) tag: Tag,
    pub(crate) value: &'a Value,
}

impl Serialize for Direct<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        match self.value {
            Value::Structure(fields) => to.collect_map(
                fields.iter().map(|Ttlv { tag, value }| (name(*tag), Direct { tag: *tag, value })),
            ),
            Value::Integer(n) => n.serialize(to),
            Value::LongInteger(n) | Value::DateTime(n) | Value::DateTimeExtended(n) => n.serialize(to),
            Value::Interval(n) => n.serialize(to),
            Value::Boolean(truth) => truth.serialize(to),
            Value::TextString(text) => text.serialize(to),
            Value::Enumeration(code) => match spelling(names(), self.tag, *code) {
                Some(name) => name.serialize(to),
                None => code.serialize(to),
            },
            Value::ByteString(bytes) => to.collect_seq(bytes.iter()),
            Value::BigInteger(n) => to.collect_seq(digits(n)),
        }
    }
}

/// The digits of a number that is not negative, of 32 bits each, the least significant one first.
fn digits(number: &BigInteger) -> impl Iterator<Item = u32> {
    let digit = |bytes: &[u8]| bytes.iter().fold(0u32, |digit, byte| digit << 8 | u32::from(*byte));
    number.to_unsigned_be().unwrap_or_default().rchunks(4).map(digit)
}

/// The tag of a member, and the type of its values.
pub(crate) fn tag(name: &str) -> Option<(Tag, Option<ItemType>)> {
    let tag = UNLIKE.iter().find(|(_, spelled)| *spelled == name).map(|(tag, _)| *tag);
    let tag = tag.or_else(|| names().tag(name))?;
    Some((tag, names().item_type(tag)))
}

/// The code of an enumeration's value.
pub(crate) fn code(tag: Tag, name: &str) -> Option<u32> {
    names().enumeration_value(tag, name)
}

/// Members that are not spelled as the tags are.
const UNLIKE: [(Tag, &str); 4] = [
    (Tag::QLENGTH, "QLength"),
    (Tag::IV_LENGTH, "IvLength"),
    (Tag::RANDOM_IV, "RandomIv"),
    (Tag::CRT_COEFFICIENT, "CrtCoefficient"),
];

fn name(tag: Tag) -> &'static str {
    let spelled = UNLIKE.iter().find(|(known, _)| *known == tag).map(|(_, spelled)| *spelled);
    spelled.or_else(|| names().tag_name(tag)).unwrap_or_default()
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
        let told = super::attributes(attributes);
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
        assert_eq!(super::attributes(attributes), expected);
    }
}
