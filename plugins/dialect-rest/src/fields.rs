//! Reading and rewriting the children of a structure.

use claviger_plugin_sdk::prelude::*;

/// The children of a payload.
///
/// # Errors
/// Invalid Data Type: it is no structure.
pub(crate) fn children(payload: Value) -> Result<Vec<Ttlv>> {
    match payload {
        Value::Structure(children) => Ok(children),
        _ => Err(Error::new(
            ResultReason::INVALID_DATA_TYPE,
            ErrorClass::Malformed,
            "a payload is a structure",
        )),
    }
}

/// The value of the first child with this tag.
pub(crate) fn get(fields: &[Ttlv], tag: Tag) -> Option<&Value> {
    fields.iter().find(|field| field.tag == tag).map(|field| &field.value)
}

/// The children of the first child with this tag, if it is a structure.
pub(crate) fn inner_mut(fields: &mut [Ttlv], tag: Tag) -> Option<&mut Vec<Ttlv>> {
    fields.iter_mut().find(|field| field.tag == tag).and_then(|field| match &mut field.value {
        Value::Structure(children) => Some(children),
        _ => None,
    })
}

/// The text of the first child with this tag.
pub(crate) fn text(fields: &[Ttlv], tag: Tag) -> Option<&str> {
    match get(fields, tag) {
        Some(Value::TextString(text)) => Some(text),
        _ => None,
    }
}

/// The code of the first child with this tag.
pub(crate) fn code(fields: &[Ttlv], tag: Tag) -> Option<u32> {
    match get(fields, tag) {
        Some(Value::Enumeration(code)) => Some(*code),
        _ => None,
    }
}

/// The bytes of the first child with this tag.
pub(crate) fn bytes(fields: &[Ttlv], tag: Tag) -> Option<&ByteString> {
    match get(fields, tag) {
        Some(Value::ByteString(bytes)) => Some(bytes),
        _ => None,
    }
}

/// The whole number of the first child with this tag, of either width.
pub(crate) fn number(fields: &[Ttlv], tag: Tag) -> Option<i64> {
    match get(fields, tag) {
        Some(Value::Integer(n)) => Some(i64::from(*n)),
        Some(Value::LongInteger(n)) => Some(*n),
        _ => None,
    }
}

/// Whether there is a child with this tag.
pub(crate) fn has(fields: &[Ttlv], tag: Tag) -> bool {
    get(fields, tag).is_some()
}

/// Takes the first child with this tag out.
pub(crate) fn take(fields: &mut Vec<Ttlv>, tag: Tag) -> Option<Value> {
    let position = fields.iter().position(|field| field.tag == tag)?;
    Some(fields.remove(position).value)
}

/// Gives the child with this tag a value, or adds it.
pub(crate) fn set(fields: &mut Vec<Ttlv>, tag: Tag, value: Value) {
    match fields.iter_mut().find(|field| field.tag == tag) {
        Some(field) => field.value = value,
        None => fields.push(Ttlv::new(tag, value)),
    }
}

/// Adds a child unless there is one with this tag.
pub(crate) fn default(fields: &mut Vec<Ttlv>, tag: Tag, value: Value) {
    if !has(fields, tag) {
        fields.push(Ttlv::new(tag, value));
    }
}
