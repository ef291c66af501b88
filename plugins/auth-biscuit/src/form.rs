//! The form in which tokens travel as text: URL-safe base64, after `biscuit:` or without it.

use base64ct::{Base64UrlUnpadded, Encoding as _};

/// Bytes that a token may have.
pub(crate) const LONGEST: usize = 12 << 10;
/// What may stand before a token, and must before one that takes the place of a password.
pub(crate) const PREFIX: &str = "biscuit:";

/// The tags of the first field of a token: the identifier of its root key, or its authority block.
const FIRST_BYTES: [u8; 2] = [0x08, 0x12];

/// Whether a bearer token means to be a biscuit: those of other forms are for other authenticators.
pub(crate) fn is_meant(text: &str) -> bool {
    if text.starts_with(PREFIX) {
        return true;
    }
    let first = text.get(..4).and_then(|letters| Base64UrlUnpadded::decode_vec(letters).ok());
    let is_first =
        first.and_then(|bytes| bytes.first().copied()).is_some_and(|byte| FIRST_BYTES.contains(&byte));
    is_first && !text.contains('.')
}

/// The bytes of a token.
///
/// # Errors
/// It is too long, or no base64.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, &'static str> {
    let text = text.strip_prefix(PREFIX).unwrap_or(text);
    // Padding and four letters for each three bytes.
    if text.len() > LONGEST / 3 * 4 + 4 {
        return Err("it is too long");
    }
    Base64UrlUnpadded::decode_vec(text.trim_end_matches('=')).map_err(|_| "it is no URL-safe base64")
}

/// A token as text, as its libraries write it: with padding and without what may stand before it.
pub(crate) fn encode(token: &[u8]) -> String {
    base64ct::Base64Url::encode_string(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_known_by_how_they_begin() {
        assert!(is_meant("biscuit:") && is_meant("biscuit:x"));
        assert!(is_meant(&encode(&[0x12, 1, 2, 3])) && is_meant(&encode(&[0x08, 1, 2, 3])));
        for other in ["eyJhbGciOiJub25lIn0.e30.", "e30", "", "opaque-token", "En.", "\u{e9}\u{e9}\u{e9}"] {
            assert!(!is_meant(other), "{other:?}");
        }
    }

    #[test]
    fn padding_may_be_left_out_and_bytes_have_one_spelling() {
        for token in [&b"a"[..], b"ab", b"abc", b"abcd"] {
            let text = encode(token);
            assert_eq!(decode(&text).unwrap(), token);
            assert_eq!(decode(text.trim_end_matches('=')).unwrap(), token);
            assert_eq!(decode(&format!("biscuit:{text}")).unwrap(), token);
        }
        for wrong in ["YR==", "Y", "Y=Q=", "a+b/", "a b"] {
            assert!(decode(wrong).is_err(), "{wrong}");
        }
        assert_eq!(decode(&"A".repeat(2 * LONGEST)), Err("it is too long"));
    }
}
