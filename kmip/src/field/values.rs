//! Values that are one item each: the types of TTLV and the enumerations.

use super::{DecodeError, TtlvValue, wrong_type};
use crate::codec::binary::{Item, append_big_integer, append_bytes, append_eight, append_four};
use crate::tables::Enumeration;
use crate::ttlv::{BigInteger, ByteString, ItemType, Tag, Value};

/// Seconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(pub i64);

/// A length of time in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval(pub u32);

/// Microseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTimeExtended(pub i64);

macro_rules! primitive {
    ($($type:ty, $variant:ident, $expected:literal, $read:expr, $write:expr, $look:expr, $append:expr;)*) => {$(
        impl TtlvValue for $type {
            fn from_value(tag: Tag, value: Value) -> Result<Self, DecodeError> {
                match value {
                    Value::$variant(inner) => Ok($read(inner)),
                    other => Err(wrong_type(tag, $expected, &other)),
                }
            }
            fn into_value(self) -> Value {
                Value::$variant($write(self))
            }
            fn read(item: Item<'_>) -> Option<Self> {
                if item.item_type == ItemType::$variant { $look(item.bytes()) } else { None }
            }
            fn write(self, tag: Tag, out: &mut Vec<u8>) {
                $append(tag, ItemType::$variant, self, out);
            }
        }
    )*};
}

primitive! {
    i32, Integer, "an Integer", |inner| inner, |this| this,
        |bytes| four(bytes).map(u32::cast_signed),
        |tag, of, this: i32, out| append_four(tag, of, this.to_be_bytes(), out);
    i64, LongInteger, "a Long Integer", |inner| inner, |this| this,
        eight, |tag, of, this: i64, out| append_eight(tag, of, this.to_be_bytes(), out);
    BigInteger, BigInteger, "a Big Integer", |inner| inner, |this| this,
        |bytes| Some(BigInteger::from_signed_be(bytes)),
        |tag, _, this: BigInteger, out| append_big_integer(tag, &this, out);
    bool, Boolean, "a Boolean", |inner| inner, |this| this,
        |bytes| eight(bytes).map(|truth| truth != 0),
        |tag, of, this: bool, out| append_eight(tag, of, i64::from(this).to_be_bytes(), out);
    String, TextString, "a Text String", |inner| inner, |this| this,
        |bytes| std::str::from_utf8(bytes).ok().map(str::to_owned),
        |tag, of, this: String, out| append_bytes(tag, of, this.as_bytes(), out);
    ByteString, ByteString, "a Byte String", |inner| inner, |this| this,
        |bytes| Some(ByteString::from(bytes)),
        |tag, of, this: ByteString, out| append_bytes(tag, of, &this, out);
    DateTime, DateTime, "a Date-Time", DateTime, |this: DateTime| this.0,
        |bytes| eight(bytes).map(DateTime),
        |tag, of, this: DateTime, out| append_eight(tag, of, this.0.to_be_bytes(), out);
    Interval, Interval, "an Interval", Interval, |this: Interval| this.0,
        |bytes| four(bytes).map(Interval),
        |tag, of, this: Interval, out| append_four(tag, of, this.0.to_be_bytes(), out);
    DateTimeExtended, DateTimeExtended, "a Date-Time Extended", DateTimeExtended, |this: DateTimeExtended| this.0,
        |bytes| eight(bytes).map(DateTimeExtended),
        |tag, of, this: DateTimeExtended, out| append_eight(tag, of, this.0.to_be_bytes(), out);
}

fn four(bytes: &[u8]) -> Option<u32> {
    bytes.try_into().ok().map(u32::from_be_bytes)
}

fn eight(bytes: &[u8]) -> Option<i64> {
    bytes.try_into().ok().map(i64::from_be_bytes)
}

impl<E: Enumeration> TtlvValue for E {
    fn from_value(tag: Tag, value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Enumeration(code) => Ok(E::from_code(code)),
            other => Err(wrong_type(tag, "an Enumeration", &other)),
        }
    }

    fn into_value(self) -> Value {
        Value::Enumeration(self.code())
    }

    fn read(item: Item<'_>) -> Option<Self> {
        if item.item_type == ItemType::Enumeration { four(item.bytes()).map(E::from_code) } else { None }
    }

    fn write(self, tag: Tag, out: &mut Vec<u8>) {
        append_four(tag, ItemType::Enumeration, self.code().to_be_bytes(), out);
    }
}
