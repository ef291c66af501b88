//! Whole messages: version, header, counts, sizes.

use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::message::{MessageExtension, RequestHeader, RequestMessage, ResponseMessage};
use claviger_plugin_sdk::kmip::tables::enumerations::ResultStatus;
use claviger_plugin_sdk::prelude::*;

use crate::support::operations::{FOR_GOOD, PANICS, PANICS_WRITING};
use crate::support::world::{item, message, tell};
use crate::support::{Ask, Setup, World};

fn tree(message: RequestMessage) -> Ttlv {
    Ttlv::new(Tag::REQUEST_MESSAGE, message.into_value())
}

/// What a server answers to a tree of any form.
async fn answer(world: &World, tree: Ttlv) -> ResponseMessage {
    let answer = world.engine.handle(&world.user("alice").await, tree).await;
    assert_eq!(answer.tag, Tag::RESPONSE_MESSAGE);
    ResponseMessage::from_value(answer.tag, answer.value).unwrap()
}

async fn refusal(world: &World, tree: Ttlv) -> (ProtocolVersion, ResultReason) {
    let response = answer(world, tree).await;
    assert_eq!(response.response_header.batch_count, 1);
    let [item] = &response.batch_item[..] else { panic!("{response:?}") };
    assert_eq!(item.result_status, ResultStatus::OPERATION_FAILED);
    assert_eq!(item.operation, None);
    (response.response_header.protocol_version, item.result_reason.unwrap())
}

#[tokio::test]
async fn a_message_is_answered_in_its_version_with_the_servers_time() {
    let world = World::start();
    for version in ProtocolVersion::SUPPORTED {
        let mut message = message(vec![item(FOR_GOOD, Ask::NOTHING)]);
        message.request_header.protocol_version = *version;
        let response = answer(&world, tree(message)).await;
        assert_eq!(response.response_header.protocol_version, *version);
        assert_eq!(response.response_header.time_stamp, DateTime(crate::support::NOW));
        assert_eq!(response.batch_item[0].result_status, ResultStatus::SUCCESS);
    }
}

#[tokio::test]
async fn every_answer_has_a_server_correlation_value_of_its_own_since_1_4() {
    let world = World::start();
    let mut given = std::collections::BTreeSet::new();
    for version in ProtocolVersion::SUPPORTED {
        let mut message = message(vec![item(FOR_GOOD, Ask::NOTHING)]);
        message.request_header.protocol_version = *version;
        let refused =
            Ttlv::structure(Tag::REQUEST_MESSAGE, vec![tree(message.clone()).children()[0].clone()]);
        for request in [tree(message), refused] {
            let value = answer(&world, request).await.response_header.server_correlation_value;
            assert_eq!(value.is_some(), *version >= ProtocolVersion::V1_4, "{version}");
            assert!(value.is_none_or(|value| given.insert(value)), "given twice");
        }
    }
}

#[tokio::test]
async fn an_unsupported_version_is_refused_in_the_nearest_one() {
    let world = World::start();
    // 1.x has another reason for it: "Unsupported Protocol Version" came later (KMIP 1.4 section 11.1).
    for ((major, minor), version, reason) in [
        ((3, 0), ProtocolVersion::V2_1, ResultReason::UNSUPPORTED_PROTOCOL_VERSION),
        ((2, 2), ProtocolVersion::V2_1, ResultReason::UNSUPPORTED_PROTOCOL_VERSION),
        ((1, 9), ProtocolVersion::V1_4, ResultReason::INVALID_MESSAGE),
        ((0, 9), ProtocolVersion::V1_0, ResultReason::INVALID_MESSAGE),
    ] {
        let mut message = message(vec![item(FOR_GOOD, Ask::NOTHING)]);
        message.request_header.protocol_version = ProtocolVersion { major, minor };
        assert_eq!(refusal(&world, tree(message)).await, (version, reason), "{major}.{minor}");
    }
}

#[tokio::test]
async fn an_unsupported_version_is_refused_in_a_dialect_too() {
    let mut message = message(vec![item(FOR_GOOD, Ask::NOTHING)]);
    message.request_header.protocol_version = ProtocolVersion { major: 3, minor: 0 };
    let refused = World::start().send(message).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::UNSUPPORTED_PROTOCOL_VERSION);
}

