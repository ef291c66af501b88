//! How requests and responses point at attributes and at single instances of them.
//!
//! KMIP 2.1 points at an instance by its value (Current Attribute), KMIP 1.x by its index. So that nothing is lost
//! when 1.x is adapted, two forms exist inside the server which no 2.x message has on the wire: a Current Attribute
//! that holds an Attribute Reference and an Attribute Index ([`CurrentAttribute::Instance`]), and, in answers to Add,
//! Modify and Delete Attribute, the instance that was touched with its index ([`AffectedAttribute`]).

use super::structures::VendorAttribute;
use super::table::AttributeTable;
use crate::field::{DecodeError, Fields, TtlvValue, wrong_type};
use crate::ttlv::{Tag, Ttlv, Value};

/// Which attribute is meant, borrowed: what the look-ups of [`Attributes`](super::Attributes) take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttributeKey<'a> {
    /// An attribute with a tag of its own; `Tag::ATTRIBUTE` means every vendor attribute.
    Tagged(Tag),
    /// A vendor attribute.
    Vendor {
        /// Whose attribute.
        vendor: &'a str,
        /// Its name.
        name: &'a str,
    },
}

impl<'a> AttributeKey<'a> {
    /// The key of an attribute instance with this tag and value.
    pub fn of(tag: Tag, value: &'a Value) -> Self {
        if tag == Tag::ATTRIBUTE
            && let Value::Structure(fields) = value
        {
            return Self::Vendor {
                vendor: text_field(fields, Tag::VENDOR_IDENTIFICATION),
                name: text_field(fields, Tag::ATTRIBUTE_NAME),
            };
        }
        Self::Tagged(tag)
    }

    /// The tag under which such an attribute stands.
    pub fn tag(&self) -> Tag {
        match self {
            Self::Tagged(tag) => *tag,
            Self::Vendor { .. } => Tag::ATTRIBUTE,
        }
    }

    /// The same, owned.
    pub fn to_reference(&self) -> AttributeReference {
        match *self {
            Self::Tagged(tag) => AttributeReference::Tagged(tag),
            Self::Vendor { vendor, name } => {
                AttributeReference::Vendor { vendor: vendor.into(), name: name.into() }
            }
        }
    }
}

impl std::fmt::Display for AttributeKey<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tagged(tag) => match AttributeTable::standard().rule(*tag) {
                Some(rule) => f.write_str(rule.name),
                None => write!(f, "{tag:?}"),
            },
            Self::Vendor { vendor, name } => write!(f, "vendor attribute {name:?} of {vendor:?}"),
        }
    }
}

impl From<Tag> for AttributeKey<'_> {
    fn from(tag: Tag) -> Self {
        Self::Tagged(tag)
    }
}

impl<'a> From<&'a AttributeReference> for AttributeKey<'a> {
    fn from(reference: &'a AttributeReference) -> Self {
        reference.key()
    }
}

/// Which attribute is meant (KMIP 2.1 section 5.5, Attribute Reference).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttributeReference {
    /// By tag; `Tag::ATTRIBUTE` means every vendor attribute.
    Tagged(Tag),
    /// By vendor and name.
    Vendor {
        /// Whose attribute.
        vendor: String,
        /// Its name.
        name: String,
    },
}

impl AttributeReference {
    /// The same, borrowed.
    pub fn key(&self) -> AttributeKey<'_> {
        match self {
            Self::Tagged(tag) => AttributeKey::Tagged(*tag),
            Self::Vendor { vendor, name } => AttributeKey::Vendor { vendor, name },
        }
    }
}

impl TtlvValue for AttributeReference {
    fn from_value(tag: Tag, value: Value) -> Result<Self, DecodeError> {
        match value {
            Value::Enumeration(code) => Ok(Self::Tagged(Tag(code))),
            Value::Structure(_) => {
                let mut fields = Fields::of("Attribute Reference", tag, value)?;
                let reference = Self::Vendor {
                    vendor: crate::field::Field::take(&mut fields, Tag::VENDOR_IDENTIFICATION)?,
                    name: crate::field::Field::take(&mut fields, Tag::ATTRIBUTE_NAME)?,
                };
                fields.finish().map(|()| reference)
            }
            other => Err(wrong_type(tag, "an Enumeration (a tag) or a Structure (vendor and name)", &other)),
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::Tagged(tag) => Value::Enumeration(tag.0),
            Self::Vendor { vendor, name } => Value::Structure(vec![
                Ttlv::new(Tag::VENDOR_IDENTIFICATION, Value::TextString(vendor)),
                Ttlv::new(Tag::ATTRIBUTE_NAME, Value::TextString(name)),
            ]),
        }
    }
}

/// The attribute that a request adds or whose value it sets (KMIP 2.1 section 5.7, New Attribute).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAttribute {
    /// The attribute's tag; `Tag::ATTRIBUTE` for a vendor attribute.
    pub tag: Tag,
    /// Its value.
    pub value: Value,
}

impl NewAttribute {
    /// Which attribute it is.
    pub fn key(&self) -> AttributeKey<'_> {
        AttributeKey::of(self.tag, &self.value)
    }
}

impl TtlvValue for NewAttribute {
    fn from_value(tag: Tag, value: Value) -> Result<Self, DecodeError> {
        let Ttlv { tag, value } = single(tag, children(tag, value)?)?;
        Ok(Self { tag, value })
    }

