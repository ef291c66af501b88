//! Structures are those of KMIP 1.4 and 2.1; reasons those of KMIP 1.4 section 11.

use super::*;
use crate::attributes::kinds;
use crate::attributes::rules::RuleViolation;
use crate::attributes::{
    AffectedAttribute, AttributeReference, AttributeTable, Attributes, CurrentAttribute, Name, NewAttribute,
    VendorAttribute,
};
use crate::field::TtlvValue;
use crate::objects::ManagedObject;
use crate::payload::{Form, Payload};
use crate::payloads::{
    CertifyRequest, CreateKeyPairRequest, CreateRequest, CreateSplitKeyRequest, DeriveKeyRequest,
    JoinSplitKeyRequest, NotifyRequest, ReCertifyRequest, ReKeyKeyPairRequest, ReKeyRequest, RegisterRequest,
    ValidateRequest,
};
use crate::tables::enumerations::{NameType, ObjectType, OperationCode, ResultReason};
use crate::ttlv::{ByteString, Tag, Ttlv, Value};
use crate::version::ProtocolVersion;

const V1_0: ProtocolVersion = ProtocolVersion::V1_0;
const V1_2: ProtocolVersion = ProtocolVersion::V1_2;
const V1_4: ProtocolVersion = ProtocolVersion::V1_4;
const V2_0: ProtocolVersion = ProtocolVersion::V2_0;
const V2_1: ProtocolVersion = ProtocolVersion::V2_1;

fn text(value: &str) -> Value {
    Value::TextString(value.into())
}

fn leaf(tag: Tag, value: Value) -> Ttlv {
    Ttlv::new(tag, value)
}

fn list(tag: Tag, fields: Vec<Ttlv>) -> Ttlv {
    Ttlv::structure(tag, fields)
}

/// An Attribute structure of 1.x.
fn attribute(name: &str, index: Option<i32>, value: Value) -> Ttlv {
    let mut fields = vec![leaf(Tag::ATTRIBUTE_NAME, text(name))];
    fields.extend(index.map(|index| leaf(Tag::ATTRIBUTE_INDEX, Value::Integer(index))));
    fields.push(leaf(Tag::ATTRIBUTE_VALUE, value));
    list(Tag::ATTRIBUTE, fields)
}

fn vendor(vendor: &str, name: &str, value: Value) -> Ttlv {
    leaf(Tag::ATTRIBUTE, VendorAttribute::value_of(vendor, name, value))
}

fn request(operation: OperationCode, fields: Vec<Ttlv>) -> Result<Vec<Ttlv>, RuleViolation> {
    match request_payload_to_2_1(operation, Value::Structure(fields), V1_4)? {
        Value::Structure(fields) => Ok(fields),
        other => panic!("not a structure: {other:?}"),
    }
}

fn refused(operation: OperationCode, fields: Vec<Ttlv>) -> ResultReason {
    request(operation, fields).unwrap_err().reason
}

/// The fields that the payload of an answer has in a version.
fn answer(operation: OperationCode, version: ProtocolVersion, payload: Vec<Ttlv>) -> Vec<Ttlv> {
    let item = vec![
        leaf(Tag::OPERATION, operation.into_value()),
        leaf(Tag::RESULT_STATUS, Value::Enumeration(0)),
        list(Tag::RESPONSE_PAYLOAD, payload),
    ];
    let message = list(Tag::RESPONSE_MESSAGE, vec![list(Tag::BATCH_ITEM, item)]);
    let adapted = response_from_2_1(message, version);
    adapted.child(Tag::BATCH_ITEM).unwrap().child(Tag::RESPONSE_PAYLOAD).unwrap().children().to_vec()
}

fn reason_in(version: ProtocolVersion, operation: OperationCode, reason: ResultReason) -> ResultReason {
    let item =
        vec![leaf(Tag::OPERATION, operation.into_value()), leaf(Tag::RESULT_REASON, reason.into_value())];
    let message = list(Tag::RESPONSE_MESSAGE, vec![list(Tag::BATCH_ITEM, item)]);
    let adapted = response_from_2_1(message, version);
    let value = adapted.child(Tag::BATCH_ITEM).unwrap().child(Tag::RESULT_REASON).unwrap().value.clone();
    ResultReason::from_value(Tag::RESULT_REASON, value).unwrap()
}

#[test]
fn a_template_attribute_becomes_attributes() {
    let template = |tag| {
        list(
            tag,
            vec![
                attribute("Cryptographic Length", None, Value::Integer(128)),
                attribute("x-colour", None, text("red")),
            ],
        )
    };
    let attributes = |tag| {
        list(
            tag,
            vec![leaf(Tag::CRYPTOGRAPHIC_LENGTH, Value::Integer(128)), vendor("x", "colour", text("red"))],
        )
    };
    for (old, new) in [
        (Tag::TEMPLATE_ATTRIBUTE, Tag::ATTRIBUTES),
        (Tag::COMMON_TEMPLATE_ATTRIBUTE, Tag::COMMON_ATTRIBUTES),
        (Tag::PRIVATE_KEY_TEMPLATE_ATTRIBUTE, Tag::PRIVATE_KEY_ATTRIBUTES),
        (Tag::PUBLIC_KEY_TEMPLATE_ATTRIBUTE, Tag::PUBLIC_KEY_ATTRIBUTES),
    ] {
        assert_eq!(request(OperationCode::CREATE, vec![template(old)]), Ok(vec![attributes(new)]));
    }
}