#[tokio::test]
async fn a_tree_that_is_no_request_message_is_malformed() {
    let world = World::start();
    let empty = Ttlv::new(Tag::REQUEST_MESSAGE, Value::Structure(Vec::new()));
    assert_eq!(refusal(&world, empty).await.1, ResultReason::INVALID_MESSAGE);
    let scalar = Ttlv::new(Tag::REQUEST_MESSAGE, Value::Integer(1));
    assert_eq!(refusal(&world, scalar).await.1, ResultReason::INVALID_MESSAGE);
    let mut other = tree(message(vec![item(FOR_GOOD, Ask::NOTHING)]));
    other.tag = Tag::RESPONSE_MESSAGE;
    assert_eq!(refusal(&world, other).await.1, ResultReason::INVALID_MESSAGE);
}

#[tokio::test]
async fn a_header_with_an_unknown_field_is_malformed() {
    let mut tree = tree(message(vec![item(FOR_GOOD, Ask::NOTHING)]));
    let Value::Structure(children) = &mut tree.value else { panic!() };
    let Value::Structure(header) = &mut children[0].value else { panic!() };
    header.push(Ttlv::new(Tag::COMMENT, Value::TextString("?".to_owned())));
    assert_eq!(refusal(&World::start(), tree).await.1, ResultReason::INVALID_MESSAGE);
}

#[tokio::test]
async fn a_batch_count_that_lies_is_refused() {
    let world = World::start();
    for count in [-1, 0, 1, 3] {
        let mut lying = message(vec![item(FOR_GOOD, Ask::NOTHING), item(FOR_GOOD, Ask::NOTHING)]);
        lying.request_header.batch_count = count;
        assert_eq!(world.send(lying).await.unwrap_err().reason(), ResultReason::INVALID_MESSAGE, "{count}");
    }
    assert_eq!(world.send(message(Vec::new())).await.unwrap_err().reason(), ResultReason::INVALID_MESSAGE);
}

#[tokio::test]
async fn more_items_than_the_limit_are_refused() {
    let mut setup = Setup::default();
    setup.limits.batch_items = 2;
    let world = setup.start();
    let items = |count| message(vec![item(FOR_GOOD, Ask::NOTHING); count]);
    assert_eq!(world.send(items(2)).await.unwrap().len(), 2);
    assert_eq!(world.send(items(3)).await.unwrap_err().reason(), ResultReason::SERVER_LIMIT_EXCEEDED);
}

#[tokio::test]
async fn a_response_is_bounded_though_the_client_bounds_nothing() {
    let mut setup = Setup::default();
    // A payload with the time in ten digits takes 8 bytes and 16 (KMIP 2.1 section 10.1).
    setup.limits.response_bytes = 2 * 24;
    let outcomes = setup.start().send(message(vec![item(FOR_GOOD, Ask::NOTHING); 3])).await.unwrap();
    let failures: Vec<_> =
        outcomes.iter().map(|outcome| outcome.result.as_ref().err().map(Error::reason)).collect();
    assert_eq!(failures, [None, None, Some(ResultReason::RESPONSE_TOO_LARGE)]);
}

#[tokio::test]
async fn two_items_with_one_identifier_are_refused() {
    let mut items = vec![item(FOR_GOOD, Ask::NOTHING); 2];
    for item in &mut items {
        item.unique_batch_item_id = Some(vec![1].into());
    }
    let refused = World::start().send(message(items)).await.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_MESSAGE);
}

#[tokio::test]
async fn an_operation_that_is_not_registered_is_not_supported() {
    let world = World::start();
    let reason = world.failure("alice", OperationCode(0x8000_FFFF), Ask::NOTHING).await;
    assert_eq!(reason, ResultReason::OPERATION_NOT_SUPPORTED);
}

