//! OASIS JSON (message encoding profile 1.0 section 4, as KMIP 2.1 carries it on).

use super::error::{CodecError, CodecErrorKind};
use super::json_reader::{self, JsonForm, Place, Raw, Siblings};
use super::json_writer::{append_number, append_string};
use super::limits::Limits;
use super::meaning::Meaning;
use super::{binary, date_time, hex, text_value};
use crate::ttlv::{BigInteger, ItemType, Tag, Ttlv, Value};
use crate::vocabulary::Vocabulary;

/// Reads the one item that the bytes hold. Names of the vocabulary are read, vendors' included.
///
/// # Errors
/// The bytes are no JSON item, name something unknown, or exceed the limits.
pub fn decode(bytes: &[u8], limits: &Limits, vocabulary: &Vocabulary) -> Result<Ttlv, CodecError> {
    json_reader::read(bytes, limits, &mut Oasis(vocabulary))
}

/// Writes an item. What the standard does not name is written in hexadecimal, so that every reader knows it.
pub fn encode(item: &Ttlv) -> Vec<u8> {
    // Rarely more is needed, so that key material is not left behind in outgrown buffers.
    let mut out = Vec::with_capacity(4 * binary::length(item));
    encode_into(item, &mut out);
    out
}

/// Appends an item to a buffer.
pub fn encode_into(item: &Ttlv, out: &mut Vec<u8>) {
    write(item, Meaning::default(), out);
}

struct Oasis<'v>(&'v Vocabulary);

impl JsonForm for Oasis<'_> {
    fn tag(&mut self, name: &str, _: Place) -> Result<Option<Tag>, CodecErrorKind> {
        text_value::tag(self.0, name).map(Some)
    }

    fn leaf(
        &mut self,
        tag: Tag,
        item_type: ItemType,
        value: Raw<'_>,
        siblings: &Siblings,
    ) -> Result<Value, CodecErrorKind> {
        let meaning = siblings.meaning.of(tag);
        match value {
            Raw::Text(text) if item_type == ItemType::BigInteger => big_integer(&text).map(Value::BigInteger),
            Raw::Text(text) => text_value::leaf(self.0, meaning, item_type, text),
            Raw::Number(number) => number_leaf(item_type, number),
            Raw::Boolean(truth) if item_type == ItemType::Boolean => Ok(Value::Boolean(truth)),
            _ => Err(CodecErrorKind::BadValue { expected: "of the type that the item names" }),
        }
    }

    fn structure(&mut self, _: Tag, children: Vec<Ttlv>) -> Result<Value, CodecErrorKind> {
        Ok(Value::Structure(children))
    }

    fn place(&mut self, child: Ttlv, siblings: &mut Siblings) {
        siblings.meaning.saw(&child, self.0);
        siblings.items.push(child);
    }
}

/// The value of a JSON number.
pub(super) fn number_leaf(item_type: ItemType, number: i128) -> Result<Value, CodecErrorKind> {
    let value = match item_type {
        ItemType::Integer => i32::try_from(number).ok().map(Value::Integer),
        ItemType::LongInteger => i64::try_from(number).ok().map(Value::LongInteger),
        ItemType::BigInteger => Some(Value::BigInteger(BigInteger::from_signed_be(&number.to_be_bytes()))),
        ItemType::Enumeration => u32::try_from(number).ok().map(Value::Enumeration),
        ItemType::Interval => u32::try_from(number).ok().map(Value::Interval),
        ItemType::DateTimeExtended => i64::try_from(number).ok().map(Value::DateTimeExtended),
        _ => {
            return Err(CodecErrorKind::BadValue { expected: "no number, as the type is not a numeric one" });
        }
    };
    value.ok_or(CodecErrorKind::BadValue { expected: "a number in the range of its type" })
}

fn big_integer(text: &str) -> Result<BigInteger, CodecErrorKind> {
    let digits = text.strip_prefix("0x");
    text_value::big_integer(
        digits.ok_or(CodecErrorKind::BadValue { expected: "a number, or 0x and hexadecimal digits" })?,
    )
}