#[test]
fn an_attribute_that_1_x_does_not_have_is_refused() {
    let create = |field| refused(OperationCode::CREATE, vec![list(Tag::TEMPLATE_ATTRIBUTE, vec![field])]);
    assert_eq!(create(attribute("Colour", None, text("red"))), ResultReason::INVALID_ATTRIBUTE);
    assert_eq!(create(attribute("Rotate Name", None, text("r"))), ResultReason::INVALID_ATTRIBUTE);
    assert_eq!(create(attribute("Custom Attribute", None, text("c"))), ResultReason::INVALID_ATTRIBUTE);
    assert_eq!(create(list(Tag::NAME, vec![])), ResultReason::INVALID_MESSAGE);
}

fn name(value: &str) -> Value {
    Value::Structure(vec![
        leaf(Tag::NAME_VALUE, text(value)),
        leaf(Tag::NAME_TYPE, NameType::UNINTERPRETED_TEXT_STRING.into_value()),
    ])
}

#[test]
fn a_template_object_holds_its_attributes_and_has_the_names_that_stand_in_it() {
    let length = || attribute("Cryptographic Length", None, Value::Integer(128));
    let object = || list(Tag::TEMPLATE, vec![length(), attribute("Name", None, name("t"))]);
    let registered = request(
        OperationCode::REGISTER,
        vec![
            leaf(Tag::OBJECT_TYPE, ObjectType::TEMPLATE.into_value()),
            list(Tag::TEMPLATE_ATTRIBUTE, vec![]),
            object(),
        ],
    );
    let request = Value::Structure(registered.unwrap());
    let request = RegisterRequest::from_value(Tag::REQUEST_PAYLOAD, request).unwrap();
    assert_eq!(request.attributes.get(Tag::NAME), Some(&name("t")));
    let ManagedObject::Template(template) = &request.object else { panic!("{:?}", request.object) };
    assert_eq!(template.attributes.get(Tag::CRYPTOGRAPHIC_LENGTH), Some(&Value::Integer(128)));
    assert_eq!(answer(OperationCode::GET, V1_0, vec![request.object.into_item()])[0].children().len(), 2);
    let to_2_0 = request_payload_to_2_1(OperationCode::REGISTER, Value::Structure(vec![object()]), V2_0);
    assert_eq!(to_2_0.unwrap_err().reason, ResultReason::INVALID_OBJECT_TYPE);
}

#[test]
fn what_the_request_states_goes_before_its_templates_and_later_templates_before_earlier_ones() {
    let template = |attributes: &[(Tag, Value)]| {
        let mut set = Attributes::new();
        for (tag, value) in attributes {
            set.add(*tag, value.clone());
        }
        set
    };
    let known = |name: &str| Name::from_value(Tag::NAME, self::name(name)).unwrap();
    let (length, algorithm) = (Tag::CRYPTOGRAPHIC_LENGTH, Tag::CRYPTOGRAPHIC_ALGORITHM);
    let templates = [
        (
            known("one"),
            template(&[
                (Tag::NAME, name("one")),
                (algorithm, Value::Enumeration(3)),
                (length, Value::Integer(128)),
                (Tag::CONTACT_INFORMATION, text("first")),
                (Tag::OBJECT_GROUP, text("a")),
            ]),
        ),
        (
            known("two"),
            template(&[
                (length, Value::Integer(192)),
                (Tag::CONTACT_INFORMATION, text("second")),
                (Tag::OBJECT_GROUP, text("a")),
                (Tag::OBJECT_GROUP, text("b")),
            ]),
        ),
    ];
    let named = |names: &[&str]| {
        let mut fields: Vec<Ttlv> = names.iter().map(|name| leaf(Tag::NAME, self::name(name))).collect();
        fields.push(attribute("Cryptographic Length", None, Value::Integer(256)));
        Value::Structure(request(OperationCode::CREATE, vec![list(Tag::TEMPLATE_ATTRIBUTE, fields)]).unwrap())
    };
    let payload = named(&["one", "two"]);
    assert_eq!(templates_named(&payload, V1_4, 2), Ok(vec![known("one"), known("two")]));
    assert_eq!(templates_named(&payload, V2_1, 0), Ok(vec![]));
    // Each reference counts, also to one that was named before.
    let refused = templates_named(&named(&["one", "one"]), V1_4, 1).unwrap_err();
    assert_eq!(refused.reason, ResultReason::SERVER_LIMIT_EXCEEDED);
    let table = AttributeTable::standard();
    assert_eq!(
        apply_templates(payload, &templates, table),
        Ok(Value::Structure(vec![list(
            Tag::ATTRIBUTES,
            vec![
                leaf(length, Value::Integer(256)),
                leaf(Tag::CONTACT_INFORMATION, text("second")),
                leaf(algorithm, Value::Enumeration(3)),
                leaf(Tag::OBJECT_GROUP, text("a")),
                leaf(Tag::OBJECT_GROUP, text("b")),
            ]
        )]))
    );
    let absent = apply_templates(named(&["three"]), &templates, table);
    assert_eq!(absent.unwrap_err().reason, ResultReason::ITEM_NOT_FOUND);
    let unresolved = CreateRequest::from_value(Tag::REQUEST_PAYLOAD, named(&["one"]));
    assert!(unresolved.is_err(), "a template that nobody resolved is no attribute");
}

