//! Enumeration values and bits of masks that an older version does not have.
//!
//! What has the same meaning under an older name is told by that name; everything else is left out, with what it belongs
//! to where that cannot be without it.

use super::since;
use crate::attributes::{AttributeTable, FieldRule, Need, Shape};
use crate::tables::enumerations::{CryptographicAlgorithm, KeyFormatType};
use crate::tables::masks::CryptographicUsageMask;
use crate::ttlv::{Tag, Ttlv, Value};
use crate::version::ProtocolVersion;

/// The value of an attribute as the version tells it; nothing if it cannot. Vendor attributes stay as they are.
pub(super) fn of_attribute(tag: Tag, value: Value, version: ProtocolVersion) -> Option<Value> {
    if tag == Tag::ATTRIBUTE {
        return Some(value);
    }
    let Value::Structure(fields) = value else { return told(tag, value, version) };
    let shape = AttributeTable::standard().rule(tag).map(|rule| rule.shape);
    let rules = match shape {
        Some(Shape::Structure(rules)) => rules,
        _ => &[],
    };
    let mut kept = Vec::with_capacity(fields.len());
    for field in fields {
        match told(field.tag, field.value, version) {
            Some(value) => kept.push(Ttlv::new(field.tag, value)),
            None if is_required(rules, field.tag) => return None,
            None => {}
        }
    }
    Some(Value::Structure(kept))
}

/// Whether the version can tell a field of a structure that is no attribute, which is brought into its words. Only what
/// may be absent is left out: the rest stays as it is, since the client must learn what it has got.
pub(super) fn tell(within: Tag, field: &mut Ttlv, version: ProtocolVersion) -> bool {
    if !matches!(field.value, Value::Enumeration(_) | Value::Integer(_)) {
        return true;
    }
    match told(field.tag, field.value.clone(), version) {
        Some(value) => {
            field.value = value;
            true
        }
        None => !may_be_absent(within, field.tag),
    }
}

fn is_required(rules: &[FieldRule], tag: Tag) -> bool {
    rules.iter().any(|rule| rule.tag == tag && rule.need == Need::Required)
}

fn may_be_absent(within: Tag, tag: Tag) -> bool {
    match within {
        Tag::CRYPTOGRAPHIC_PARAMETERS => true,
        Tag::KEY_BLOCK => tag == Tag::CRYPTOGRAPHIC_ALGORITHM,
        _ => false,
    }
}

/// A scalar in the words of the version.
fn told(tag: Tag, value: Value, version: ProtocolVersion) -> Option<Value> {
    match value {
        Value::Enumeration(code) if since::value(tag, code) > version => {
            older_name(tag, code).filter(|code| since::value(tag, *code) <= version).map(Value::Enumeration)
        }
        Value::Integer(bits) if tag == Tag::CRYPTOGRAPHIC_USAGE_MASK => {
            Some(Value::Integer(uses(bits.cast_unsigned(), version).cast_signed()))
        }
        other => Some(other),
    }
}

/// The value by which an older version calls the same.
fn older_name(tag: Tag, code: u32) -> Option<u32> {
    match tag {
        // 1.2 has one name for what keys for elliptic curves were called by their use before.
        Tag::CRYPTOGRAPHIC_ALGORITHM if code == CryptographicAlgorithm::EC.0 => {
            Some(CryptographicAlgorithm::ECDSA.0)
        }
        // 1.3 has one format with the same fields for the three of these keys.
        Tag::KEY_FORMAT_TYPE if code == KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY.0 => {
            Some(KeyFormatType::TRANSPARENT_ECDSA_PRIVATE_KEY.0)
        }
        Tag::KEY_FORMAT_TYPE if code == KeyFormatType::TRANSPARENT_EC_PUBLIC_KEY.0 => {
            Some(KeyFormatType::TRANSPARENT_ECDSA_PUBLIC_KEY.0)
        }
        _ => None,
    }
}

/// The uses that the version has; all of them where nothing is restricted, for which 1.x has no bit.
fn uses(mask: u32, version: ProtocolVersion) -> u32 {
    let known = since::usage_mask(version);
    if mask & CryptographicUsageMask::UNRESTRICTED.0 & !known != 0 { known } else { mask & known }
}
