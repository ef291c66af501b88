//! Bytes as hexadecimal digits and back, without branches, so that the compiler vectorises both ways.

use zeroize::Zeroize;

/// Which letters stand for the digits above 9.
#[derive(Clone, Copy)]
pub(super) enum Case {
    Lower,
    Upper,
}

/// Appends two digits a byte.
pub(super) fn append(out: &mut Vec<u8>, bytes: &[u8], case: Case) {
    match case {
        Case::Lower => append_with::<b'a'>(out, bytes),
        Case::Upper => append_with::<b'A'>(out, bytes),
    }
}

/// The bytes that the digits stand for; nothing if one is no digit or their number is odd.
pub(super) fn decode(digits: &[u8]) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let mut bytes = vec![0; digits.len() / 2];
    let (blocks, rest) = digits.as_chunks::<BLOCK>();
    let (byte_blocks, byte_rest) = bytes.as_chunks_mut::<{ BLOCK / 2 }>();
    let mut seen = 0;
    for (bytes, digits) in byte_blocks.iter_mut().zip(blocks) {
        // All digits of a block first, then its bytes: both loops are vectorised, one loop for both is not.
        let values = digits.map(value);
        seen |= values.iter().fold(0, |all, value| all | value);
        join(bytes, &values);
    }
    for (byte, pair) in byte_rest.iter_mut().zip(rest.as_chunks::<2>().0) {
        let values = pair.map(value);
        seen |= values.iter().fold(0, |all, value| all | value);
        join(std::slice::from_mut(byte), &values);
    }
    if seen > 0x0F {
        // What was decoded so far may be most of a key.
        bytes.zeroize();
        return None;
    }
    Some(bytes)
}

/// Digits that are decoded at once.
const BLOCK: usize = 32;

fn join(bytes: &mut [u8], values: &[u8]) {
    for (byte, [high, low]) in bytes.iter_mut().zip(values.as_chunks::<2>().0) {
        *byte = high << 4 | (low & 0x0F);
    }
}

fn append_with<const A: u8>(out: &mut Vec<u8>, bytes: &[u8]) {
    let start = out.len();
    out.resize(start + 2 * bytes.len(), 0);
    let (pairs, _) = out.get_mut(start..).unwrap_or_default().as_chunks_mut::<2>();
    for (pair, byte) in pairs.iter_mut().zip(bytes) {
        *pair = [digit::<A>(byte >> 4), digit::<A>(byte & 0x0F)];
    }
}

fn digit<const A: u8>(value: u8) -> u8 {
    value + if value < 10 { b'0' } else { A - 10 }
}

/// 0 to 15, or 255 if it is no digit.
fn value(digit: u8) -> u8 {
    let decimal = digit.wrapping_sub(b'0');
    let letter = (digit | 0x20).wrapping_sub(b'a');
    let is_decimal = u8::from(decimal < 10).wrapping_neg();
    let is_letter = u8::from(letter < 6).wrapping_neg();
    (decimal & is_decimal) | (letter.wrapping_add(10) & is_letter) | !(is_decimal | is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_written_in_both_cases_and_read_back() {
        let all: Vec<u8> = (0..=255).collect();
        for (case, expected) in [(Case::Lower, "00017f80abff"), (Case::Upper, "00017F80ABFF")] {
            let mut out = b">".to_vec();
            append(&mut out, &[0x00, 0x01, 0x7F, 0x80, 0xAB, 0xFF], case);
            assert_eq!(out, format!(">{expected}").as_bytes());
            let mut text = Vec::new();
            append(&mut text, &all, case);
            assert_eq!(decode(&text).unwrap(), all);
            assert_eq!(decode(&text[..90]).unwrap(), all[..45]);
        }
    }

    #[test]
    fn only_an_even_number_of_digits_is_read() {
        assert_eq!(decode(b""), Some(vec![]));
        assert_eq!(decode(b"aF0"), None);
        for bad in 0..=255u8 {
            let good = bad.is_ascii_hexdigit();
            assert_eq!(decode(&[b'0', b'0', bad, b'0']).is_some(), good, "{bad}");
            assert_eq!(decode(&[b'0', b'0', b'0', bad]).is_some(), good, "{bad}");
            let mut long = [b'0'; 2 * BLOCK];
            long[5] = bad;
            assert_eq!(decode(&long).is_some(), good, "{bad}");
        }
    }
}