fn write(item: &Ttlv, meaning: Meaning, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"tag\":\"");
    match Vocabulary::standard().tag_name(item.tag) {
        Some(name) => out.extend_from_slice(name.as_bytes()),
        None => text_value::append_hex_tag(out, item.tag),
    }
    if let Value::Structure(children) = &item.value {
        out.extend_from_slice(b"\",\"value\":[");
        write_children(children, out);
        out.extend_from_slice(b"]}");
        return;
    }
    out.extend_from_slice(b"\",\"type\":\"");
    out.extend_from_slice(text_value::type_name(item.value.item_type()).as_bytes());
    out.extend_from_slice(b"\",\"value\":");
    write_leaf(&item.value, meaning.of(item.tag), out);
    out.push(b'}');
}

fn write_children(children: &[Ttlv], out: &mut Vec<u8>) {
    let mut meaning = Meaning::default();
    for (position, child) in children.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write(child, meaning, out);
        meaning.saw(child, Vocabulary::standard());
    }
}

fn write_leaf(value: &Value, meaning: Tag, out: &mut Vec<u8>) {
    match value {
        Value::Structure(_) => {}
        Value::Integer(bits) if Vocabulary::standard().is_mask(meaning) => {
            in_quotes(out, |out| text_value::append_mask(out, meaning, bits.cast_unsigned(), b'|'));
        }
        Value::Integer(number) => append_number(out, (*number).into()),
        Value::LongInteger(number) | Value::DateTimeExtended(number) => write_long(*number, out),
        Value::BigInteger(integer) => in_quotes(out, |out| {
            out.extend_from_slice(b"0x");
            text_value::append_big_integer(out, integer);
        }),
        Value::Enumeration(number) => {
            in_quotes(out, |out| text_value::append_enumeration(out, meaning, *number))
        }
        Value::Boolean(truth) => out.extend_from_slice(if *truth { b"true" } else { b"false" }),
        Value::TextString(text) => append_string(out, text),
        Value::ByteString(bytes) => in_quotes(out, |out| hex::append(out, bytes, hex::Case::Lower)),
        Value::DateTime(seconds) => in_quotes(out, |out| date_time::append(out, *seconds)),
        Value::Interval(seconds) => append_number(out, (*seconds).into()),
    }
}

/// JavaScript holds whole numbers exactly up to 53 bits only, so that longer ones are written as text.
fn write_long(number: i64, out: &mut Vec<u8>) {
    if number.unsigned_abs() < 1 << 52 {
        append_number(out, number);
    } else {
        in_quotes(out, |out| text_value::append_hex_long(out, number));
    }
}

