//! The payloads of the OASIS test cases, of every version, as typed payloads and back.

use std::collections::BTreeSet;

use claviger_kmip::attributes::{AttributeTable, Attributes, Name};
use claviger_kmip::field::{DecodeError, TtlvValue};
use claviger_kmip::legacy::{
    apply_templates, request_from_2_1, request_payload_to_2_1, response_from_2_1, templates_named,
};
use claviger_kmip::objects::Template;
use claviger_kmip::tables::enumerations::{KeyFormatType, OperationCode};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::vocabulary::Vocabulary;
use claviger_kmip::{Tag, Ttlv, Value};

use crate::oasis_cases::{Case, cases};
use crate::payloads::{payloads_of, rewrite};

const V2_0: ProtocolVersion = ProtocolVersion::V2_0;

#[test]
fn every_request_payload_of_the_cases_is_read_and_written_as_it_was() {
    let Some(cases) = cases() else { return };
    let mut compared = 0;
    for case in cases {
        let mut templates = Vec::new();
        for item in items(case, Tag::REQUEST_MESSAGE, Tag::REQUEST_PAYLOAD) {
            let sent = item.payload.clone();
            let adapted = request_payload_to_2_1(item.operation, sent, item.version)
                .unwrap_or_else(|error| panic!("{}: {error}", case.name));
            remember_template(&adapted, &mut templates);
            let known: Vec<Name> = templates.iter().map(|(name, _)| name.clone()).collect();
            assert!(
                templates_named(&adapted, item.version, 9).unwrap().iter().all(|name| known.contains(name)),
                "{}",
                case.name
            );
            let complete = apply_templates(adapted, &templates, AttributeTable::standard()).unwrap();
            let (read, _) = payloads_of(item.name);
            let again = read(complete.clone()).unwrap_or_else(|error| panic!("{}: {error}", case.name));
            assert_eq!(sorted(again.clone()), sorted(complete), "{}", case.name);
            if [OperationCode::NOTIFY, OperationCode::PUT].contains(&item.operation) {
                // The servers of these cases state 1.0 and tell what the client's version has.
                let out = request_from_2_1(message(&item, Tag::REQUEST_PAYLOAD, again), newest(case));
                assert_eq!(sorted(payload_of(&out)), sorted(item.payload), "{}", case.name);
            }
            compared += 1;
        }
    }
    assert!(compared > 2000, "{compared}");
}

#[test]
fn every_response_payload_of_the_cases_is_read_and_written_as_it_was() {
    let Some(cases) = cases() else { return };
    let mut compared = 0;
    for case in cases {
        for item in items(case, Tag::RESPONSE_MESSAGE, Tag::RESPONSE_PAYLOAD) {
            let expected = without_implicit_attributes(item.payload.clone());
            let current = response_to_2_1(item.operation, expected.clone(), item.version);
            let (_, read) = payloads_of(item.name);
            let again = read(current.clone()).unwrap_or_else(|error| panic!("{}: {error}", case.name));
            assert_eq!(sorted(again.clone()), sorted(current), "{}", case.name);
            let out = response_from_2_1(message(&item, Tag::RESPONSE_PAYLOAD, again), item.version);
            assert_eq!(sorted(payload_of(&out)), sorted(expected), "{}", case.name);
            compared += 1;
        }
    }
    assert!(compared > 2000, "{compared}");
}

#[test]
fn every_transparent_key_of_the_cases_is_read_and_written_as_it_was() {
    let Some(cases) = cases() else { return };
    let mut formats = BTreeSet::new();
    for case in cases {
        for block in case.messages.iter().flat_map(key_blocks) {
            let material = block.child(Tag::KEY_VALUE).and_then(|value| value.child(Tag::KEY_MATERIAL));
            let Some(material @ Ttlv { value: Value::Structure(_), .. }) = material else { continue };
            let format = block.child(Tag::KEY_FORMAT_TYPE).unwrap().clone();
            let format = KeyFormatType::from_value(format.tag, format.value).unwrap();
            let again = rewrite_material(format, material.value.clone())
                .unwrap_or_else(|error| panic!("{}: {error}", case.name));
            assert_eq!(sorted(again), sorted(material.value.clone()), "{}", case.name);
            formats.insert(format);
        }
    }
    assert!(formats.len() >= 4, "{formats:?}");
}

