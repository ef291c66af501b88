//! The attributes of every OASIS test case of KMIP 1.0 to 1.4 through the adaptation to 2.1.

use claviger_kmip::attributes::rules::{self, Making};
use claviger_kmip::attributes::{
    AttributeReference, AttributeTable, Attributes, CurrentAttribute, NewAttribute,
};
use claviger_kmip::field::TtlvValue;
use claviger_kmip::legacy::{request_to_2_1, response_from_2_1};
use claviger_kmip::tables::enumerations::{ObjectType, OperationCode};
use claviger_kmip::tables::tags::TAGS;
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{Tag, Ttlv, Value};

use crate::oasis_cases::cases;

/// One message of a case.
struct Message {
    case: &'static str,
    version: ProtocolVersion,
    tree: &'static Ttlv,
}

#[test]
fn every_request_becomes_a_2_1_request_without_anything_of_1_x() {
    for message in messages(Tag::REQUEST_MESSAGE) {
        let adapted = adapted(&message);
        assert_only_2_1(message.case, &adapted, None);
        if is_for_the_server(&message) {
            items(&adapted).for_each(|item| assert_allowed(message.case, item));
        }
    }
}

#[test]
fn every_attribute_of_a_request_comes_back_as_it_was() {
    let is_told_by_a_client = |message: &Message| is_for_the_server(message) && !has_template(message.tree);
    for message in messages(Tag::REQUEST_MESSAGE).into_iter().filter(is_told_by_a_client) {
        let adapted = adapted(&message);
        let sent = attributes_of(message.tree);
        let returned = attributes_of(&response_from_2_1(as_response(adapted), message.version));
        assert_eq!(returned, sent, "{}", message.case);
    }
}

#[test]
fn every_attribute_that_a_case_expects_in_an_answer_exists_in_its_version() {
    for message in messages(Tag::RESPONSE_MESSAGE) {
        let expected = attributes_of(message.tree);
        let locate = request_of(OperationCode::LOCATE, expected.clone());
        let adapted =
            request_to_2_1(locate, message.version).unwrap_or_else(|e| panic!("{}: {e}", message.case));
        let returned = attributes_of(&response_from_2_1(as_response(adapted), message.version));
        assert_eq!(returned, expected, "{}", message.case);
    }
}

/// Put and Notify are requests of the server.
fn is_for_the_server(message: &Message) -> bool {
    let of_servers = [OperationCode::PUT, OperationCode::NOTIFY];
    items(message.tree).all(|item| !of_servers.contains(&operation_of(item)))
}

fn items(message: &Ttlv) -> impl Iterator<Item = &Ttlv> {
    message.children().iter().filter(|part| part.tag == Tag::BATCH_ITEM)
}

/// Whether a request registers a template, which has the names that stand in it twice in 2.1.
fn has_template(message: &Ttlv) -> bool {
    items(message)
        .filter_map(|item| item.child(Tag::REQUEST_PAYLOAD))
        .any(|p| p.child(Tag::TEMPLATE).is_some())
}

/// The request in 2.1.
fn adapted(message: &Message) -> Ttlv {
    request_to_2_1(message.tree.clone(), message.version)
        .unwrap_or_else(|error| panic!("{}: {error}", message.case))
}

/// Checks that a 2.1 tree has no tag that 2.0 removed, but for the index of a Current Attribute, templates, and the one
/// attribute that is kept for 1.x clients, and that attributes stand under their own tags.
fn assert_only_2_1(case: &str, item: &Ttlv, parent: Option<Tag>) {
    let kept = [Tag::OPERATION_POLICY_NAME, Tag::TEMPLATE].contains(&item.tag)
        || (item.tag == Tag::ATTRIBUTE_INDEX && parent == Some(Tag::CURRENT_ATTRIBUTE));
    let removed = TAGS.iter().any(|entry| entry.tag == item.tag && entry.removed_in_2);
    assert!(kept || !removed, "{case}: {:?} within {parent:?}", item.tag);
    if item.tag == Tag::ATTRIBUTE_NAME {
        let within = [Tag::ATTRIBUTE, Tag::ATTRIBUTE_REFERENCE, Tag::KEY_WRAPPING_SPECIFICATION];
        assert!(parent.is_some_and(|parent| within.contains(&parent)), "{case}: a bare attribute name");
    }
    if item.tag == Tag::ATTRIBUTE {
        assert!(item.child(Tag::VENDOR_IDENTIFICATION).is_some(), "{case}: an attribute without a vendor");
    }
    item.children().iter().for_each(|child| assert_only_2_1(case, child, Some(item.tag)));
}

