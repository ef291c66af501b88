//! Binary TTLV (KMIP 2.1 section 10.1).
//!
//! [`decode`] and [`encode`] go by way of the tree. Messages of every version are also checked as a whole and read where
//! they stand ([`Checked`], [`Item`], [`Items`]); what is answered in 2.1 is written without a tree ([`append`]).
//!
//! A buffer that is written to may hold key material. Where it grows, what it held before is erased.

mod append;
mod view;

pub use append::{append, append_content, append_structure, append_text};
pub(crate) use append::{append_big_integer, append_bytes, append_eight, append_four, append_value};
pub use view::{Checked, Item, Items};

use super::error::{CodecError, CodecErrorKind};
use super::limits::{Limits, Meter};
use crate::ttlv::{BigInteger, ByteString, ItemType, Tag, Ttlv, Value};

/// Reads the one item that the bytes hold.
///
/// # Errors
/// The bytes are no well-formed TTLV, hold more than one item, or exceed the limits.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Ttlv, CodecError> {
    limits.check_length(bytes.len())?;
    let mut reader = Reader { rest: bytes, total: bytes.len(), meter: Meter::new(*limits) };
    let item = reader.item()?;
    match reader.rest.len() {
        0 => Ok(item),
        left => Err(CodecError::from(CodecErrorKind::Trailing { left }).at(reader.offset())),
    }
}

/// Writes an item.
pub fn encode(item: &Ttlv) -> Vec<u8> {
    let mut out = Vec::new();
    encode_into(item, &mut out);
    out
}

/// Appends an item to a buffer, which grows at most once.
pub fn encode_into(item: &Ttlv, out: &mut Vec<u8>) {
    append::make_room(out, length(item));
    append(item, out);
}

/// How many bytes an item takes in binary TTLV; Maximum Response Size counts these, whatever form a message
/// travels in (message encoding profile section 4).
pub fn length(item: &Ttlv) -> usize {
    let value = match &item.value {
        Value::Structure(children) => children.iter().map(length).sum(),
        Value::BigInteger(integer) => padded(integer.to_signed_be().len()),
        Value::TextString(text) => padded(text.len()),
        Value::ByteString(bytes) => padded(bytes.len()),
        _ => 8,
    };
    HEADER + value
}

/// How many bytes a message takes, its header included, from the header that a stream starts with.
///
/// # Errors
/// The header announces more than the limits allow, or is not that of a structure.
pub fn message_length(header: [u8; HEADER], limits: &Limits) -> Result<usize, CodecError> {
    let [.., item_type, l0, l1, l2, l3] = header;
    if item_type != ItemType::Structure as u8 {
        return Err(CodecErrorKind::BadValue { expected: "a message, which is a Structure" }.into());
    }
    let length = u32::from_be_bytes([l0, l1, l2, l3]) as usize;
    limits.check_length(length.saturating_add(HEADER))?;
    Ok(length + HEADER)
}

/// The bytes of tag, type and length.
pub const HEADER: usize = 8;

/// For how many children a structure has room before it grows.
const FIRST_CHILDREN: usize = 4;

fn padded(length: usize) -> usize {
    length.checked_next_multiple_of(8).unwrap_or(usize::MAX)
}

struct Reader<'a> {
    rest: &'a [u8],
    total: usize,
    meter: Meter,
}

impl<'a> Reader<'a> {
    fn offset(&self) -> usize {
        self.total - self.rest.len()
    }

    fn item(&mut self) -> Result<Ttlv, CodecError> {
        let start = self.offset();
        self.meter.item().map_err(|kind| CodecError::new(kind).at(start))?;
        let [t0, t1, t2, code, l0, l1, l2, l3] = *self.take_array().map_err(|error| error.at(start))?;
        let tag = Tag(u32::from_be_bytes([0, t0, t1, t2]));
        let length = u32::from_be_bytes([l0, l1, l2, l3]) as usize;
        match self.value(code, length) {
            Ok(value) => Ok(Ttlv { tag, value }),
            Err(error) => Err(error.at(start).within(tag)),
        }
    }

