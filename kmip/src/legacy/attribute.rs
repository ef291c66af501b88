//! One attribute: the 1.x structure of name, index and value against an item with a tag of its own.

use std::borrow::Cow;

use super::{since, value};
use crate::attributes::rules::RuleViolation;
use crate::attributes::{AttributeKey, AttributeReference, AttributeTable, VendorAttribute};
use crate::field::{DecodeError, TtlvValue};
use crate::tables::enumerations::ResultReason;
use crate::ttlv::{Tag, Ttlv, Value};
use crate::version::ProtocolVersion;

/// An Attribute structure of 1.x, read.
pub(super) struct LegacyAttribute {
    /// Which attribute.
    pub(super) reference: AttributeReference,
    /// The index that it states.
    pub(super) index: Option<Value>,
    /// The attribute as 2.1 writes it.
    pub(super) item: Ttlv,
}

/// Reads an Attribute structure.
///
/// # Errors
/// It has no name or no value, has something else, or its name is not that of an attribute (Invalid Attribute).
pub(super) fn read(value: Value) -> Result<LegacyAttribute, RuleViolation> {
    let Parts { name, index, value: Some(value) } = parts(value)? else { return Err(incomplete()) };
    let reference = known_reference(&name)?;
    let item = match &reference {
        AttributeReference::Tagged(tag) => Ttlv::new(*tag, value),
        AttributeReference::Vendor { vendor, name } => {
            Ttlv::new(Tag::ATTRIBUTE, VendorAttribute::value_of(vendor, name, value))
        }
    };
    Ok(LegacyAttribute { reference, index, item })
}

/// Reads an Attribute structure that names an attribute and has no value.
///
/// # Errors
/// As [`read`].
pub(super) fn read_reference(value: Value) -> Result<AttributeReference, RuleViolation> {
    known_reference(&parts(value)?.name)
}

/// An attribute in words: how Notify tells that it was deleted. Nothing if the version does not have the attribute.
pub(super) fn write_reference(reference: Value, version: ProtocolVersion) -> Option<Ttlv> {
    let name = name_of(reference, version)?;
    Some(Ttlv::structure(Tag::ATTRIBUTE, vec![Ttlv::new(Tag::ATTRIBUTE_NAME, Value::TextString(name))]))
}

/// The 1.x name of the attribute that an Attribute Reference means; nothing if the version does not have it.
pub(super) fn name_of(reference: Value, version: ProtocolVersion) -> Option<String> {
    let reference = AttributeReference::from_value(Tag::ATTRIBUTE_REFERENCE, reference).ok()?;
    name(AttributeKey::from(&reference), version).map(Cow::into_owned)
}

/// The fields of an Attribute structure.
struct Parts {
    name: String,
    index: Option<Value>,
    value: Option<Value>,
}

fn parts(value: Value) -> Result<Parts, RuleViolation> {
    let Value::Structure(fields) = value else {
        return Err(violation(ResultReason::INVALID_MESSAGE, "Attribute must be a Structure".into()));
    };
    let (mut name, mut index, mut value) = (None, None, None);
    for field in fields {
        let place = match field.tag {
            Tag::ATTRIBUTE_NAME => &mut name,
            Tag::ATTRIBUTE_INDEX => &mut index,
            Tag::ATTRIBUTE_VALUE => &mut value,
            other => {
                let message = format!("{other:?} is not a field of Attribute");
                return Err(violation(ResultReason::INVALID_MESSAGE, message));
            }
        };
        if place.replace(field.value).is_some() {
            let message = format!("{:?} occurs more than once in an Attribute", field.tag);
            return Err(violation(ResultReason::INVALID_MESSAGE, message));
        }
    }
    match name {
        Some(Value::TextString(name)) => Ok(Parts { name, index, value }),
        _ => Err(incomplete()),
    }
}

fn incomplete() -> RuleViolation {
    let message = "Attribute needs an Attribute Name, a Text String, and an Attribute Value";
    violation(ResultReason::INVALID_MESSAGE, message.into())
}

fn known_reference(name: &str) -> Result<AttributeReference, RuleViolation> {
    reference(name).ok_or_else(|| {
        let message = format!("{name:?} is not an attribute; custom attributes are called x-…");
        violation(ResultReason::INVALID_ATTRIBUTE, message)
    })
}

