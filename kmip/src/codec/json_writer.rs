//! What both JSON forms write the same way.

use std::io::Write;

/// Appends a string in quotes, with its escapes.
pub(super) fn append_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(position) = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)) {
        let (plain, escaped) = rest.split_at(position);
        out.extend_from_slice(plain);
        match escaped.split_first() {
            Some((quote @ (b'"' | b'\\'), after)) => {
                out.extend_from_slice(&[b'\\', *quote]);
                rest = after;
            }
            Some((control, after)) => {
                // Writing to a vector cannot fail.
                let _ = write!(out, "\\u{control:04x}");
                rest = after;
            }
            None => break,
        }
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Appends a whole number.
pub(super) fn append_number(out: &mut Vec<u8>, number: i64) {
    let _ = write!(out, "{number}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_escaped_as_json_demands() {
        let mut out = Vec::new();
        append_string(&mut out, "a\"b\\c\n\u{1}é/");
        assert_eq!(String::from_utf8(out).unwrap(), r#""a\"b\\c\u000a\u0001é/""#);
    }
}
