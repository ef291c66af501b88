//! `/kmip` in its three forms, and messages over REST JSON.

use claviger_kmip::codec::limits::Limits;
use claviger_kmip::codec::{binary, json, xml};
use claviger_kmip::tables::enumerations::{OperationCode, ResultReason, ResultStatus};
use claviger_kmip::vocabulary::Vocabulary;
use claviger_kmip::{Tag, Ttlv, Value};
use serde_json::json;

use crate::server_process::ServerProcess;

/// A KMIP 2.1 message of these operations and payloads.
pub(crate) fn message(items: Vec<(OperationCode, Vec<Ttlv>)>) -> Ttlv {
    let count = Ttlv::new(Tag::BATCH_COUNT, Value::Integer(items.len() as i32));
    let version = Ttlv::structure(
        Tag::PROTOCOL_VERSION,
        vec![
            Ttlv::new(Tag::PROTOCOL_VERSION_MAJOR, Value::Integer(2)),
            Ttlv::new(Tag::PROTOCOL_VERSION_MINOR, Value::Integer(1)),
        ],
    );
    let items = items.into_iter().enumerate().map(|(number, (operation, payload))| {
        Ttlv::structure(
            Tag::BATCH_ITEM,
            vec![
                Ttlv::new(Tag::OPERATION, Value::Enumeration(operation.0)),
                Ttlv::new(Tag::UNIQUE_BATCH_ITEM_ID, Value::ByteString(vec![number as u8].into())),
                Ttlv::structure(Tag::REQUEST_PAYLOAD, payload),
            ],
        )
    });
    let header = Ttlv::structure(Tag::REQUEST_HEADER, vec![version, count]);
    Ttlv::structure(Tag::REQUEST_MESSAGE, std::iter::once(header).chain(items).collect())
}

/// A message that creates an AES-128 key.
pub(crate) fn create() -> (OperationCode, Vec<Ttlv>) {
    use claviger_kmip::tables::enumerations::{CryptographicAlgorithm, ObjectType};
    (
        OperationCode::CREATE,
        vec![
            Ttlv::new(Tag::OBJECT_TYPE, Value::Enumeration(ObjectType::SYMMETRIC_KEY.0)),
            Ttlv::structure(
                Tag::ATTRIBUTES,
                vec![
                    Ttlv::new(
                        Tag::CRYPTOGRAPHIC_ALGORITHM,
                        Value::Enumeration(CryptographicAlgorithm::AES.0),
                    ),
                    Ttlv::new(Tag::CRYPTOGRAPHIC_LENGTH, Value::Integer(128)),
                    Ttlv::new(Tag::CRYPTOGRAPHIC_USAGE_MASK, Value::Integer(0x0C)),
                ],
            ),
        ],
    )
}

/// A message that asks for the operations of the server.
pub(crate) fn query() -> (OperationCode, Vec<Ttlv>) {
    (OperationCode::QUERY, vec![Ttlv::new(Tag::QUERY_FUNCTION, Value::Enumeration(1))])
}

