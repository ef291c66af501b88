//! Values as text, as the XML and the JSON forms share them (message encoding profile sections 4.1 and 6.1).

use std::borrow::Cow;
use std::io::Write;

use super::error::{CodecErrorKind, quoted};
use super::{date_time, hex};
use crate::ttlv::{BigInteger, ByteString, ItemType, Tag, Value};
use crate::vocabulary::Vocabulary;

type Parsed<T> = Result<T, CodecErrorKind>;

/// The type with this name.
pub(super) fn item_type(name: &str) -> Parsed<ItemType> {
    TYPES
        .iter()
        .find(|item_type| type_name(**item_type) == name)
        .copied()
        .ok_or_else(|| CodecErrorKind::UnknownTypeName { name: quoted(name) })
}

/// The name of a type.
pub(super) fn type_name(item_type: ItemType) -> &'static str {
    match item_type {
        ItemType::Structure => "Structure",
        ItemType::Integer => "Integer",
        ItemType::LongInteger => "LongInteger",
        ItemType::BigInteger => "BigInteger",
        ItemType::Enumeration => "Enumeration",
        ItemType::Boolean => "Boolean",
        ItemType::TextString => "TextString",
        ItemType::ByteString => "ByteString",
        ItemType::DateTime => "DateTime",
        ItemType::Interval => "Interval",
        ItemType::DateTimeExtended => "DateTimeExtended",
    }
}

/// The types, the most frequent first.
const TYPES: [ItemType; 11] = [
    ItemType::Structure,
    ItemType::TextString,
    ItemType::Enumeration,
    ItemType::ByteString,
    ItemType::Integer,
    ItemType::Boolean,
    ItemType::DateTime,
    ItemType::LongInteger,
    ItemType::Interval,
    ItemType::BigInteger,
    ItemType::DateTimeExtended,
];

/// The value of an item of any type but Structure and Big Integer, whose digits the forms write differently.
pub(super) fn leaf(
    vocabulary: &Vocabulary,
    meaning: Tag,
    item_type: ItemType,
    text: Cow<'_, str>,
) -> Parsed<Value> {
    Ok(match item_type {
        ItemType::Structure | ItemType::BigInteger => {
            return Err(CodecErrorKind::BadValue { expected: "no text" });
        }
        ItemType::Integer => Value::Integer(integer(vocabulary, meaning, &text)?),
        ItemType::LongInteger => Value::LongInteger(long_integer(&text)?),
        ItemType::Enumeration => Value::Enumeration(enumeration(vocabulary, meaning, &text)?),
        ItemType::Boolean => Value::Boolean(boolean(&text)?),
        ItemType::TextString => Value::TextString(text.into_owned()),
        ItemType::ByteString => Value::ByteString(byte_string(&text)?),
        ItemType::DateTime => Value::DateTime(date_time(&text)?),
        ItemType::Interval => Value::Interval(interval(&text)?),
        ItemType::DateTimeExtended => Value::DateTimeExtended(long_integer(&text)?),
    })
}

/// A tag by name, or as `0x` and six digits.
pub(super) fn tag(vocabulary: &Vocabulary, name: &str) -> Parsed<Tag> {
    let unknown = || CodecErrorKind::UnknownTag { name: quoted(name) };
    vocabulary.tag(name).or_else(|| hex_tag(name)).ok_or_else(unknown)
}

/// A tag as `0x` and six digits.
pub(super) fn hex_tag(name: &str) -> Option<Tag> {
    let digits = name.strip_prefix("0x").filter(|digits| digits.len() == 6)?;
    hex_digits(digits, 6).and_then(|number| u32::try_from(number).ok()).map(Tag)
}

/// An Integer: decimal, hexadecimal, or names of mask bits separated by spaces or `|`.
fn integer(vocabulary: &Vocabulary, meaning: Tag, text: &str) -> Parsed<i32> {
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    if !vocabulary.is_mask(meaning) {
        let number = hex_u32(text).ok_or(CodecErrorKind::BadValue {
            expected: "32 bits, decimal or as 0x and hexadecimal digits",
        })?;
        return Ok(number.cast_signed());
    }
    let mut bits = 0;
    for part in text.split(|c: char| c == '|' || c.is_ascii_whitespace()).filter(|part| !part.is_empty()) {
        let bit =
            hex_u32(part).or_else(|| part.parse().ok()).or_else(|| vocabulary.mask_value(meaning, part));
        bits |= bit.ok_or_else(|| CodecErrorKind::UnknownName { of: meaning, name: quoted(part) })?;
    }
    Ok(bits.cast_signed())
}

