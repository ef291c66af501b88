//! A look at binary TTLV that is known to be well formed, without a tree of it.

use bytes::Bytes;

use super::{HEADER, decode, item_type, padded};
use crate::codec::error::{CodecError, CodecErrorKind};
use crate::codec::limits::{Limits, Meter};
use crate::ttlv::{BigInteger, ByteString, ItemType, Tag, Ttlv, Value};

/// One item in binary TTLV that is known to be well formed.
#[derive(Clone)]
pub struct Checked(Bytes);

impl Checked {
    /// Checks the bytes. It takes what [`decode`] takes, and refuses the rest for the same reasons.
    ///
    /// # Errors
    /// The bytes are no well-formed TTLV, hold more than one item, or exceed the limits.
    pub fn new(bytes: Bytes, limits: &Limits) -> Result<Self, CodecError> {
        if is_well_formed(&bytes, limits) {
            return Ok(Self(bytes));
        }
        // The tree's reader tells what is wrong, and where.
        decode(&bytes, limits)?;
        Err(CodecErrorKind::BadValue { expected: "well-formed TTLV" }.into())
    }

    /// The item as the tree has it.
    pub fn to_tree(&self) -> Ttlv {
        let item = self.item();
        Ttlv::new(item.tag, item.to_value())
    }

    /// The item.
    pub fn item(&self) -> Item<'_> {
        let first = Items { rest: &self.0, whole: Some(&self.0) }.next();
        first.unwrap_or_else(|| Item::structure(Tag(0), &[], None))
    }
}

/// One item, whose value is looked at where it stands.
#[derive(Clone, Copy)]
pub struct Item<'b> {
    /// What the item is.
    pub tag: Tag,
    /// Its type.
    pub item_type: ItemType,
    /// Its value without padding.
    value: &'b [u8],
    /// The bytes that it is a part of, if they can be shared.
    whole: Option<&'b Bytes>,
}

impl<'b> Item<'b> {
    /// A structure with this content, which is known to be well formed.
    pub(crate) fn structure(tag: Tag, content: &'b [u8], whole: Option<&'b Bytes>) -> Self {
        Self { tag, item_type: ItemType::Structure, value: content, whole }
    }

    /// The children; none unless it is a structure.
    pub fn children(&self) -> Items<'b> {
        let content = if self.item_type == ItemType::Structure { self.value } else { &[] };
        Items { rest: content, whole: self.whole }
    }

    /// The children of a structure; nothing if it is none.
    pub fn fields(&self) -> Option<Items<'b>> {
        (self.item_type == ItemType::Structure).then(|| self.children())
    }

    /// How many bytes it takes.
    pub(crate) fn len(&self) -> usize {
        HEADER + padded(self.value.len())
    }

    /// The first child with this tag.
    pub fn child(&self, tag: Tag) -> Option<Self> {
        self.children().find(|child| child.tag == tag)
    }

    /// The value's bytes, without padding.
    pub(crate) fn bytes(&self) -> &'b [u8] {
        self.value
    }

    /// The content of a structure, to be kept.
    pub(crate) fn share(&self) -> Bytes {
        match self.whole {
            Some(whole) => whole.slice_ref(self.value),
            None => Bytes::copy_from_slice(self.value),
        }
    }

    /// The value as the tree has it.
    pub fn to_value(&self) -> Value {
        let four = || self.value.try_into().map_or(0, u32::from_be_bytes);
        let eight = || self.value.try_into().map_or(0, i64::from_be_bytes);
        match self.item_type {
            ItemType::Structure => Value::Structure(self.children().to_trees()),
            ItemType::Integer => Value::Integer(four().cast_signed()),
            ItemType::LongInteger => Value::LongInteger(eight()),
            ItemType::BigInteger => Value::BigInteger(BigInteger::from_signed_be(self.value)),
            ItemType::Enumeration => Value::Enumeration(four()),
            ItemType::Boolean => Value::Boolean(eight() != 0),
            ItemType::TextString => Value::TextString(String::from_utf8_lossy(self.value).into_owned()),
            ItemType::ByteString => Value::ByteString(ByteString::from(self.value)),
            ItemType::DateTime => Value::DateTime(eight()),
            ItemType::Interval => Value::Interval(four()),
            ItemType::DateTimeExtended => Value::DateTimeExtended(eight()),
        }
    }
}

