//! Bulk data: several plaintexts or ciphertexts in one Data field.
//!
//! The envelope is the two bytes 0x87 0x87, the number of items, and each item behind its length; numbers are unsigned
//! LEB128. A symmetric ciphertext stands in it as nonce, ciphertext, tag.

use claviger_plugin_sdk::kmip::tables::enumerations::BlockCipherMode;

const MAGIC: [u8; 2] = [0x87, 0x87];

/// The items of an envelope; nothing if the data is none, to its last byte.
///
/// What begins like an envelope and is none is ordinary data: one ciphertext in 65536 begins so.
pub(crate) fn open(data: &[u8]) -> Option<Vec<&[u8]>> {
    let (count, mut rest) = number(data.strip_prefix(&MAGIC)?)?;
    // An item takes a byte at least, so a count that the data cannot hold allocates nothing.
    if count == 0 || count > rest.len() {
        return None;
    }
    let mut items = Vec::with_capacity(count);
    for _ in 0..count {
        let (length, after) = number(rest)?;
        let (item, after) = after.split_at_checked(length)?;
        items.push(item);
        rest = after;
    }
    rest.is_empty().then_some(items)
}

/// The envelope around items.
pub(crate) fn close(items: &[&[u8]]) -> Vec<u8> {
    let mut data = Vec::with_capacity(12 + items.iter().map(|item| item.len() + 10).sum::<usize>());
    data.extend_from_slice(&MAGIC);
    push_number(&mut data, items.len());
    for item in items {
        push_number(&mut data, item.len());
        data.extend_from_slice(item);
    }
    data
}

/// The parts of a symmetric ciphertext in an envelope.
pub(crate) struct Sealed<'a> {
    pub(crate) nonce: &'a [u8],
    pub(crate) data: &'a [u8],
    pub(crate) tag: &'a [u8],
}

impl<'a> Sealed<'a> {
    /// Splits an item; nothing if it is shorter than its nonce and tag.
    pub(crate) fn of(item: &'a [u8], nonce: usize, tag: usize) -> Option<Self> {
        let (nonce, rest) = item.split_at_checked(nonce)?;
        let (data, tag) = rest.split_at_checked(rest.len().checked_sub(tag)?)?;
        Some(Self { nonce, data, tag })
    }
}

/// How many bytes of nonce and of tag a mode puts around a ciphertext. Without a mode it is the one of the key, which is
/// authenticated for every key of the family.
pub(crate) fn overhead(mode: Option<BlockCipherMode>) -> (usize, usize) {
    match mode {
        Some(BlockCipherMode::XTS | BlockCipherMode::CBC | BlockCipherMode::CTR) => (16, 0),
        Some(
            BlockCipherMode::ECB | BlockCipherMode::AES_KEY_WRAP_PADDING | BlockCipherMode::NIST_KEY_WRAP,
        ) => (0, 0),
        _ => (12, 16),
    }
}

/// An unsigned LEB128 number and what follows it; nothing if it ends too early or does not fit.
fn number(data: &[u8]) -> Option<(usize, &[u8])> {
    let mut value: u64 = 0;
    for (position, byte) in data.iter().enumerate().take(9) {
        value |= u64::from(byte & 0x7F) << (7 * position);
        if byte & 0x80 == 0 {
            return Some((usize::try_from(value).ok()?, data.get(position + 1..)?));
        }
    }
    None
}

fn push_number(data: &mut Vec<u8>, number: usize) {
    let mut rest = number;
    while rest >= 0x80 {
        data.push((rest & 0x7F) as u8 | 0x80);
        rest >>= 7;
    }
    data.push(rest as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_leb128() {
        // 624485 is the example of the DWARF standard, section 7.6.
        let mut data = Vec::new();
        push_number(&mut data, 624_485);
        assert_eq!(data, [0xE5, 0x8E, 0x26]);
        assert_eq!(number(&data), Some((624_485, &[][..])));
    }

    #[test]
    fn an_envelope_opens_to_what_was_put_in() {
        let long = vec![7; 300];
        let items: Vec<&[u8]> = vec![b"one", b"", &long];
        assert_eq!(open(&close(&items)), Some(items));
    }

    #[test]
    fn what_is_no_whole_envelope_is_ordinary_data() {
        for data in
            [&[0x87, 0x87][..], &[0x87, 0x87, 0], &[0x87, 0x87, 2, 1, 9], &[0x87, 0x87, 1, 0, 9], b"\x87one"]
        {
            assert_eq!(open(data), None, "{data:?}");
        }
        assert_eq!(open(&[0x87, 0x87, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]), None);
    }
}
