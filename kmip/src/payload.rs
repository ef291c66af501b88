//! The payload of a batch item, in one of two forms.

use std::fmt;

use bytes::Bytes;

use crate::codec::binary::{HEADER, Item, Items, append_content};
use crate::field::{self, DecodeError, TtlvValue};
use crate::ttlv::{ByteString, ItemType, Tag, Ttlv, Value};

/// The payload of a batch item: the tree that every form has, or the bytes that binary TTLV has for it.
///
/// Bytes are read into the struct of an operation, and written from one, without a tree between. Whoever wants to look
/// into a payload or to change it takes the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// A tree.
    Tree(Value),
    /// A structure in binary TTLV.
    Encoded(Encoded),
}

/// Which form a payload is to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// [`Payload::Tree`].
    Tree,
    /// [`Payload::Encoded`].
    Encoded,
}

impl Payload {
    /// A payload without fields.
    pub fn empty() -> Self {
        Self::Tree(Value::Structure(Vec::new()))
    }

    /// The payload that a struct stands for. What is no structure is a tree.
    pub fn of<T: TtlvValue>(payload: T, form: Form) -> Self {
        if form == Form::Tree {
            return Self::Tree(payload.into_value());
        }
        let mut item = Vec::with_capacity(FIRST_BYTES);
        payload.write(Tag::RESPONSE_PAYLOAD, &mut item);
        match Items::of(&item, None).next() {
            Some(other) if other.item_type != ItemType::Structure => Self::Tree(other.to_value()),
            _ => Self::Encoded(Encoded(Content::Written(item.into()))),
        }
    }

    /// Reads the payload of a request.
    ///
    /// # Errors
    /// Those of [`TtlvValue::from_value`].
    pub fn decode<T: TtlvValue>(self) -> Result<T, DecodeError> {
        match self {
            Self::Tree(value) => T::from_value(Tag::REQUEST_PAYLOAD, value),
            Self::Encoded(encoded) => field::read(encoded.item()),
        }
    }

    /// The tree.
    pub fn into_value(self) -> Value {
        match self {
            Self::Tree(value) => value,
            Self::Encoded(encoded) => encoded.to_value(),
        }
    }

    /// Whether it has no fields.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Tree(Value::Structure(fields)) => fields.is_empty(),
            Self::Tree(_) => false,
            Self::Encoded(encoded) => encoded.is_empty(),
        }
    }
}

impl From<Value> for Payload {
    fn from(value: Value) -> Self {
        Self::Tree(value)
    }
}

impl TtlvValue for Payload {
    fn from_value(_: Tag, value: Value) -> Result<Self, DecodeError> {
        Ok(Self::Tree(value))
    }

    fn into_value(self) -> Value {
        self.into_value()
    }

    fn read(item: Item<'_>) -> Option<Self> {
        Some(match item.item_type {
            ItemType::Structure => Self::Encoded(Encoded(Content::Received(item.share()))),
            _ => Self::Tree(item.to_value()),
        })
    }

    fn write(self, tag: Tag, out: &mut Vec<u8>) {
        match self {
            Self::Tree(value) => value.write(tag, out),
            Self::Encoded(encoded) => append_content(tag, encoded.content(), out),
        }
    }
}

/// The content of a structure in binary TTLV, which is known to be well formed. `Debug` shows its length only.
#[derive(Clone)]
pub struct Encoded(Content);

#[derive(Clone)]
enum Content {
    /// A part of a message.
    Received(Bytes),
    /// An item, header and all, erased when it is dropped.
    Written(ByteString),
}

impl Encoded {
    /// How many bytes the fields take.
    pub fn len(&self) -> usize {
        self.content().len()
    }

    /// Whether there are no fields.
    pub fn is_empty(&self) -> bool {
        self.content().is_empty()
    }

    /// The fields.
    pub fn items(&self) -> Items<'_> {
        self.item().children()
    }

    /// The payload as the tree has it.
    pub fn to_value(&self) -> Value {
        Value::Structure(self.items().map(|item| Ttlv::new(item.tag, item.to_value())).collect())
    }

    fn item(&self) -> Item<'_> {
        let whole = match &self.0 {
            Content::Received(whole) => Some(whole),
            Content::Written(_) => None,
        };
        Item::structure(Tag::REQUEST_PAYLOAD, self.content(), whole)
    }

    fn content(&self) -> &[u8] {
        match &self.0 {
            Content::Received(content) => content,
            Content::Written(item) => item.get(HEADER..).unwrap_or_default(),
        }
    }
}

impl PartialEq for Encoded {
    fn eq(&self, other: &Self) -> bool {
        self.content() == other.content()
    }
}

impl Eq for Encoded {}

impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encoded({} bytes)", self.len())
    }
}

/// For how many bytes a payload has room before it grows: most answers of operations take fewer.
const FIRST_BYTES: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::binary::{self, Checked};
    use crate::codec::limits::Limits;
    use crate::payloads::{GetRequest, RngRetrieveResponse};

    fn written() -> Payload {
        Payload::of(RngRetrieveResponse { data: vec![1, 2, 3].into() }, Form::Encoded)
    }

    #[test]
    fn a_payload_is_written_as_its_tree_is_encoded() {
        let tree = Payload::of(RngRetrieveResponse { data: vec![1, 2, 3].into() }, Form::Tree).into_value();
        assert_eq!(written().into_value(), tree);
        let mut out = Vec::new();
        written().write(Tag::RESPONSE_PAYLOAD, &mut out);
        assert_eq!(out, binary::encode(&Ttlv::new(Tag::RESPONSE_PAYLOAD, tree)));
    }

    #[test]
    fn what_is_no_structure_is_a_tree() {
        assert_eq!(Payload::of(7, Form::Encoded), Payload::Tree(Value::Integer(7)));
        let bytes = binary::encode(&Ttlv::new(Tag::REQUEST_PAYLOAD, Value::Integer(7)));
        let checked = Checked::new(bytes.into(), &Limits::default()).unwrap();
        assert_eq!(Payload::read(checked.item()), Some(Payload::Tree(Value::Integer(7))));
    }

    #[test]
    fn an_error_is_that_of_the_tree() {
        let tree = Value::Structure(vec![Ttlv::new(Tag::DATA, Value::Integer(7))]);
        let bytes = binary::encode(&Ttlv::new(Tag::REQUEST_PAYLOAD, tree.clone()));
        let checked = Checked::new(bytes.into(), &Limits::default()).unwrap();
        let encoded = Payload::read(checked.item()).unwrap();
        assert!(matches!(encoded, Payload::Encoded(_)));
        let error = encoded.decode::<GetRequest>().unwrap_err();
        assert_eq!(Payload::Tree(tree).decode::<GetRequest>().unwrap_err(), error);
    }

    #[test]
    fn a_payload_in_bytes_never_shows_its_content() {
        assert_eq!(format!("{:?}", written()), "Encoded(Encoded(16 bytes))");
    }
}
