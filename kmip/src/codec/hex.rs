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
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let mut bytes = vec![0; pairs.len()];
    let mut seen = 0;
    for (byte, &[high, low]) in bytes.iter_mut().zip(pairs) {
        let (high, low) = (value(high), value(low));
        seen |= high | low;
        *byte = high << 4 | (low & 0x0F);
    }
    if seen > 0x0F {
        // What was decoded so far may be most of a key.
        bytes.zeroize();
        return None;
    }
    Some(bytes)
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
    if decimal < 10 {
        decimal
    } else if letter < 6 {
        letter + 10
    } else {
        0xFF
    }
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
        }
    }
}
