//! What a content looks like in the storage: as it is, or sealed behind a mark that tells the data key.

use std::fmt;

use claviger_plugin_sdk::record::ObjectId;

/// What a sealed content begins with: a record of version 2, which is sealed in the first way. No other content does.
const MARK: &[u8; 8] = b"\x02sealed\x01";
/// The length of the mark with the number of the data key.
const HEAD: usize = MARK.len() + size_of::<i32>();

/// A content, as it is stored.
#[derive(PartialEq, Eq)]
pub(super) enum Body<'b> {
    /// It is not sealed.
    Plain(&'b [u8]),
    /// It is sealed under the data key of this number.
    Sealed { number: i32, sealed: &'b [u8] },
}

/// Without the content, which may be a key.
impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(plain) => write!(f, "Plain({} bytes)", plain.len()),
            Self::Sealed { number, sealed } => write!(f, "Sealed({number}, {} bytes)", sealed.len()),
        }
    }
}

impl<'b> Body<'b> {
    /// Tells which it is.
    pub(super) fn of(bytes: &'b [u8]) -> Self {
        let sealed = bytes.strip_prefix(MARK).and_then(<[u8]>::split_first_chunk);
        match sealed {
            Some((number, sealed)) => Self::Sealed { number: i32::from_be_bytes(*number), sealed },
            None => Self::Plain(bytes),
        }
    }
}

/// A content that is sealed under a data key.
pub(super) fn sealed(number: i32, sealed: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(HEAD + sealed.len());
    body.extend_from_slice(MARK);
    body.extend_from_slice(&number.to_be_bytes());
    body.extend_from_slice(sealed);
    body
}

/// Whose content it is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Whose<'w> {
    Record(&'w ObjectId),
    Document { kind: &'w str, id: &'w str },
}

impl Whose<'_> {
    /// What a content is bound to: the storage, the data key, and the record or document. Each part has its length before
    /// it, so that two contexts are the same only if all their parts are.
    pub(super) fn context(self, domain: &[u8], number: i32) -> Vec<u8> {
        let mut context = Vec::with_capacity(128);
        let mut part = |bytes: &[u8]| {
            context.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
            context.extend_from_slice(bytes);
        };
        part(MARK);
        part(domain);
        part(&number.to_be_bytes());
        match self {
            Self::Record(id) => {
                part(b"record");
                part(id.as_str().as_bytes());
            }
            Self::Document { kind, id } => {
                part(b"document");
                part(kind.as_bytes());
                part(id.as_bytes());
            }
        }
        context
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_is_sealed_if_it_has_the_whole_mark_and_a_number() {
        assert_eq!(Body::of(&sealed(7, b"secret")), Body::Sealed { number: 7, sealed: b"secret" });
        assert_eq!(Body::of(&sealed(-1, b"")), Body::Sealed { number: -1, sealed: b"" });
        for plain in
            [b"".as_slice(), b"\x01", b"\x02", b"\x02sealed\x01", b"\x02sealed\x01abc", b"\x02sealed\x02abcd"]
        {
            assert_eq!(Body::of(plain), Body::Plain(plain));
        }
    }

    #[test]
    fn contexts_differ_in_every_part() {
        let id = |name| ObjectId::new(name).unwrap();
        let (a, ab) = (id("a"), id("ab"));
        let contexts = [
            Whose::Record(&a).context(b"d", 1),
            Whose::Record(&ab).context(b"d", 1),
            Whose::Record(&a).context(b"e", 1),
            Whose::Record(&a).context(b"d", 2),
            Whose::Document { kind: "record", id: "a" }.context(b"d", 1),
            Whose::Document { kind: "a", id: "bc" }.context(b"d", 1),
            Whose::Document { kind: "ab", id: "c" }.context(b"d", 1),
        ];
        for (place, context) in contexts.iter().enumerate() {
            assert!(!contexts[..place].contains(context), "{place}");
        }
    }
}
