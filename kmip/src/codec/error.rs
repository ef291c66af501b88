//! Why bytes are not a message.

use std::fmt;

use crate::ttlv::{ItemType, Tag};

/// Why bytes are not a message, and where. The text is fit for the client: it quotes names that the client
/// sent, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodecError {
    // Boxed so that the result of a decoder stays small.
    inner: Box<Inner>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: CodecErrorKind,
    path: Vec<Tag>,
    offset: Option<usize>,
}

/// What is wrong with a message.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CodecErrorKind {
    /// The message is nested too deeply.
    #[error("structures are nested more than {limit} levels deep")]
    TooDeep {
        /// The bound.
        limit: u8,
    },
    /// The message is too long.
    #[error("the message is longer than {limit} bytes")]
    TooLong {
        /// The bound.
        limit: usize,
    },
    /// The message has too many items.
    #[error("the message has more than {limit} items")]
    TooManyItems {
        /// The bound.
        limit: u32,
    },
    /// An item says that it is longer than what holds it.
    #[error("{needed} bytes are needed and {left} are left")]
    Truncated {
        /// How many bytes the item needs.
        needed: usize,
        /// How many there are.
        left: usize,
    },
    /// Something follows the message.
    #[error("{left} bytes follow the end of the message")]
    Trailing {
        /// How many bytes.
        left: usize,
    },
    /// A type code without a meaning.
    #[error("{code:#04X} is not the code of a type")]
    UnknownTypeCode {
        /// The code.
        code: u8,
    },
    /// A type name without a meaning.
    #[error("\"{name}\" is not the name of a type")]
    UnknownTypeName {
        /// The name, shortened.
        name: String,
    },
    /// A length that the type does not allow.
    #[error("the length of {item_type:?} cannot be {length}")]
    WrongLength {
        /// The type.
        item_type: ItemType,
        /// The length that was given.
        length: usize,
    },
    /// The bytes that fill an item up to a multiple of eight are not zero.
    #[error("the padding is not zero")]
    Padding,
    /// A tag name without a meaning.
    #[error(
        "\"{name}\" is not the name of a tag; tags without a name are written as 0x and six hexadecimal digits"
    )]
    UnknownTag {
        /// The name, shortened.
        name: String,
    },
    /// An enumeration value or a mask bit whose name is not known.
    #[error("\"{name}\" is not the name of a value of {of:?}")]
    UnknownName {
        /// The tag whose enumeration or mask was searched.
        of: Tag,
        /// The name, shortened.
        name: String,
    },
    /// A top-level tag that is no operation.
    #[error("\"{name}\" is not the name of an operation")]
    UnknownOperation {
        /// The name, shortened.
        name: String,
    },
    /// A value that its type does not allow.
    #[error("the value must be {expected}")]
    BadValue {
        /// What the type allows.
        expected: &'static str,
    },
    /// A part that every item needs.
    #[error("{what} is missing")]
    Missing {
        /// What is missing.
        what: &'static str,
    },
    /// A part that an item has twice.
    #[error("{what} is given twice")]
    Repeated {
        /// What is repeated.
        what: &'static str,
    },
    /// XML or JSON that is not well formed, or uses what KMIP does not.
    #[error("{why}")]
    Syntax {
        /// What is wrong.
        why: String,
    },
}

impl CodecError {
    pub(super) fn new(kind: CodecErrorKind) -> Self {
        Self { inner: Box::new(Inner { kind, path: Vec::new(), offset: None }) }
    }

    /// What is wrong.
    pub fn kind(&self) -> &CodecErrorKind {
        &self.inner.kind
    }

    /// The tags of the structures around the place, outermost first, and the tag of the item if it is known.
    pub fn path(&self) -> &[Tag] {
        &self.inner.path
    }

    /// How many bytes into the message the place is, if that is known.
    pub fn offset(&self) -> Option<usize> {
        self.inner.offset
    }

    /// Says at which byte, unless that has been said.
    pub(super) fn at(mut self, offset: usize) -> Self {
        self.inner.offset.get_or_insert(offset);
        self
    }

    /// Says inside which tags.
    pub(super) fn inside(mut self, path: impl Iterator<Item = Tag>) -> Self {
        self.inner.path = path.collect();
        self
    }

    /// Says inside which further structure.
    pub(super) fn within(mut self, tag: Tag) -> Self {
        self.inner.path.insert(0, tag);
        self
    }
}

impl From<CodecErrorKind> for CodecError {
    fn from(kind: CodecErrorKind) -> Self {
        Self::new(kind)
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, tag) in self.path().iter().enumerate() {
            write!(f, "{}{tag:?}", if position > 0 { "/" } else { "" })?;
        }
        if !self.path().is_empty() {
            f.write_str(": ")?;
        }
        write!(f, "{}", self.kind())?;
        match self.offset() {
            Some(offset) => write!(f, " (at byte {offset})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CodecError {}

/// A name from the message, short enough to be quoted.
pub(super) fn quoted(name: &str) -> String {
    match name.char_indices().nth(LONGEST_QUOTE) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}

const LONGEST_QUOTE: usize = 60;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_tells_what_and_where() {
        let error =
            CodecError::new(CodecErrorKind::Padding).at(24).within(Tag::OPERATION).within(Tag::BATCH_ITEM);
        assert_eq!(error.to_string(), "BatchItem/Operation: the padding is not zero (at byte 24)");
        assert_eq!(error.path(), [Tag::BATCH_ITEM, Tag::OPERATION]);
    }

    #[test]
    fn long_names_are_shortened() {
        assert_eq!(quoted(&"é".repeat(100)), "é".repeat(60) + "…");
        assert_eq!(quoted("short"), "short");
    }
}