/// An Enumeration: a name, or a number in hexadecimal or decimal.
fn enumeration(vocabulary: &Vocabulary, meaning: Tag, text: &str) -> Parsed<u32> {
    let value =
        vocabulary.enumeration_value(meaning, text).or_else(|| hex_u32(text)).or_else(|| text.parse().ok());
    value.ok_or_else(|| CodecErrorKind::UnknownName { of: meaning, name: quoted(text) })
}

/// A Long Integer or a Date Time Extended: decimal or hexadecimal.
fn long_integer(text: &str) -> Parsed<i64> {
    let number = text.parse().ok().or_else(|| hex_u64(text).map(u64::cast_signed));
    number.ok_or(CodecErrorKind::BadValue { expected: "64 bits, decimal or as 0x and hexadecimal digits" })
}

/// An Interval: decimal or hexadecimal.
fn interval(text: &str) -> Parsed<u32> {
    let number = text.parse().ok().or_else(|| hex_u32(text));
    number.ok_or(CodecErrorKind::BadValue { expected: "32 bits, decimal or as 0x and hexadecimal digits" })
}

/// A Boolean: `true`, `false`, `1`, `0`, or 64 bits in hexadecimal.
fn boolean(text: &str) -> Parsed<bool> {
    match (text, hex_u64(text)) {
        ("true" | "1", _) | (_, Some(1)) => Ok(true),
        ("false" | "0", _) | (_, Some(0)) => Ok(false),
        _ => Err(CodecErrorKind::BadValue { expected: "true or false" }),
    }
}

/// A Date Time: ISO 8601 or hexadecimal.
fn date_time(text: &str) -> Parsed<i64> {
    let seconds = date_time::parse(text).or_else(|| hex_u64(text).map(u64::cast_signed));
    seconds.ok_or(CodecErrorKind::BadValue {
        expected: "a date and time like 2001-01-01T10:00:00+10:00, or 64 bits as 0x and hexadecimal digits",
    })
}

/// A Byte String: hexadecimal digits without `0x`.
fn byte_string(text: &str) -> Parsed<ByteString> {
    let bytes = hex::decode(text.as_bytes());
    bytes
        .map(ByteString::from)
        .ok_or(CodecErrorKind::BadValue { expected: "an even number of hexadecimal digits" })
}

/// A Big Integer: two's complement in hexadecimal digits, of which there are an even number.
pub(super) fn big_integer(digits: &str) -> Parsed<BigInteger> {
    match hex::decode(digits.as_bytes()).map(ByteString::from) {
        Some(bytes) if !bytes.is_empty() => Ok(BigInteger::from_signed_be(&bytes)),
        _ => Err(CodecErrorKind::BadValue { expected: "an even number of hexadecimal digits" }),
    }
}

/// Appends a tag as `0x` and six digits.
pub(super) fn append_hex_tag(out: &mut Vec<u8>, tag: Tag) {
    // Writing to a vector cannot fail, here and below.
    let _ = write!(out, "{:#08x}", tag.0);
}

/// Appends 64 bits as `0x` and sixteen digits.
pub(super) fn append_hex_long(out: &mut Vec<u8>, number: i64) {
    let _ = write!(out, "{number:#018x}");
}

/// Appends the name of an enumeration value, or `0x` and eight digits.
pub(super) fn append_enumeration(out: &mut Vec<u8>, meaning: Tag, value: u32) {
    match Vocabulary::standard().enumeration_name(meaning, value) {
        Some(name) => out.extend_from_slice(name.as_bytes()),
        None => {
            let _ = write!(out, "{value:#010x}");
        }
    }
}