#[test]
fn notify_tells_of_deleted_attributes_without_their_values() {
    let deleted = list(Tag::ATTRIBUTE, vec![leaf(Tag::ATTRIBUTE_NAME, text("Contact Information"))]);
    let changed = attribute("Last Change Date", None, Value::DateTime(1));
    let fields = vec![leaf(Tag::UNIQUE_IDENTIFIER, text("k")), changed, deleted];
    let payload = Value::Structure(request(OperationCode::NOTIFY, fields.clone()).unwrap());
    let notify = NotifyRequest::from_value(Tag::REQUEST_PAYLOAD, payload).unwrap();
    assert_eq!(notify.attributes.as_ref().map(Attributes::len), Some(1));
    assert_eq!(notify.attribute_reference, [AttributeReference::Tagged(Tag::CONTACT_INFORMATION)]);
    let item = list(
        Tag::BATCH_ITEM,
        vec![
            leaf(Tag::OPERATION, OperationCode::NOTIFY.into_value()),
            leaf(Tag::REQUEST_PAYLOAD, notify.into_value()),
        ],
    );
    let sent = request_from_2_1(list(Tag::REQUEST_MESSAGE, vec![item]), V1_4);
    let sent = sent.child(Tag::BATCH_ITEM).unwrap().child(Tag::REQUEST_PAYLOAD).unwrap().children().to_vec();
    assert_eq!(sent, fields);
}

#[test]
fn a_certificate_request_in_bytes_is_the_value_of_one() {
    let bytes = || Value::ByteString(vec![1].into());
    for operation in [OperationCode::CERTIFY, OperationCode::RE_CERTIFY] {
        let adapted = request(operation, vec![leaf(Tag::CERTIFICATE_REQUEST, bytes())]);
        assert_eq!(adapted, Ok(vec![leaf(Tag::CERTIFICATE_REQUEST_VALUE, bytes())]));
    }
}

#[test]
fn locate_and_import_gather_their_attributes() {
    let state = || attribute("State", Some(0), Value::Enumeration(2));
    let attributes = || list(Tag::ATTRIBUTES, vec![leaf(Tag::STATE, Value::Enumeration(2))]);
    let items = || leaf(Tag::MAXIMUM_ITEMS, Value::Integer(1));
    assert_eq!(request(OperationCode::LOCATE, vec![items(), state()]), Ok(vec![items(), attributes()]));
    assert_eq!(request(OperationCode::LOCATE, vec![]), Ok(vec![list(Tag::ATTRIBUTES, vec![])]));
    let identifier = || leaf(Tag::UNIQUE_IDENTIFIER, text("k"));
    let object = || list(Tag::OPAQUE_OBJECT, vec![]);
    assert_eq!(
        request(OperationCode::IMPORT, vec![identifier(), state(), object()]),
        Ok(vec![identifier(), leaf(Tag::OBJECT_TYPE, Value::Enumeration(8)), attributes(), object()])
    );
}

#[test]
fn asking_for_attributes_by_name_never_turns_into_asking_for_all() {
    let names = |names: &[&str]| names.iter().map(|name| leaf(Tag::ATTRIBUTE_NAME, text(name))).collect();
    let references = request(OperationCode::GET_ATTRIBUTES, names(&["State", "x-a", "Colour"])).unwrap();
    let references: Vec<AttributeReference> = references
        .into_iter()
        .map(|field| AttributeReference::from_value(field.tag, field.value).unwrap())
        .collect();
    let vendor =
        |vendor: &str, name: &str| AttributeReference::Vendor { vendor: vendor.into(), name: name.into() };
    assert_eq!(references, [AttributeReference::Tagged(Tag::STATE), vendor("x", "a"), vendor("", "Colour")]);
}

#[test]
fn an_attribute_is_added_without_an_index() {
    let added = request(OperationCode::ADD_ATTRIBUTE, vec![attribute("x-a", None, text("1"))]).unwrap();
    let new = NewAttribute::from_value(Tag::NEW_ATTRIBUTE, added[0].value.clone()).unwrap();
    assert_eq!(new, NewAttribute { tag: Tag::ATTRIBUTE, value: vendor("x", "a", text("1")).value });
    let indexed = vec![attribute("x-a", Some(1), text("1"))];
    assert_eq!(refused(OperationCode::ADD_ATTRIBUTE, indexed), ResultReason::INVALID_FIELD);
}

#[test]
fn modify_and_delete_carry_the_index_which_is_0_if_absent() {
    let current = |fields: &[Ttlv]| {
        let field = fields.iter().find(|field| field.tag == Tag::CURRENT_ATTRIBUTE).unwrap();
        CurrentAttribute::from_value(field.tag, field.value.clone()).unwrap()
    };
    let instance = |index| CurrentAttribute::Instance {
        reference: AttributeReference::Tagged(Tag::OBJECT_GROUP),
        index,
    };
    for (stated, meant) in [(None, 0), (Some(0), 0), (Some(3), 3)] {
        let group = attribute("Object Group", stated, text("g"));
        let modified = request(OperationCode::MODIFY_ATTRIBUTE, vec![group]).unwrap();
        assert_eq!(current(&modified), instance(meant));
        assert_eq!(
            modified.last(),
            Some(&list(Tag::NEW_ATTRIBUTE, vec![leaf(Tag::OBJECT_GROUP, text("g"))]))
        );
        let mut fields = vec![leaf(Tag::ATTRIBUTE_NAME, text("Object Group"))];
        fields.extend(stated.map(|index| leaf(Tag::ATTRIBUTE_INDEX, Value::Integer(index))));
        assert_eq!(current(&request(OperationCode::DELETE_ATTRIBUTE, fields).unwrap()), instance(meant));
    }
    let negative = vec![attribute("Object Group", Some(-1), text("g"))];
    assert_eq!(refused(OperationCode::MODIFY_ATTRIBUTE, negative), ResultReason::INVALID_FIELD);
}