    fn value(&mut self, code: u8, length: usize) -> Result<Value, CodecError> {
        let item_type = item_type(code).ok_or(CodecErrorKind::UnknownTypeCode { code })?;
        let expected = match item_type {
            ItemType::Integer | ItemType::Enumeration | ItemType::Interval => 4,
            ItemType::LongInteger | ItemType::Boolean | ItemType::DateTime | ItemType::DateTimeExtended => 8,
            ItemType::Structure => padded(length),
            ItemType::BigInteger => padded(length.max(1)),
            ItemType::TextString | ItemType::ByteString => length,
        };
        if length != expected {
            return Err(CodecErrorKind::WrongLength { item_type, length }.into());
        }
        Ok(match item_type {
            ItemType::Structure => Value::Structure(self.children(length)?),
            ItemType::Integer => Value::Integer(i32::from_be_bytes(self.four()?)),
            ItemType::LongInteger => Value::LongInteger(i64::from_be_bytes(*self.take_array()?)),
            ItemType::BigInteger => Value::BigInteger(BigInteger::from_signed_be(self.take(length)?)),
            ItemType::Enumeration => Value::Enumeration(u32::from_be_bytes(self.four()?)),
            ItemType::Boolean => match u64::from_be_bytes(*self.take_array()?) {
                0 => Value::Boolean(false),
                1 => Value::Boolean(true),
                _ => return Err(CodecErrorKind::BadValue { expected: "0 (false) or 1 (true)" }.into()),
            },
            ItemType::TextString => match std::str::from_utf8(self.padded(length)?) {
                Ok(text) => Value::TextString(text.to_owned()),
                Err(_) => return Err(CodecErrorKind::BadValue { expected: "UTF-8" }.into()),
            },
            ItemType::ByteString => Value::ByteString(ByteString::from(self.padded(length)?)),
            ItemType::DateTime => Value::DateTime(i64::from_be_bytes(*self.take_array()?)),
            ItemType::Interval => Value::Interval(u32::from_be_bytes(self.four()?)),
            ItemType::DateTimeExtended => Value::DateTimeExtended(i64::from_be_bytes(*self.take_array()?)),
        })
    }

    fn children(&mut self, length: usize) -> Result<Vec<Ttlv>, CodecError> {
        self.meter.enter()?;
        let body = self.take(length)?;
        // The children are read from the body alone, so that none of them can reach beyond it.
        let after = std::mem::replace(&mut self.rest, body);
        self.total -= after.len();
        // An item takes eight bytes or more.
        let mut children = Vec::with_capacity((length / HEADER).min(FIRST_CHILDREN));
        while !self.rest.is_empty() {
            children.push(self.item()?);
        }
        self.rest = after;
        self.total += after.len();
        self.meter.leave();
        Ok(children)
    }

    /// A value of four bytes and its padding.
    #[inline]
    fn four(&mut self) -> Result<[u8; 4], CodecError> {
        let [a, b, c, d, 0, 0, 0, 0] = *self.take_array()? else {
            return Err(CodecErrorKind::Padding.into());
        };
        Ok([a, b, c, d])
    }

    /// A value of any length and its padding.
    fn padded(&mut self, length: usize) -> Result<&'a [u8], CodecError> {
        let (value, padding) = self.take(padded(length))?.split_at_checked(length).unwrap_or_default();
        if padding.iter().any(|byte| *byte != 0) {
            return Err(CodecErrorKind::Padding.into());
        }
        Ok(value)
    }

    #[inline]
    fn take_array<const N: usize>(&mut self) -> Result<&'a [u8; N], CodecError> {
        let left = self.rest.len();
        let (array, rest) =
            self.rest.split_first_chunk().ok_or(CodecErrorKind::Truncated { needed: N, left })?;
        self.rest = rest;
        Ok(array)
    }

    #[inline]
    fn take(&mut self, needed: usize) -> Result<&'a [u8], CodecError> {
        let left = self.rest.len();
        let (taken, rest) =
            self.rest.split_at_checked(needed).ok_or(CodecErrorKind::Truncated { needed, left })?;
        self.rest = rest;
        Ok(taken)
    }
}

