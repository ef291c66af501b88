//! Answers, reduced to what the family's decoders know and shaped as the object's generation expects it.

pub(crate) mod attributes;
mod cipher;
mod key_out;

use std::collections::HashMap;

use claviger_plugin_sdk::context::Authorized;
use claviger_plugin_sdk::dialect::Payload;
use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::field::TtlvValue;
use claviger_plugin_sdk::kmip::payloads::access::{self, OwnedResponse};
use claviger_plugin_sdk::prelude::*;

use crate::cover_crypt;
use crate::fields;
use crate::generation::{Birth, Generation};

/// Shapes the payload of a response.
///
/// # Errors
/// Internal Server Error: a handler answered with something that is no payload of its operation.
pub(crate) fn shape(
    operation: OperationCode,
    targets: &[Authorized],
    note: Option<Value>,
    payload: Payload,
) -> Result<Value> {
    let birth = targets.first().map_or(Birth::Newer, |target| Birth::of(target.attributes()));
    let payload = match payload {
        Payload::One(payload) => payload,
        // The authorities come first, and the certificate that was asked for last.
        Payload::Bulk(mut payloads) if operation == OperationCode::CERTIFY => {
            payloads.pop().ok_or_else(|| Error::server("no certificate was made"))?
        }
        Payload::Bulk(payloads) => return cipher::close_bulk(operation, payloads),
    };
    let mut response = fields::children(payload)?;
    if shows_key_block(operation) && is_older_certificate(targets, birth) {
        return Err(no_key_block());
    }
    match operation {
        OperationCode::GET | OperationCode::EXPORT => {
            let format_was_asked = note == Some(Value::Boolean(true));
            key_out::shape(&mut response, targets.first(), birth, format_was_asked)?;
        }
        OperationCode::GET_ATTRIBUTES => attributes::shape_in(&mut response, birth),
        access::OWNED => shape_owned(&mut response, targets)?,
        OperationCode::LOCATE => count_located(&mut response),
        OperationCode::REVOKE | OperationCode::DESTROY => repeat_identifier(&mut response, note),
        OperationCode::ENCRYPT | OperationCode::DECRYPT => {
            let generation = match targets.first().is_some_and(cover_crypt::is_one) {
                // To both generations alike: these keys bring their metadata, and additional data is no correlation.
                true => Generation::Newer,
                false => birth.generation(),
            };
            cipher::repeat(&mut response, operation, note, generation);
            if generation == Generation::Older
                && operation == OperationCode::DECRYPT
                && is_private_key(targets)
            {
                cipher::prefix_metadata(&mut response);
            }
        }
        _ => {}
    }
    if let Some((_, known)) = FIELDS.iter().find(|(known, _)| *known == operation) {
        response.retain(|field| known.contains(&field.tag));
    }
    Ok(Value::Structure(response))
}

fn is_private_key(targets: &[Authorized]) -> bool {
    targets.first().is_some_and(|target| target.object_type() == ObjectType::PRIVATE_KEY)
}

/// Export and Get Attributes show older clients what a key block holds.
fn shows_key_block(operation: OperationCode) -> bool {
    matches!(operation, OperationCode::EXPORT | OperationCode::GET_ATTRIBUTES)
}

fn is_older_certificate(targets: &[Authorized], birth: Birth) -> bool {
    let is_certificate = |target: &Authorized| target.object_type() == ObjectType::CERTIFICATE;
    birth.generation() == Generation::Older && targets.first().is_some_and(is_certificate)
}

fn no_key_block() -> Error {
    Error::invalid("This object does not have a key block").with_reason(ResultReason::INVALID_OBJECT_TYPE)
}

/// Each object of the caller is told as the generation of the client that made it expects it.
fn shape_owned(response: &mut Vec<Ttlv>, found: &[Authorized]) -> Result<()> {
    let payload = Value::Structure(std::mem::take(response));
    let mut owned = OwnedResponse::from_value(Tag::RESPONSE_PAYLOAD, payload)?;
    let births: HashMap<&str, Birth> =
        found.iter().map(|object| (object.id().as_str(), Birth::of(object.attributes()))).collect();
    for object in &mut owned.objects {
        let birth = births.get(&*object.unique_identifier).copied().unwrap_or(Birth::Newer);
        let mut known = fields::children(std::mem::take(&mut object.attributes).into_value())?;
        attributes::shape(&mut known, birth);
        object.attributes = Attributes::from_value(Tag::ATTRIBUTES, Value::Structure(known))?;
    }
    *response = fields::children(owned.into_value())?;
    Ok(())
}