#[test]
fn attributes_within_a_key_value_are_rewritten_both_ways() {
    let material = || leaf(Tag::KEY_MATERIAL, Value::ByteString(ByteString::from(vec![1])));
    let object =
        |value| list(Tag::SYMMETRIC_KEY, vec![list(Tag::KEY_BLOCK, vec![list(Tag::KEY_VALUE, value)])]);
    let legacy = || object(vec![material(), attribute("Cryptographic Length", None, Value::Integer(8))]);
    let attributes = list(Tag::ATTRIBUTES, vec![leaf(Tag::CRYPTOGRAPHIC_LENGTH, Value::Integer(8))]);
    let current = object(vec![material(), attributes]);
    assert_eq!(request(OperationCode::REGISTER, vec![legacy()]), Ok(vec![current.clone()]));
    assert_eq!(answer(OperationCode::GET, V1_4, vec![current.clone()]), [legacy()]);
    assert_eq!(answer(OperationCode::GET, V2_0, vec![current.clone()]), [current]);
}

#[test]
fn attributes_are_answered_with_their_names_and_indices_in_1_x_and_without_indices_in_2_x() {
    let mut attributes = Attributes::new();
    for group in ["a", "b", "c"] {
        attributes.add(Tag::OBJECT_GROUP, text(group));
    }
    attributes.remove_index(Tag::OBJECT_GROUP, 1);
    attributes.set_vendor("x", "colour", text("red"));
    attributes.set_vendor("acme", "colour", text("blue"));
    let payload = || vec![leaf(Tag::ATTRIBUTES, attributes.clone().into_value())];
    assert_eq!(
        answer(OperationCode::GET_ATTRIBUTES, V1_0, payload()),
        [
            attribute("x-colour", None, text("red")),
            attribute("Object Group", None, text("a")),
            attribute("Object Group", Some(2), text("c")),
        ]
    );
    assert_eq!(
        answer(OperationCode::GET_ATTRIBUTES, V2_1, payload()),
        [list(
            Tag::ATTRIBUTES,
            vec![
                vendor("x", "colour", text("red")),
                vendor("acme", "colour", text("blue")),
                leaf(Tag::OBJECT_GROUP, text("a")),
                leaf(Tag::OBJECT_GROUP, text("c")),
            ]
        )]
    );
}

#[test]
fn the_touched_instance_is_answered_to_1_x_alone() {
    let affected = AffectedAttribute { tag: Tag::OBJECT_GROUP, value: text("g"), index: 1 };
    let payload = || {
        vec![
            leaf(Tag::UNIQUE_IDENTIFIER, text("k")),
            leaf(Tag::CURRENT_ATTRIBUTE, affected.clone().into_value()),
        ]
    };
    let identifier = || leaf(Tag::UNIQUE_IDENTIFIER, text("k"));
    let group = attribute("Object Group", Some(1), text("g"));
    assert_eq!(answer(OperationCode::ADD_ATTRIBUTE, V1_4, payload()), [identifier(), group]);
    assert_eq!(answer(OperationCode::ADD_ATTRIBUTE, V2_1, payload()), [identifier()]);
}

#[test]
fn a_client_gets_no_attribute_that_its_version_does_not_have() {
    let payload = || {
        vec![list(
            Tag::ATTRIBUTES,
            vec![
                leaf(Tag::FRESH, Value::Boolean(true)),
                leaf(Tag::OPERATION_POLICY_NAME, text("default")),
                leaf(Tag::SENSITIVE, Value::Boolean(false)),
                leaf(Tag::STATE, Value::Enumeration(2)),
                leaf(Tag::QUANTUM_SAFE, Value::Boolean(false)),
                leaf(Tag::ROTATE_AUTOMATIC, Value::Boolean(false)),
            ],
        )]
    };
    let names = |version| -> Vec<String> {
        answer(OperationCode::GET_ATTRIBUTES, version, payload())
            .iter()
            .map(|field| match &field.child(Tag::ATTRIBUTE_NAME).unwrap().value {
                Value::TextString(name) => name.clone(),
                other => panic!("{other:?}"),
            })
            .collect()
    };
    assert_eq!(names(V1_0), ["Operation Policy Name", "State"]);
    assert_eq!(names(V1_2), ["Fresh", "Operation Policy Name", "State"]);
    assert_eq!(names(V1_4), ["Fresh", "Operation Policy Name", "Sensitive", "State"]);
    let tags = |version| -> Vec<Tag> {
        let fields = answer(OperationCode::GET_ATTRIBUTES, version, payload());
        fields[0].children().iter().map(|field| field.tag).collect()
    };
    assert_eq!(tags(V2_0), [Tag::FRESH, Tag::SENSITIVE, Tag::STATE, Tag::QUANTUM_SAFE]);
    assert_eq!(
        tags(V2_1),
        [Tag::FRESH, Tag::SENSITIVE, Tag::STATE, Tag::QUANTUM_SAFE, Tag::ROTATE_AUTOMATIC]
    );
}

#[test]
fn the_attribute_list_is_answered_by_name_in_1_x() {
    let references = [
        AttributeReference::Tagged(Tag::STATE),
        AttributeReference::Tagged(Tag::QUANTUM_SAFE),
        AttributeReference::Tagged(Tag::OPERATION_POLICY_NAME),
        AttributeReference::Vendor { vendor: "x".into(), name: "a".into() },
        AttributeReference::Vendor { vendor: "acme".into(), name: "a".into() },
    ];
    let payload: Vec<Ttlv> = references
        .into_iter()
        .map(|reference| leaf(Tag::ATTRIBUTE_REFERENCE, reference.into_value()))
        .collect();
    assert_eq!(answer(OperationCode::GET_ATTRIBUTE_LIST, V2_1, payload.clone()).len(), 4);
    assert_eq!(
        answer(OperationCode::GET_ATTRIBUTE_LIST, V1_4, payload),
        [
            leaf(Tag::ATTRIBUTE_NAME, text("State")),
            leaf(Tag::ATTRIBUTE_NAME, text("Operation Policy Name")),
            leaf(Tag::ATTRIBUTE_NAME, text("x-a")),
        ]
    );
}