/// The result status of each item of a response message.
pub(crate) fn statuses(response: &Ttlv) -> Vec<ResultStatus> {
    assert_eq!(response.tag, Tag::RESPONSE_MESSAGE);
    let items = response.children().iter().filter(|child| child.tag == Tag::BATCH_ITEM);
    items
        .map(|item| match item.child(Tag::RESULT_STATUS).unwrap().value {
            Value::Enumeration(code) => ResultStatus(code),
            ref other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn a_message_is_answered_in_the_form_in_which_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let mut client = server.client();
    let message = message(vec![create(), query()]);
    let (limits, vocabulary) = (Limits::default(), Vocabulary::standard());
    for (content_type, request) in [
        ("application/octet-stream", binary::encode(&message)),
        ("application/json; charset=utf-8", json::encode(&message)),
        ("text/xml", xml::encode(&message)),
    ] {
        let answer = client.send("POST", "/kmip", &[&format!("content-type: {content_type}")], &request);
        assert_eq!(answer.status, 200);
        let media_type = content_type.split(';').next().unwrap();
        assert!(answer.head.contains(&format!("content-type: {media_type}")), "{}", answer.head);
        let response = match media_type {
            "application/octet-stream" => binary::decode(&answer.body, &limits),
            "application/json" => json::decode(&answer.body, &limits, vocabulary),
            _ => xml::decode(&answer.body, &limits, vocabulary),
        };
        assert_eq!(statuses(&response.unwrap()), [ResultStatus::SUCCESS; 2], "{}", answer.text());
    }
}

#[test]
fn a_body_that_is_no_message_has_a_kmip_answer_with_status_200() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let mut client = server.client();
    let answer = client.send("POST", "/kmip", &["content-type: application/octet-stream"], b"nonsense");
    assert_eq!(answer.status, 200);
    let response = binary::decode(&answer.body, &Limits::default()).unwrap();
    assert_eq!(statuses(&response), [ResultStatus::OPERATION_FAILED]);
}

#[test]
fn a_rest_message_is_answered_by_a_message_with_status_200_though_items_fail() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerProcess::start(folder.path(), &[]);
    let get = json!([{"tag": "UniqueIdentifier", "type": "TextString", "value": "absent"}]);
    let get = json!({"tag": "Items", "type": "Structure", "value": [
        {"tag": "Operation", "type": "Enumeration", "value": "Get"},
        {"tag": "RequestPayload", "type": "Structure", "value": get}]});
    let request = json!({"tag": "Message", "type": "Structure", "value": [
        {"tag": "Header", "type": "Structure", "value": [
            {"tag": "ProtocolVersion", "type": "Structure", "value": [
                {"tag": "ProtocolVersionMajor", "type": "Integer", "value": 2},
                {"tag": "ProtocolVersionMinor", "type": "Integer", "value": 1}]},
            {"tag": "BatchCount", "type": "Integer", "value": 2}]},
        {"tag": "Items", "type": "Structure", "value": [get.clone(), get]}]});
    let answer = server.client().rest(&request);
    assert_eq!(answer["tag"], "Message");
    let answer = answer.to_string();
    assert_eq!(answer.matches("OperationFailed").count(), 2, "{answer}");
    assert_eq!(answer.matches("Object_Not_Found").count(), 2, "{answer}");
}

#[test]
fn an_operation_that_is_switched_off_is_refused_and_absent_from_query() {
    let interop = || {
        let begin = Ttlv::new(Tag::INTEROP_FUNCTION, Value::Enumeration(1));
        let case = Ttlv::new(Tag::INTEROP_IDENTIFIER, Value::TextString("case".into()));
        (OperationCode::INTEROP, vec![begin, case])
    };
    let folder = tempfile::tempdir().unwrap();
    for (arguments, is_there) in [(&[][..], true), (&["--plugins-disable", "operation Interop"][..], false)] {
        let server = ServerProcess::start(folder.path(), arguments);
        let request = binary::encode(&message(vec![query(), interop()]));
        let headers = ["content-type: application/octet-stream"];
        let answer = server.client().send("POST", "/kmip", &headers, &request);
        let response = binary::decode(&answer.body, &Limits::default()).unwrap();
        let of_interop = if is_there { ResultStatus::SUCCESS } else { ResultStatus::OPERATION_FAILED };
        assert_eq!(statuses(&response), [ResultStatus::SUCCESS, of_interop]);
        let items: Vec<&Ttlv> =
            response.children().iter().filter(|child| child.tag == Tag::BATCH_ITEM).collect();
        let listed = items[0].child(Tag::RESPONSE_PAYLOAD).unwrap().children();
        let interop = Ttlv::new(Tag::OPERATION, Value::Enumeration(OperationCode::INTEROP.0));
        assert_eq!(listed.contains(&interop), is_there);
        let not_supported = Value::Enumeration(ResultReason::OPERATION_NOT_SUPPORTED.0);
        let refused = items[1].child(Tag::RESULT_REASON).is_some_and(|reason| reason.value == not_supported);
        assert_eq!(refused, !is_there);
    }
}
