//! The family's TTLV Encoding of a key that is wrapped: not TTLV, but JSON text (`{"KeyMaterial":…,"Attributes":…}`).
//!
//! To the server it is an Encoding Option of its own, which only the dialect calls TTLV Encoding, so that a key always says
//! how it was wrapped, whoever unwraps it.

mod reading;

use std::io;

use claviger_plugin_sdk::key_value_encoding::KeyValueEncoding;
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::tables::enumerations::EncodingOption;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::register_key_value_encoding;
use serde::Serialize;
use serde_json::Value as Json;
use zeroize::Zeroizing;

use self::reading::Wrapped;
use crate::direct_json::{self, Direct};
use crate::generation::Birth;
use crate::{fields, response};

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
        let symmetric = match material {
            Value::ByteString(_) if is_symmetric => {
                Some(Value::Structure(vec![Ttlv::new(Tag::KEY, material.clone())]))
            }
            _ => None,
        };
        let mut known = fields::children(attributes.clone().into_value())?;
        response::attributes::shape(&mut known, Birth::of(attributes));
        let value = symmetric.as_ref().unwrap_or(material);
        let material = Direct { tag: Tag::KEY_MATERIAL, value };
        text(&Written { material, attributes: direct_json::members(known) })
            .map_err(|error| Error::server("a key cannot be written as JSON").because(error))
    }

    fn decode(&self, encoded: &[u8]) -> Result<Value> {
        let Wrapped { material } = serde_json::from_slice(encoded).map_err(|_| wrong())?;
        Ok(material)
    }
}

#[derive(Serialize)]
struct Written<'a> {
    #[serde(rename = "KeyMaterial")]
    material: Direct<'a>,
    #[serde(rename = "Attributes")]
    attributes: Json,
}

/// The text of a key, measured before it is written so that it is never moved, which would leave the key behind.
fn text(written: &Written<'_>) -> serde_json::Result<ByteString> {
    let mut length = Length(0);
    serde_json::to_writer(&mut length, written)?;
    let mut text = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer(&mut *text, written)?;
    Ok(std::mem::take(&mut *text).into())
}

/// Counts what is written.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn wrong() -> Error {
    Error::cryptographic("the unwrapped bytes are no key in JSON; was it wrapped with No Encoding?")
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_plugin_sdk::kmip::BigInteger;
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
    fn a_long_key_is_written_without_being_moved() {
        let bytes: Vec<u8> = (0..=255).cycle().take(5000).collect();
        let key = Value::ByteString(bytes.clone().into());
        let number = Value::BigInteger(BigInteger::from_unsigned_be(&bytes));
        let fields = Value::Structure(vec![Ttlv::new(Tag::D, number), Ttlv::new(Tag::KEY, key.clone())]);
        for material in [key, fields] {
            let text = KeyValueJson.encode(&material, &Attributes::new()).unwrap().into_vec();
            assert_eq!(text.capacity(), text.len());
        }
    }

    #[test]
    fn long_keys_are_read_whole() {
        let bytes: Vec<u8> = (1..=255).cycle().take(5000).collect();
        let text = json!({"KeyMaterial": bytes, "Attributes": {"Link": [1, {}]}}).to_string();
        assert_eq!(KeyValueJson.decode(text.as_bytes()).unwrap(), Value::ByteString(bytes.clone().into()));
        let digits: Vec<u32> =
            bytes.rchunks(4).map(|four| u32::from_be_bytes(four.try_into().unwrap())).collect();
        let text = json!({"KeyMaterial": {"D": digits}}).to_string();
        let number = Value::BigInteger(BigInteger::from_unsigned_be(&bytes));
        let expected = Value::Structure(vec![Ttlv::new(Tag::D, number)]);
        assert_eq!(KeyValueJson.decode(text.as_bytes()).unwrap(), expected);
    }

    #[test]
    fn what_is_no_key_is_a_cryptographic_failure() {
        for text in [
            "",
            "[]",
            "{}",
            "[[1]]",
            r#"{"KeyMaterial":[1],"KeyMaterial":[2]}"#,
            r#"{"KeyMaterial":{"Key":[1],"Key":[2]}}"#,
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
