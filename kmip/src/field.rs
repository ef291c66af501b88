//! Typed structures over the TTLV tree.
//!
//! A payload, an object or a header is a Rust struct declared with [`structure!`](crate::structure); each
//! field names its tag and its type says how often it occurs: `T` exactly once, `Option<T>` at most once,
//! `Vec<T>` any number of times. Decoding consumes the tree, so bulk data is moved and never copied.
//!
//! The same declaration reads a structure from the bytes of binary TTLV and writes it to them ([`read`],
//! [`TtlvValue::write`]). Both ways give the same; errors are told by the way of the tree alone.

use crate::codec::binary::{self, Item, Items, append_big_integer, append_bytes, append_eight, append_four};
use crate::structure;
use crate::tables::Enumeration;
use crate::tables::enumerations::ResultReason;
use crate::ttlv::{BigInteger, ByteString, ItemType, Tag, Ttlv, Value};

/// Why a tree is not the structure that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// A required field is absent.
    #[error("{field:?} is required in {structure} and is absent")]
    Missing {
        /// The structure that was being read.
        structure: &'static str,
        /// The field that it lacks.
        field: Tag,
    },
    /// A field that may occur once occurs again.
    #[error("{field:?} occurs more than once")]
    Repeated {
        /// The field.
        field: Tag,
    },
    /// A field does not belong to the structure.
    #[error("{field:?} is not a field of {structure}")]
    Unknown {
        /// The structure that was being read.
        structure: &'static str,
        /// The field that it does not know.
        field: Tag,
    },
    /// A field has another type than the specification gives it.
    #[error("{field:?} is {found:?} where {expected} is expected")]
    WrongType {
        /// The field.
        field: Tag,
        /// What the specification says.
        expected: &'static str,
        /// What was found.
        found: ItemType,
    },
    /// A field has the right type and a value outside its range.
    #[error("{field:?}: {why}")]
    BadValue {
        /// The field.
        field: Tag,
        /// What is wrong with it, for the client to read.
        why: String,
    },
}

impl DecodeError {
    /// The result reason that a server answers with (KMIP 2.1 section 11.48).
    pub fn reason(&self) -> ResultReason {
        match self {
            Self::Missing { .. } | Self::Repeated { .. } | Self::Unknown { .. } => {
                ResultReason::INVALID_MESSAGE
            }
            Self::WrongType { .. } => ResultReason::INVALID_DATA_TYPE,
            Self::BadValue { .. } => ResultReason::INVALID_FIELD,
        }
    }
}

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

/// The children of a structure that is being decoded, less those already taken.
#[derive(Debug)]
pub struct Fields {
    structure: &'static str,
    rest: Vec<Ttlv>,
    /// A bit for each tag that is there; several tags share one. Most fields of most structures are optional and absent,
    /// and this tells so at once.
    seen: u64,
}

impl Fields {
    /// Starts to read `value` as the structure called `structure`.
    ///
    /// # Errors
    /// The value is no structure.
    pub fn of(structure: &'static str, tag: Tag, value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Structure(rest) => {
                let seen = rest.iter().fold(0, |seen, item| seen | item.tag.bit());
                Ok(Self { structure, rest, seen })
            }
            other => Err(wrong_type(tag, "a Structure", &other)),
        }
    }

    /// The name of the structure that is read, for error messages.
    pub fn structure(&self) -> &'static str {
        self.structure
    }

    /// Takes the first remaining child with this tag.
    pub fn take_first(&mut self, tag: Tag) -> Option<Value> {
        self.take_first_of(&[tag]).map(|item| item.value)
    }

    /// Takes the remaining child with this tag, if there is one.
    ///
    /// # Errors
    /// There are several.
    #[inline]
    fn take_only(&mut self, tag: Tag) -> Result<Option<Value>, DecodeError> {
        if self.seen & tag.bit() == 0 { Ok(None) } else { self.find_only(tag) }
    }

    fn find_only(&mut self, tag: Tag) -> Result<Option<Value>, DecodeError> {
        let Some(position) = self.rest.iter().position(|item| item.tag == tag) else { return Ok(None) };
        let item = self.rest.remove(position);
        // Whatever stood before it has another tag.
        if self.rest.iter().skip(position).any(|item| item.tag == tag) {
            return Err(DecodeError::Repeated { field: tag });
        }
        Ok(Some(item.value))
    }

    /// Takes the first remaining child that has one of these tags.
    pub fn take_first_of(&mut self, tags: &[Tag]) -> Option<Ttlv> {
        let position = self.rest.iter().position(|item| tags.contains(&item.tag))?;
        Some(self.rest.remove(position))
    }

    /// Takes all remaining children with this tag, in order.
    pub fn take_all(&mut self, tag: Tag) -> Vec<Value> {
        if self.seen & tag.bit() == 0 {
            return Vec::new();
        }
        if self.rest.iter().all(|item| item.tag == tag) {
            return std::mem::take(&mut self.rest).into_iter().map(|item| item.value).collect();
        }
        self.rest.extract_if(.., |item| item.tag == tag).map(|item| item.value).collect()
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// A child was not taken: the structure does not have such a field.
    pub fn finish(self) -> Result<(), DecodeError> {
        match self.rest.first() {
            None => Ok(()),
            Some(item) => Err(DecodeError::Unknown { structure: self.structure, field: item.tag }),
        }
    }
}