/// Which attribute a 1.x name means; nothing if 1.x has no such attribute.
pub(super) fn reference(name: &str) -> Option<AttributeReference> {
    if let Some((vendor @ ("x" | "y"), name)) = name.split_once('-')
        && !name.is_empty()
    {
        return Some(AttributeReference::Vendor { vendor: vendor.into(), name: name.into() });
    }
    let rule = AttributeTable::standard().by_name(name)?;
    (rule.tag != Tag::ATTRIBUTE && rule.since <= ProtocolVersion::V1_4)
        .then_some(AttributeReference::Tagged(rule.tag))
}

/// The name of an attribute in a 1.x version; nothing if that version does not have it.
pub(super) fn name(key: AttributeKey<'_>, version: ProtocolVersion) -> Option<Cow<'static, str>> {
    match key {
        AttributeKey::Vendor { vendor: vendor @ ("x" | "y"), name } => {
            Some(Cow::Owned(format!("{vendor}-{name}")))
        }
        AttributeKey::Vendor { .. } | AttributeKey::Tagged(Tag::ATTRIBUTE) => None,
        AttributeKey::Tagged(tag) => AttributeTable::standard()
            .rule(tag)
            .filter(|rule| rule.exists_in(version))
            .map(|rule| Cow::Borrowed(rule.name)),
    }
}

/// Whether the version has the attribute; those of plugins belong to every version.
pub(super) fn exists(tag: Tag, version: ProtocolVersion) -> bool {
    AttributeTable::standard().rule(tag).is_none_or(|rule| rule.exists_in(version))
}

/// Writes the attributes of a 2.1 structure as Attribute structures, less those that the version does not have. The
/// index is written where it is not 0.
pub(super) fn write_all(items: Vec<Ttlv>, version: ProtocolVersion) -> Vec<Ttlv> {
    let mut written = Vec::with_capacity(items.len());
    let mut counts: Vec<(String, i32)> = Vec::new();
    let mut items = items.into_iter().peekable();
    while let Some(item) = items.next() {
        let stated = items.next_if(|next| next.tag == Tag::ATTRIBUTE_INDEX).map(|index| index.value);
        let Some(name) = name(AttributeKey::of(item.tag, &item.value), version) else { continue };
        let position = next_position(&mut counts, &name);
        let Some(value) = value_in_version(item, version) else { continue };
        let index = match stated {
            Some(Value::Integer(index)) => index,
            _ => position,
        };
        written.push(write(name, index, value));
    }
    written
}

fn write(name: Cow<'static, str>, index: i32, value: Value) -> Ttlv {
    let mut fields = vec![Ttlv::new(Tag::ATTRIBUTE_NAME, Value::TextString(name.into_owned()))];
    if index != 0 {
        fields.push(Ttlv::new(Tag::ATTRIBUTE_INDEX, Value::Integer(index)));
    }
    fields.push(Ttlv::new(Tag::ATTRIBUTE_VALUE, value));
    Ttlv::structure(Tag::ATTRIBUTE, fields)
}

fn next_position(counts: &mut Vec<(String, i32)>, name: &str) -> i32 {
    match counts.iter_mut().find(|(known, _)| known == name) {
        Some((_, count)) => {
            *count += 1;
            *count
        }
        None => {
            counts.push((name.to_owned(), 0));
            0
        }
    }
}

/// The value of an attribute as the version writes it; nothing if the version has no such value.
fn value_in_version(item: Ttlv, version: ProtocolVersion) -> Option<Value> {
    let Ttlv { tag, value } = item;
    let value = value::of_attribute(tag, value, version)?;
    let Value::Structure(mut fields) = value else { return Some(value) };
    if tag == Tag::ATTRIBUTE {
        return fields.into_iter().find(|field| field.tag == Tag::ATTRIBUTE_VALUE).map(|field| field.value);
    }
    // The Key Format Type of a digest stays in 1.0, which does not have it: clients of 1.0 demand it.
    fields.retain(|field| since::tag(field.tag) <= version);
    Some(Value::Structure(fields))
}

/// The refusal of a request that cannot be adapted.
pub(super) fn violation(reason: ResultReason, message: String) -> RuleViolation {
    RuleViolation { reason, message }
}

/// The refusal of a request that does not decode.
pub(super) fn undecodable(error: &DecodeError) -> RuleViolation {
    violation(error.reason(), error.to_string())
}