#[test]
fn structures_and_links_lose_what_the_version_does_not_have() {
    let parameters = list(
        Tag::CRYPTOGRAPHIC_PARAMETERS,
        vec![leaf(Tag::BLOCK_CIPHER_MODE, Value::Enumeration(1)), leaf(Tag::SALT_LENGTH, Value::Integer(20))],
    );
    let link = |link_type| {
        list(
            Tag::LINK,
            vec![
                leaf(Tag::LINK_TYPE, Value::Enumeration(link_type)),
                leaf(Tag::LINKED_OBJECT_IDENTIFIER, text("k")),
            ],
        )
    };
    let payload = vec![list(Tag::ATTRIBUTES, vec![parameters, link(0x10E), link(0x101)])];
    let adapted = answer(OperationCode::GET_ATTRIBUTES, V1_2, payload);
    let mode = Value::Structure(vec![leaf(Tag::BLOCK_CIPHER_MODE, Value::Enumeration(1))]);
    assert_eq!(adapted[0], attribute("Cryptographic Parameters", None, mode));
    assert_eq!(adapted[1].child(Tag::ATTRIBUTE_VALUE).unwrap().children(), link(0x101).children());
    assert_eq!(adapted.len(), 2);
}

#[test]
fn values_that_the_version_does_not_have_are_left_out_with_what_cannot_be_without_them() {
    let enumeration = |tag, code| leaf(tag, Value::Enumeration(code));
    let parameters = list(
        Tag::CRYPTOGRAPHIC_PARAMETERS,
        vec![enumeration(Tag::BLOCK_CIPHER_MODE, 0x12), enumeration(Tag::PADDING_METHOD, 3)],
    );
    let digest = |algorithm| {
        list(
            Tag::DIGEST,
            vec![
                enumeration(Tag::HASHING_ALGORITHM, algorithm),
                leaf(Tag::DIGEST_VALUE, Value::ByteString(vec![1].into())),
            ],
        )
    };
    let payload = || {
        vec![list(
            Tag::ATTRIBUTES,
            vec![
                enumeration(Tag::CRYPTOGRAPHIC_ALGORITHM, 0x1C),
                parameters.clone(),
                digest(0x0F),
                digest(0x06),
                vendor("x", "a", Value::Enumeration(0x1C)),
            ],
        )]
    };
    let adapted = answer(OperationCode::GET_ATTRIBUTES, V1_2, payload());
    let padding = Value::Structure(vec![enumeration(Tag::PADDING_METHOD, 3)]);
    assert_eq!(
        adapted,
        [
            attribute("Cryptographic Parameters", None, padding),
            attribute("Digest", Some(1), digest(0x06).value),
            attribute("x-a", None, Value::Enumeration(0x1C)),
        ]
    );
    assert_eq!(answer(OperationCode::GET_ATTRIBUTES, V1_4, payload()).len(), 5);
    assert_eq!(answer(OperationCode::GET_ATTRIBUTES, V2_0, payload()), payload());
    let block = list(
        Tag::KEY_BLOCK,
        vec![enumeration(Tag::KEY_FORMAT_TYPE, 1), enumeration(Tag::CRYPTOGRAPHIC_ALGORITHM, 0x1C)],
    );
    let key = vec![list(Tag::SYMMETRIC_KEY, vec![block])];
    let told = answer(OperationCode::GET, V1_2, key.clone());
    assert_eq!(told[0].children()[0].children(), [enumeration(Tag::KEY_FORMAT_TYPE, 1)]);
    assert_eq!(answer(OperationCode::GET, V1_4, key.clone()), key);
}

#[test]
fn what_had_another_name_is_called_by_it() {
    let enumeration = |tag, code| leaf(tag, Value::Enumeration(code));
    let key = |format, algorithm| {
        let block = vec![
            enumeration(Tag::KEY_FORMAT_TYPE, format),
            enumeration(Tag::CRYPTOGRAPHIC_ALGORITHM, algorithm),
        ];
        vec![list(Tag::PRIVATE_KEY, vec![list(Tag::KEY_BLOCK, block)])]
    };
    assert_eq!(answer(OperationCode::GET, V1_0, key(0x14, 0x1A)), key(0x0E, 0x06));
    assert_eq!(answer(OperationCode::GET, V1_2, key(0x15, 0x1A)), key(0x0F, 0x1A));
    assert_eq!(answer(OperationCode::GET, V1_4, key(0x14, 0x1A)), key(0x14, 0x1A));
    // No older version has a name for a format that a client cannot do without.
    assert_eq!(answer(OperationCode::GET, V1_2, key(0x16, 0x04)), key(0x16, 0x04));
    let mask =
        |bits| vec![list(Tag::ATTRIBUTES, vec![leaf(Tag::CRYPTOGRAPHIC_USAGE_MASK, Value::Integer(bits))])];
    let told = |bits| answer(OperationCode::GET_ATTRIBUTES, V1_4, mask(bits)).remove(0);
    let as_1_4 = |bits| attribute("Cryptographic Usage Mask", None, Value::Integer(bits));
    assert_eq!(told(0x0010_000C), as_1_4(0xC));
    assert_eq!(told(0x0020_0000), as_1_4(0x000F_FFFF), "what is unrestricted may be used in every way");
    assert_eq!(answer(OperationCode::GET_ATTRIBUTES, V2_0, mask(0x0020_000C)), mask(0x0020_000C));
}

