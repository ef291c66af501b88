//! Writing JSON by hand: an audit record follows every item, and all of its texts but the names of users and objects are
//! known to need no escaping.

use std::io::Write as _;

use claviger_kmip::tables::Enumeration;

/// Writes a member, if there is one.
pub(super) fn write_optional(key: &str, text: Option<&str>, line: &mut Vec<u8>) {
    if let Some(text) = text {
        write_key(key, line);
        write_text(text, line);
    }
}

/// The name of an enumeration value, or its code where it has none.
pub(super) fn write_name<E: Enumeration>(key: &str, value: E, line: &mut Vec<u8>) {
    write_key(key, line);
    match value.name() {
        Some(name) => write_text(name, line),
        None => write_text(&format!("0x{:08X}", value.code()), line),
    }
}

/// Writes the name of a member that is not the first one.
pub(super) fn write_key(key: &str, line: &mut Vec<u8>) {
    line.extend_from_slice(b",\"");
    line.extend_from_slice(key.as_bytes());
    line.extend_from_slice(b"\":");
}

/// Writes what is known to need no escaping, since the server made it.
pub(super) fn write_plain(text: &str, line: &mut Vec<u8>) {
    line.push(b'"');
    line.extend_from_slice(text.as_bytes());
    line.push(b'"');
}

/// Writes any text.
pub(super) fn write_text(text: &str, line: &mut Vec<u8>) {
    line.push(b'"');
    if !needs_escaping(text.as_bytes()) {
        line.extend_from_slice(text.as_bytes());
    } else {
        for letter in text.chars() {
            write_escaped(letter, line);
        }
    }
    line.push(b'"');
}

/// Whether bytes have a control character, a quotation mark or a backslash. Eight are looked at together, since every item
/// has a few texts.
fn needs_escaping(text: &[u8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = ONES << 7;
    // The top bit of a byte is set if the byte was below `bound`, or if one before it was: so none is missed.
    let below = |word: u64, bound: u64| word.wrapping_sub(ONES * bound) & !word;
    let found = |word: u64| {
        let is = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
        (below(word, 0x20) | is(b'"') | is(b'\\')) & TOPS != 0
    };
    let (words, rest) = text.as_chunks::<8>();
    let last = rest.iter().fold(ONES * u64::from(b' '), |word, byte| word << 8 | u64::from(*byte));
    words.iter().fold(found(last), |any, word| any | found(u64::from_le_bytes(*word)))
}

fn write_escaped(letter: char, line: &mut Vec<u8>) {
    match letter {
        '"' => line.extend_from_slice(b"\\\""),
        '\\' => line.extend_from_slice(b"\\\\"),
        // Writing to a Vec cannot fail.
        control if control < ' ' => drop(write!(line, "\\u{:04x}", u32::from(control))),
        other => line.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// Appends a number in decimal digits.
pub(super) fn write_number(mut number: u64, line: &mut Vec<u8>) {
    // No u64 has more digits.
    let mut digits = [0; 20];
    let mut from = digits.len();
    for (place, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        from = place;
        if number == 0 {
            break;
        }
    }
    line.extend_from_slice(digits.get(from..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_that_needs_escaping_is_found_wherever_it_stands() {
        for length in 0..40 {
            for place in 0..length {
                for byte in 0..=255 {
                    let mut text = vec![b'x'; length];
                    text[place] = byte;
                    let expected = byte < b' ' || byte == b'"' || byte == b'\\';
                    assert_eq!(needs_escaping(&text), expected, "{byte} at {place} of {length}");
                }
            }
            assert!(!needs_escaping(&vec![0xff; length]) && !needs_escaping(&vec![b' '; length]));
        }
    }

    #[test]
    fn numbers_have_the_digits_that_rust_gives_them() {
        for number in [0, 1, 9, 10, 99, 100, 1_234_567_890, u64::MAX - 1, u64::MAX] {
            let mut written = b"x".to_vec();
            write_number(number, &mut written);
            assert_eq!(String::from_utf8(written).unwrap(), format!("x{number}"));
        }
    }
}
