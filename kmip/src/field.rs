//! Typed structures over the TTLV tree.
//!
//! A payload, an object or a header is a Rust struct declared with [`structure!`](crate::structure); each
//! field names its tag and its type says how often it occurs: `T` exactly once, `Option<T>` at most once,
//! `Vec<T>` any number of times. Decoding consumes the tree, so bulk data is moved and never copied.
//!
//! The same declaration reads a structure from the bytes of binary TTLV and writes it to them ([`read`],
//! [`TtlvValue::write`]). Both ways give the same; errors are told by the way of the tree alone.

mod error;
mod fields;
mod structure;
mod values;

use crate::codec::binary::{self, Item, Items};
use crate::structure;
use crate::ttlv::{Tag, Ttlv, Value};

pub use error::{DecodeError, wrong_type};
pub use fields::Fields;
pub use values::{DateTime, DateTimeExtended, Interval};

/// A type that is the value of one TTLV item.
pub trait TtlvValue: Sized {
    /// Reads the value of an item with this tag.
    ///
    /// # Errors
    /// The item has another type, or its value is out of range.
    fn from_value(tag: Tag, value: Value) -> Result<Self, DecodeError>;

    /// The value to write.
    fn into_value(self) -> Value;

    /// Reads the value where it stands in binary TTLV, as [`TtlvValue::from_value`] reads it from the tree. Nothing if
    /// that has an error to tell, or must do it for another reason: see [`read`].
    #[must_use]
    fn read(item: Item<'_>) -> Option<Self> {
        Self::from_value(item.tag, item.to_value()).ok()
    }

    /// Appends the item in binary TTLV, as it is encoded by way of the tree.
    fn write(self, tag: Tag, out: &mut Vec<u8>) {
        binary::append_value(tag, &self.into_value(), out);
    }
}

/// Reads a value from binary TTLV: at once where that is possible, else by way of the tree.
///
/// # Errors
/// Those of [`TtlvValue::from_value`].
pub fn read<T: TtlvValue>(item: Item<'_>) -> Result<T, DecodeError> {
    T::read(item).map_or_else(|| T::from_value(item.tag, item.to_value()), Ok)
}

/// A type declared with [`structure!`](crate::structure).
pub trait Structure: TtlvValue {
    /// The tags of its fields, in the order in which they are written.
    const FIELDS: &'static [Tag];
}

structure! {
    /// A structure without fields, such as the response payload of Activate in 1.x or the request of Ping.
    pub struct Empty {}
}

/// What a struct field may be: one value, an optional one, or a list.
pub trait Field: Sized {
    /// Takes the field out of the remaining children of a structure.
    ///
    /// # Errors
    /// It is absent though required, occurs too often, or does not decode.
    fn take(fields: &mut Fields, tag: Tag) -> Result<Self, DecodeError>;

    /// Appends the field to the children of a structure.
    fn put(self, tag: Tag, children: &mut Vec<Ttlv>);

    /// What is known of the field while a structure in binary TTLV is being read.
    type Read: Default;

    /// Takes a child of this field, which more children of the structure follow. Nothing if [`Field::take`] has an error
    /// to tell, or must do it.
    #[must_use]
    fn add(_read: &mut Self::Read, _child: Item<'_>, _more: Items<'_>) -> Option<()> {
        None
    }

    /// The field, when all children are taken. Nothing if [`Field::take`] has an error to tell, or must do it: a field that
    /// stands under other tags than its own is always taken from the tree.
    #[must_use]
    fn done(_read: Self::Read) -> Option<Self> {
        None
    }

    /// Appends the field to the content of a structure in binary TTLV.
    fn append(self, tag: Tag, out: &mut Vec<u8>) {
        let mut children = Vec::new();
        self.put(tag, &mut children);
        children.iter().for_each(|child| binary::encode_into(child, out));
    }
}

impl<T: TtlvValue> Field for T {
    fn take(fields: &mut Fields, tag: Tag) -> Result<Self, DecodeError> {
        <Option<T> as Field>::take(fields, tag)?
            .ok_or(DecodeError::Missing { structure: fields.structure(), field: tag })
    }

    fn put(self, tag: Tag, children: &mut Vec<Ttlv>) {
        children.push(Ttlv { tag, value: self.into_value() });
    }

    type Read = Option<T>;

    #[inline]
    fn add(read: &mut Option<T>, child: Item<'_>, more: Items<'_>) -> Option<()> {
        <Option<T> as Field>::add(read, child, more)
    }

    #[inline]
    fn done(read: Option<T>) -> Option<Self> {
        read
    }

    fn append(self, tag: Tag, out: &mut Vec<u8>) {
        self.write(tag, out);
    }
}

impl<T: TtlvValue> Field for Option<T> {
    #[inline]
    fn take(fields: &mut Fields, tag: Tag) -> Result<Self, DecodeError> {
        match fields.take_only(tag)? {
            None => Ok(None),
            Some(value) => T::from_value(tag, value).map(Some),
        }
    }

    fn put(self, tag: Tag, children: &mut Vec<Ttlv>) {
        if let Some(value) = self {
            value.put(tag, children);
        }
    }

    type Read = Self;

    #[inline]
    fn add(read: &mut Self, child: Item<'_>, _: Items<'_>) -> Option<()> {
        if read.is_some() {
            return None;
        }
        *read = Some(T::read(child)?);
        Some(())
    }

    #[inline]
    fn done(read: Self) -> Option<Self> {
        Some(read)
    }

    fn append(self, tag: Tag, out: &mut Vec<u8>) {
        if let Some(value) = self {
            value.write(tag, out);
        }
    }
}

impl<T: TtlvValue> Field for Vec<T> {
    fn take(fields: &mut Fields, tag: Tag) -> Result<Self, DecodeError> {
        fields.take_all(tag).into_iter().map(|value| T::from_value(tag, value)).collect()
    }

    fn put(self, tag: Tag, children: &mut Vec<Ttlv>) {
        children.extend(self.into_iter().map(|value| Ttlv { tag, value: value.into_value() }));
    }

    type Read = Self;

    fn add(read: &mut Self, child: Item<'_>, more: Items<'_>) -> Option<()> {
        if read.is_empty() {
            // Children of one tag are mostly of one size.
            read.reserve((1 + more.len() / child.len()).min(FIRST_OF_ALL));
        }
        read.push(T::read(child)?);
        Some(())
    }

    fn done(read: Self) -> Option<Self> {
        Some(read)
    }

    fn append(self, tag: Tag, out: &mut Vec<u8>) {
        self.into_iter().for_each(|value| value.write(tag, out));
    }
}

/// For how many values of a field there is room before it grows: what they take may be many times their bytes.
const FIRST_OF_ALL: usize = 1024;

/// Any value, undecoded: for fields whose shape depends on others.
impl TtlvValue for Value {
    fn from_value(_: Tag, value: Value) -> Result<Self, DecodeError> {
        Ok(value)
    }
    fn into_value(self) -> Value {
        self
    }
}
