//! A bare operation is a message of one item.

use claviger_engine::Caller;
use claviger_kmip::Value;
use claviger_kmip::message::{RequestBatchItem, RequestHeader, RequestMessage};
use claviger_kmip::tables::enumerations::OperationCode;
use claviger_kmip::version::ProtocolVersion;
use claviger_plugin_sdk::dialect::Dialect;
use claviger_plugin_sdk::{Error, Result};

use super::Http;

/// Runs one operation and gives the payload of its response.
///
/// # Errors
/// What the operation says, or what is wrong with the message as a whole.
pub(super) async fn run(
    http: &Http,
    caller: &Caller,
    dialect: &'static dyn Dialect,
    operation: OperationCode,
    payload: Value,
) -> Result<Value> {
    let message = RequestMessage { request_header: header(), batch_item: vec![item(operation, payload)] };
    let outcomes = http.engine.handle_in(caller, dialect, message).await?;
    match outcomes.into_iter().next() {
        Some(outcome) => outcome.result,
        None => Err(Error::server("the operation was not run")),
    }
}

fn header() -> RequestHeader {
    RequestHeader {
        protocol_version: ProtocolVersion::V2_1,
        maximum_response_size: None,
        client_correlation_value: None,
        server_correlation_value: None,
        asynchronous_indicator: None,
        attestation_capable_indicator: None,
        attestation_type: Vec::new(),
        authentication: None,
        batch_error_continuation_option: None,
        batch_order_option: None,
        time_stamp: None,
        batch_count: 1,
    }
}

fn item(operation: OperationCode, request_payload: Value) -> RequestBatchItem {
    RequestBatchItem {
        operation,
        ephemeral: None,
        unique_batch_item_id: None,
        request_payload,
        message_extension: Vec::new(),
    }
}
