//! What the server sends, responses and its own requests, as messages of older versions.

use super::{attribute, reason, since, value};
use crate::field::TtlvValue;
use crate::payload::{Encoded, Payload};
use crate::tables::enumerations::{ObjectType, OperationCode, ResultReason};
use crate::ttlv::{Tag, Ttlv, Value};
use crate::version::ProtocolVersion;

/// Adapts a whole response message to the version of the client; in 2.1, takes out what exists inside the server only.
pub fn response_from_2_1(message: Ttlv, version: ProtocolVersion) -> Ttlv {
    self::message(message, version)
}

/// Adapts a whole request message of the server (Notify, Put) to the version of the client that it is for.
pub fn request_from_2_1(message: Ttlv, version: ProtocolVersion) -> Ttlv {
    self::message(message, version)
}

fn message(mut message: Ttlv, version: ProtocolVersion) -> Ttlv {
    let Value::Structure(parts) = &mut message.value else { return message };
    for part in parts {
        match (part.tag, &mut part.value) {
            (Tag::REQUEST_HEADER | Tag::RESPONSE_HEADER, Value::Structure(fields)) => header(fields, version),
            (Tag::BATCH_ITEM, Value::Structure(fields)) => item(fields, version),
            _ => {}
        }
    }
    message
}

/// Takes out what a version does not know; the newest knows every tag.
fn keep_known(fields: &mut Vec<Ttlv>, version: ProtocolVersion) {
    if version < ProtocolVersion::V2_1 {
        fields.retain(|field| since::tag(field.tag) <= version);
    }
}

/// Adapts a plain key value, which may encapsulate attributes, to the version of the client; for code that encodes the
/// key value itself before it wraps it.
pub fn key_value_from_2_1(key_value: Value, version: ProtocolVersion) -> Value {
    match key_value {
        Value::Structure(mut fields) => {
            adapt(Tag::KEY_VALUE, &mut fields, version);
            Value::Structure(fields)
        }
        wrapped => wrapped,
    }
}

/// Adapts the payload of one response to the version of the client; for code that measures it before it is sent.
pub fn response_payload_from_2_1(
    operation: OperationCode,
    payload: Value,
    version: ProtocolVersion,
) -> Value {
    match payload {
        Value::Structure(mut fields) => {
            self::payload(Some(operation), &mut fields, version);
            Value::Structure(fields)
        }
        other => other,
    }
}

/// The payload of a response to a client of 2.1, if it was encoded at once: as it is, unless something in it has to be
/// adapted even so.
pub fn settled_response(operation: OperationCode, payload: Encoded) -> Payload {
    let is_adapted = operation == OperationCode::QUERY
        || payload.items().any_below(&mut |item| {
            matches!(item.tag, Tag::ATTRIBUTES | Tag::ATTRIBUTE_REFERENCE) || is_internal(item.tag)
        });
    if is_adapted { Payload::Tree(payload.to_value()) } else { Payload::Encoded(payload) }
}

fn header(fields: &mut Vec<Ttlv>, version: ProtocolVersion) {
    keep_known(fields, version);
    for field in fields.iter_mut().filter(|field| field.tag == Tag::PROTOCOL_VERSION) {
        field.value = version.into_value();
    }
}

fn item(fields: &mut Vec<Ttlv>, version: ProtocolVersion) {
    let operation = fields.iter().find_map(|field| match field.value {
        Value::Enumeration(code) if field.tag == Tag::OPERATION => Some(OperationCode(code)),
        _ => None,
    });
    keep_known(fields, version);
    for field in fields {
        match (field.tag, &mut field.value) {
            (Tag::RESULT_REASON, Value::Enumeration(code)) => {
                *code = reason::in_version(ResultReason(*code), operation, version).0;
            }
            (Tag::REQUEST_PAYLOAD | Tag::RESPONSE_PAYLOAD, Value::Structure(payload)) => {
                self::payload(operation, payload, version);
            }
            _ => {}
        }
    }
}

fn payload(operation: Option<OperationCode>, fields: &mut Vec<Ttlv>, version: ProtocolVersion) {
    match operation {
        Some(OperationCode::QUERY) => fields.retain(|field| is_offered(field, version)),
        Some(OperationCode::NOTIFY) if version < ProtocolVersion::V2_0 => tell_deleted(fields, version),
        _ => {}
    }
    adapt(Tag::RESPONSE_PAYLOAD, fields, version);
}

