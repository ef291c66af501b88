//! Poll, Cancel, Process and Query Asynchronous Requests, in messages as clients send them.

use claviger_plugin_sdk::kmip::message::{
    RequestBatchItem, RequestHeader, RequestMessage, ResponseBatchItem, ResponseMessage,
};
use claviger_plugin_sdk::kmip::payloads::{
    AsynchronousCorrelationValues, CancelRequest, CancelResponse, LocateRequest, LocateResponse, Operations,
    PollRequest, ProcessRequest, QueryAsynchronousRequestsRequest, QueryAsynchronousRequestsResponse,
    RngRetrieveRequest,
};
use claviger_plugin_sdk::kmip::tables::enumerations::{
    AsynchronousIndicator, CancellationResult, ProcessingStage, ResultStatus,
};
use claviger_plugin_sdk::prelude::*;

use crate::server::{START, Server};

/// An item as a client of a version sends it and reads the answer.
async fn send(
    server: &Server,
    user: &str,
    version: ProtocolVersion,
    indicator: Option<Value>,
    item: RequestBatchItem,
) -> ResponseBatchItem {
    let mut header = RequestHeader::new(version, 1);
    header.asynchronous_indicator = indicator;
    let message = RequestMessage { request_header: header, batch_item: vec![item] };
    let message = Ttlv::new(Tag::REQUEST_MESSAGE, message.into_value());
    let response = server.engine.handle(&server.caller(user).await, message).await;
    let response = ResponseMessage::from_value(response.tag, response.value).unwrap();
    response.batch_item.into_iter().next().unwrap()
}

fn mandatory() -> Option<Value> {
    Some(Value::Enumeration(AsynchronousIndicator::MANDATORY.0))
}

fn locate() -> RequestBatchItem {
    let request = LocateRequest {
        maximum_items: None,
        offset_items: None,
        storage_status_mask: None,
        object_group_member: None,
        attributes: None,
    };
    RequestBatchItem::new(OperationCode::LOCATE, request.into_value())
}

/// Has alice submit an item.
async fn submit(server: &Server, item: RequestBatchItem) -> ByteString {
    let answer = send(server, "alice", ProtocolVersion::V2_1, mandatory(), item).await;
    assert_eq!(answer.result_status, ResultStatus::OPERATION_PENDING);
    answer.asynchronous_correlation_value.unwrap()
}

fn poll(correlation: &ByteString) -> RequestBatchItem {
    let request = PollRequest { asynchronous_correlation_value: correlation.clone() };
    RequestBatchItem::new(OperationCode::POLL, request.into_value())
}

async fn polled(server: &Server, user: &str, correlation: &ByteString) -> ResponseBatchItem {
    send(server, user, ProtocolVersion::V2_1, None, poll(correlation)).await
}

async fn cancel(server: &Server, user: &str, correlation: &ByteString) -> CancellationResult {
    let request = CancelRequest { asynchronous_correlation_value: correlation.clone() };
    let answer: CancelResponse = server.run_as(user, OperationCode::CANCEL, request).await.unwrap();
    assert_eq!(answer.asynchronous_correlation_value, *correlation);
    answer.cancellation_result
}

async fn process(server: &Server, correlation: &ByteString) -> Result<Empty> {
    let request = ProcessRequest { asynchronous_correlation_value: correlation.clone() };
    server.run(OperationCode::PROCESS, request).await
}

async fn outstanding(
    server: &Server,
    user: &str,
    request: QueryAsynchronousRequestsRequest,
) -> Vec<(ByteString, OperationCode, i64, ProcessingStage)> {
    let answer: QueryAsynchronousRequestsResponse =
        server.run_as(user, OperationCode::QUERY_ASYNCHRONOUS_REQUESTS, request).await.unwrap();
    let requests = answer.asynchronous_request.into_iter();
    requests
        .map(|request| {
            let submitted = request.submission_date.0;
            (request.asynchronous_correlation_value, request.operation, submitted, request.processing_stage)
        })
        .collect()
}

const ALL: QueryAsynchronousRequestsRequest =
    QueryAsynchronousRequestsRequest { asynchronous_correlation_values: None, operations: None };

#[tokio::test]
async fn poll_is_answered_as_the_operation_would_have_been() {
    let server = Server::new();
    let at_once = send(&server, "alice", ProtocolVersion::V2_1, None, locate()).await;
    let correlation = submit(&server, locate()).await;
    assert_eq!(polled(&server, "alice", &correlation).await, at_once);
    assert_eq!(at_once.operation, Some(OperationCode::LOCATE));
}

#[tokio::test]
async fn a_client_of_1_0_polls_for_an_answer_in_its_version() {
    // As the published case TC-32 has it; KMIP 1.x has a Boolean for an indicator.
    let server = Server::new();
    let indicator = Some(Value::Boolean(true));
    let empty = RequestBatchItem::new(OperationCode::LOCATE, Value::Structure(Vec::new()));
    let answer = send(&server, "alice", ProtocolVersion::V1_0, indicator, empty).await;
    assert_eq!(
        (answer.operation, answer.result_status, &answer.response_payload),
        (Some(OperationCode::LOCATE), ResultStatus::OPERATION_PENDING, &None)
    );
    let correlation = answer.asynchronous_correlation_value.unwrap();
    let answer = send(&server, "alice", ProtocolVersion::V1_0, None, poll(&correlation)).await;
    assert_eq!(
        (answer.operation, answer.result_status, answer.asynchronous_correlation_value),
        (Some(OperationCode::LOCATE), ResultStatus::SUCCESS, None)
    );
    let located =
        LocateResponse::from_value(Tag::RESPONSE_PAYLOAD, answer.response_payload.unwrap().into_value());
    assert_eq!(located.unwrap().unique_identifier, [] as [String; 0]);
}