impl<T: TtlvValue> Field for T {
    fn take(fields: &mut Fields, tag: Tag) -> Result<Self, DecodeError> {
        <Option<T> as Field>::take(fields, tag)?
            .ok_or(DecodeError::Missing { structure: fields.structure, field: tag })
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

/// The error for a value of another type than expected.
pub fn wrong_type(field: Tag, expected: &'static str, found: &Value) -> DecodeError {
    DecodeError::WrongType { field, expected, found: found.item_type() }
}

/// Any value, undecoded: for fields whose shape depends on others.
impl TtlvValue for Value {
    fn from_value(_: Tag, value: Value) -> Result<Self, DecodeError> {
        Ok(value)
    }
    fn into_value(self) -> Value {
        self
    }
}

/// Seconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(pub i64);

/// A length of time in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval(pub u32);

/// Microseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTimeExtended(pub i64);

macro_rules! primitive {
    ($($type:ty, $variant:ident, $expected:literal, $read:expr, $write:expr, $look:expr, $append:expr;)*) => {$(
        impl TtlvValue for $type {
            fn from_value(tag: Tag, value: Value) -> Result<Self, DecodeError> {
                match value {
                    Value::$variant(inner) => Ok($read(inner)),
                    other => Err(wrong_type(tag, $expected, &other)),
                }
            }
            fn into_value(self) -> Value {
                Value::$variant($write(self))
            }
            fn read(item: Item<'_>) -> Option<Self> {
                if item.item_type == ItemType::$variant { $look(item.bytes()) } else { None }
            }
            fn write(self, tag: Tag, out: &mut Vec<u8>) {
                $append(tag, ItemType::$variant, self, out);
            }
        }
    )*};
}

primitive! {
    i32, Integer, "an Integer", |inner| inner, |this| this,
        |bytes| four(bytes).map(u32::cast_signed),
        |tag, of, this: i32, out| append_four(tag, of, this.to_be_bytes(), out);
    i64, LongInteger, "a Long Integer", |inner| inner, |this| this,
        eight, |tag, of, this: i64, out| append_eight(tag, of, this.to_be_bytes(), out);
    BigInteger, BigInteger, "a Big Integer", |inner| inner, |this| this,
        |bytes| Some(BigInteger::from_signed_be(bytes)),
        |tag, _, this: BigInteger, out| append_big_integer(tag, &this, out);
    bool, Boolean, "a Boolean", |inner| inner, |this| this,
        |bytes| eight(bytes).map(|truth| truth != 0),
        |tag, of, this: bool, out| append_eight(tag, of, i64::from(this).to_be_bytes(), out);
    String, TextString, "a Text String", |inner| inner, |this| this,
        |bytes| std::str::from_utf8(bytes).ok().map(str::to_owned),
        |tag, of, this: String, out| append_bytes(tag, of, this.as_bytes(), out);
    ByteString, ByteString, "a Byte String", |inner| inner, |this| this,
        |bytes| Some(ByteString::from(bytes)),
        |tag, of, this: ByteString, out| append_bytes(tag, of, &this, out);
    DateTime, DateTime, "a Date-Time", DateTime, |this: DateTime| this.0,
        |bytes| eight(bytes).map(DateTime),
        |tag, of, this: DateTime, out| append_eight(tag, of, this.0.to_be_bytes(), out);
    Interval, Interval, "an Interval", Interval, |this: Interval| this.0,
        |bytes| four(bytes).map(Interval),
        |tag, of, this: Interval, out| append_four(tag, of, this.0.to_be_bytes(), out);
    DateTimeExtended, DateTimeExtended, "a Date-Time Extended", DateTimeExtended, |this: DateTimeExtended| this.0,
        |bytes| eight(bytes).map(DateTimeExtended),
        |tag, of, this: DateTimeExtended, out| append_eight(tag, of, this.0.to_be_bytes(), out);
}

fn four(bytes: &[u8]) -> Option<u32> {
    bytes.try_into().ok().map(u32::from_be_bytes)
}

fn eight(bytes: &[u8]) -> Option<i64> {
    bytes.try_into().ok().map(i64::from_be_bytes)
}

impl<E: Enumeration> TtlvValue for E {
    fn from_value(tag: Tag, value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Enumeration(code) => Ok(E::from_code(code)),
            other => Err(wrong_type(tag, "an Enumeration", &other)),
        }
    }

    fn into_value(self) -> Value {
        Value::Enumeration(self.code())
    }

    fn read(item: Item<'_>) -> Option<Self> {
        if item.item_type == ItemType::Enumeration { four(item.bytes()).map(E::from_code) } else { None }
    }

    fn write(self, tag: Tag, out: &mut Vec<u8>) {
        append_four(tag, ItemType::Enumeration, self.code().to_be_bytes(), out);
    }
}

/// Declares a struct that is a KMIP structure, with its decoder and encoder.
///
/// ```
/// use claviger_kmip::{structure, field::TtlvValue, Tag, Value};
///
/// structure! {
///     /// A version of the protocol.
///     pub struct Version {
///         /// The first number.
///         major: i32 = PROTOCOL_VERSION_MAJOR,
///         /// The second number.
///         minor: i32 = PROTOCOL_VERSION_MINOR,
///     }
/// }
///
/// let value = Version { major: 2, minor: 1 }.into_value();
/// assert_eq!(Version::from_value(Tag::PROTOCOL_VERSION, value).unwrap().minor, 1);
/// ```
///
/// Fields are written in the order of the declaration; they are read in any order. A field that the
/// declaration does not name is an error, so that nothing that a client asked for is passed over in silence.
#[macro_export]
macro_rules! structure {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$field_meta:meta])* $field:ident: $type:ty = $tag:ident,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
        }

        impl $crate::field::Structure for $name {
            const FIELDS: &'static [$crate::Tag] = &[$($crate::Tag::$tag,)*];
        }

        impl $crate::field::TtlvValue for $name {
            #[allow(unused_mut)]
            fn from_value(
                tag: $crate::Tag,
                value: $crate::Value,
            ) -> ::std::result::Result<Self, $crate::field::DecodeError> {
                let mut fields = $crate::field::Fields::of(stringify!($name), tag, value)?;
                let this = Self {
                    $($field: $crate::field::Field::take(&mut fields, $crate::Tag::$tag)?,)*
                };
                fields.finish()?;
                Ok(this)
            }

            #[allow(unused_mut)]
            fn into_value(self) -> $crate::Value {
                let mut children = ::std::vec::Vec::with_capacity(<Self as $crate::field::Structure>::FIELDS.len());
                $($crate::field::Field::put(self.$field, $crate::Tag::$tag, &mut children);)*
                $crate::Value::Structure(children)
            }

            // A structure without fields has no child to take, and an object stands beside its Object Type under that tag.
            #[allow(unused_mut, unreachable_patterns, clippy::never_loop, clippy::match_single_binding)]
            fn read(item: $crate::codec::binary::Item<'_>) -> ::std::option::Option<Self> {
                let mut children = item.fields()?;
                $(let mut $field = <<$type as $crate::field::Field>::Read as ::std::default::Default>::default();)*
                while let ::std::option::Option::Some(child) = children.next() {
                    match child.tag {
                        $($crate::Tag::$tag => <$type as $crate::field::Field>::add(&mut $field, child, children)?,)*
                        _ => return ::std::option::Option::None,
                    }
                }
                ::std::option::Option::Some(Self { $($field: <$type as $crate::field::Field>::done($field)?,)* })
            }

            fn write(self, tag: $crate::Tag, out: &mut ::std::vec::Vec<u8>) {
                $crate::codec::binary::append_structure(tag, out, |_out| {
                    $($crate::field::Field::append(self.$field, $crate::Tag::$tag, _out);)*
                });
            }
        }
    };
}