fn in_quotes(out: &mut Vec<u8>, content: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    content(out);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Ttlv, CodecError> {
        decode(text.as_bytes(), &Limits::default(), Vocabulary::standard())
    }

    fn written(item: &Ttlv) -> String {
        String::from_utf8(encode(item)).unwrap()
    }

    /// The examples of section 4.1.6 of the profile, with what they stand for.
    fn examples() -> Vec<(&'static str, Ttlv)> {
        vec![
            (
                r#"{"tag": "0x54FFFF", "name":"SomeExtension", "type":"Integer", "value":"0x00000001"}"#,
                Ttlv::new(Tag(0x54_FFFF), Value::Integer(1)),
            ),
            (
                r#"{"tag": "0x420001", "type":"DateTime", "value":"2001-01-01T10:00:00+10:00"}"#,
                Ttlv::new(Tag::ACTIVATION_DATE, Value::DateTime(978_307_200)),
            ),
            (
                r#"{"tag": "IVCounterNonce", "type":"ByteString", "value":"a1b2c3d4"}"#,
                Ttlv::new(Tag::IV_COUNTER_NONCE, Value::ByteString(vec![0xA1, 0xB2, 0xC3, 0xD4].into())),
            ),
            (
                r#"{"tag": "PrivateKeyTemplateAttribute", "type":"Structure", "value":[]}"#,
                Ttlv::structure(Tag::PRIVATE_KEY_TEMPLATE_ATTRIBUTE, vec![]),
            ),
            (
                r#"{"tag": "0x545352", "type":"TextString", "value":"This is an extension"}"#,
                Ttlv::new(Tag(0x54_5352), Value::TextString("This is an extension".into())),
            ),
            (
                r#"{"tag": "ProtocolVersion", "value":[{"tag": "ProtocolVersionMajor", "type":"Integer", "value":1}]}"#,
                Ttlv::structure(
                    Tag::PROTOCOL_VERSION,
                    vec![Ttlv::new(Tag::PROTOCOL_VERSION_MAJOR, Value::Integer(1))],
                ),
            ),
            (
                r#"{"tag": "BatchCount", "type":"Integer", "value":"0x0000000A"}"#,
                Ttlv::new(Tag::BATCH_COUNT, Value::Integer(10)),
            ),
            (
                r#"{"tag": "0x540001", "type":"LongInteger", "value":"0xfffffffffffffffe"}"#,
                Ttlv::new(Tag(0x54_0001), Value::LongInteger(-2)),
            ),
            (
                r#"{"tag": "UsageLimitsCount", "type":"LongInteger", "value":"0x1000000000000000"}"#,
                Ttlv::new(Tag::USAGE_LIMITS_COUNT, Value::LongInteger(1 << 60)),
            ),
            (
                r#"{"tag": "X", "type":"BigInteger", "value":0}"#,
                Ttlv::new(Tag::X, Value::BigInteger(BigInteger::from_signed_be(&[0]))),
            ),
            (
                r#"{"tag": "X", "type":"BigInteger", "value":"0x0000000000000000"}"#,
                Ttlv::new(Tag::X, Value::BigInteger(BigInteger::from_signed_be(&[0]))),
            ),
            (
                r#"{"tag": "0x420057", "type":"Enumeration", "value":2}"#,
                Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(2)),
            ),
            (
                r#"{"tag": "ObjectType", "type":"Enumeration", "value":"0x00000002"}"#,
                Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(2)),
            ),
            (
                r#"{"tag": "ObjectType", "type":"Enumeration", "value":"SymmetricKey"}"#,
                Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(2)),
            ),
            (
                r#"{"tag": "BatchOrderOption", "type":"Boolean", "value":"0x0000000000000001"}"#,
                Ttlv::new(Tag::BATCH_ORDER_OPTION, Value::Boolean(true)),
            ),
            (
                r#"{"tag": "MACSignature", "type":"ByteString", "value":"C50F77"}"#,
                Ttlv::new(Tag::MAC_SIGNATURE, Value::ByteString(vec![0xC5, 0x0F, 0x77].into())),
            ),
            (
                r#"{"tag": "Offset", "type":"Interval", "value":27}"#,
                Ttlv::new(Tag::OFFSET, Value::Interval(27)),
            ),
            (
                r#"{"tag": "Offset", "type":"Interval", "value":"0x0000001b"}"#,
                Ttlv::new(Tag::OFFSET, Value::Interval(27)),
            ),
        ]
    }

    #[test]
    fn the_examples_of_the_profile_are_read() {
        for (text, item) in examples() {
            assert_eq!(read(text).unwrap(), item, "{text}");
            assert_eq!(read(&written(&item)).unwrap(), item, "{text}");
        }
    }

    #[test]
    fn items_are_written_as_the_profile_shows_them() {
        let mask = Ttlv::new(Tag::CRYPTOGRAPHIC_USAGE_MASK, Value::Integer(0x100C));
        assert_eq!(
            written(&mask),
            r#"{"tag":"CryptographicUsageMask","type":"Integer","value":"Encrypt|Decrypt|CertificateSign"}"#
        );
        let large = Ttlv::new(Tag(0x54_0001), Value::LongInteger(1 << 60));
        assert_eq!(
            written(&large),
            r#"{"tag":"0x540001","type":"LongInteger","value":"0x1000000000000000"}"#
        );
        let big = Ttlv::new(Tag::X, Value::BigInteger(BigInteger::from_signed_be(&[0x80])));
        assert_eq!(written(&big), r#"{"tag":"X","type":"BigInteger","value":"0xffffffffffffff80"}"#);
        let date = Ttlv::structure(
            Tag::ATTRIBUTES,
            vec![Ttlv::new(Tag::ARCHIVE_DATE, Value::DateTime(978_307_200))],
        );
        assert_eq!(
            written(&date),
            r#"{"tag":"Attributes","value":[{"tag":"ArchiveDate","type":"DateTime","value":"2001-01-01T00:00:00+00:00"}]}"#
        );
    }

    #[test]
    fn the_keys_of_an_item_come_in_any_order() {
        let text = r#"{"value":[{"value":"AES","type":"Enumeration","tag":"CryptographicAlgorithm"}],"tag":"Attributes"}"#;
        let algorithm = Ttlv::new(Tag::CRYPTOGRAPHIC_ALGORITHM, Value::Enumeration(3));
        assert_eq!(read(text).unwrap(), Ttlv::structure(Tag::ATTRIBUTES, vec![algorithm]));
    }

    #[test]
    fn an_attribute_value_of_kmip_1_is_named_by_the_attribute() {
        let attribute = |name: &str, value| {
            Ttlv::structure(
                Tag::ATTRIBUTE,
                vec![
                    Ttlv::new(Tag::ATTRIBUTE_NAME, Value::TextString(name.into())),
                    Ttlv::new(Tag::ATTRIBUTE_VALUE, value),
                ],
            )
        };
        for (item, value) in [
            (attribute("Cryptographic Algorithm", Value::Enumeration(3)), "\"AES\""),
            (attribute("Cryptographic Usage Mask", Value::Integer(12)), "\"Encrypt|Decrypt\""),
            (attribute("x-Colour", Value::Enumeration(3)), "\"0x00000003\""),
        ] {
            assert!(written(&item).contains(value), "{}", written(&item));
            assert_eq!(read(&written(&item)).unwrap(), item);
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place_and_without_the_value() {
        for (text, reason) in [
            ("", "EOF while parsing a value (at byte 0)"),
            (
                "[]",
                "an item must be an object with tag, type and value; tag and type are strings (at byte 1)",
            ),
            (
                r#"{"tag":"Fish","value":[]}"#,
                "\"Fish\" is not the name of a tag; tags without a name are written as 0x and six hexadecimal digits (at byte 13)",
            ),
            (r#"{"type":"Structure","value":[]}"#, "tag is missing (at byte 31)"),
            (
                r#"{"tag":"Attributes","value":[{"tag":"Salt","type":"ByteString","value":"5ecre7"}]}"#,
                "Attributes/Salt: the value must be an even number of hexadecimal digits (at byte 81)",
            ),
            (
                r#"{"tag":"State","type":"Enumeration","value":"Alive"}"#,
                "State: \"Alive\" is not the name of a value of State (at byte 52)",
            ),
            (
                r#"{"tag":"State","type":"Enum","value":"Active"}"#,
                "State: \"Enum\" is not the name of a type (at byte 30)",
            ),
            (r#"{"tag":"State","tag":"State","value":[]}"#, "tag is given twice (at byte 28)"),
            (
                r#"{"tag":"State","value":[],"size":1}"#,
                "State: an item has no \"size\"; it has tag, type and value (at byte 32)",
            ),
        ] {
            let error = read(text).unwrap_err().to_string();
            let without_place = |text: &str| text.split(" (at byte").next().unwrap().to_owned();
            assert!(without_place(&error).ends_with(&without_place(reason)), "{text}\n{error}\n{reason}");
        }
    }

    #[test]
    fn depth_length_and_number_of_items_are_bounded() {
        let text = r#"{"tag":"Attributes","value":[{"tag":"Link","value":[{"tag":"Link","value":[]}]}]}"#;
        let limits = Limits { depth: 3, length: text.len(), items: 3 };
        let read = |limits| decode(text.as_bytes(), &limits, Vocabulary::standard());
        let refusal = |limits| read(limits).unwrap_err().kind().clone();
        assert!(read(limits).is_ok());
        assert_eq!(refusal(Limits { depth: 2, ..limits }), CodecErrorKind::TooDeep { limit: 2 });
        assert_eq!(refusal(Limits { length: 80, ..limits }), CodecErrorKind::TooLong { limit: 80 });
        assert_eq!(refusal(Limits { items: 2, ..limits }), CodecErrorKind::TooManyItems { limit: 2 });
    }
}
