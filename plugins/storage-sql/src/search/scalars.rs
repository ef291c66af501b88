//! What is indexed of an object as one value: tags and scalars of attributes, one after the other.
//!
//! It stands beside the record, so that a condition on attributes is tested where the object is read. Only what tells
//! objects apart has a row in an index, too ([`Scalar::has_row`]): a row costs as much to write as the whole record.

use claviger_plugin_sdk::filter::Index;
use claviger_plugin_sdk::kmip::Tag;

use super::statement::Parameter;

/// The attribute under which tags are indexed; no KMIP tag has this code.
pub(crate) const TAGS: i64 = 0;
/// The field under which an attribute's own value is indexed.
pub(crate) const OWN_VALUE: i64 = 0;

/// A tag, or one scalar of one attribute instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scalar<'s> {
    /// The attribute.
    pub(crate) attribute: i64,
    /// Its field.
    pub(crate) field: i64,
    /// Its instance.
    pub(crate) instance: i64,
    /// The value.
    pub(crate) value: Parameter<'s>,
}

impl Scalar<'_> {
    /// Whether an index has a row for it.
    pub(crate) fn has_row(&self) -> bool {
        finds(self.attribute, self.value)
    }
}

/// Bytes that are longer have no row. Up to 20 they are numbers that someone gave out, such as the serial number of a
/// certificate (RFC 5280 section 4.1.2.2); beyond, they are hashes, which hardly anybody searches for, and which are
/// dear to index since each lands on a page of its own.
const SHORT_BYTES: usize = 20;

/// Whether an index finds objects by this value. Numbers, dates and enumerations are shared by too many objects, and
/// for the Unique Identifier there is the identifier.
pub(super) fn finds(attribute: i64, value: Parameter<'_>) -> bool {
    match value {
        Parameter::Integer(_) => false,
        Parameter::Text(_) => attribute != i64::from(Tag::UNIQUE_IDENTIFIER.0),
        Parameter::Bytes(bytes) => bytes.len() <= SHORT_BYTES,
    }
}

/// Everything that is indexed.
pub(crate) fn of(index: &Index) -> impl Iterator<Item = Scalar<'_>> {
    let tags = index.tags.iter().map(|tag| Scalar {
        attribute: TAGS,
        field: OWN_VALUE,
        instance: 0,
        value: Parameter::Text(tag),
    });
    let attributes = index.attributes.iter().map(|value| Scalar {
        attribute: value.tag.0.into(),
        field: value.field.map_or(OWN_VALUE, |field| field.0.into()),
        instance: value.instance.into(),
        value: (&value.value).into(),
    });
    tags.chain(attributes)
}

/// Everything that is indexed, as [`decode`] reads it.
pub(crate) fn encode(index: &Index) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    for scalar in of(index) {
        for number in [scalar.attribute, scalar.field, scalar.instance] {
            push(&mut bytes, number.cast_unsigned());
        }
        match scalar.value {
            Parameter::Integer(n) => {
                bytes.push(INTEGER);
                // Small negative numbers become small numbers.
                push(&mut bytes, ((n << 1) ^ (n >> 63)).cast_unsigned());
            }
            Parameter::Text(text) => push_bytes(&mut bytes, TEXT, text.as_bytes()),
            Parameter::Bytes(value) => push_bytes(&mut bytes, BYTES, value),
        }
    }
    bytes
}

/// Reads what [`encode`] wrote; ends where the bytes are damaged.
pub(crate) fn decode(mut bytes: &[u8]) -> impl Iterator<Item = Scalar<'_>> {
    std::iter::from_fn(move || {
        let (attribute, field, instance) = (signed(&mut bytes)?, signed(&mut bytes)?, signed(&mut bytes)?);
        let kind = *bytes.split_off_first()?;
        let number = take(&mut bytes)?;
        let value = match kind {
            INTEGER => Parameter::Integer((number >> 1).cast_signed() ^ -(number & 1).cast_signed()),
            TEXT => Parameter::Text(std::str::from_utf8(take_bytes(&mut bytes, number)?).ok()?),
            BYTES => Parameter::Bytes(take_bytes(&mut bytes, number)?),
            _ => return None,
        };
        Some(Scalar { attribute, field, instance, value })
    })
}

const INTEGER: u8 = 0;
const TEXT: u8 = 1;
const BYTES: u8 = 2;

fn push_bytes(to: &mut Vec<u8>, kind: u8, value: &[u8]) {
    to.push(kind);
    push(to, value.len() as u64);
    to.extend_from_slice(value);
}

/// Adds a number, seven bits a byte, the lowest first; the highest bit of a byte says that there are more.
fn push(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        let [low, ..] = number.to_le_bytes();
        to.push(low | 0x80);
        number >>= 7;
    }
    let [last, ..] = number.to_le_bytes();
    to.push(last);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.split_off_first()?;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

fn take_bytes<'b>(bytes: &mut &'b [u8], length: u64) -> Option<&'b [u8]> {
    bytes.split_off(..usize::try_from(length).ok()?)
}

fn signed(bytes: &mut &[u8]) -> Option<i64> {
    take(bytes).map(u64::cast_signed)
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::filter::{IndexValue, IndexedValue};
    use claviger_plugin_sdk::testkit::RecordBuilder;

    use super::*;

    fn index() -> Index {
        let mut index = RecordBuilder::new("k").tag("red").tag("\u{1f511}").put().index;
        let numbers = [0, 1, -1, 63, 64, -64, -65, i64::MAX, i64::MIN].map(IndexValue::Integer);
        let others = [IndexValue::Text(String::new()), IndexValue::Bytes(vec![7; 300])];
        index.attributes.extend(numbers.into_iter().chain(others).enumerate().map(|(instance, value)| {
            IndexedValue { tag: Tag::LINK, field: Some(Tag::LINK_TYPE), instance: instance as u32, value }
        }));
        index
    }

    #[test]
    fn what_was_encoded_is_read_back() {
        let index = index();
        let bytes = encode(&index);
        assert!(decode(&bytes).eq(of(&index)));
    }

    #[test]
    fn damaged_bytes_are_read_up_to_the_damage() {
        let index = index();
        let bytes = encode(&index);
        for end in 0..bytes.len() {
            let read: Vec<_> = decode(&bytes[..end]).collect();
            assert!(read.len() < of(&index).count());
            assert!(read.into_iter().zip(of(&index)).all(|(read, written)| read == written));
        }
    }

    #[test]
    fn text_and_short_bytes_have_rows() {
        let has_row =
            |tag: Tag, value| Scalar { attribute: tag.0.into(), field: 0, instance: 0, value }.has_row();
        assert!(has_row(Tag::NAME, Parameter::Text("n")));
        assert!(has_row(Tag::CERTIFICATE_VALUE, Parameter::Bytes(&[1; 20])));
        assert!(!has_row(Tag::DIGEST, Parameter::Bytes(&[1; 32])));
        assert!(!has_row(Tag::CRYPTOGRAPHIC_LENGTH, Parameter::Integer(256)));
        assert!(!has_row(Tag::UNIQUE_IDENTIFIER, Parameter::Text("k")));
    }
}