#[tokio::test]
async fn cancel_tells_what_became_of_the_request() {
    let server = Server::new();
    let in_time = submit(&server, locate()).await;
    assert_eq!(cancel(&server, "bob", &in_time).await, CancellationResult::UNAVAILABLE);
    assert_eq!(cancel(&server, "alice", &in_time).await, CancellationResult::CANCELED);
    let answer = polled(&server, "alice", &in_time).await;
    assert_eq!(answer.operation, Some(OperationCode::LOCATE));
    assert_eq!(answer.result_reason, Some(ResultReason::OPERATION_CANCELED_BY_REQUESTER));
    let too_late = submit(&server, locate()).await;
    process(&server, &too_late).await.unwrap();
    assert_eq!(cancel(&server, "alice", &too_late).await, CancellationResult::COMPLETED);
    let failing = RngRetrieveRequest { data_length: -1 };
    let failing = RequestBatchItem::new(OperationCode::RNG_RETRIEVE, failing.into_value());
    let failed = submit(&server, failing).await;
    process(&server, &failed).await.unwrap();
    assert_eq!(cancel(&server, "alice", &failed).await, CancellationResult::FAILED);
    assert_eq!(cancel(&server, "alice", &ByteString::default()).await, CancellationResult::UNAVAILABLE);
}

#[tokio::test]
async fn process_has_a_request_processed_once() {
    let server = Server::new();
    let correlation = submit(&server, locate()).await;
    process(&server, &correlation).await.unwrap();
    let again = process(&server, &correlation).await.unwrap_err();
    assert_eq!(again.reason(), ResultReason::DUPLICATE_PROCESS_REQUEST);
    assert_eq!(polled(&server, "alice", &correlation).await.result_status, ResultStatus::SUCCESS);
    let unknown = process(&server, &vec![1; 16].into()).await.unwrap_err();
    assert_eq!(unknown.reason(), ResultReason::INVALID_ASYNCHRONOUS_CORRELATION_VALUE);
}

#[tokio::test]
async fn outstanding_requests_are_listed_for_their_user_until_their_results_are_fetched() {
    let server = Server::new();
    let first = submit(&server, locate()).await;
    server.clock.advance(1);
    let random = RngRetrieveRequest { data_length: 8 };
    let random = RequestBatchItem::new(OperationCode::RNG_RETRIEVE, random.into_value());
    let second = submit(&server, random).await;
    process(&server, &first).await.unwrap();
    let micros = |seconds: i64| (START + seconds) * 1_000_000;
    let one = (first.clone(), OperationCode::LOCATE, micros(0), ProcessingStage::COMPLETED);
    let two = (second.clone(), OperationCode::RNG_RETRIEVE, micros(1), ProcessingStage::SUBMITTED);
    assert_eq!(outstanding(&server, "alice", ALL).await, [one.clone(), two.clone()]);
    assert_eq!(outstanding(&server, "bob", ALL).await, []);
    let operations = Some(Operations { operation: vec![OperationCode::LOCATE] });
    let located = QueryAsynchronousRequestsRequest { operations: operations.clone(), ..ALL };
    assert_eq!(outstanding(&server, "alice", located).await, [one]);
    let values = AsynchronousCorrelationValues { asynchronous_correlation_value: vec![second] };
    let named =
        QueryAsynchronousRequestsRequest { asynchronous_correlation_values: Some(values), operations: None };
    assert_eq!(outstanding(&server, "alice", named.clone()).await, std::slice::from_ref(&two));
    let neither = QueryAsynchronousRequestsRequest { operations, ..named };
    assert_eq!(outstanding(&server, "alice", neither).await, []);
    polled(&server, "alice", &first).await;
    assert_eq!(outstanding(&server, "alice", ALL).await, [two]);
}

#[tokio::test]
async fn the_operations_on_requests_are_not_asynchronous_themselves() {
    let server = Server::new();
    let correlation = submit(&server, locate()).await;
    let answer = send(&server, "alice", ProtocolVersion::V2_1, mandatory(), poll(&correlation)).await;
    assert_eq!(answer.result_reason, Some(ResultReason::FEATURE_NOT_SUPPORTED));
    // Process and Query Asynchronous Requests came with 2.1.
    let item = RequestBatchItem::new(OperationCode::QUERY_ASYNCHRONOUS_REQUESTS, ALL.into_value());
    let answer = send(&server, "alice", ProtocolVersion::V2_0, None, item).await;
    assert_eq!(answer.result_reason, Some(ResultReason::OPERATION_NOT_SUPPORTED));
}

#[tokio::test]
async fn a_poll_of_what_is_not_there_names_the_reason() {
    let server = Server::new();
    for correlation in [ByteString::default(), vec![1; 16].into(), vec![1; 5000].into()] {
        let answer = polled(&server, "alice", &correlation).await;
        assert_eq!(answer.operation, Some(OperationCode::POLL));
        assert_eq!(answer.result_reason, Some(ResultReason::INVALID_ASYNCHRONOUS_CORRELATION_VALUE));
    }
}
