//! Query, Discover Versions, Interop, Log and Ping.

use claviger_plugin_sdk::kmip::payloads::{
    DiscoverVersionsRequest, DiscoverVersionsResponse, InteropRequest, LogRequest, QueryRequest,
    QueryResponse,
};
use claviger_plugin_sdk::kmip::tables::Enumeration;
use claviger_plugin_sdk::kmip::tables::enumerations::{InteropFunction, QueryFunction};
use claviger_plugin_sdk::prelude::*;

use crate::server::Server;

impl Server {
    async fn query(&self, functions: &[QueryFunction]) -> Result<QueryResponse> {
        let request = QueryRequest { query_function: functions.to_vec(), object_groups: None };
        self.run(OperationCode::QUERY, request).await
    }
}

#[tokio::test]
async fn query_lists_what_is_registered() {
    let server = Server::new();
    let answer =
        server.query(&[QueryFunction::QUERY_OPERATIONS, QueryFunction::QUERY_OBJECTS]).await.unwrap();
    assert!(answer.operation.contains(&OperationCode::CREATE));
    assert!(answer.operation.contains(&OperationCode::CREATE_KEY_PAIR));
    assert!(!answer.operation.contains(&OperationCode::NOTIFY));
    assert!(answer.object_type.contains(&ObjectType::OPAQUE_OBJECT));
    assert_eq!(answer.server_information, None);
}

#[tokio::test]
async fn every_query_function_is_answered_and_an_unknown_one_refused() {
    let server = Server::new();
    for (code, name) in QueryFunction::VALUES {
        assert!(server.query(&[QueryFunction(*code)]).await.is_ok(), "{name}");
    }
    assert_eq!(server.query(&[QueryFunction(99)]).await.unwrap_err().reason(), ResultReason::INVALID_FIELD);
    assert_eq!(server.query(&[]).await.unwrap_err().reason(), ResultReason::INVALID_MESSAGE);
    let information = server.query(&[QueryFunction::QUERY_SERVER_INFORMATION]).await.unwrap();
    assert_eq!(information.vendor_identification.as_deref(), Some("Claviger"));
}

#[tokio::test]
async fn small_operations_answer() {
    let server = Server::new();
    let versions = DiscoverVersionsRequest { protocol_version: vec![ProtocolVersion::V1_2] };
    let versions: DiscoverVersionsResponse =
        server.run(OperationCode::DISCOVER_VERSIONS, versions).await.unwrap();
    assert_eq!(versions.protocol_version, [ProtocolVersion::V1_2]);
    let _: Empty = server.run(OperationCode::PING, Empty {}).await.unwrap();
    let message = LogRequest { log_message: "hello".into() };
    let _: Empty = server.run(OperationCode::LOG, message).await.unwrap();
}

#[tokio::test]
async fn interop_notes_a_test_and_resets_nothing() {
    let server = Server::new();
    let interop =
        |interop_function| InteropRequest { interop_function, interop_identifier: "BL-M-1-21".into() };
    let _: Empty = server.run(OperationCode::INTEROP, interop(InteropFunction::BEGIN)).await.unwrap();
    let reset: Result<Empty> = server.run(OperationCode::INTEROP, interop(InteropFunction::RESET)).await;
    assert_eq!(reset.unwrap_err().reason(), ResultReason::FEATURE_NOT_SUPPORTED);
}
