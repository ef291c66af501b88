//! The TTLV tree: tag, type, length, value (KMIP 2.1 section 10.1).
//!
//! Every wire form decodes into this tree and every handler's answer is encoded from it. The tree owns its
//! data; byte strings are zeroized when they are dropped, since any of them may hold key material.

use std::fmt;
use std::ops::Deref;

use crate::erase::erase;

/// A KMIP tag: 0x42xxxx for the standard's, 0x54xxxx for extensions (KMIP 2.1 section 11.60).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub u32);

impl Tag {
    /// Whether the tag lies in the range that the standard leaves to vendors, 0x540000 to 0x54FFFF.
    pub const fn is_extension(self) -> bool {
        self.0 >> 16 == 0x54
    }

    /// Its bit in a set of tags, in which several tags share one.
    pub(crate) const fn bit(self) -> u64 {
        1 << (self.0 % u64::BITS)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match crate::vocabulary::Vocabulary::standard().tag_name(*self) {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#08X}", self.0),
        }
    }
}

/// The type of an item, with the code that binary TTLV gives it (KMIP 2.1 section 10.1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ItemType {
    /// An ordered list of items.
    Structure = 0x01,
    /// 32-bit signed.
    Integer = 0x02,
    /// 64-bit signed.
    LongInteger = 0x03,
    /// Two's complement of any length.
    BigInteger = 0x04,
    /// 32-bit unsigned, named by an enumeration.
    Enumeration = 0x05,
    /// True or false.
    Boolean = 0x06,
    /// UTF-8.
    TextString = 0x07,
    /// Bytes.
    ByteString = 0x08,
    /// Seconds since 1970-01-01 UTC, 64-bit signed.
    DateTime = 0x09,
    /// Seconds, 32-bit unsigned.
    Interval = 0x0A,
    /// Microseconds since 1970-01-01 UTC, 64-bit signed.
    DateTimeExtended = 0x0B,
}

/// One item of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ttlv {
    /// What the item is.
    pub tag: Tag,
    /// Its type and value.
    pub value: Value,
}

/// The value of an item, one variant a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// An ordered list of items.
    Structure(Vec<Ttlv>),
    /// 32-bit signed; bit masks travel as this type.
    Integer(i32),
    /// 64-bit signed.
    LongInteger(i64),
    /// Two's complement of any length.
    BigInteger(BigInteger),
    /// 32-bit unsigned, named by the enumeration of the tag.
    Enumeration(u32),
    /// True or false.
    Boolean(bool),
    /// UTF-8.
    TextString(String),
    /// Bytes.
    ByteString(ByteString),
    /// Seconds since 1970-01-01 UTC.
    DateTime(i64),
    /// Seconds.
    Interval(u32),
    /// Microseconds since 1970-01-01 UTC.
    DateTimeExtended(i64),
}

impl Value {
    /// The type of this value.
    pub fn item_type(&self) -> ItemType {
        match self {
            Self::Structure(_) => ItemType::Structure,
            Self::Integer(_) => ItemType::Integer,
            Self::LongInteger(_) => ItemType::LongInteger,
            Self::BigInteger(_) => ItemType::BigInteger,
            Self::Enumeration(_) => ItemType::Enumeration,
            Self::Boolean(_) => ItemType::Boolean,
            Self::TextString(_) => ItemType::TextString,
            Self::ByteString(_) => ItemType::ByteString,
            Self::DateTime(_) => ItemType::DateTime,
            Self::Interval(_) => ItemType::Interval,
            Self::DateTimeExtended(_) => ItemType::DateTimeExtended,
        }
    }
}

impl Ttlv {
    /// An item of any type.
    pub fn new(tag: Tag, value: Value) -> Self {
        Self { tag, value }
    }

    /// A structure with these children.
    pub fn structure(tag: Tag, children: Vec<Ttlv>) -> Self {
        Self { tag, value: Value::Structure(children) }
    }

    /// The children, if this is a structure; otherwise nothing.
    pub fn children(&self) -> &[Ttlv] {
        match &self.value {
            Value::Structure(children) => children,
            _ => &[],
        }
    }

    /// The first child with this tag.
    pub fn child(&self, tag: Tag) -> Option<&Ttlv> {
        self.children().iter().find(|child| child.tag == tag)
    }
}

/// Bytes of an item. Zeroized on drop; `Debug` shows the length only.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteString(Vec<u8>);

impl ByteString {
    /// The bytes, without a copy. The caller takes over the duty to zeroize them.
    pub fn into_vec(mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }
}

impl Deref for ByteString {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for ByteString {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for ByteString {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for ByteString {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl Drop for ByteString {
    fn drop(&mut self) {
        erase(&mut self.0);
    }
}

impl fmt::Debug for ByteString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ByteString({} bytes)", self.0.len())
    }
}

/// A big integer: two's complement, big-endian, in the fewest bytes (at least one). Zeroized on drop, since
/// private exponents travel as this type.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BigInteger(Vec<u8>);

impl BigInteger {
    /// Reads two's complement, big-endian bytes of any length; none means zero.
    pub fn from_signed_be(bytes: &[u8]) -> Self {
        let redundant = bytes
            .windows(2)
            .take_while(|pair| {
                matches!(pair, [0x00, next] if next & 0x80 == 0)
                    || matches!(pair, [0xFF, next] if next & 0x80 != 0)
            })
            .count();
        let shortest = bytes.get(redundant..).unwrap_or_default();
        Self(if shortest.is_empty() { vec![0] } else { shortest.to_vec() })
    }

    /// Reads an unsigned, big-endian magnitude.
    pub fn from_unsigned_be(bytes: &[u8]) -> Self {
        let mut signed = Vec::with_capacity(bytes.len() + 1);
        signed.push(0);
        signed.extend_from_slice(bytes);
        let integer = Self::from_signed_be(&signed);
        erase(&mut signed);
        integer
    }

    /// Two's complement, big-endian, in the fewest bytes.
    pub fn to_signed_be(&self) -> &[u8] {
        &self.0
    }

    /// The magnitude without leading zero bytes (empty for zero), or nothing if the number is negative.
    pub fn to_unsigned_be(&self) -> Option<&[u8]> {
        match self.0.as_slice() {
            [first, ..] if first & 0x80 != 0 => None,
            [0, rest @ ..] => Some(rest),
            all => Some(all),
        }
    }
}

impl Drop for BigInteger {
    fn drop(&mut self) {
        erase(&mut self.0);
    }
}

impl fmt::Debug for BigInteger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BigInteger({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn big_integers_are_kept_in_their_shortest_form() {
        assert_eq!(BigInteger::from_signed_be(&[0, 0, 0x7F]).to_signed_be(), [0x7F]);
        assert_eq!(BigInteger::from_signed_be(&[0, 0x80]).to_signed_be(), [0, 0x80]);
        assert_eq!(BigInteger::from_signed_be(&[0xFF, 0xFF, 0x80]).to_signed_be(), [0x80]);
        assert_eq!(BigInteger::from_signed_be(&[]).to_signed_be(), [0]);
        assert_eq!(BigInteger::from_unsigned_be(&[0x80]).to_unsigned_be(), Some([0x80].as_slice()));
        assert_eq!(BigInteger::from_signed_be(&[0x80]).to_unsigned_be(), None);
    }

    #[test]
    fn byte_strings_never_show_their_content() {
        assert_eq!(format!("{:?}", ByteString::from(vec![0x41; 3])), "ByteString(3 bytes)");
    }
}