#[test]
fn query_offers_what_the_version_has() {
    let payload = || {
        let operation = |code| leaf(Tag::OPERATION, Value::Enumeration(code));
        vec![
            operation(0x01),
            operation(0x1F),
            operation(0x31),
            operation(0x3B),
            operation(0x8000_0001),
            leaf(Tag::OBJECT_TYPE, Value::Enumeration(0x02)),
            leaf(Tag::OBJECT_TYPE, Value::Enumeration(0x0A)),
            list(Tag::RNG_PARAMETERS, vec![]),
        ]
    };
    let offered = |version| answer(OperationCode::QUERY, version, payload()).len();
    assert_eq!((offered(V1_0), offered(V1_2), offered(V1_4)), (3, 4, 5));
    assert_eq!((offered(V2_0), offered(V2_1)), (7, 8));
}

#[test]
fn the_type_of_an_extension_is_an_integer_in_1_x() {
    let payload = |value| vec![list(Tag::EXTENSION_INFORMATION, vec![leaf(Tag::EXTENSION_TYPE, value)])];
    let enumeration = payload(Value::Enumeration(7));
    assert_eq!(answer(OperationCode::QUERY, V1_2, enumeration.clone()), payload(Value::Integer(7)));
    assert_eq!(answer(OperationCode::QUERY, V2_0, enumeration.clone()), enumeration);
}

#[test]
fn reasons_are_those_of_the_error_tables_of_1_4() {
    use OperationCode as O;
    use ResultReason as R;
    for (operation, reason, expected) in [
        (O::GET, R::OBJECT_NOT_FOUND, R::ITEM_NOT_FOUND),
        (O::DESTROY, R::OBJECT_DESTROYED, R::PERMISSION_DENIED),
        (O::DESTROY, R::WRONG_KEY_LIFECYCLE_STATE, R::PERMISSION_DENIED),
        (O::ADD_ATTRIBUTE, R::READ_ONLY_ATTRIBUTE, R::PERMISSION_DENIED),
        (O::ADD_ATTRIBUTE, R::ATTRIBUTE_SINGLE_VALUED, R::ILLEGAL_OPERATION),
        (O::ADD_ATTRIBUTE, R::NON_UNIQUE_NAME_ATTRIBUTE, R::ILLEGAL_OPERATION),
        (O::MODIFY_ATTRIBUTE, R::ATTRIBUTE_NOT_FOUND, R::INVALID_FIELD),
        (O::MODIFY_ATTRIBUTE, R::ATTRIBUTE_INSTANCE_NOT_FOUND, R::ITEM_NOT_FOUND),
        (O::DELETE_ATTRIBUTE, R::ATTRIBUTE_NOT_FOUND, R::ITEM_NOT_FOUND),
        (O::CREATE, R::NON_UNIQUE_NAME_ATTRIBUTE, R::INVALID_FIELD),
        (O::CREATE, R::INVALID_ATTRIBUTE_VALUE, R::INVALID_FIELD),
        (O::CHECK, R::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK, R::PERMISSION_DENIED),
        (O::CHECK, R::ILLEGAL_OBJECT_TYPE, R::ILLEGAL_OPERATION),
        (O::ENCRYPT, R::INVALID_CORRELATION_VALUE, R::ITEM_NOT_FOUND),
        (O::CREATE, R::UNKNOWN_MESSAGE_EXTENSION, R::FEATURE_NOT_SUPPORTED),
        (O::CREATE, R::INTERNAL_SERVER_ERROR, R::GENERAL_FAILURE),
        (O::GET, R::GENERAL_FAILURE, R::GENERAL_FAILURE),
    ] {
        assert_eq!(reason_in(V1_4, operation, reason), expected, "{operation:?} {reason:?}");
        assert_eq!(reason_in(V2_1, operation, reason), reason);
    }
    assert_eq!(reason_in(V1_4, O::GET, R::SENSITIVE), R::SENSITIVE);
    assert_eq!(reason_in(V1_2, O::GET, R::SENSITIVE), R::PERMISSION_DENIED);
    assert_eq!(reason_in(V2_0, O::GET, R::OBJECT_NOT_FOUND), R::ITEM_NOT_FOUND);
    assert_eq!(reason_in(V2_0, O::GET, R::SENSITIVE), R::SENSITIVE);
}

#[test]
fn headers_state_the_version_of_their_side_and_the_indicator_becomes_an_enumeration() {
    let version = |version: ProtocolVersion| leaf(Tag::PROTOCOL_VERSION, version.into_value());
    let request = list(
        Tag::REQUEST_MESSAGE,
        vec![list(
            Tag::REQUEST_HEADER,
            vec![version(V1_2), leaf(Tag::ASYNCHRONOUS_INDICATOR, Value::Boolean(true))],
        )],
    );
    let adapted = request_to_2_1(request, V1_2).unwrap();
    assert_eq!(
        adapted.children()[0].children(),
        [version(V2_1), leaf(Tag::ASYNCHRONOUS_INDICATOR, Value::Enumeration(2)),]
    );
    let response = list(
        Tag::RESPONSE_MESSAGE,
        vec![list(Tag::RESPONSE_HEADER, vec![version(V2_1), leaf(Tag::SERVER_CORRELATION_VALUE, text("1"))])],
    );
    assert_eq!(response_from_2_1(response, V1_2).children()[0].children(), [version(V1_2)]);
}

#[test]
fn an_item_that_cannot_be_adapted_is_named() {
    let item = |name| {
        list(
            Tag::BATCH_ITEM,
            vec![
                leaf(Tag::OPERATION, OperationCode::LOCATE.into_value()),
                list(Tag::REQUEST_PAYLOAD, vec![attribute(name, None, text("a"))]),
            ],
        )
    };
    let message = list(Tag::REQUEST_MESSAGE, vec![item("Object Group"), item("Nothing")]);
    let refused = request_to_2_1(message, V1_4).unwrap_err();
    assert_eq!((refused.item, refused.violation.reason), (1, ResultReason::INVALID_ATTRIBUTE));
}