/// Checks that the attributes that the adaptation made are read as those of 2.1, and that the rules let a client say
/// them.
fn assert_allowed(case: &str, item: &Ttlv) {
    let operation = operation_of(item);
    let Some(payload) = item.child(Tag::REQUEST_PAYLOAD) else { return };
    let table = AttributeTable::standard();
    let object_type = match payload.child(Tag::OBJECT_TYPE) {
        Some(Ttlv { value: Value::Enumeration(code), .. }) => ObjectType(*code),
        _ => ObjectType::PRIVATE_KEY,
    };
    for field in payload.children() {
        let value = field.value.clone();
        match field.tag {
            Tag::NEW_ATTRIBUTE => drop(read::<NewAttribute>(case, field.tag, value)),
            Tag::CURRENT_ATTRIBUTE => drop(read::<CurrentAttribute>(case, field.tag, value)),
            Tag::ATTRIBUTE_REFERENCE => {
                let reference = read::<AttributeReference>(case, field.tag, value);
                rules::check_reference(table, &reference).unwrap_or_else(|e| panic!("{case}: {e}"));
            }
            Tag::ATTRIBUTES if operation == OperationCode::LOCATE => {
                let searched = read::<Attributes>(case, field.tag, value);
                rules::check_search(table, &searched).unwrap_or_else(|e| panic!("{case}: {e}"));
            }
            Tag::ATTRIBUTES
            | Tag::COMMON_ATTRIBUTES
            | Tag::PRIVATE_KEY_ATTRIBUTES
            | Tag::PUBLIC_KEY_ATTRIBUTES => {
                let stated = field.children().iter().filter(|item| item.tag != Tag::TEMPLATE);
                let stated = Value::Structure(stated.cloned().collect());
                let given = read::<Attributes>(case, field.tag, stated);
                rules::check_new_object(table, Making::Registered, object_type, &given)
                    .unwrap_or_else(|e| panic!("{case}: {e}"));
            }
            _ => {}
        }
    }
}

fn read<T: TtlvValue>(case: &str, tag: Tag, value: Value) -> T {
    T::from_value(tag, value).unwrap_or_else(|error| panic!("{case}: {error}"))
}

fn operation_of(item: &Ttlv) -> OperationCode {
    match item.child(Tag::OPERATION) {
        Some(Ttlv { value: Value::Enumeration(code), .. }) => OperationCode(*code),
        other => panic!("no operation: {other:?}"),
    }
}

/// The Attribute structures of a 1.x message, less their indices, in order.
fn attributes_of(message: &Ttlv) -> Vec<Ttlv> {
    let mut found = Vec::new();
    for child in message.children() {
        if child.tag == Tag::ATTRIBUTE {
            let fields = child.children().iter().filter(|field| field.tag != Tag::ATTRIBUTE_INDEX);
            found.push(Ttlv::structure(Tag::ATTRIBUTE, fields.cloned().collect()));
        } else {
            found.extend(attributes_of(child));
        }
    }
    found
}

/// A response whose payloads hold the attributes of a 2.1 request.
fn as_response(request: Ttlv) -> Ttlv {
    let Value::Structure(parts) = request.value else { panic!("a request is a structure") };
    let items = parts.into_iter().filter(|part| part.tag == Tag::BATCH_ITEM).map(|item| {
        let fields = item.children().iter().map(|field| match field.tag {
            Tag::REQUEST_PAYLOAD => Ttlv::structure(Tag::RESPONSE_PAYLOAD, payload(field)),
            _ => field.clone(),
        });
        Ttlv::structure(Tag::BATCH_ITEM, fields.collect())
    });
    Ttlv::structure(Tag::RESPONSE_MESSAGE, items.collect())
}

fn payload(request: &Ttlv) -> Vec<Ttlv> {
    let attributes = |field: &Ttlv| match field.tag {
        Tag::COMMON_ATTRIBUTES
        | Tag::PRIVATE_KEY_ATTRIBUTES
        | Tag::PUBLIC_KEY_ATTRIBUTES
        | Tag::NEW_ATTRIBUTE => Some(Ttlv::new(Tag::ATTRIBUTES, field.value.clone())),
        Tag::CURRENT_ATTRIBUTE => None,
        _ => Some(field.clone()),
    };
    request.children().iter().filter_map(attributes).collect()
}

fn request_of(operation: OperationCode, fields: Vec<Ttlv>) -> Ttlv {
    let item = vec![
        Ttlv::new(Tag::OPERATION, operation.into_value()),
        Ttlv::structure(Tag::REQUEST_PAYLOAD, fields),
    ];
    Ttlv::structure(Tag::REQUEST_MESSAGE, vec![Ttlv::structure(Tag::BATCH_ITEM, item)])
}

/// Every message of a kind in the 1.x cases; none where the cases are absent.
fn messages(kind: Tag) -> Vec<Message> {
    let Some(cases) = cases() else { return Vec::new() };
    let mut messages = Vec::new();
    for case in cases {
        for tree in case.messages.iter().filter(|tree| tree.tag == kind) {
            let version = version_of(tree);
            if version < ProtocolVersion::V2_0 {
                messages.push(Message { case: &case.name, version, tree });
            }
        }
    }
    assert!(messages.len() > 1000, "only {} messages", messages.len());
    messages
}

fn version_of(message: &Ttlv) -> ProtocolVersion {
    let header = message.children().first().unwrap();
    let version = header.child(Tag::PROTOCOL_VERSION).unwrap().clone();
    ProtocolVersion::from_value(version.tag, version.value).unwrap()
}
