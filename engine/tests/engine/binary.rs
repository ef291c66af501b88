//! Messages in binary TTLV: answered as their trees are, though most payloads never become one.

use claviger_engine::Received;
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::codec::binary::{self, Checked};
use claviger_plugin_sdk::kmip::codec::limits::Limits;
use claviger_plugin_sdk::kmip::message::{RequestBatchItem, RequestMessage, ResponseMessage};
use claviger_plugin_sdk::kmip::payload::Payload;
use claviger_plugin_sdk::kmip::tables::enumerations::{
    BatchErrorContinuationOption as Option_, Data, ResultStatus, UniqueIdentifier as Which,
};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::testkit::RecordBuilder;

use crate::support::operations::{COUNT, PANICS};
use crate::support::plugin::MARK;
use crate::support::world::{item, message};
use crate::support::{Ask, World};

async fn world() -> World {
    let world = World::start();
    let mask = CryptographicUsageMask::UNRESTRICTED.0 as i32;
    world.put(RecordBuilder::new("k").owner("alice").with::<kinds::CryptographicUsageMask>(mask)).await;
    world
}

fn encrypt(id: &str) -> RequestBatchItem {
    item(OperationCode::ENCRYPT, Ask::of(id).data(b"secret"))
}

fn naming(id: impl Into<UniqueIdentifier>) -> RequestBatchItem {
    item(OperationCode::GET, Ask::of(id))
}

fn referring(data: Value) -> RequestBatchItem {
    adding(item(OperationCode::DECRYPT, Ask::of("k")), Ttlv::new(Tag::DATA, data))
}

fn creating(attributes: Vec<Ttlv>) -> RequestBatchItem {
    adding(item(OperationCode::CREATE, Ask::of("a")), Ttlv::structure(Tag::ATTRIBUTES, attributes))
}

/// With one field more.
fn adding(mut item: RequestBatchItem, field: Ttlv) -> RequestBatchItem {
    let Payload::Tree(Value::Structure(fields)) = &mut item.request_payload else { panic!() };
    fields.push(field);
    item
}

/// Items that lean on one another, fail and succeed.
fn items() -> Vec<RequestBatchItem> {
    let mut ephemeral = encrypt("k");
    ephemeral.ephemeral = Some(true);
    let comment = || Ttlv::new(Tag::COMMENT, Value::TextString("c".into()));
    let most = claviger_engine::Limits::default().attributes;
    vec![
        encrypt("k"),
        encrypt("absent"),
        item(OperationCode::CREATE, Ask::of("a")),
        item(OperationCode::GET, Ask::NOTHING),
        naming(UniqueIdentifier::Earlier(Which::CREATE)),
        naming(UniqueIdentifier::Nth(-1)),
        naming(UniqueIdentifier::Nth(99)),
        ephemeral,
        referring(Value::Enumeration(Data::ENCRYPT.0)),
        referring(Value::Integer(-1)),
        adding(encrypt("k"), Ttlv::new(Tag::NAME_VALUE, Value::Integer(1))),
        creating(vec![comment()]),
        creating(vec![comment(); most + 1]),
        creating(vec![Ttlv::new(MARK, Value::Integer(1))]),
        adding(encrypt("k"), Ttlv::new(MARK, Value::Integer(1))),
        adding(encrypt("k"), Ttlv::structure(Tag::TEMPLATE, vec![])),
        RequestBatchItem::new(OperationCode::GET, Value::Integer(7)),
        item(OperationCode(0x8000_FFFF), Ask::NOTHING),
    ]
}

fn with(option: Option_, items: Vec<RequestBatchItem>) -> RequestMessage {
    let mut message = message(items);
    message.request_header.batch_error_continuation_option = Some(option);
    message
}

fn bounded(bytes: i32, items: Vec<RequestBatchItem>) -> RequestMessage {
    let mut message = with(Option_::CONTINUE, items);
    message.request_header.maximum_response_size = Some(bytes);
    message
}