/// Notify names an attribute that was deleted by an Attribute without a value (KMIP 1.4 section 5.1).
fn tell_deleted(fields: &mut Vec<Ttlv>, version: ProtocolVersion) {
    *fields = std::mem::take(fields)
        .into_iter()
        .filter_map(|field| match field.tag {
            Tag::ATTRIBUTE_REFERENCE => attribute::write_reference(field.value, version),
            _ => Some(field),
        })
        .collect();
}

/// Whether a client of this version can know what Query offers.
fn is_offered(field: &Ttlv, version: ProtocolVersion) -> bool {
    match field.value {
        Value::Enumeration(code) if field.tag == Tag::OPERATION => {
            since::operation(OperationCode(code)) <= version
        }
        Value::Enumeration(code) if field.tag == Tag::OBJECT_TYPE => {
            since::has_object_type(ObjectType(code), version)
        }
        _ => true,
    }
}

/// Adapts the fields of a structure and all below them.
fn adapt(within: Tag, fields: &mut Vec<Ttlv>, version: ProtocolVersion) {
    if version < ProtocolVersion::V2_0 && fields.iter().any(|field| REWRITTEN.contains(&field.tag)) {
        *fields = std::mem::take(fields).into_iter().flat_map(|field| rewrite(field, version)).collect();
    }
    keep_known(fields, version);
    fields.retain(|field| {
        !is_internal(field.tag)
            && (field.tag != Tag::ATTRIBUTE_REFERENCE || is_known_reference(&field.value, version))
    });
    if version < ProtocolVersion::V2_1 && within != Tag::ATTRIBUTES {
        fields.retain_mut(|field| value::tell(within, field, version));
    }
    for field in fields {
        if let Value::Structure(below) = &mut field.value
            && !OPAQUE.contains(&field.tag)
        {
            if field.tag == Tag::ATTRIBUTES {
                attributes(below, version);
            }
            adapt(field.tag, below, version);
        }
    }
}

/// Leaves out the attributes of a 2.0 client that 2.0 does not have or cannot tell the value of.
fn attributes(items: &mut Vec<Ttlv>, version: ProtocolVersion) {
    items.retain(|item| attribute::exists(item.tag, version));
    if version >= ProtocolVersion::V2_1 {
        return;
    }
    let told = |item: Ttlv| {
        value::of_attribute(item.tag, item.value, version).map(|value| Ttlv::new(item.tag, value))
    };
    *items = std::mem::take(items).into_iter().filter_map(told).collect();
}

fn is_known_reference(reference: &Value, version: ProtocolVersion) -> bool {
    match reference {
        Value::Enumeration(tag) => attribute::exists(Tag(*tag), version),
        _ => true,
    }
}

/// What 1.x writes in another way.
const REWRITTEN: [Tag; 4] =
    [Tag::ATTRIBUTES, Tag::CURRENT_ATTRIBUTE, Tag::ATTRIBUTE_REFERENCE, Tag::EXTENSION_TYPE];
/// What is passed on as it is: attributes that are written already, key material, and what belongs to vendors.
const OPAQUE: [Tag; 3] = [Tag::ATTRIBUTE, Tag::KEY_MATERIAL, Tag::VENDOR_EXTENSION];

/// What no answer to a 2.x client has.
fn is_internal(tag: Tag) -> bool {
    matches!(tag, Tag::CURRENT_ATTRIBUTE | Tag::ATTRIBUTE_INDEX)
}

fn rewrite(field: Ttlv, version: ProtocolVersion) -> Vec<Ttlv> {
    match field {
        Ttlv { tag: Tag::ATTRIBUTES | Tag::CURRENT_ATTRIBUTE, value: Value::Structure(attributes) } => {
            attribute::write_all(attributes, version)
        }
        Ttlv { tag: Tag::ATTRIBUTE_REFERENCE, value } => attribute_name(value, version).into_iter().collect(),
        Ttlv { tag: tag @ Tag::EXTENSION_TYPE, value: Value::Enumeration(item_type) } => {
            vec![Ttlv::new(tag, Value::Integer(item_type.cast_signed()))]
        }
        other => vec![other],
    }
}

/// Get Attribute List answers with the names of 1.x; vendor attributes that 1.x cannot name are left out.
fn attribute_name(reference: Value, version: ProtocolVersion) -> Option<Ttlv> {
    let name = attribute::name_of(reference, version)?;
    Some(Ttlv::new(Tag::ATTRIBUTE_NAME, Value::TextString(name)))
}