/// Items that stand one after the other.
#[derive(Clone, Copy)]
pub struct Items<'b> {
    rest: &'b [u8],
    whole: Option<&'b Bytes>,
}

impl<'b> Items<'b> {
    /// The items that make up a structure's content, which is known to be well formed.
    pub(crate) fn of(content: &'b [u8], whole: Option<&'b Bytes>) -> Self {
        Self { rest: content, whole }
    }

    /// The items as trees.
    pub fn to_trees(self) -> Vec<Ttlv> {
        self.map(|item| Ttlv::new(item.tag, item.to_value())).collect()
    }

    /// Whether the test says so of any of the items or of one below them.
    pub fn any_below(mut self, test: &mut impl FnMut(&Item<'_>) -> bool) -> bool {
        self.any(|item| test(&item) || item.fields().is_some_and(|below| below.any_below(test)))
    }

    /// How many bytes they take.
    pub(crate) fn len(&self) -> usize {
        self.rest.len()
    }
}

impl<'b> Iterator for Items<'b> {
    type Item = Item<'b>;

    #[inline]
    fn next(&mut self) -> Option<Item<'b>> {
        let (tag, code, length, rest) = split_header(self.rest)?;
        // What is well formed has all of these.
        let (value, rest) = rest.split_at_checked(padded(length))?;
        self.rest = rest;
        Some(Item { tag, item_type: item_type(code)?, value: value.get(..length)?, whole: self.whole })
    }
}

/// Tag, type code, length, and what follows the header.
#[inline]
fn split_header(bytes: &[u8]) -> Option<(Tag, u8, usize, &[u8])> {
    let ([t0, t1, t2, code, l0, l1, l2, l3], rest) = bytes.split_first_chunk::<HEADER>()?;
    let tag = Tag(u32::from_be_bytes([0, *t0, *t1, *t2]));
    Some((tag, *code, u32::from_be_bytes([*l0, *l1, *l2, *l3]) as usize, rest))
}

/// Whether [`decode`] would take the bytes.
fn is_well_formed(bytes: &[u8], limits: &Limits) -> bool {
    let mut meter = Meter::new(*limits);
    limits.check_length(bytes.len()).is_ok()
        && check_item(bytes, &mut meter).is_some_and(|rest| rest.is_empty())
}

/// What follows the first item; nothing if that is not well formed.
fn check_item<'b>(bytes: &'b [u8], meter: &mut Meter) -> Option<&'b [u8]> {
    meter.item().ok()?;
    let (_, code, length, rest) = split_header(bytes)?;
    let (value, rest) = rest.split_at_checked(padded(length))?;
    let is_right = match item_type(code)? {
        ItemType::Structure => {
            length == value.len() && {
                meter.enter().ok()?;
                let mut children = value;
                while !children.is_empty() {
                    children = check_item(children, meter)?;
                }
                meter.leave();
                true
            }
        }
        ItemType::Integer | ItemType::Enumeration | ItemType::Interval => {
            length == 4 && value.get(4..) == Some(&[0; 4])
        }
        ItemType::LongInteger | ItemType::DateTime | ItemType::DateTimeExtended => length == 8,
        ItemType::Boolean => {
            length == 8 && value.try_into().is_ok_and(|value| u64::from_be_bytes(value) <= 1)
        }
        ItemType::BigInteger => length == value.len() && length > 0,
        ItemType::TextString => {
            is_padded(value, length)
                && value.get(..length).is_some_and(|text| std::str::from_utf8(text).is_ok())
        }
        ItemType::ByteString => is_padded(value, length),
    };
    is_right.then_some(rest)
}

fn is_padded(value: &[u8], length: usize) -> bool {
    value.get(length..).is_some_and(|padding| padding.iter().all(|byte| *byte == 0))
}