    fn into_value(self) -> Value {
        Value::Structure(vec![Ttlv::new(self.tag, self.value)])
    }
}

/// The instance that a request modifies or deletes (KMIP 2.1 section 5.6, Current Attribute).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CurrentAttribute {
    /// The instance with this value, as 2.x says it.
    Value {
        /// The attribute's tag; `Tag::ATTRIBUTE` for a vendor attribute.
        tag: Tag,
        /// The value that the instance has.
        value: Value,
    },
    /// The instance with this index, as 1.x says it. Never on the wire of a 2.x message.
    Instance {
        /// Which attribute.
        reference: AttributeReference,
        /// The index of the instance.
        index: u32,
    },
}

impl CurrentAttribute {
    /// Which attribute it is.
    pub fn key(&self) -> AttributeKey<'_> {
        match self {
            Self::Value { tag, value } => AttributeKey::of(*tag, value),
            Self::Instance { reference, .. } => reference.key(),
        }
    }
}

impl TtlvValue for CurrentAttribute {
    fn from_value(tag: Tag, value: Value) -> Result<Self, DecodeError> {
        let mut items = children(tag, value)?;
        let index = take_index(&mut items)?;
        let item = single(tag, items)?;
        match index {
            None if item.tag != Tag::ATTRIBUTE_REFERENCE => {
                Ok(Self::Value { tag: item.tag, value: item.value })
            }
            Some(index) if item.tag == Tag::ATTRIBUTE_REFERENCE => {
                Ok(Self::Instance { reference: AttributeReference::from_value(item.tag, item.value)?, index })
            }
            _ => Err(DecodeError::BadValue {
                field: tag,
                why: "must hold one attribute with its value".into(),
            }),
        }
    }

    fn into_value(self) -> Value {
        Value::Structure(match self {
            Self::Value { tag, value } => vec![Ttlv::new(tag, value)],
            Self::Instance { reference, index } => {
                vec![Ttlv::new(Tag::ATTRIBUTE_REFERENCE, reference.into_value()), index_item(index)]
            }
        })
    }
}

/// The instance that Add, Modify or Delete Attribute touched, in the answer to a 1.x client. The adaptation to 2.x
/// versions takes it out, since their answers hold the identifier alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AffectedAttribute {
    /// The attribute's tag; `Tag::ATTRIBUTE` for a vendor attribute.
    pub tag: Tag,
    /// The value that the instance has now, or had until it was deleted.
    pub value: Value,
    /// The index of the instance.
    pub index: u32,
}

impl TtlvValue for AffectedAttribute {
    fn from_value(tag: Tag, value: Value) -> Result<Self, DecodeError> {
        let mut items = children(tag, value)?;
        let index = take_index(&mut items)?
            .ok_or(DecodeError::Missing { structure: "Current Attribute", field: Tag::ATTRIBUTE_INDEX })?;
        let Ttlv { tag, value } = single(tag, items)?;
        Ok(Self { tag, value, index })
    }

    fn into_value(self) -> Value {
        Value::Structure(vec![Ttlv::new(self.tag, self.value), index_item(self.index)])
    }
}

/// The Attribute Index item that may follow an attribute inside the server.
pub(super) fn index_item(index: u32) -> Ttlv {
    Ttlv::new(Tag::ATTRIBUTE_INDEX, Value::Integer(i32::try_from(index).unwrap_or(i32::MAX)))
}

/// Reads an Attribute Index.
///
/// # Errors
/// It is no Integer, or negative.
pub(crate) fn read_index(value: Value) -> Result<u32, DecodeError> {
    let index = i32::from_value(Tag::ATTRIBUTE_INDEX, value)?;
    u32::try_from(index).map_err(|_| DecodeError::BadValue {
        field: Tag::ATTRIBUTE_INDEX,
        why: "must not be negative".into(),
    })
}

fn take_index(items: &mut Vec<Ttlv>) -> Result<Option<u32>, DecodeError> {
    let Some(position) = items.iter().position(|item| item.tag == Tag::ATTRIBUTE_INDEX) else {
        return Ok(None);
    };
    read_index(items.remove(position).value).map(Some)
}

fn children(tag: Tag, value: Value) -> Result<Vec<Ttlv>, DecodeError> {
    match value {
        Value::Structure(children) => Ok(children),
        other => Err(wrong_type(tag, "a Structure", &other)),
    }
}

fn single(structure: Tag, items: Vec<Ttlv>) -> Result<Ttlv, DecodeError> {
    let mut items = items.into_iter();
    match (items.next(), items.next()) {
        (Some(item), None) => Ok(item),
        _ => Err(DecodeError::BadValue { field: structure, why: "must hold exactly one attribute".into() }),
    }
}

fn text_field(fields: &[Ttlv], tag: Tag) -> &str {
    fields
        .iter()
        .find_map(|field| match &field.value {
            Value::TextString(text) if field.tag == tag => Some(text.as_str()),
            _ => None,
        })
        .unwrap_or_default()
}

impl From<VendorAttribute> for NewAttribute {
    fn from(attribute: VendorAttribute) -> Self {
        Self { tag: Tag::ATTRIBUTE, value: attribute.into_value() }
    }
}