/// The key blocks anywhere in a tree.
fn key_blocks(item: &Ttlv) -> Vec<&Ttlv> {
    if item.tag == Tag::KEY_BLOCK {
        return vec![item];
    }
    item.children().iter().flat_map(key_blocks).collect()
}

fn rewrite_material(format: KeyFormatType, value: Value) -> Result<Value, DecodeError> {
    use claviger_kmip::key_material::*;
    match format {
        KeyFormatType::TRANSPARENT_SYMMETRIC_KEY => rewrite::<TransparentSymmetricKey>(value),
        KeyFormatType::TRANSPARENT_DSA_PRIVATE_KEY => rewrite::<TransparentDsaPrivateKey>(value),
        KeyFormatType::TRANSPARENT_DSA_PUBLIC_KEY => rewrite::<TransparentDsaPublicKey>(value),
        KeyFormatType::TRANSPARENT_RSA_PRIVATE_KEY => rewrite::<TransparentRsaPrivateKey>(value),
        KeyFormatType::TRANSPARENT_RSA_PUBLIC_KEY => rewrite::<TransparentRsaPublicKey>(value),
        KeyFormatType::TRANSPARENT_DH_PRIVATE_KEY => rewrite::<TransparentDhPrivateKey>(value),
        KeyFormatType::TRANSPARENT_DH_PUBLIC_KEY => rewrite::<TransparentDhPublicKey>(value),
        KeyFormatType::TRANSPARENT_EC_PRIVATE_KEY => rewrite::<TransparentEcPrivateKey>(value),
        KeyFormatType::TRANSPARENT_EC_PUBLIC_KEY => rewrite::<TransparentEcPublicKey>(value),
        other => panic!("{other:?} has a structure"),
    }
}

/// One item of a message.
struct Item {
    version: ProtocolVersion,
    operation: OperationCode,
    name: &'static str,
    payload: Value,
}

fn items(case: &Case, message: Tag, payload: Tag) -> Vec<Item> {
    let messages = case.messages.iter().filter(|tree| tree.tag == message);
    messages.flat_map(|tree| items_of(tree, payload)).collect()
}

fn items_of(message: &Ttlv, payload: Tag) -> Vec<Item> {
    let header = message.children().first().unwrap();
    let version = header.child(Tag::PROTOCOL_VERSION).unwrap().clone();
    let version = ProtocolVersion::from_value(version.tag, version.value).unwrap();
    let item = |item: &Ttlv| {
        let operation = item.child(Tag::OPERATION)?.value.clone();
        let operation = OperationCode::from_value(Tag::OPERATION, operation).unwrap();
        let name = Vocabulary::standard().enumeration_name(Tag::OPERATION, operation.0).unwrap();
        Some(Item { version, operation, name, payload: tidy(item.child(payload)?.clone()).value })
    };
    message.children().iter().filter(|part| part.tag == Tag::BATCH_ITEM).filter_map(item).collect()
}

/// The newest version that a case speaks.
fn newest(case: &Case) -> ProtocolVersion {
    let items = case.messages.iter().flat_map(|message| items_of(message, Tag::REQUEST_PAYLOAD));
    items.map(|item| item.version).max().unwrap()
}

/// Some cases were published with broken lines within the names of attributes.
fn tidy(item: Ttlv) -> Ttlv {
    let value = match item.value {
        Value::Structure(fields) => Value::Structure(fields.into_iter().map(tidy).collect()),
        Value::TextString(name) if item.tag == Tag::ATTRIBUTE_NAME => {
            Value::TextString(name.split_whitespace().collect::<Vec<_>>().join(" "))
        }
        other => other,
    };
    Ttlv::new(item.tag, value)
}

