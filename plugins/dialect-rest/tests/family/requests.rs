//! Requests as the recorded clients send them, and what tests read from the answers.

use serde_json::{Value, json};

pub(crate) fn structure(tag: &str, fields: Vec<Value>) -> Value {
    json!({"tag": tag, "type": "Structure", "value": fields})
}

pub(crate) fn text(tag: &str, value: &str) -> Value {
    json!({"tag": tag, "type": "TextString", "value": value})
}

pub(crate) fn name(tag: &str, value: &str) -> Value {
    json!({"tag": tag, "type": "Enumeration", "value": value})
}

pub(crate) fn bytes(tag: &str, hex: &str) -> Value {
    json!({"tag": tag, "type": "ByteString", "value": hex})
}

/// A vendor attribute of the family with this text as its bytes.
pub(crate) fn vendor(attribute: &str, value: &str) -> Value {
    vendors(&[(attribute, value)])
}

/// Vendor attributes of the family, which all stand in one field.
pub(crate) fn vendors(attributes: &[(&str, &str)]) -> Value {
    let one = |(attribute, value): &(&str, &str)| {
        let hex: String = value.bytes().map(|byte| format!("{byte:02X}")).collect();
        let fields = vec![
            text("VendorIdentification", "cosmian"),
            text("AttributeName", attribute),
            bytes("AttributeValue", &hex),
        ];
        structure("VendorAttributes", fields)
    };
    structure("VendorAttributes", attributes.iter().map(one).collect())
}

/// Create of an AES-256 key: by an older client, or by a newer one, which sends `Sensitive`.
pub(crate) fn create(is_newer: bool, tags: &str) -> Value {
    let mut attributes = vec![
        name("CryptographicAlgorithm", "AES"),
        json!({"tag": "CryptographicLength", "type": "Integer", "value": 256}),
        json!({"tag": "CryptographicUsageMask", "type": "Integer", "value": 2108}),
        name("KeyFormatType", "TransparentSymmetricKey"),
        name("ObjectType", "SymmetricKey"),
        vendor("tag", tags),
    ];
    if is_newer {
        attributes.push(json!({"tag": "Sensitive", "type": "Boolean", "value": false}));
    }
    structure("Create", vec![name("ObjectType", "SymmetricKey"), structure("Attributes", attributes)])
}

/// A request about an object.
pub(crate) fn about(operation: &str, id: &str, mut fields: Vec<Value>) -> Value {
    fields.insert(0, text("UniqueIdentifier", id));
    structure(operation, fields)
}

/// The field at the end of a path of tags.
pub(crate) fn at<'a>(answer: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(answer, |structure, tag| {
        structure["value"].as_array()?.iter().find(|field| field["tag"] == **tag)
    })
}

/// The text at the end of a path of tags.
pub(crate) fn text_at(answer: &Value, path: &[&str]) -> String {
    let field = at(answer, path).unwrap_or_else(|| panic!("{path:?} in {answer}"));
    field["value"].as_str().unwrap().to_owned()
}
