//! Requests of older versions as 2.1 requests.

use super::attribute::{self, undecodable, violation};
use super::template;
use crate::attributes::rules::RuleViolation;
use crate::attributes::{AttributeReference, CurrentAttribute};
use crate::field::TtlvValue;
use crate::message::asynchronous_mode;
use crate::objects::OBJECT_TAGS;
use crate::tables::Enumeration;
use crate::tables::enumerations::{OperationCode, ResultReason};
use crate::ttlv::{Tag, Ttlv, Value};
use crate::version::ProtocolVersion;

/// A batch item that cannot be adapted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{violation}")]
pub struct ItemViolation {
    /// The position of the item in the batch, from 0.
    pub item: usize,
    /// Why.
    pub violation: RuleViolation,
}

/// Adapts a whole request message: the header and the payload of each item.
///
/// Where one item must not fail the others, adapt each with [`request_payload_to_2_1`] instead.
///
/// # Errors
/// The first item that cannot be adapted.
pub fn request_to_2_1(mut message: Ttlv, version: ProtocolVersion) -> Result<Ttlv, ItemViolation> {
    let Value::Structure(parts) = &mut message.value else { return Ok(message) };
    let mut item = 0;
    for part in parts {
        match part.tag {
            Tag::REQUEST_HEADER => adapt_header(part),
            Tag::BATCH_ITEM => {
                adapt_item(part, version).map_err(|violation| ItemViolation { item, violation })?;
                item += 1;
            }
            _ => {}
        }
    }
    Ok(message)
}

/// Adapts the payload of one request item, a structure.
///
/// # Errors
/// An attribute has no known name (Invalid Attribute) or is not written as the version demands (Invalid Message, Invalid
/// Field), or a client of 2.0 or later sends a Template (Invalid Object Type).
pub fn request_payload_to_2_1(
    operation: OperationCode,
    payload: Value,
    version: ProtocolVersion,
) -> Result<Value, RuleViolation> {
    if version >= ProtocolVersion::V2_0 {
        return without_template(payload);
    }
    let Value::Structure(fields) = payload else { return Ok(payload) };
    let fields = match operation {
        OperationCode::LOCATE => gather_attributes(fields)?,
        OperationCode::IMPORT => state_object_type(gather_attributes(fields)?),
        OperationCode::GET_ATTRIBUTES => refer_to_attributes(fields),
        OperationCode::ADD_ATTRIBUTE => add_attribute(fields)?,
        OperationCode::MODIFY_ATTRIBUTE => modify_attribute(fields)?,
        OperationCode::DELETE_ATTRIBUTE => delete_attribute(fields)?,
        OperationCode::CERTIFY | OperationCode::RE_CERTIFY => name_certificate_request(fields),
        OperationCode::NOTIFY => gather_any_attributes(refer_to_deleted(fields)?)?,
        OperationCode::PUT => gather_any_attributes(fields)?,
        _ => fields,
    };
    let mut fields: Vec<Ttlv> = fields.into_iter().map(field).collect::<Result<_, _>>()?;
    if [OperationCode::REGISTER, OperationCode::IMPORT].contains(&operation) {
        template::take_names(&mut fields);
    }
    Ok(Value::Structure(fields))
}

/// Templates ended with 1.4; their form inside the server is not for clients.
fn without_template(payload: Value) -> Result<Value, RuleViolation> {
    match &payload {
        Value::Structure(fields) if fields.iter().any(|field| field.tag == Tag::TEMPLATE) => Err(violation(
            ResultReason::INVALID_OBJECT_TYPE,
            "KMIP 2.0 and later have no Template objects: state the attributes in each request".into(),
        )),
        _ => Ok(payload),
    }
}

/// Adapts a plain key value, which may encapsulate attributes; for code that decodes the key value itself after it
/// unwrapped it.
///
/// # Errors
/// As [`request_payload_to_2_1`].
pub fn key_value_to_2_1(key_value: Value, version: ProtocolVersion) -> Result<Value, RuleViolation> {
    match key_value {
        Value::Structure(fields) if version < ProtocolVersion::V2_0 => {
            gather_any_attributes(fields).map(Value::Structure)
        }
        other => Ok(other),
    }
}

/// In 1.x the indicator says no more than whether the client can poll; every version's header states its own version.
fn adapt_header(header: &mut Ttlv) {
    let Value::Structure(fields) = &mut header.value else { return };
    for field in fields {
        match field.tag {
            Tag::PROTOCOL_VERSION => field.value = ProtocolVersion::V2_1.into_value(),
            Tag::ASYNCHRONOUS_INDICATOR => {
                field.value = Value::Enumeration(asynchronous_mode(Some(&field.value)).code());
            }
            _ => {}
        }
    }
}

