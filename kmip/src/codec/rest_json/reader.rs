//! The family's JSON as the tree of KMIP 2.1.

use super::RestBody;
use super::names::{self, mark};
use crate::codec::error::{CodecError, CodecErrorKind, quoted};
use crate::codec::json::number_leaf;
use crate::codec::json_reader::{self, JsonForm, Place, Raw, Siblings};
use crate::codec::limits::Limits;
use crate::codec::{date_time, hex, text_value};
use crate::tables::Enumeration;
use crate::tables::enumerations::{CertificateType, OperationCode, RevocationReasonCode};
use crate::ttlv::{BigInteger, ByteString, ItemType, Tag, Ttlv, Value};
use crate::vocabulary::Vocabulary;

/// Reads the operation or the message that the bytes hold.
///
/// # Errors
/// The bytes are no such JSON, name an operation, a type or an enumeration value that is not known, or exceed
/// the limits.
pub fn decode(bytes: &[u8], limits: &Limits, vocabulary: &Vocabulary) -> Result<RestBody, CodecError> {
    let mut family = Family { vocabulary, operation: None };
    let mut item = json_reader::read(bytes, limits, &mut family)?;
    match family.operation {
        Some(operation) => Ok(RestBody::Operation { operation, payload: item }),
        None => {
            tell_responses_apart(&mut item);
            Ok(RestBody::Message(item))
        }
    }
}

struct Family<'v> {
    vocabulary: &'v Vocabulary,
    /// The operation at the top, once its tag has been read; none for a message.
    operation: Option<OperationCode>,
}

impl JsonForm for Family<'_> {
    fn tag(&mut self, name: &str, place: Place) -> Result<Option<Tag>, CodecErrorKind> {
        if place.depth == 0 {
            return self.top(name).map(Some);
        }
        let tag =
            names::tag(name).or_else(|| self.vocabulary.tag(name)).or_else(|| text_value::hex_tag(name));
        let strict =
            self.operation == Some(OperationCode::IMPORT) && place.parent == Some(Tag::REQUEST_PAYLOAD);
        if tag.is_none() && strict {
            return Err(CodecErrorKind::UnknownTag { name: quoted(name) });
        }
        Ok(tag)
    }

    fn leaf(
        &mut self,
        tag: Tag,
        item_type: ItemType,
        value: Raw<'_>,
        _: &Siblings,
    ) -> Result<Value, CodecErrorKind> {
        let meaning = if tag == Tag::REVOCATION_REASON { Tag::REVOCATION_REASON_CODE } else { tag };
        let value = match (item_type, value) {
            (ItemType::BigInteger, Raw::Text(text)) => Value::BigInteger(unsigned(&text)?),
            (ItemType::DateTimeExtended, Raw::Text(text)) => Value::DateTimeExtended(microseconds(&text)?),
            (_, Raw::Text(text)) => text_value::leaf(self.vocabulary, meaning, item_type, text)?,
            (_, Raw::Number(number)) => number_leaf(item_type, number)?,
            (ItemType::Boolean, Raw::Boolean(truth)) => Value::Boolean(truth),
            _ => return Err(CodecErrorKind::BadValue { expected: "of the type that the item names" }),
        };
        self.as_kmip(tag, value)
    }

    fn structure(&mut self, tag: Tag, mut children: Vec<Ttlv>) -> Result<Value, CodecErrorKind> {
        if !children.iter().any(|child| names::is_mark(child.tag)) {
            return Ok(Value::Structure(children));
        }
        match (tag, children.as_mut_slice()) {
            (Tag::KEY_MATERIAL, [Ttlv { tag: mark::BYTE_STRING, value: Value::ByteString(bytes) }]) => {
                return Ok(Value::ByteString(std::mem::take(bytes)));
            }
            (Tag::REQUEST_PAYLOAD | Tag::RESPONSE_PAYLOAD, payload) => self.name_object(payload)?,
            _ => {}
        }
        // A mark where the form has none is a field that is not known there.
        children.retain(|child| !names::is_mark(child.tag));
        Ok(Value::Structure(children))
    }

    fn place(&mut self, child: Ttlv, siblings: &mut Siblings) {
        match child {
            Ttlv { tag: mark::CERTIFICATE_ATTRIBUTES, value: Value::Structure(attributes) } => {
                siblings.items.extend(attributes.into_iter().filter(|item| !is_empty_text(&item.value)));
            }
            Ttlv { tag, value: Value::Structure(elements) } if is_array(tag, &elements) => {
                siblings.items.extend(elements)
            }
            other => siblings.items.push(other),
        }
    }
}