/// Reads an adapted request as a typed payload and writes it again; the fields may come in another order.
fn typed<T: TtlvValue>(operation: OperationCode, fields: Vec<Ttlv>) -> Vec<Tag> {
    let payload = Value::Structure(request(operation, fields).unwrap());
    let read = T::from_value(Tag::REQUEST_PAYLOAD, payload).unwrap();
    Ttlv::new(Tag::REQUEST_PAYLOAD, read.into_value()).children().iter().map(|field| field.tag).collect()
}

#[test]
fn requests_of_1_4_section_4_are_those_of_2_1_when_adapted() {
    use Tag as T;
    let id = || leaf(T::UNIQUE_IDENTIFIER, text("k"));
    let set = |tag| list(tag, vec![attribute("Object Group", None, text("g"))]);
    let number = |tag| leaf(tag, Value::Integer(2));
    let choice = |tag| leaf(tag, Value::Enumeration(1));
    let bytes = |tag| leaf(tag, Value::ByteString(vec![1].into()));
    let offset = || leaf(T::OFFSET, Value::Interval(60));
    let certificate = || list(T::CERTIFICATE, vec![choice(T::CERTIFICATE_TYPE), bytes(T::CERTIFICATE_VALUE)]);
    let pair = || {
        vec![
            set(T::COMMON_TEMPLATE_ATTRIBUTE),
            set(T::PRIVATE_KEY_TEMPLATE_ATTRIBUTE),
            set(T::PUBLIC_KEY_TEMPLATE_ATTRIBUTE),
        ]
    };
    let pair_attributes = [T::COMMON_ATTRIBUTES, T::PRIVATE_KEY_ATTRIBUTES, T::PUBLIC_KEY_ATTRIBUTES];

    // Table 166.
    assert_eq!(typed::<CreateKeyPairRequest>(OperationCode::CREATE_KEY_PAIR, pair()), pair_attributes);
    // Table 174.
    assert_eq!(
        typed::<ReKeyRequest>(OperationCode::RE_KEY, vec![id(), offset(), set(T::TEMPLATE_ATTRIBUTE)]),
        [T::UNIQUE_IDENTIFIER, T::OFFSET, T::ATTRIBUTES]
    );
    // Table 178.
    let private = leaf(T::PRIVATE_KEY_UNIQUE_IDENTIFIER, text("k"));
    assert_eq!(
        typed::<ReKeyKeyPairRequest>(
            OperationCode::RE_KEY_KEY_PAIR,
            [vec![private, offset()], pair()].concat()
        ),
        [[T::PRIVATE_KEY_UNIQUE_IDENTIFIER, T::OFFSET].as_slice(), &pair_attributes].concat()
    );
    // Tables 180 and 183.
    let parameters = vec![bytes(T::DERIVATION_DATA), bytes(T::SALT), number(T::ITERATION_COUNT)];
    assert_eq!(
        typed::<DeriveKeyRequest>(
            OperationCode::DERIVE_KEY,
            vec![
                choice(T::OBJECT_TYPE),
                id(),
                id(),
                choice(T::DERIVATION_METHOD),
                list(T::DERIVATION_PARAMETERS, parameters),
                set(T::TEMPLATE_ATTRIBUTE),
            ]
        ),
        [
            T::OBJECT_TYPE,
            T::UNIQUE_IDENTIFIER,
            T::UNIQUE_IDENTIFIER,
            T::DERIVATION_METHOD,
            T::DERIVATION_PARAMETERS,
            T::ATTRIBUTES
        ]
    );
    // Tables 184 and 188.
    let request_type = || choice(T::CERTIFICATE_REQUEST_TYPE);
    assert_eq!(
        typed::<CertifyRequest>(
            OperationCode::CERTIFY,
            vec![id(), request_type(), bytes(T::CERTIFICATE_REQUEST), set(T::TEMPLATE_ATTRIBUTE)]
        ),
        [T::UNIQUE_IDENTIFIER, T::CERTIFICATE_REQUEST_TYPE, T::CERTIFICATE_REQUEST_VALUE, T::ATTRIBUTES]
    );
    assert_eq!(
        typed::<ReCertifyRequest>(
            OperationCode::RE_CERTIFY,
            vec![id(), request_type(), bytes(T::CERTIFICATE_REQUEST), offset(), set(T::TEMPLATE_ATTRIBUTE)]
        ),
        [
            T::UNIQUE_IDENTIFIER,
            T::CERTIFICATE_REQUEST_TYPE,
            T::CERTIFICATE_REQUEST_VALUE,
            T::OFFSET,
            T::ATTRIBUTES
        ]
    );
    // Section 4.24.
    assert_eq!(
        typed::<ValidateRequest>(
            OperationCode::VALIDATE,
            vec![certificate(), certificate(), id(), leaf(T::VALIDITY_DATE, Value::DateTime(1))]
        ),
        [T::CERTIFICATE, T::CERTIFICATE, T::UNIQUE_IDENTIFIER, T::VALIDITY_DATE]
    );
    // Tables 247 and 249.
    assert_eq!(
        typed::<CreateSplitKeyRequest>(
            OperationCode::CREATE_SPLIT_KEY,
            vec![
                choice(T::OBJECT_TYPE),
                id(),
                number(T::SPLIT_KEY_PARTS),
                number(T::SPLIT_KEY_THRESHOLD),
                choice(T::SPLIT_KEY_METHOD),
                set(T::TEMPLATE_ATTRIBUTE),
            ]
        ),
        [
            T::OBJECT_TYPE,
            T::UNIQUE_IDENTIFIER,
            T::SPLIT_KEY_PARTS,
            T::SPLIT_KEY_THRESHOLD,
            T::SPLIT_KEY_METHOD,
            T::ATTRIBUTES
        ]
    );
    assert_eq!(
        typed::<JoinSplitKeyRequest>(
            OperationCode::JOIN_SPLIT_KEY,
            vec![choice(T::OBJECT_TYPE), id(), id(), choice(T::SECRET_DATA_TYPE), set(T::TEMPLATE_ATTRIBUTE)]
        ),
        [T::OBJECT_TYPE, T::UNIQUE_IDENTIFIER, T::UNIQUE_IDENTIFIER, T::SECRET_DATA_TYPE, T::ATTRIBUTES]
    );
}