fn adapt_item(item: &mut Ttlv, version: ProtocolVersion) -> Result<(), RuleViolation> {
    let Some(&Value::Enumeration(operation)) = item.child(Tag::OPERATION).map(|field| &field.value) else {
        return Ok(());
    };
    let Value::Structure(fields) = &mut item.value else { return Ok(()) };
    for field in fields.iter_mut().filter(|field| field.tag == Tag::REQUEST_PAYLOAD) {
        let payload = std::mem::replace(&mut field.value, Value::Structure(Vec::new()));
        field.value = request_payload_to_2_1(OperationCode(operation), payload, version)?;
    }
    Ok(())
}

/// What is rewritten wherever it stands in a payload.
fn field(item: Ttlv) -> Result<Ttlv, RuleViolation> {
    let Ttlv { tag, value } = item;
    match tag {
        Tag::TEMPLATE_ATTRIBUTE => template_attribute(Tag::ATTRIBUTES, value),
        Tag::COMMON_TEMPLATE_ATTRIBUTE => template_attribute(Tag::COMMON_ATTRIBUTES, value),
        Tag::PRIVATE_KEY_TEMPLATE_ATTRIBUTE => template_attribute(Tag::PRIVATE_KEY_ATTRIBUTES, value),
        Tag::PUBLIC_KEY_TEMPLATE_ATTRIBUTE => template_attribute(Tag::PUBLIC_KEY_ATTRIBUTES, value),
        Tag::TEMPLATE => match value {
            Value::Structure(fields) => gather_attributes(fields).map(|fields| Ttlv::structure(tag, fields)),
            value => Ok(Ttlv::new(tag, value)),
        },
        Tag::SYMMETRIC_KEY
        | Tag::PRIVATE_KEY
        | Tag::PUBLIC_KEY
        | Tag::SPLIT_KEY
        | Tag::SECRET_DATA
        | Tag::PGP_KEY
        | Tag::KEY_BLOCK => match value {
            Value::Structure(fields) => fields
                .into_iter()
                .map(field)
                .collect::<Result<_, _>>()
                .map(|fields| Ttlv::structure(tag, fields)),
            value => Ok(Ttlv::new(tag, value)),
        },
        Tag::KEY_VALUE => match value {
            Value::Structure(fields) => {
                gather_any_attributes(fields).map(|fields| Ttlv::structure(tag, fields))
            }
            wrapped => Ok(Ttlv::new(tag, wrapped)),
        },
        _ => Ok(Ttlv::new(tag, value)),
    }
}

fn template_attribute(tag: Tag, value: Value) -> Result<Ttlv, RuleViolation> {
    let Value::Structure(fields) = value else {
        return Err(violation(
            ResultReason::INVALID_MESSAGE,
            "Template-Attribute must be a Structure".into(),
        ));
    };
    let mut attributes = Vec::with_capacity(fields.len());
    for field in fields {
        match field.tag {
            Tag::ATTRIBUTE => attributes.push(attribute::read(field.value)?.item),
            Tag::NAME => attributes.push(template::reference(field.value)?),
            other => {
                let message = format!("{other:?} is not a field of Template-Attribute");
                return Err(violation(ResultReason::INVALID_MESSAGE, message));
            }
        }
    }
    Ok(Ttlv::structure(tag, attributes))
}

/// As [`gather_attributes`], and without Attributes where there are no Attribute fields.
fn gather_any_attributes(fields: Vec<Ttlv>) -> Result<Vec<Ttlv>, RuleViolation> {
    if fields.iter().any(|field| field.tag == Tag::ATTRIBUTE) {
        gather_attributes(fields)
    } else {
        Ok(fields)
    }
}

/// Puts the repeated Attribute fields into one Attributes structure, at the place of the first or at the front of the
/// object that follows them. An index says nothing here and is passed over (KMIP 1.4 section 4.9).
fn gather_attributes(fields: Vec<Ttlv>) -> Result<Vec<Ttlv>, RuleViolation> {
    let mut attributes = Vec::new();
    let mut rest = Vec::with_capacity(fields.len() + 1);
    let mut place = None;
    for field in fields {
        if field.tag == Tag::ATTRIBUTE {
            place.get_or_insert(rest.len());
            attributes.push(attribute::read(field.value)?.item);
        } else {
            rest.push(field);
        }
    }
    rest.insert(place.unwrap_or(rest.len()), Ttlv::structure(Tag::ATTRIBUTES, attributes));
    Ok(rest)
}

/// Import states no Object Type in 1.4; it is that of the object in the request.
fn state_object_type(mut fields: Vec<Ttlv>) -> Vec<Ttlv> {
    let object = OBJECT_TAGS.iter().find(|(tag, _)| fields.iter().any(|field| field.tag == *tag));
    if let Some((_, object_type)) = object {
        let after_identifier =
            usize::from(fields.first().is_some_and(|field| field.tag == Tag::UNIQUE_IDENTIFIER));
        fields.insert(after_identifier, Ttlv::new(Tag::OBJECT_TYPE, object_type.into_value()));
    }
    fields
}