/// How many objects were found, present even when it is 0: more than the answer holds if that is one page of them. An operation
/// that did not count has found what it holds.
fn count_located(response: &mut Vec<Ttlv>) {
    if fields::get(response, Tag::LOCATED_ITEMS).is_some() {
        return;
    }
    let count = response.iter().filter(|field| field.tag == Tag::UNIQUE_IDENTIFIER).count();
    let count = Value::Integer(i32::try_from(count).unwrap_or(i32::MAX));
    response.insert(0, Ttlv::new(Tag::LOCATED_ITEMS, count));
}

/// Clients compare the identifier with the one that they sent, a selector included.
fn repeat_identifier(response: &mut Vec<Ttlv>, sent: Option<Value>) {
    if let Some(sent) = sent {
        fields::set(response, Tag::UNIQUE_IDENTIFIER, sent);
    }
}

const FIELDS: &[(OperationCode, &[Tag])] = &[
    (OperationCode::CREATE, &[Tag::OBJECT_TYPE, Tag::UNIQUE_IDENTIFIER]),
    (
        OperationCode::CREATE_KEY_PAIR,
        &[Tag::PRIVATE_KEY_UNIQUE_IDENTIFIER, Tag::PUBLIC_KEY_UNIQUE_IDENTIFIER],
    ),
    (OperationCode::IMPORT, &[Tag::UNIQUE_IDENTIFIER]),
    (OperationCode::CERTIFY, &[Tag::UNIQUE_IDENTIFIER]),
    (OperationCode::VALIDATE, &[Tag::VALIDITY_INDICATOR]),
    (OperationCode::GET_ATTRIBUTES, &[Tag::UNIQUE_IDENTIFIER, Tag::ATTRIBUTES]),
    (
        OperationCode::ENCRYPT,
        &[
            Tag::UNIQUE_IDENTIFIER,
            Tag::DATA,
            Tag::IV_COUNTER_NONCE,
            Tag::CORRELATION_VALUE,
            Tag::AUTHENTICATED_ENCRYPTION_TAG,
        ],
    ),
    (OperationCode::DECRYPT, &[Tag::UNIQUE_IDENTIFIER, Tag::DATA, Tag::CORRELATION_VALUE]),
    (OperationCode::LOCATE, &[Tag::LOCATED_ITEMS, Tag::UNIQUE_IDENTIFIER]),
    (OperationCode::REVOKE, &[Tag::UNIQUE_IDENTIFIER]),
    (OperationCode::DESTROY, &[Tag::UNIQUE_IDENTIFIER]),
    (OperationCode::RE_KEY, &[Tag::UNIQUE_IDENTIFIER]),
    (
        OperationCode::RE_KEY_KEY_PAIR,
        &[Tag::PRIVATE_KEY_UNIQUE_IDENTIFIER, Tag::PUBLIC_KEY_UNIQUE_IDENTIFIER],
    ),
    (OperationCode::SET_ATTRIBUTE, &[Tag::UNIQUE_IDENTIFIER]),
    (OperationCode::DELETE_ATTRIBUTE, &[Tag::UNIQUE_IDENTIFIER]),
    (OperationCode::HASH, &[Tag::DATA, Tag::CORRELATION_VALUE]),
    (OperationCode::MAC, &[Tag::UNIQUE_IDENTIFIER, Tag::MAC_DATA, Tag::CORRELATION_VALUE]),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn response(operation: OperationCode, note: Option<Value>, fields: Vec<Ttlv>) -> Vec<Ttlv> {
        match shape(operation, &[], note, Payload::One(Value::Structure(fields))).unwrap() {
            Value::Structure(fields) => fields,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn locate_tells_a_number_even_when_it_found_nothing() {
        let none = Ttlv::new(Tag::LOCATED_ITEMS, Value::Integer(0));
        assert_eq!(response(OperationCode::LOCATE, None, vec![]), [none]);
    }

    #[test]
    fn revoke_repeats_the_selector_that_was_sent() {
        let sent = Value::TextString("[\"tag\"]".into());
        let answered = Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString("k".into()));
        let shaped = response(OperationCode::REVOKE, Some(sent.clone()), vec![answered]);
        assert_eq!(shaped, [Ttlv::new(Tag::UNIQUE_IDENTIFIER, sent)]);
    }

    #[test]
    fn what_the_family_does_not_know_is_left_out() {
        let known = Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString("k".into()));
        let foreign = Ttlv::new(Tag::SHORT_UNIQUE_IDENTIFIER, Value::ByteString(vec![1].into()));
        assert_eq!(response(OperationCode::CREATE, None, vec![known.clone(), foreign]), [known]);
    }
}
