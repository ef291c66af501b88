//! Writing items one after the other.

use super::{HEADER, padded};
use crate::erase::erase;
use crate::ttlv::{BigInteger, ItemType, Tag, Ttlv, Value};

/// Appends an item.
pub fn append(item: &Ttlv, out: &mut Vec<u8>) {
    append_value(item.tag, &item.value, out);
}

/// Appends a structure whose children `content` appends.
pub fn append_structure(tag: Tag, out: &mut Vec<u8>, content: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    extend(out, &header(tag, ItemType::Structure, 0));
    content(out);
    let whole = header(tag, ItemType::Structure, out.len() - start - HEADER);
    if let Some(place) = out.get_mut(start..start + HEADER) {
        place.copy_from_slice(&whole);
    }
}

/// Appends a structure whose children are written already.
pub fn append_content(tag: Tag, content: &[u8], out: &mut Vec<u8>) {
    extend(out, &header(tag, ItemType::Structure, content.len()));
    extend(out, content);
}

/// Appends text.
pub fn append_text(tag: Tag, text: &str, out: &mut Vec<u8>) {
    append_bytes(tag, ItemType::TextString, text.as_bytes(), out);
}

/// Appends an item of this value.
pub(crate) fn append_value(tag: Tag, value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Structure(children) => {
            append_structure(tag, out, |out| children.iter().for_each(|child| append(child, out)));
        }
        Value::Integer(number) => append_four(tag, ItemType::Integer, number.to_be_bytes(), out),
        Value::Enumeration(number) => append_four(tag, ItemType::Enumeration, number.to_be_bytes(), out),
        Value::Interval(number) => append_four(tag, ItemType::Interval, number.to_be_bytes(), out),
        Value::LongInteger(number) => append_eight(tag, ItemType::LongInteger, number.to_be_bytes(), out),
        Value::DateTime(number) => append_eight(tag, ItemType::DateTime, number.to_be_bytes(), out),
        Value::DateTimeExtended(number) => {
            append_eight(tag, ItemType::DateTimeExtended, number.to_be_bytes(), out);
        }
        Value::Boolean(truth) => {
            append_eight(tag, ItemType::Boolean, u64::from(*truth).to_be_bytes(), out);
        }
        Value::BigInteger(number) => append_big_integer(tag, number, out),
        Value::TextString(text) => append_bytes(tag, ItemType::TextString, text.as_bytes(), out),
        Value::ByteString(bytes) => append_bytes(tag, ItemType::ByteString, bytes, out),
    }
}

/// Tag, type and length. An item of 4 GiB or more has no binary form; no buffer that it could be read from is allowed so
/// long.
fn header(tag: Tag, item_type: ItemType, length: usize) -> [u8; HEADER] {
    let [_, t0, t1, t2] = tag.0.to_be_bytes();
    let [l0, l1, l2, l3] = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    [t0, t1, t2, item_type as u8, l0, l1, l2, l3]
}

/// A value of four bytes with its padding.
pub(crate) fn append_four(tag: Tag, item_type: ItemType, [a, b, c, d]: [u8; 4], out: &mut Vec<u8>) {
    append_fixed(header(tag, item_type, 4), [a, b, c, d, 0, 0, 0, 0], out);
}

/// A value of eight bytes.
pub(crate) fn append_eight(tag: Tag, item_type: ItemType, value: [u8; 8], out: &mut Vec<u8>) {
    append_fixed(header(tag, item_type, 8), value, out);
}

fn append_fixed(header: [u8; HEADER], value: [u8; 8], out: &mut Vec<u8>) {
    let mut whole = [0; HEADER + 8];
    let (head, rest) = whole.split_at_mut(HEADER);
    head.copy_from_slice(&header);
    rest.copy_from_slice(&value);
    extend(out, &whole);
}

/// Text or bytes, with their padding.
pub(crate) fn append_bytes(tag: Tag, item_type: ItemType, bytes: &[u8], out: &mut Vec<u8>) {
    let length = padded(bytes.len());
    make_room(out, HEADER + length);
    extend(out, &header(tag, item_type, bytes.len()));
    extend(out, bytes);
    extend(out, [0; 8].get(..length - bytes.len()).unwrap_or_default());
}

/// Big integers are filled up in front, with their sign.
pub(crate) fn append_big_integer(tag: Tag, number: &BigInteger, out: &mut Vec<u8>) {
    let bytes = number.to_signed_be();
    let sign = if number.to_unsigned_be().is_some() { 0x00 } else { 0xFF };
    let length = padded(bytes.len());
    make_room(out, HEADER + length);
    extend(out, &header(tag, ItemType::BigInteger, length));
    out.resize(out.len() + length - bytes.len(), sign);
    extend(out, bytes);
}

/// Makes room for so many more bytes. Where there was too little, what was written is erased: it may be a key.
#[inline]
pub(super) fn make_room(out: &mut Vec<u8>, more: usize) {
    if out.capacity() - out.len() < more {
        widen(out, more);
    }
}

#[cold]
fn widen(out: &mut Vec<u8>, more: usize) {
    let mut wider = Vec::with_capacity(out.len().saturating_add(more).max(out.capacity().saturating_mul(2)));
    wider.extend_from_slice(out);
    erase(&mut std::mem::replace(out, wider));
}

#[inline]
fn extend(out: &mut Vec<u8>, bytes: &[u8]) {
    make_room(out, bytes.len());
    out.extend_from_slice(bytes);
}
