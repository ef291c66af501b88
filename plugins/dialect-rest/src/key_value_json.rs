//! The family's TTLV Encoding of a key that is wrapped: not TTLV, but JSON text (`{"KeyMaterial":…,"Attributes":…}`).
//!
//! To the server it is an Encoding Option of its own, which only the dialect calls TTLV Encoding, so that a key always says
//! how it was wrapped, whoever unwraps it.

use claviger_plugin_sdk::key_value_encoding::KeyValueEncoding;
use claviger_plugin_sdk::kmip::BigInteger;
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::tables::enumerations::EncodingOption;
use claviger_plugin_sdk::kmip::ttlv::ItemType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::register_key_value_encoding;
use serde_json::{Map, Value as Json};

use crate::generation::Birth;
use crate::{direct_json, fields, response};

/// The Encoding Option.
pub(crate) const JSON_ENCODING: EncodingOption = EncodingOption(0x8000_0001);

/// Has a specification or the data of a wrapping say what the family means by TTLV Encoding.
pub(crate) fn in_request(wrapping: &mut Vec<Ttlv>) {
    rename(wrapping, EncodingOption::TTLV_ENCODING, JSON_ENCODING);
}

/// The reverse.
pub(crate) fn in_response(wrapping: &mut Vec<Ttlv>) {
    rename(wrapping, JSON_ENCODING, EncodingOption::TTLV_ENCODING);
}

fn rename(wrapping: &mut Vec<Ttlv>, from: EncodingOption, to: EncodingOption) {
    if fields::code(wrapping, Tag::ENCODING_OPTION) == Some(from.0) {
        fields::set(wrapping, Tag::ENCODING_OPTION, Value::Enumeration(to.0));
    }
}

struct KeyValueJson;

register_key_value_encoding!(KeyValueJson);

impl KeyValueEncoding for KeyValueJson {
    fn option(&self) -> EncodingOption {
        JSON_ENCODING
    }

    /// A symmetric key stands as `{"Key": …}` whatever its format, since that is how the family's clients know it.
    fn encode(&self, material: &Value, attributes: &Attributes) -> Result<ByteString> {
        let is_symmetric = attributes.one::<kinds::ObjectType>() == Some(ObjectType::SYMMETRIC_KEY);
        let material = match material {
            Value::ByteString(_) if is_symmetric => {
                Value::Structure(vec![Ttlv::new(Tag::KEY, material.clone())])
            }
            other => other.clone(),
        };
        let mut known = fields::children(attributes.clone().into_value())?;
        response::attributes::shape(&mut known, Birth::of(attributes));
        let mut value = Map::new();
        value.insert("KeyMaterial".to_owned(), direct_json::json(Tag::KEY_MATERIAL, material));
        value.insert("Attributes".to_owned(), direct_json::members(known));
        serde_json::to_vec(&Json::Object(value))
            .map(ByteString::from)
            .map_err(|error| Error::server("a key cannot be written as JSON").because(error))
    }

    fn decode(&self, encoded: &[u8]) -> Result<Value> {
        let value: Json = serde_json::from_slice(encoded).map_err(|_| wrong())?;
        match value.get("KeyMaterial") {
            Some(material @ Json::Array(_)) => bytes(material).map(Value::ByteString),
            Some(Json::Object(fields)) => match (fields.get("Key"), fields.len()) {
                (Some(key), 1) => bytes(key).map(Value::ByteString),
                _ => fields.iter().map(field).collect::<Result<_>>().map(Value::Structure),
            },
            _ => Err(wrong()),
        }
    }
}

/// A field of a transparent key.
fn field((name, value): (&String, &Json)) -> Result<Ttlv> {
    let (tag, item_type) = direct_json::tag(name).ok_or_else(wrong)?;
    let value = match item_type {
        Some(ItemType::BigInteger) => big_integer(value)?,
        Some(ItemType::ByteString) => Value::ByteString(bytes(value)?),
        Some(ItemType::Enumeration) => {
            let name = value.as_str().ok_or_else(wrong)?;
            Value::Enumeration(direct_json::code(tag, name).ok_or_else(wrong)?)
        }
        _ => return Err(wrong()),
    };
    Ok(Ttlv::new(tag, value))
}