fn messages() -> Vec<RequestMessage> {
    let mut plain: Vec<RequestMessage> = items().into_iter().map(|item| message(vec![item])).collect();
    plain.extend([
        message(vec![encrypt("k"); 3]),
        with(Option_::CONTINUE, items()),
        with(Option_::STOP, items()),
        with(Option_::UNDO, items()),
        with(Option_::UNDO, vec![encrypt("k"), naming("k")]),
        bounded(400, vec![encrypt("k"), encrypt("absent"), encrypt("k")]),
        bounded(100, vec![encrypt("absent")]),
        bounded(-1, vec![encrypt("k")]),
        message(vec![]),
        message(vec![item(PANICS, Ask::NOTHING)]),
        message(vec![item(COUNT, Ask::NOTHING)]),
    ]);
    let versions = ProtocolVersion::SUPPORTED.iter().copied();
    let others = [ProtocolVersion { major: 9, minor: 9 }];
    versions
        .chain(others)
        .flat_map(|version| plain.iter().cloned().map(move |message| in_(version, message)))
        .collect()
}

fn in_(version: ProtocolVersion, mut message: RequestMessage) -> RequestMessage {
    message.request_header.protocol_version = version;
    message
}

/// The message but for what no two answers have in common.
fn comparable(answer: &Ttlv) -> ResponseMessage {
    let mut answer = ResponseMessage::from_value(answer.tag, answer.value.clone()).unwrap();
    answer.response_header.server_correlation_value = None;
    answer
}

async fn answers(tree: &Ttlv) -> (Ttlv, Ttlv) {
    let (one, other) = (world().await, world().await);
    let by_tree = one.engine.handle(&one.user("alice").await, tree.clone()).await;
    let limits = Limits::default();
    let checked = Checked::new(binary::encode(tree).into(), &limits).unwrap();
    let by_bytes =
        other.engine.answer(&other.user("alice").await, Received::Binary(checked)).await.into_binary();
    (by_tree, binary::decode(&by_bytes, &limits).unwrap())
}

#[tokio::test]
async fn a_message_in_bytes_is_answered_as_its_tree_is_in_every_version() {
    let mut succeeded = 0;
    for message in messages() {
        let told = format!("{message:?}");
        let (by_tree, by_bytes) = answers(&Ttlv::new(Tag::REQUEST_MESSAGE, message.into_value())).await;
        assert_eq!(comparable(&by_bytes), comparable(&by_tree), "{told}");
        let items = comparable(&by_tree).batch_item;
        succeeded += items.iter().filter(|item| item.result_status == ResultStatus::SUCCESS).count();
    }
    assert!(succeeded > 100, "{succeeded}");
}

#[tokio::test]
async fn what_is_no_message_is_refused_alike_in_both_forms() {
    let good = Ttlv::new(Tag::REQUEST_MESSAGE, message(vec![encrypt("k")]).into_value());
    let (header, item) = (good.children()[0].clone(), good.children()[1].clone());
    let foreign = Ttlv::new(Tag::COMMENT, Value::TextString("?".into()));
    for wrong in [
        Ttlv::new(Tag::REQUEST_MESSAGE, Value::Integer(1)),
        Ttlv::new(Tag::RESPONSE_MESSAGE, good.value.clone()),
        Ttlv::structure(Tag::REQUEST_MESSAGE, vec![]),
        Ttlv::structure(Tag::REQUEST_MESSAGE, vec![item.clone()]),
        Ttlv::structure(Tag::REQUEST_MESSAGE, vec![header.clone()]),
        Ttlv::structure(Tag::REQUEST_MESSAGE, vec![header.clone(), header.clone(), item.clone()]),
        Ttlv::structure(Tag::REQUEST_MESSAGE, vec![header.clone(), item.clone(), foreign.clone()]),
        Ttlv::structure(Tag::REQUEST_MESSAGE, vec![header, Ttlv::structure(item.tag, vec![foreign])]),
    ] {
        let (by_tree, by_bytes) = answers(&wrong).await;
        assert_eq!(comparable(&by_bytes), comparable(&by_tree), "{wrong:?}");
    }
}

#[tokio::test]
async fn attributes_in_bytes_are_bounded_and_none_of_them_is_the_servers() {
    let comment = Ttlv::new(Tag::COMMENT, Value::TextString("c".into()));
    let most = claviger_engine::Limits::default().attributes;
    for (attributes, reason) in [
        (vec![comment; most + 1], ResultReason::SERVER_LIMIT_EXCEEDED),
        (vec![Ttlv::new(MARK, Value::Integer(1))], ResultReason::INVALID_ATTRIBUTE),
    ] {
        let message = message(vec![creating(attributes)]);
        let (_, by_bytes) = answers(&Ttlv::new(Tag::REQUEST_MESSAGE, message.into_value())).await;
        assert_eq!(comparable(&by_bytes).batch_item[0].result_reason, Some(reason));
    }
}
