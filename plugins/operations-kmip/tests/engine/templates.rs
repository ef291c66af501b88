//! Templates, as clients of 1.x register and name them.

use claviger_plugin_sdk::kmip::message::{RequestMessage, ResponseBatchItem, ResponseMessage};
use claviger_plugin_sdk::kmip::payload::Payload;
use claviger_plugin_sdk::kmip::payloads::access::{GRANT, GrantRequest, GrantResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::{NameType, ResultStatus};
use claviger_plugin_sdk::prelude::*;

use crate::server::Server;

/// What a client of a version gets.
async fn send(
    server: &Server,
    user: &str,
    version: ProtocolVersion,
    operation: OperationCode,
    payload: Vec<Ttlv>,
) -> ResponseBatchItem {
    let message = RequestMessage::of_one(version, operation, Value::Structure(payload));
    let message = Ttlv::new(Tag::REQUEST_MESSAGE, message.into_value());
    let response = server.engine.handle(&server.caller(user).await, message).await;
    let response = ResponseMessage::from_value(response.tag, response.value).unwrap();
    response.batch_item.into_iter().next().unwrap()
}

/// What alice gets for a request of 1.4.
async fn alice(server: &Server, operation: OperationCode, payload: Vec<Ttlv>) -> ResponseBatchItem {
    send(server, "alice", ProtocolVersion::V1_4, operation, payload).await
}

fn text(tag: Tag, text: &str) -> Ttlv {
    Ttlv::new(tag, Value::TextString(text.to_owned()))
}

fn enumeration(tag: Tag, code: u32) -> Ttlv {
    Ttlv::new(tag, Value::Enumeration(code))
}

fn name(value: &str) -> Value {
    Value::Structure(vec![
        text(Tag::NAME_VALUE, value),
        enumeration(Tag::NAME_TYPE, NameType::UNINTERPRETED_TEXT_STRING.0),
    ])
}

fn attribute(name: &str, value: Value) -> Ttlv {
    Ttlv::structure(
        Tag::ATTRIBUTE,
        vec![text(Tag::ATTRIBUTE_NAME, name), Ttlv::new(Tag::ATTRIBUTE_VALUE, value)],
    )
}

fn template(own: Vec<Ttlv>, holds: Vec<Ttlv>) -> Vec<Ttlv> {
    vec![
        enumeration(Tag::OBJECT_TYPE, ObjectType::TEMPLATE.0),
        Ttlv::structure(Tag::TEMPLATE_ATTRIBUTE, own),
        Ttlv::structure(Tag::TEMPLATE, holds),
    ]
}

/// An AES-128 key for encryption is what the template `name` is for.
fn of_keys(called: &str) -> Vec<Ttlv> {
    template(
        vec![attribute("Name", name(called))],
        vec![
            attribute("Cryptographic Algorithm", Value::Enumeration(CryptographicAlgorithm::AES.0)),
            attribute("Cryptographic Length", Value::Integer(128)),
            attribute("Cryptographic Usage Mask", Value::Integer(0xC)),
            attribute("Object Group", Value::TextString("group".into())),
        ],
    )
}

/// A Create with what is taken from templates, and what is stated.
fn create(templates: &[&str], stated: Vec<Ttlv>) -> Vec<Ttlv> {
    let names = templates.iter().map(|template| Ttlv::new(Tag::NAME, name(template)));
    vec![
        enumeration(Tag::OBJECT_TYPE, ObjectType::SYMMETRIC_KEY.0),
        Ttlv::structure(Tag::TEMPLATE_ATTRIBUTE, names.chain(stated).collect()),
    ]
}

fn id(answer: &ResponseBatchItem) -> Ttlv {
    let payload = answer.response_payload.clone().unwrap_or_else(|| panic!("{answer:?}")).into_value();
    let Value::Structure(fields) = payload else { panic!("{payload:?}") };
    fields.iter().find(|field| field.tag == Tag::UNIQUE_IDENTIFIER).unwrap().clone()
}

/// The values of the attributes of this name in an answer of 1.x.
fn values(fields: &[Ttlv], wanted: &str) -> Vec<Value> {
    let of =
        |field: &&Ttlv| field.child(Tag::ATTRIBUTE_NAME).unwrap().value == Value::TextString(wanted.into());
    let attributes = fields.iter().filter(|field| field.tag == Tag::ATTRIBUTE).filter(of);
    attributes.map(|field| field.child(Tag::ATTRIBUTE_VALUE).unwrap().value.clone()).collect()
}

fn fields(answer: ResponseBatchItem) -> Vec<Ttlv> {
    match answer.response_payload.map(Payload::into_value) {
        Some(Value::Structure(fields)) => fields,
        other => panic!("{other:?} {:?}", answer.result_message),
    }
}

async fn attributes(server: &Server, id: Ttlv) -> Vec<Ttlv> {
    fields(alice(server, OperationCode::GET_ATTRIBUTES, vec![id]).await)
}

#[tokio::test]
async fn a_new_object_has_the_attributes_of_the_template_that_its_request_names() {
    let server = Server::new();
    alice(&server, OperationCode::REGISTER, of_keys("keys")).await;
    let stated = vec![attribute("Cryptographic Length", Value::Integer(256)), attribute("Name", name("key"))];
    let created = alice(&server, OperationCode::CREATE, create(&["keys"], stated)).await;
    let attributes = attributes(&server, id(&created)).await;
    assert_eq!(values(&attributes, "Cryptographic Length"), [Value::Integer(256)]);
    assert_eq!(values(&attributes, "Cryptographic Usage Mask"), [Value::Integer(0xC)]);
    assert_eq!(values(&attributes, "Object Group"), [Value::TextString("group".into())]);
    assert_eq!(values(&attributes, "Name"), [name("key")]);
}

#[tokio::test]
async fn a_template_is_found_and_shown_and_has_neither_state_nor_anything_else_of_what_is_used() {
    let server = Server::new();
    let registered = alice(&server, OperationCode::REGISTER, of_keys("keys")).await;
    let wanted = vec![
        attribute("Object Type", Value::Enumeration(ObjectType::TEMPLATE.0)),
        attribute("Name", name("keys")),
    ];
    let found = alice(&server, OperationCode::LOCATE, wanted).await;
    assert_eq!(id(&found), id(&registered));
    let shown = fields(alice(&server, OperationCode::GET, vec![id(&registered)]).await);
    let held = shown.iter().find(|field| field.tag == Tag::TEMPLATE).unwrap().children();
    assert_eq!(values(held, "Cryptographic Length"), [Value::Integer(128)]);
    assert_eq!(held.len(), 4);
    let mut names: Vec<String> = attributes(&server, id(&registered))
        .await
        .iter()
        .filter_map(|field| match &field.child(Tag::ATTRIBUTE_NAME)?.value {
            Value::TextString(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["Initial Date", "Last Change Date", "Name", "Object Type", "Unique Identifier"]);
}

#[tokio::test]
async fn a_template_that_was_changed_has_no_state_either() {
    let server = Server::new();
    let registered = alice(&server, OperationCode::REGISTER, of_keys("keys")).await;
    let contact = attribute("Contact Information", Value::TextString("alice".into()));
    let added = alice(&server, OperationCode::ADD_ATTRIBUTE, vec![id(&registered), contact]).await;
    assert_eq!(added.result_status, ResultStatus::SUCCESS, "{added:?}");
    let attributes = attributes(&server, id(&registered)).await;
    assert_eq!(values(&attributes, "Contact Information"), [Value::TextString("alice".into())]);
    assert!(values(&attributes, "State").is_empty());
    let length = attribute("Cryptographic Length", Value::Integer(128));
    let refused = alice(&server, OperationCode::ADD_ATTRIBUTE, vec![id(&registered), length]).await;
    assert_eq!(refused.result_reason, Some(ResultReason::PERMISSION_DENIED));
}

#[tokio::test]
async fn nothing_stays_of_a_template_that_is_destroyed() {
    let server = Server::new();
    let registered = alice(&server, OperationCode::REGISTER, of_keys("keys")).await;
    let destroyed = alice(&server, OperationCode::DESTROY, vec![id(&registered)]).await;
    assert_eq!(id(&destroyed), id(&registered));
    for operation in [OperationCode::GET, OperationCode::GET_ATTRIBUTES] {
        let absent = alice(&server, operation, vec![id(&registered)]).await;
        assert_eq!(absent.result_reason, Some(ResultReason::ITEM_NOT_FOUND));
    }
    let orphan = alice(&server, OperationCode::CREATE, create(&["keys"], Vec::new())).await;
    assert_eq!(orphan.result_reason, Some(ResultReason::ITEM_NOT_FOUND));
}

#[tokio::test]
async fn a_template_is_neither_activated_nor_revoked() {
    let server = Server::new();
    let registered = alice(&server, OperationCode::REGISTER, of_keys("keys")).await;
    let reason = Ttlv::structure(Tag::REVOCATION_REASON, vec![enumeration(Tag::REVOCATION_REASON_CODE, 1)]);
    for (operation, more) in [(OperationCode::ACTIVATE, None), (OperationCode::REVOKE, Some(reason))] {
        let payload = std::iter::once(id(&registered)).chain(more).collect();
        let refused = alice(&server, operation, payload).await;
        assert_eq!(refused.result_reason, Some(ResultReason::ILLEGAL_OPERATION), "{operation:?}");
    }
}

#[tokio::test]
async fn an_archived_template_is_recovered_before_it_is_used() {
    let server = Server::new();
    let registered = alice(&server, OperationCode::REGISTER, of_keys("keys")).await;
    alice(&server, OperationCode::ARCHIVE, vec![id(&registered)]).await;
    let refused = alice(&server, OperationCode::CREATE, create(&["keys"], Vec::new())).await;
    assert_eq!(refused.result_reason, Some(ResultReason::OBJECT_ARCHIVED));
    alice(&server, OperationCode::RECOVER, vec![id(&registered)]).await;
    let created = alice(&server, OperationCode::CREATE, create(&["keys"], Vec::new())).await;
    assert_eq!(created.result_status, ResultStatus::SUCCESS);
}

#[tokio::test]
async fn a_template_is_for_whom_its_attributes_are() {
    let server = Server::new();
    let registered = alice(&server, OperationCode::REGISTER, of_keys("keys")).await;
    let by_bob = async || {
        let payload = create(&["keys"], Vec::new());
        send(&server, "bob", ProtocolVersion::V1_4, OperationCode::CREATE, payload).await
    };
    assert_eq!(by_bob().await.result_reason, Some(ResultReason::ITEM_NOT_FOUND));
    let Value::TextString(id) = id(&registered).value else { panic!() };
    for (operation, reason) in
        [(OperationCode::DESTROY, Some(ResultReason::ITEM_NOT_FOUND)), (OperationCode::GET_ATTRIBUTES, None)]
    {
        let grant = GrantRequest {
            unique_identifier: Some(id.as_str().into()),
            username: "bob".into(),
            operation: vec![operation],
        };
        let _: GrantResponse = server.run(GRANT, grant).await.unwrap();
        assert_eq!(by_bob().await.result_reason, reason);
    }
}

#[tokio::test]
async fn a_template_holds_what_clients_may_give_and_has_little_itself() {
    let server = Server::new();
    let holding = |attributes| template(vec![attribute("Name", name("t"))], attributes);
    let date = || attribute("Initial Date", Value::DateTime(1));
    let twice = || attribute("Cryptographic Length", Value::Integer(128));
    let beside = || attribute("Activation Date", Value::DateTime(1));
    for (payload, reason) in [
        (holding(vec![date()]), ResultReason::INVALID_FIELD),
        (holding(vec![twice(), twice()]), ResultReason::INVALID_FIELD),
        (holding(vec![attribute("Cryptographic Length", Value::Boolean(true))]), ResultReason::INVALID_FIELD),
        (template(vec![beside()], vec![]), ResultReason::INVALID_FIELD),
    ] {
        let refused = alice(&server, OperationCode::REGISTER, payload).await;
        assert_eq!(refused.result_reason, Some(reason), "{refused:?}");
    }
    let held = alice(&server, OperationCode::REGISTER, holding(vec![beside()])).await;
    assert_eq!(held.result_status, ResultStatus::SUCCESS, "{held:?}");
}

#[tokio::test]
async fn templates_count_for_the_largest_set_of_attributes() {
    let server = Server::new();
    let groups = |of: &str| {
        (0..110).map(|n| attribute("Object Group", Value::TextString(format!("{of} {n}")))).collect()
    };
    let mut names = Vec::new();
    for called in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] {
        let payload = template(vec![attribute("Name", name(called))], groups(called));
        alice(&server, OperationCode::REGISTER, payload).await;
        names.push(called);
    }
    let stated = || {
        vec![
            attribute("Cryptographic Algorithm", Value::Enumeration(CryptographicAlgorithm::AES.0)),
            attribute("Cryptographic Length", Value::Integer(128)),
            attribute("Cryptographic Usage Mask", Value::Integer(0xC)),
        ]
    };
    let few = alice(&server, OperationCode::CREATE, create(&names[..1], stated())).await;
    assert_eq!(few.result_status, ResultStatus::SUCCESS, "{few:?}");
    let many = alice(&server, OperationCode::CREATE, create(&names, stated())).await;
    assert_eq!(many.result_status, ResultStatus::OPERATION_FAILED);
    assert!(many.result_message.unwrap().contains("holds more than"), "{:?}", many.result_reason);
}

#[tokio::test]
async fn clients_of_2_x_neither_make_templates_nor_name_them() {
    let server = Server::new();
    alice(&server, OperationCode::REGISTER, of_keys("keys")).await;
    let by_2_1 = async |operation, payload| {
        send(&server, "alice", ProtocolVersion::V2_1, operation, payload).await.result_reason
    };
    let registering = vec![
        enumeration(Tag::OBJECT_TYPE, ObjectType::TEMPLATE.0),
        Ttlv::structure(Tag::ATTRIBUTES, vec![]),
        Ttlv::structure(Tag::TEMPLATE, vec![Ttlv::structure(Tag::ATTRIBUTES, vec![])]),
    ];
    assert_eq!(by_2_1(OperationCode::REGISTER, registering).await, Some(ResultReason::INVALID_OBJECT_TYPE));
    let naming = vec![
        enumeration(Tag::OBJECT_TYPE, ObjectType::SYMMETRIC_KEY.0),
        Ttlv::structure(Tag::ATTRIBUTES, vec![Ttlv::new(Tag::TEMPLATE, name("keys"))]),
    ];
    assert!(by_2_1(OperationCode::CREATE, naming).await.is_some());
    let creating =
        vec![enumeration(Tag::OBJECT_TYPE, ObjectType::TEMPLATE.0), Ttlv::structure(Tag::ATTRIBUTES, vec![])];
    assert_eq!(by_2_1(OperationCode::CREATE, creating).await, Some(ResultReason::INVALID_OBJECT_TYPE));
}