fn bytes(value: &Json) -> Result<ByteString> {
    let byte = |byte: &Json| byte.as_u64().and_then(|byte| u8::try_from(byte).ok()).ok_or_else(wrong);
    let bytes: Vec<u8> = value.as_array().ok_or_else(wrong)?.iter().map(byte).collect::<Result<_>>()?;
    Ok(bytes.into())
}

/// A number in digits of 32 bits, the least significant one first.
fn big_integer(value: &Json) -> Result<Value> {
    let digit = |digit: &Json| digit.as_u64().and_then(|digit| u32::try_from(digit).ok()).ok_or_else(wrong);
    let digits: Vec<u32> = value.as_array().ok_or_else(wrong)?.iter().map(digit).collect::<Result<_>>()?;
    let bytes: Vec<u8> = digits.iter().rev().flat_map(|digit| digit.to_be_bytes()).collect();
    Ok(Value::BigInteger(BigInteger::from_unsigned_be(&bytes)))
}

fn wrong() -> Error {
    Error::cryptographic("the unwrapped bytes are no key in JSON; was it wrapped with No Encoding?")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn encoded(material: &Value, object_type: ObjectType) -> Json {
        let mut attributes = Attributes::new();
        attributes.put::<kinds::ObjectType>(object_type);
        serde_json::from_slice(&KeyValueJson.encode(material, &attributes).unwrap()).unwrap()
    }

    #[test]
    fn a_symmetric_key_is_written_as_the_contract_says() {
        // Section 5.6: {"KeyMaterial":{"Key":[1,2,..]},"Attributes":{..}}.
        let key = Value::ByteString(vec![1, 2].into());
        let transparent = Value::Structure(vec![Ttlv::new(Tag::KEY, key.clone())]);
        for material in [&key, &transparent] {
            let written = encoded(material, ObjectType::SYMMETRIC_KEY);
            let expected =
                json!({"KeyMaterial": {"Key": [1, 2]}, "Attributes": {"ObjectType": "SymmetricKey"}});
            assert_eq!(written, expected);
            assert_eq!(KeyValueJson.decode(written.to_string().as_bytes()).unwrap(), key);
        }
    }

    #[test]
    fn numbers_are_digits_of_32_bits_from_the_least_significant_on() {
        let number = BigInteger::from_unsigned_be(&[1, 2, 3, 4, 5]);
        let curve = Ttlv::new(Tag::RECOMMENDED_CURVE, Value::Enumeration(7));
        let material = Value::Structure(vec![curve, Ttlv::new(Tag::D, Value::BigInteger(number))]);
        let written = encoded(&material, ObjectType::PRIVATE_KEY);
        let digits = json!({"RecommendedCurve": "P256", "D": [0x0203_0405, 1]});
        assert_eq!(written["KeyMaterial"], digits);
        let Value::Structure(read) = KeyValueJson.decode(written.to_string().as_bytes()).unwrap() else {
            panic!("a structure")
        };
        let Value::Structure(written) = material else { panic!("a structure") };
        assert!(read.len() == 2 && written.iter().all(|field| read.contains(field)));
    }

    #[test]
    fn bytes_of_other_keys_stay_bytes() {
        let key = Value::ByteString(vec![9; 3].into());
        let written = encoded(&key, ObjectType::PRIVATE_KEY);
        assert_eq!(written["KeyMaterial"], json!([9, 9, 9]));
        assert_eq!(KeyValueJson.decode(written.to_string().as_bytes()).unwrap(), key);
    }

    #[test]
    fn what_is_no_key_is_a_cryptographic_failure() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"KeyMaterial":7}"#,
            r#"{"KeyMaterial":[256]}"#,
            r#"{"KeyMaterial":{"Key":"00"}}"#,
            r#"{"KeyMaterial":{"Nothing":[1]}}"#,
            r#"{"KeyMaterial":{"D":[4294967296]}}"#,
            r#"{"KeyMaterial":{"RecommendedCurve":"Nowhere"}}"#,
        ] {
            let refused = KeyValueJson.decode(text.as_bytes()).unwrap_err();
            assert_eq!(refused.reason(), ResultReason::CRYPTOGRAPHIC_FAILURE, "{text}");
        }
    }
}