impl Family<'_> {
    /// The name at the top: a message, an operation, or the response to one.
    fn top(&mut self, name: &str) -> Result<Tag, CodecErrorKind> {
        if name == "Message" {
            return Ok(Tag::REQUEST_MESSAGE);
        }
        let code = |name| self.vocabulary.enumeration_value(Tag::OPERATION, name);
        let (code, tag) = match (code(name), name.strip_suffix("Response").and_then(code)) {
            (Some(code), _) => (code, Tag::REQUEST_PAYLOAD),
            (None, Some(code)) => (code, Tag::RESPONSE_PAYLOAD),
            (None, None) => return Err(CodecErrorKind::UnknownOperation { name: quoted(name) }),
        };
        self.operation = Some(OperationCode::from_code(code));
        Ok(tag)
    }

    /// Gives the object of a payload the tag of its type.
    fn name_object(&self, payload: &mut [Ttlv]) -> Result<(), CodecErrorKind> {
        let object_type = payload.iter().find_map(|item| match item {
            Ttlv { tag: Tag::OBJECT_TYPE, value: Value::Enumeration(code) } => Some(*code),
            _ => None,
        });
        for object in payload.iter_mut().filter(|item| item.tag == mark::OBJECT) {
            let code = object_type.ok_or(CodecErrorKind::Missing { what: "ObjectType beside Object" })?;
            let name = self.vocabulary.enumeration_name(Tag::OBJECT_TYPE, code);
            let unknown =
                CodecErrorKind::BadValue { expected: "an Object beside an ObjectType that is known" };
            object.tag = name.and_then(|name| self.vocabulary.tag(name)).ok_or(unknown)?;
        }
        Ok(())
    }

    /// A value of the family as KMIP has it.
    fn as_kmip(&self, tag: Tag, value: Value) -> Result<Value, CodecErrorKind> {
        match (tag, value) {
            (Tag::REVOCATION_REASON, Value::Enumeration(code)) => Ok(revocation_reason(code, None)),
            (Tag::REVOCATION_REASON, Value::TextString(text)) => Ok(self.revocation_text(text)),
            (Tag::CERTIFICATE, Value::ByteString(der)) => Ok(certificate(der)),
            (Tag::VALIDITY_DATE, Value::TextString(text)) => moment(&text).map(Value::DateTime),
            (Tag::UNIQUE_BATCH_ITEM_ID, Value::Integer(id)) => {
                Ok(Value::ByteString(id.to_be_bytes().to_vec().into()))
            }
            (masks, Value::Integer(bits)) if names::is_storage_masks(masks) => {
                Ok(Value::Structure(vec![Ttlv::new(Tag::PROTECTION_STORAGE_MASK, Value::Integer(bits))]))
            }
            (tag, Value::Integer(number)) => self.number_as_kmip(tag, number.into(), Value::Integer(number)),
            (tag, Value::LongInteger(number)) => self.number_as_kmip(tag, number, Value::LongInteger(number)),
            (_, value) => Ok(value),
        }
    }

    fn number_as_kmip(&self, tag: Tag, number: i64, value: Value) -> Result<Value, CodecErrorKind> {
        let converted = match self.vocabulary.item_type(tag) {
            Some(ItemType::Integer) => i32::try_from(number).ok().map(Value::Integer),
            Some(ItemType::Interval) => u32::try_from(number).ok().map(Value::Interval),
            Some(ItemType::LongInteger) => Some(Value::LongInteger(number)),
            Some(ItemType::DateTime) => Some(Value::DateTime(number)),
            // An identifier by number (KMIP 2.1 section 11.59).
            Some(ItemType::TextString) => i32::try_from(number).ok().map(Value::Integer),
            _ => Some(value),
        };
        converted.ok_or(CodecErrorKind::BadValue { expected: "a number in the range that KMIP gives it" })
    }

    /// A text that is the name of a code is that code; any other is a message.
    fn revocation_text(&self, text: String) -> Value {
        match names::revocation_code(self.vocabulary, &text) {
            Some(code) => revocation_reason(code, None),
            None => revocation_reason(RevocationReasonCode::UNSPECIFIED.code(), Some(text)),
        }
    }
}

