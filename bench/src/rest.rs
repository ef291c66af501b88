//! Requests in REST JSON, as its clients write them.

use std::fmt::Write;

use serde_json::{Value, json};
use xtask::Outcome;

use crate::message::{Ask, Condition};

/// The body of a request.
pub(crate) fn body(ask: &Ask<'_>) -> Outcome<Vec<u8>> {
    let value = match ask {
        Ask::Json(request) => return Ok(serde_json::to_vec(request)?),
        Ask::Version
        | Ask::CreateMany { .. }
        | Ask::CreatePair { .. }
        | Ask::Sign { .. }
        | Ask::Locate { by: Condition::Name(_) | Condition::Group(_) | Condition::Nothing } => {
            return Err("there is no such request in REST JSON".into());
        }
        Ask::Create { tags } => operation("Create", create(tags)),
        Ask::Encrypt { key, data, times: 1 } => operation("Encrypt", encrypt(key, data)),
        Ask::Encrypt { key, data, times } => {
            message((0..*times).map(|_| ("Encrypt", encrypt(key, data))).collect())
        }
        Ask::Get { key } => operation("Get", json!([text("UniqueIdentifier", key)])),
        Ask::Locate { by: Condition::Tag(tag) } => operation(
            "Locate",
            json!([structure("Attributes", json!([vendor_attributes(std::slice::from_ref(tag))?]))]),
        ),
    };
    Ok(serde_json::to_vec(&value)?)
}

/// Checks that no item of a batch failed; a bare operation fails by its HTTP status.
pub(crate) fn check(answer: &[u8]) -> Outcome {
    let head = answer.get(..answer.len().min(2048)).unwrap_or_default();
    match find(head, b"OperationFailed") {
        None => Ok(()),
        Some(_) => Err(format!("an operation failed: {}", String::from_utf8_lossy(head)).into()),
    }
}

/// The identifier in an answer.
pub(crate) fn identifier(answer: &[u8]) -> Outcome<String> {
    field(&serde_json::from_slice(answer)?, "UniqueIdentifier")
}

/// The text of a field of an answer.
///
/// # Errors
/// The answer has no such field.
pub(crate) fn field(answer: &Value, tag: &str) -> Outcome<String> {
    let fields = answer.get("value").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let field = fields.iter().find(|field| field.get("tag").and_then(Value::as_str) == Some(tag));
    let text = field.and_then(|field| field.get("value")).and_then(Value::as_str);
    Ok(text.ok_or_else(|| format!("the answer has no {tag}: {answer}"))?.to_owned())
}

/// Where the pattern occurs first.
pub(crate) fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}

fn create(tags: &[String]) -> Value {
    let mut attributes = vec![
        enumeration("CryptographicAlgorithm", "AES"),
        integer("CryptographicLength", 256),
        integer("CryptographicUsageMask", 2108),
        enumeration("KeyFormatType", "TransparentSymmetricKey"),
        enumeration("ObjectType", "SymmetricKey"),
        json!({"tag": "Sensitive", "type": "Boolean", "value": false}),
    ];
    attributes.extend(vendor_attributes(tags).ok());
    json!([enumeration("ObjectType", "SymmetricKey"), structure("Attributes", Value::Array(attributes))])
}

fn encrypt(key: &str, data: &[u8]) -> Value {
    json!([text("UniqueIdentifier", key), bytes("Data", data)])
}

/// User tags travel as the JSON text of a list in a vendor attribute.
fn vendor_attributes(tags: &[String]) -> Outcome<Value> {
    let list = serde_json::to_vec(tags)?;
    let attribute = json!([
        text("VendorIdentification", "cosmian"),
        text("AttributeName", "tag"),
        bytes("AttributeValue", &list)
    ]);
    Ok(structure("VendorAttributes", json!([structure("VendorAttributes", attribute)])))
}

fn message(items: Vec<(&str, Value)>) -> Value {
    let count = items.len();
    let items = items.into_iter().map(|(name, payload)| {
        structure("Items", json!([enumeration("Operation", name), structure("RequestPayload", payload)]))
    });
    let version = json!([integer("ProtocolVersionMajor", 2), integer("ProtocolVersionMinor", 1)]);
    let header = json!([structure("ProtocolVersion", version), integer("BatchCount", count)]);
    operation("Message", json!([structure("Header", header), structure("Items", items.collect())]))
}

fn operation(name: &str, fields: Value) -> Value {
    structure(name, fields)
}

pub(crate) fn structure(tag: &str, value: Value) -> Value {
    json!({"tag": tag, "type": "Structure", "value": value})
}

pub(crate) fn text(tag: &str, value: &str) -> Value {
    json!({"tag": tag, "type": "TextString", "value": value})
}

pub(crate) fn enumeration(tag: &str, value: &str) -> Value {
    json!({"tag": tag, "type": "Enumeration", "value": value})
}

fn integer(tag: &str, value: usize) -> Value {
    json!({"tag": tag, "type": "Integer", "value": value})
}

pub(crate) fn bytes(tag: &str, value: &[u8]) -> Value {
    let hexadecimal = value.iter().fold(String::with_capacity(2 * value.len()), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02X}");
        text
    });
    json!({"tag": tag, "type": "ByteString", "value": hexadecimal})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locate_by_tag_is_what_clients_send() {
        // The contract's own example of the attribute, section 2: ["my"] is 5B226D79225D.
        let body = body(&Ask::Locate { by: &Condition::Tag("my".into()) }).unwrap();
        let text = String::from_utf8(body).unwrap();
        assert!(
            text.contains(r#"{"tag":"AttributeValue","type":"ByteString","value":"5B226D79225D"}"#),
            "{text}"
        );
    }

    #[test]
    fn a_failed_item_of_a_batch_is_found() {
        assert!(check(br#"{"tag":"ResultStatus","type":"Enumeration","value":"OperationFailed"}"#).is_err());
        assert!(check(br#"{"tag":"ResultStatus","type":"Enumeration","value":"Success"}"#).is_ok());
    }

    #[test]
    fn the_identifier_is_taken_from_the_answer() {
        let answer = br#"{"tag":"CreateResponse","type":"Structure","value":[
            {"tag":"ObjectType","type":"Enumeration","value":"SymmetricKey"},
            {"tag":"UniqueIdentifier","type":"TextString","value":"f7c1"}]}"#;
        assert_eq!(identifier(answer).unwrap(), "f7c1");
    }
}