fn item_type(code: u8) -> Option<ItemType> {
    Some(match code {
        0x01 => ItemType::Structure,
        0x02 => ItemType::Integer,
        0x03 => ItemType::LongInteger,
        0x04 => ItemType::BigInteger,
        0x05 => ItemType::Enumeration,
        0x06 => ItemType::Boolean,
        0x07 => ItemType::TextString,
        0x08 => ItemType::ByteString,
        0x09 => ItemType::DateTime,
        0x0A => ItemType::Interval,
        0x0B => ItemType::DateTimeExtended,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: Tag = Tag(0x42_0020);

    /// The examples of KMIP 1.4 section 9.1.2.
    fn examples() -> Vec<(Value, &'static str)> {
        vec![
            (Value::Integer(8), "42 00 20 02 00 00 00 04 00 00 00 08 00 00 00 00"),
            (Value::LongInteger(123_456_789_000_000_000), "42 00 20 03 00 00 00 08 01 B6 9B 4B A5 74 92 00"),
            (
                Value::BigInteger(BigInteger::from_signed_be(&[
                    0x03, 0xFD, 0x35, 0xEB, 0x6B, 0xC2, 0xDF, 0x46, 0x18, 0x08, 0x00, 0x00,
                ])),
                "42 00 20 04 00 00 00 10 00 00 00 00 03 FD 35 EB 6B C2 DF 46 18 08 00 00",
            ),
            (Value::Enumeration(255), "42 00 20 05 00 00 00 04 00 00 00 FF 00 00 00 00"),
            (Value::Boolean(true), "42 00 20 06 00 00 00 08 00 00 00 00 00 00 00 01"),
            (
                Value::TextString("Hello World".into()),
                "42 00 20 07 00 00 00 0B 48 65 6C 6C 6F 20 57 6F 72 6C 64 00 00 00 00 00",
            ),
            (Value::ByteString(vec![1, 2, 3].into()), "42 00 20 08 00 00 00 03 01 02 03 00 00 00 00 00"),
            (Value::DateTime(0x47DA_67F8), "42 00 20 09 00 00 00 08 00 00 00 00 47 DA 67 F8"),
            (Value::Interval(864_000), "42 00 20 0A 00 00 00 04 00 0D 2F 00 00 00 00 00"),
            (
                Value::Structure(vec![
                    Ttlv::new(Tag(0x42_0004), Value::Enumeration(254)),
                    Ttlv::new(Tag(0x42_0005), Value::Integer(255)),
                ]),
                "42 00 20 01 00 00 00 20 42 00 04 05 00 00 00 04 00 00 00 FE 00 00 00 00 \
                 42 00 05 02 00 00 00 04 00 00 00 FF 00 00 00 00",
            ),
        ]
    }

    fn bytes(hex: &str) -> Vec<u8> {
        hex.split_whitespace().map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }

    fn refusal(hex: &str) -> String {
        decode(&bytes(hex), &Limits::default()).unwrap_err().to_string()
    }

    #[test]
    fn the_examples_of_the_specification_are_read_and_written() {
        for (value, hex) in examples() {
            let item = Ttlv::new(TAG, value);
            assert_eq!(encode(&item), bytes(hex));
            assert_eq!(length(&item), bytes(hex).len());
            assert_eq!(decode(&bytes(hex), &Limits::default()).unwrap(), item);
        }
    }

    #[test]
    fn negative_big_integers_are_filled_up_with_their_sign() {
        let item = Ttlv::new(TAG, Value::BigInteger(BigInteger::from_signed_be(&[0x80])));
        assert_eq!(encode(&item), bytes("42 00 20 04 00 00 00 08 FF FF FF FF FF FF FF 80"));
        assert_eq!(decode(&encode(&item), &Limits::default()).unwrap(), item);
    }

    #[test]
    fn what_is_not_well_formed_is_refused_with_reason_and_place() {
        for (hex, reason) in [
            ("", "8 bytes are needed and 0 are left (at byte 0)"),
            (
                "42 00 20 02 00 00 00 04 00 00 00 08",
                "CompromiseDate: 8 bytes are needed and 4 are left (at byte 0)",
            ),
            (
                "42 00 20 02 00 00 00 04 00 00 00 08 00 00 00 01",
                "CompromiseDate: the padding is not zero (at byte 0)",
            ),
            (
                "42 00 20 08 00 00 00 01 FF 00 00 00 00 00 00 01",
                "CompromiseDate: the padding is not zero (at byte 0)",
            ),
            (
                "42 00 20 02 00 00 00 08 00 00 00 08 00 00 00 00",
                "CompromiseDate: the length of Integer cannot be 8 (at byte 0)",
            ),
            ("42 00 20 04 00 00 00 00", "CompromiseDate: the length of BigInteger cannot be 0 (at byte 0)"),
            (
                "42 00 20 06 00 00 00 08 00 00 00 00 00 00 00 02",
                "CompromiseDate: the value must be 0 (false) or 1 (true) (at byte 0)",
            ),
            (
                "42 00 20 07 00 00 00 01 FF 00 00 00 00 00 00 00",
                "CompromiseDate: the value must be UTF-8 (at byte 0)",
            ),
            ("42 00 20 0C 00 00 00 00", "CompromiseDate: 0x0C is not the code of a type (at byte 0)"),
            ("42 00 20 01 00 00 00 00 42", "1 bytes follow the end of the message (at byte 8)"),
            (
                "42 00 20 08 FF FF FF FF",
                "CompromiseDate: 4294967296 bytes are needed and 0 are left (at byte 0)",
            ),
            (
                "42 00 0F 01 00 00 00 08 42 00 5C 0D 00 00 00 00",
                "BatchItem/Operation: 0x0D is not the code of a type (at byte 8)",
            ),
            // The child reaches beyond its parent, into the parent's sibling.
            (
                "42 00 78 01 00 00 00 20 42 00 0F 01 00 00 00 08 42 00 5C 05 00 00 00 04 00 00 00 01 00 00 00 00 \
                 42 00 0D 02 00 00 00 00",
                "RequestMessage/BatchItem/Operation: 8 bytes are needed and 0 are left (at byte 16)",
            ),
        ] {
            assert_eq!(refusal(hex), reason, "{hex}");
        }
    }

    #[test]
    fn depth_length_and_number_of_items_are_bounded() {
        let mut nested = Ttlv::structure(TAG, vec![]);
        for _ in 0..3 {
            nested = Ttlv::structure(TAG, vec![nested]);
        }
        let limits = Limits { depth: 4, length: 32, items: 4 };
        let decoded = |limits| {
            let decoded = decode(&encode(&nested), &limits);
            let checked = Checked::new(encode(&nested).into(), &limits);
            assert_eq!(checked.map(|checked| checked.to_tree()), decoded);
            decoded
        };
        let refusal = |limits| decoded(limits).unwrap_err().kind().clone();
        assert_eq!(decoded(limits).unwrap(), nested);
        assert_eq!(refusal(Limits { depth: 3, ..limits }), CodecErrorKind::TooDeep { limit: 3 });
        assert_eq!(refusal(Limits { length: 31, ..limits }), CodecErrorKind::TooLong { limit: 31 });
        assert_eq!(refusal(Limits { items: 3, ..limits }), CodecErrorKind::TooManyItems { limit: 3 });
    }

    #[test]
    fn the_length_of_a_message_is_read_from_its_header() {
        let header = [0x42, 0x00, 0x78, 0x01, 0x00, 0x00, 0x01, 0x00];
        let limits = Limits { length: 0x108, ..Limits::default() };
        assert_eq!(message_length(header, &limits), Ok(0x108));
        assert!(message_length(header, &Limits { length: 0x107, ..limits }).is_err());
        assert!(message_length([0x42, 0x00, 0x78, 0x07, 0, 0, 0, 8], &limits).is_err());
    }
}