/// Appends the names of mask bits; those without a name follow in hexadecimal.
pub(super) fn append_mask(out: &mut Vec<u8>, meaning: Tag, bits: u32, separator: u8) {
    let (names, unnamed) = Vocabulary::standard().mask_names(meaning, bits);
    for (position, name) in names.iter().enumerate() {
        if position > 0 {
            out.push(separator);
        }
        out.extend_from_slice(name.as_bytes());
    }
    if unnamed != 0 || names.is_empty() {
        if !names.is_empty() {
            out.push(separator);
        }
        let _ = write!(out, "{unnamed:#010x}");
    }
}

/// Appends two's complement in hexadecimal digits, in a multiple of eight bytes.
pub(super) fn append_big_integer(out: &mut Vec<u8>, integer: &BigInteger) {
    let bytes = integer.to_signed_be();
    let fill = if integer.to_unsigned_be().is_some() { b'0' } else { b'f' };
    let missing = bytes.len().next_multiple_of(8) - bytes.len();
    out.resize(out.len() + 2 * missing, fill);
    hex::append(out, bytes, hex::Case::Lower);
}

fn hex_u32(text: &str) -> Option<u32> {
    hex_digits(text.strip_prefix("0x")?, 8).and_then(|number| u32::try_from(number).ok())
}

fn hex_u64(text: &str) -> Option<u64> {
    hex_digits(text.strip_prefix("0x")?, 16)
}

fn hex_digits(digits: &str, most: usize) -> Option<u64> {
    // `from_str_radix` alone would accept a sign.
    let only_digits = (1..=most).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_hexdigit());
    only_digits.then(|| u64::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standard() -> &'static Vocabulary {
        Vocabulary::standard()
    }

    #[test]
    fn every_type_has_a_name_that_is_read_back() {
        for item in TYPES {
            assert_eq!(item_type(type_name(item)), Ok(item));
        }
        assert!(item_type("Text").is_err());
    }

    #[test]
    fn masks_are_read_by_names_and_numbers_in_any_mixture() {
        let mask = |text| integer(standard(), Tag::CRYPTOGRAPHIC_USAGE_MASK, text);
        // The examples of section 4.1.6.4 of the message encoding profile.
        assert_eq!(mask("0x0000100c"), Ok(0x100C));
        assert_eq!(mask("Encrypt|Decrypt|CertificateSign"), Ok(0x100C));
        assert_eq!(mask("CertificateSign|0x00000004|0x0000008"), Ok(0x100C));
        assert_eq!(mask("CertificateSign 0x0000000c"), Ok(0x100C));
        assert_eq!(mask("4108"), Ok(0x100C));
        assert_eq!(mask("0x80000000"), Ok(i32::MIN));
        assert!(matches!(mask("Encrypt|Fly"), Err(CodecErrorKind::UnknownName { .. })));
    }

    #[test]
    fn hexadecimal_integers_are_twos_complement() {
        assert_eq!(integer(standard(), Tag::BATCH_COUNT, "0xffffffff"), Ok(-1));
        assert_eq!(long_integer("0xfffffffffffffffe"), Ok(-2));
        assert_eq!(long_integer("-2"), Ok(-2));
        assert_eq!(big_integer("ff80").unwrap().to_signed_be(), [0x80]);
        for text in ["0x1ffffffff", "0x", "0x+1", "", "1.5", "Encrypt"] {
            assert!(integer(standard(), Tag::BATCH_COUNT, text).is_err(), "{text}");
        }
    }

    #[test]
    fn booleans_are_read_as_words_digits_and_64_bits() {
        assert_eq!(
            (boolean("true"), boolean("0x0000000000000001"), boolean("1")),
            (Ok(true), Ok(true), Ok(true))
        );
        assert_eq!((boolean("false"), boolean("0x0"), boolean("0")), (Ok(false), Ok(false), Ok(false)));
        assert!(boolean("yes").is_err() && boolean("0x2").is_err());
    }

    #[test]
    fn unnamed_bits_and_values_are_written_in_hexadecimal() {
        let mut out = Vec::new();
        append_mask(&mut out, Tag::CRYPTOGRAPHIC_USAGE_MASK, 0x8000_0004, b'|');
        append_mask(&mut out, Tag::CRYPTOGRAPHIC_USAGE_MASK, 0, b'|');
        append_enumeration(&mut out, Tag::OBJECT_TYPE, 0x8000_0001);
        assert_eq!(String::from_utf8(out).unwrap(), "Encrypt|0x800000000x000000000x80000001");
    }
}
