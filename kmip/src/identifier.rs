//! Unique Identifier as KMIP 2.1 defines it: text, enumeration or integer (section 7.30 and 11.59).

use crate::codec::binary::Item;
use crate::field::{DecodeError, TtlvValue, wrong_type};
use crate::tables::enumerations::UniqueIdentifier as Placeholder;
use crate::ttlv::{ItemType, Tag, Value};

/// How a request names an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UniqueIdentifier {
    /// The identifier itself; a dialect may read a selector (such as a list of tags) in it.
    Text(String),
    /// The identifiers that an earlier operation of the same message returned.
    Earlier(Placeholder),
    /// The nth identifier that the message has returned so far: from 0 upwards, or from the last one with -1
    /// downwards.
    Nth(i32),
}

impl UniqueIdentifier {
    /// The text form, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Earlier(_) | Self::Nth(_) => None,
        }
    }
}

impl From<String> for UniqueIdentifier {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for UniqueIdentifier {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl TtlvValue for UniqueIdentifier {
    fn from_value(tag: Tag, value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::TextString(text) => Ok(Self::Text(text)),
            Value::Enumeration(code) => Ok(Self::Earlier(Placeholder(code))),
            Value::Integer(n) => Ok(Self::Nth(n)),
            other => Err(wrong_type(tag, "a Text String, an Enumeration or an Integer", &other)),
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::Text(text) => Value::TextString(text),
            Self::Earlier(placeholder) => Value::Enumeration(placeholder.0),
            Self::Nth(n) => Value::Integer(n),
        }
    }

    fn read(item: Item<'_>) -> Option<Self> {
        match item.item_type {
            ItemType::TextString => String::read(item).map(Self::Text),
            ItemType::Enumeration => Placeholder::read(item).map(Self::Earlier),
            ItemType::Integer => i32::read(item).map(Self::Nth),
            _ => None,
        }
    }

    fn write(self, tag: Tag, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => text.write(tag, out),
            Self::Earlier(placeholder) => placeholder.write(tag, out),
            Self::Nth(n) => n.write(tag, out),
        }
    }
}