/// A name that no attribute has is asked for as an attribute of a vendor without a name, which none can have: the
/// answer leaves it out, as KMIP 1.4 section 4.12 wants, and does not turn into that for a request without names.
fn refer_to_attributes(fields: Vec<Ttlv>) -> Vec<Ttlv> {
    fields
        .into_iter()
        .map(|field| match field {
            Ttlv { tag: Tag::ATTRIBUTE_NAME, value: Value::TextString(name) } => {
                let reference = attribute::reference(&name)
                    .unwrap_or(AttributeReference::Vendor { vendor: String::new(), name });
                Ttlv::new(Tag::ATTRIBUTE_REFERENCE, reference.into_value())
            }
            other => other,
        })
        .collect()
}

fn add_attribute(fields: Vec<Ttlv>) -> Result<Vec<Ttlv>, RuleViolation> {
    rewrite_attribute(fields, |legacy| match legacy.index {
        Some(_) => Err(violation(
            ResultReason::INVALID_FIELD,
            "Add Attribute must not state an Attribute Index".into(),
        )),
        None => Ok(vec![Ttlv::structure(Tag::NEW_ATTRIBUTE, vec![legacy.item])]),
    })
}

fn modify_attribute(fields: Vec<Ttlv>) -> Result<Vec<Ttlv>, RuleViolation> {
    rewrite_attribute(fields, |legacy| {
        Ok(vec![
            instance(legacy.reference, legacy.index)?,
            Ttlv::structure(Tag::NEW_ATTRIBUTE, vec![legacy.item]),
        ])
    })
}

fn rewrite_attribute(
    fields: Vec<Ttlv>,
    rewrite: impl Fn(attribute::LegacyAttribute) -> Result<Vec<Ttlv>, RuleViolation>,
) -> Result<Vec<Ttlv>, RuleViolation> {
    let mut rewritten = Vec::with_capacity(fields.len() + 1);
    for field in fields {
        if field.tag == Tag::ATTRIBUTE {
            rewritten.extend(rewrite(attribute::read(field.value)?)?);
        } else {
            rewritten.push(field);
        }
    }
    Ok(rewritten)
}

fn delete_attribute(fields: Vec<Ttlv>) -> Result<Vec<Ttlv>, RuleViolation> {
    let (mut rest, mut name, mut index) = (Vec::with_capacity(fields.len()), None, None);
    for field in fields {
        match field {
            Ttlv { tag: Tag::ATTRIBUTE_NAME, value: Value::TextString(text) } if name.is_none() => {
                name = Some(text)
            }
            Ttlv { tag: Tag::ATTRIBUTE_INDEX, value } if index.is_none() => index = Some(value),
            other => rest.push(other),
        }
    }
    let name = name.ok_or_else(|| {
        violation(ResultReason::INVALID_MESSAGE, "Delete Attribute needs an Attribute Name".into())
    })?;
    let reference = attribute::reference(&name).ok_or_else(|| {
        violation(ResultReason::ATTRIBUTE_NOT_FOUND, format!("the object has no attribute {name:?}"))
    })?;
    rest.push(instance(reference, index)?);
    Ok(rest)
}

/// The instance that a 1.x request means: that with the index which it states, or with index 0.
fn instance(reference: AttributeReference, index: Option<Value>) -> Result<Ttlv, RuleViolation> {
    let index = match index {
        Some(index) => crate::attributes::read_index(index).map_err(|error| undecodable(&error))?,
        None => 0,
    };
    let current = CurrentAttribute::Instance { reference, index };
    Ok(Ttlv::new(Tag::CURRENT_ATTRIBUTE, current.into_value()))
}

/// Notify names an attribute that was deleted by an Attribute without a value (KMIP 1.4 section 5.1).
fn refer_to_deleted(fields: Vec<Ttlv>) -> Result<Vec<Ttlv>, RuleViolation> {
    let refer = |field: Ttlv| match field.tag == Tag::ATTRIBUTE && field.child(Tag::ATTRIBUTE_VALUE).is_none()
    {
        true => attribute::read_reference(field.value)
            .map(|reference| Ttlv::new(Tag::ATTRIBUTE_REFERENCE, reference.into_value())),
        false => Ok(field),
    };
    fields.into_iter().map(refer).collect()
}

/// `Certificate Request` is bytes in 1.x and a managed object in 2.x.
fn name_certificate_request(fields: Vec<Ttlv>) -> Vec<Ttlv> {
    fields
        .into_iter()
        .map(|field| match field {
            Ttlv { tag: Tag::CERTIFICATE_REQUEST, value: value @ Value::ByteString(_) } => {
                Ttlv::new(Tag::CERTIFICATE_REQUEST_VALUE, value)
            }
            other => other,
        })
        .collect()
}