#[test]
fn a_certificate_has_its_names_in_text_for_1_x_and_in_der_since_1_1() {
    let one = |tag, value: &str| vec![leaf(tag, text(value))];
    let der = |tag| vec![leaf(tag, Value::ByteString(vec![0x30].into()))];
    let identifier = [one(Tag::ISSUER, "CN=ca"), one(Tag::SERIAL_NUMBER, "1")].concat();
    let x_509 = [der(Tag::ISSUER_DISTINGUISHED_NAME), der(Tag::CERTIFICATE_SERIAL_NUMBER)].concat();
    let subject = one(Tag::CERTIFICATE_SUBJECT_DISTINGUISHED_NAME, "CN=a");
    let issuer = one(Tag::CERTIFICATE_ISSUER_DISTINGUISHED_NAME, "CN=ca");
    let payload = || {
        vec![list(
            Tag::ATTRIBUTES,
            vec![
                list(Tag::CERTIFICATE_IDENTIFIER, identifier.clone()),
                list(Tag::CERTIFICATE_ISSUER, issuer.clone()),
                list(Tag::CERTIFICATE_SUBJECT, subject.clone()),
                list(Tag::X_509_CERTIFICATE_IDENTIFIER, x_509.clone()),
                leaf(Tag::CERTIFICATE_SUBJECT_CN, text("a")),
            ],
        )]
    };
    let attributes = payload().remove(0).value;
    let attributes = Attributes::from_value(Tag::ATTRIBUTES, attributes).unwrap();
    assert_eq!(attributes.one::<kinds::CertificateIdentifier>().unwrap().serial_number, Some("1".into()));
    assert_eq!(attributes.one::<kinds::CertificateSubject>().unwrap().distinguished_name, "CN=a");
    assert_eq!(attributes.one::<kinds::CertificateIssuer>().unwrap().distinguished_name, "CN=ca");
    let in_text = [
        attribute("Certificate Identifier", None, Value::Structure(identifier.clone())),
        attribute("Certificate Issuer", None, Value::Structure(issuer.clone())),
        attribute("Certificate Subject", None, Value::Structure(subject.clone())),
    ];
    let in_der = attribute("X.509 Certificate Identifier", None, Value::Structure(x_509.clone()));
    assert_eq!(answer(OperationCode::GET_ATTRIBUTES, V1_0, payload()), in_text);
    assert_eq!(
        answer(OperationCode::GET_ATTRIBUTES, V1_4, payload()),
        [in_text.as_slice(), &[in_der]].concat()
    );
    assert_eq!(
        answer(OperationCode::GET_ATTRIBUTES, V2_1, payload()),
        [list(
            Tag::ATTRIBUTES,
            vec![
                list(Tag::X_509_CERTIFICATE_IDENTIFIER, x_509.clone()),
                leaf(Tag::CERTIFICATE_SUBJECT_CN, text("a")),
            ]
        )]
    );
}

#[test]
fn an_answer_that_was_encoded_at_once_is_as_its_tree_is_in_2_1() {
    let index = || leaf(Tag::ATTRIBUTE_INDEX, Value::Integer(1));
    let comment = || leaf(Tag::COMMENT, text("c"));
    let subject = || list(Tag::CERTIFICATE_SUBJECT, vec![leaf(Tag::CERTIFICATE_SUBJECT_CN, text("a"))]);
    let payloads = [
        vec![],
        vec![comment()],
        vec![comment(), index()],
        vec![list(Tag::CURRENT_ATTRIBUTE, vec![comment()])],
        vec![list(Tag::ATTRIBUTES, vec![comment(), index()])],
        vec![list(Tag::ATTRIBUTES, vec![leaf(Tag::OPERATION_POLICY_NAME, text("default"))])],
        vec![list(Tag::KEY_VALUE, vec![list(Tag::ATTRIBUTES, vec![comment(), subject()])])],
        vec![leaf(Tag::ATTRIBUTE_REFERENCE, Value::Enumeration(Tag::OPERATION_POLICY_NAME.0))],
        vec![leaf(Tag::OBJECT_TYPE, Value::Enumeration(ObjectType::TEMPLATE.0))],
        vec![leaf(Tag::OPERATION, Value::Enumeration(OperationCode::GET.0))],
    ];
    let mut adapted = 0;
    for operation in [OperationCode::QUERY, OperationCode::GET_ATTRIBUTES] {
        for payload in payloads.iter().cloned().map(Value::Structure) {
            let Payload::Encoded(encoded) = Payload::of(payload.clone(), Form::Encoded) else { panic!() };
            // What stays encoded is sent as it is.
            let sent = match settled_response(operation, encoded) {
                Payload::Encoded(encoded) => encoded.to_value(),
                Payload::Tree(tree) => response_payload_from_2_1(operation, tree, V2_1),
            };
            let expected = response_payload_from_2_1(operation, payload.clone(), V2_1);
            assert_eq!(sent, expected, "{operation:?} {payload:?}");
            adapted += usize::from(expected != payload);
        }
    }
    // For Query one more: the object type.
    assert!(adapted >= 9, "{adapted}");
}