fn revocation_reason(code: u32, message: Option<String>) -> Value {
    let code = Ttlv::new(Tag::REVOCATION_REASON_CODE, Value::Enumeration(code));
    let message = message.map(|text| Ttlv::new(Tag::REVOCATION_MESSAGE, Value::TextString(text)));
    Value::Structure([Some(code), message].into_iter().flatten().collect())
}

/// Validate's certificates are the bytes alone.
fn certificate(der: ByteString) -> Value {
    let certificate_type = Value::Enumeration(CertificateType::X_509.code());
    Value::Structure(vec![
        Ttlv::new(Tag::CERTIFICATE_TYPE, certificate_type),
        Ttlv::new(Tag::CERTIFICATE_VALUE, Value::ByteString(der)),
    ])
}

/// Validate's date is text: ISO 8601, or as certificates write dates, `YYYYMMDDHHMMSSZ`.
fn moment(text: &str) -> Result<i64, CodecErrorKind> {
    date_time::parse(text).or_else(|| date_time::parse_generalized(text)).ok_or(CodecErrorKind::BadValue {
        expected: "a date and time such as 2030-12-31T23:59:59Z or 20301231235959Z",
    })
}

/// A structure is an array if its first child has its own tag, or if it is empty and its tag is an array's.
fn is_array(tag: Tag, elements: &[Ttlv]) -> bool {
    match elements {
        [] => names::may_be_empty_array(tag),
        elements => elements.iter().all(|element| element.tag == tag),
    }
}

fn is_empty_text(value: &Value) -> bool {
    matches!(value, Value::TextString(text) if text.is_empty())
}

/// The family's big integers have no sign.
fn unsigned(text: &str) -> Result<BigInteger, CodecErrorKind> {
    let digits = text.strip_prefix("0x").filter(|digits| !digits.is_empty());
    let bytes = digits.and_then(|digits| hex::decode(digits.as_bytes())).map(ByteString::from);
    let bytes =
        bytes.ok_or(CodecErrorKind::BadValue { expected: "0x and an even number of hexadecimal digits" })?;
    Ok(BigInteger::from_unsigned_be(&bytes))
}

/// The family's extended dates have 128 bits, of which KMIP knows 64.
fn microseconds(text: &str) -> Result<i64, CodecErrorKind> {
    let digits = text.strip_prefix("0x").filter(|digits| digits.bytes().all(|c| c.is_ascii_hexdigit()));
    let number = digits.and_then(|digits| u128::from_str_radix(digits, 16).ok()).map(u128::cast_signed);
    let number = number.and_then(|number| i64::try_from(number).ok());
    number.ok_or(CodecErrorKind::BadValue {
        expected: "0x and 32 hexadecimal digits, of which KMIP holds 64 bits",
    })
}

/// The form calls requests and responses by the same names; a response has a status in each item.
fn tell_responses_apart(message: &mut Ttlv) {
    let Value::Structure(parts) = &mut message.value else { return };
    if !parts.iter().any(|part| part.tag == Tag::BATCH_ITEM && part.child(Tag::RESULT_STATUS).is_some()) {
        return;
    }
    message.tag = Tag::RESPONSE_MESSAGE;
    for part in parts.iter_mut().filter(|part| part.tag == Tag::REQUEST_HEADER) {
        part.tag = Tag::RESPONSE_HEADER;
    }
}