#[tokio::test]
async fn a_critical_message_extension_fails_its_item_and_another_does_not() {
    let world = World::start();
    let with = |criticality_indicator| {
        let mut item = item(FOR_GOOD, Ask::NOTHING);
        item.message_extension = vec![MessageExtension {
            vendor_identification: "someone".to_owned(),
            criticality_indicator,
            vendor_extension: Value::Structure(Vec::new()),
        }];
        message(vec![item])
    };
    assert!(world.send(with(false)).await.unwrap().remove(0).result.is_ok());
    let refused = world.send(with(true)).await.unwrap().remove(0).result.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::UNKNOWN_MESSAGE_EXTENSION);
}

#[tokio::test]
async fn a_handler_that_panics_fails_its_message_and_no_other() {
    let world = World::start();
    for broken in [PANICS, PANICS_WRITING] {
        let failed = world.send(message(vec![item(broken, Ask::NOTHING)])).await.unwrap_err();
        assert_eq!(failed.reason(), ResultReason::INTERNAL_SERVER_ERROR);
        assert_eq!(world.audit.take().len(), 1);
        world.call("alice", FOR_GOOD, Ask::NOTHING).await.unwrap();
        world.audit.take();
    }
}

#[tokio::test]
async fn a_payload_with_an_unknown_field_is_refused() {
    let world = World::start();
    let mut item = item(FOR_GOOD, Ask::NOTHING);
    item.request_payload = Value::Structure(vec![Ttlv::new(Tag::NAME_VALUE, Value::Integer(1))]).into();
    let refused = world.send(message(vec![item])).await.unwrap().remove(0).result.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::INVALID_MESSAGE);
}

#[tokio::test]
async fn every_item_of_a_message_sees_the_same_time() {
    let world = World::start();
    let outcomes = world.send(message(vec![item(FOR_GOOD, Ask::NOTHING); 3])).await.unwrap();
    for outcome in outcomes {
        assert_eq!(tell(outcome).unwrap().comment.unwrap(), crate::support::NOW.to_string());
    }
}

#[tokio::test]
async fn a_response_beyond_the_maximum_size_fails_and_nothing_is_written() {
    let world = World::start();
    let create = |size: Option<i32>| {
        let id = "a-rather-long-identifier-of-an-object";
        let mut message = message(vec![item(OperationCode::CREATE, Ask::of(id))]);
        message.request_header.maximum_response_size = size;
        message
    };
    let refused = world.send(create(Some(230))).await.unwrap().remove(0).result.unwrap_err();
    assert_eq!(refused.reason(), ResultReason::RESPONSE_TOO_LARGE);
    assert_eq!(world.stored("a-rather-long-identifier-of-an-object").await, None);

    let outcomes = world.send(create(Some(1_000))).await.unwrap();
    assert!(outcomes[0].result.is_ok());
    let response = world.engine.response(&Standard, outcomes);
    assert!(claviger_plugin_sdk::kmip::codec::binary::encode(&response).len() <= 1_000);
    assert!(world.stored("a-rather-long-identifier-of-an-object").await.is_some());
}

#[tokio::test]
async fn the_maximum_size_counts_all_items_together() {
    let world = World::start();
    let ids = ["one", "two", "three", "four", "five", "six", "seven", "eight"];
    let mut message = message(ids.iter().map(|id| item(OperationCode::CREATE, Ask::of(*id))).collect());
    message.request_header.maximum_response_size = Some(790);
    let outcomes = world.send(message).await.unwrap();
    let last = outcomes.last().unwrap();
    assert_eq!(last.result.as_ref().unwrap_err().reason(), ResultReason::RESPONSE_TOO_LARGE);
    for (id, outcome) in ids.iter().zip(&outcomes) {
        assert_eq!(world.stored(id).await.is_some(), outcome.result.is_ok(), "{id}");
    }
}

#[tokio::test]
async fn a_negative_maximum_size_is_refused() {
    let world = World::start();
    let mut header = RequestHeader::new(ProtocolVersion::V2_1, 1);
    header.maximum_response_size = Some(-1);
    let message = RequestMessage { request_header: header, batch_item: vec![item(FOR_GOOD, Ask::NOTHING)] };
    assert_eq!(world.send(message).await.unwrap_err().reason(), ResultReason::INVALID_FIELD);
}