/// Keeps the template that a request registers, by its name.
fn remember_template(request: &Value, templates: &mut Vec<(Name, Attributes)>) {
    let Value::Structure(fields) = request else { return };
    let field = |tag| fields.iter().find(|field| field.tag == tag).map(|field| field.value.clone());
    if let (Some(template), Some(own)) = (field(Tag::TEMPLATE), field(Tag::ATTRIBUTES)) {
        let template = Template::from_value(Tag::TEMPLATE, template).unwrap();
        let own = Attributes::from_value(Tag::ATTRIBUTES, own).unwrap();
        let name = Name::from_value(Tag::NAME, own.get(Tag::NAME).unwrap().clone()).unwrap();
        templates.push((name, template.attributes));
    }
}

/// A message with one item.
fn message(item: &Item, tag: Tag, payload: Value) -> Ttlv {
    let operation = Ttlv::new(Tag::OPERATION, item.operation.into_value());
    let item = Ttlv::structure(Tag::BATCH_ITEM, vec![operation, Ttlv::new(tag, payload)]);
    Ttlv::structure(Tag::RESPONSE_MESSAGE, vec![item])
}

fn payload_of(message: &Ttlv) -> Value {
    message.children()[0].children()[1].value.clone()
}

/// Servers of 1.x may tell which attributes they set themselves; this one does not.
fn without_implicit_attributes(payload: Value) -> Value {
    let Value::Structure(mut fields) = payload else { panic!("{payload:?}") };
    fields.retain(|field| field.tag != Tag::TEMPLATE_ATTRIBUTE);
    Value::Structure(fields)
}

/// A response of a 1.x server as one of 2.1, with the forms that exist inside the server.
fn response_to_2_1(operation: OperationCode, payload: Value, version: ProtocolVersion) -> Value {
    if version >= V2_0 {
        return payload;
    }
    // What adapts the request of one operation adapts the response of another.
    let like = match operation {
        OperationCode::GET_ATTRIBUTES | OperationCode::EXPORT => OperationCode::LOCATE,
        OperationCode::GET_ATTRIBUTE_LIST => OperationCode::GET_ATTRIBUTES,
        OperationCode::ADD_ATTRIBUTE | OperationCode::MODIFY_ATTRIBUTE | OperationCode::DELETE_ATTRIBUTE => {
            OperationCode::MODIFY_ATTRIBUTE
        }
        _ => OperationCode::GET,
    };
    let Value::Structure(mut fields) = request_payload_to_2_1(like, payload, version).unwrap() else {
        panic!("a payload is a structure")
    };
    if like == OperationCode::MODIFY_ATTRIBUTE {
        touch(&mut fields);
    }
    Value::Structure(fields)
}

/// Puts the attribute and its index into one Current Attribute.
fn touch(fields: &mut Vec<Ttlv>) {
    let current = fields.extract_if(.., |field| field.tag == Tag::CURRENT_ATTRIBUTE).next();
    let new = fields.extract_if(.., |field| field.tag == Tag::NEW_ATTRIBUTE).next();
    if let (Some(current), Some(new)) = (current, new) {
        let index = current.child(Tag::ATTRIBUTE_INDEX).unwrap().clone();
        let touched = new.children().iter().cloned().chain([index]).collect();
        fields.push(Ttlv::structure(Tag::CURRENT_ATTRIBUTE, touched));
    }
}

/// The same with all fields in the order of their tags, since readers pass over the order of fields with different
/// tags, and without the index 0, which need not be written.
fn sorted(value: Value) -> Value {
    let Value::Structure(fields) = value else { return value };
    let mut fields: Vec<Ttlv> = fields
        .into_iter()
        .filter(|field| (field.tag, &field.value) != (Tag::ATTRIBUTE_INDEX, &Value::Integer(0)))
        .map(|field| Ttlv::new(field.tag, sorted(field.value)))
        .collect();
    fields.sort_by_key(|field| (field.tag, attribute_name(field)));
    Value::Structure(fields)
}

/// 1.x attributes of different names may stand in any order.
fn attribute_name(field: &Ttlv) -> Option<String> {
    match &field.child(Tag::ATTRIBUTE_NAME)?.value {
        Value::TextString(name) if field.tag == Tag::ATTRIBUTE => Some(name.clone()),
        _ => None,
    }
}
