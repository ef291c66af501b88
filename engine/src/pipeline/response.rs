//! The response message, in the client's version.

use std::sync::Arc;

use claviger_kmip::field::{DateTime, TtlvValue};
use claviger_kmip::legacy;
use claviger_kmip::message::{ResponseBatchItem, ResponseHeader, ResponseMessage};
use claviger_kmip::tables::enumerations::ResultStatus;
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{Tag, Ttlv, Value};
use claviger_plugin_sdk::error::Error;

use crate::credentials::HeaderFields;
use crate::{Core, ItemOutcome};

/// The response message of outcomes, in the client's version.
pub(crate) fn of(
    engine: &Core,
    version: ProtocolVersion,
    request: Option<Arc<str>>,
    fields: HeaderFields,
    outcomes: Vec<ItemOutcome>,
) -> Ttlv {
    message_of(engine, version, request, fields, outcomes.into_iter().map(item).collect())
}

fn item(outcome: ItemOutcome) -> ResponseBatchItem {
    let (result_status, result_reason, result_message, response_payload) = match outcome.result {
        Ok(_) if outcome.pending.is_some() => (ResultStatus::OPERATION_PENDING, None, None, None),
        Ok(payload) if outcome.undone => {
            let payload = Some(payload).filter(|payload| *payload != Value::Structure(Vec::new()));
            (ResultStatus::OPERATION_UNDONE, None, None, payload)
        }
        Ok(payload) => (ResultStatus::SUCCESS, None, None, Some(payload)),
        Err(error) => {
            let (reason, text) = (error.reason(), error.message().to_owned());
            let payload = error.payload().filter(|payload| **payload != Value::Structure(Vec::new()));
            (ResultStatus::OPERATION_FAILED, Some(reason), Some(text), payload.cloned())
        }
    };
    ResponseBatchItem {
        operation: Some(outcome.operation),
        unique_batch_item_id: outcome.unique_batch_item_id,
        result_status,
        result_reason,
        result_message,
        asynchronous_correlation_value: outcome.pending,
        response_payload,
        message_extension: Vec::new(),
    }
}

/// The response to a message that is refused as a whole: one failed item without operation.
pub(crate) fn refusal(
    engine: &Core,
    version: Option<ProtocolVersion>,
    request: Arc<str>,
    fields: HeaderFields,
    error: &Error,
) -> Ttlv {
    tracing::debug!(%request, ?error, "message refused");
    let item = ResponseBatchItem {
        operation: None,
        unique_batch_item_id: None,
        result_status: ResultStatus::OPERATION_FAILED,
        result_reason: Some(error.reason()),
        result_message: Some(error.message().to_owned()),
        asynchronous_correlation_value: None,
        response_payload: None,
        message_extension: Vec::new(),
    };
    // A client whose version is not known gets the oldest, which every client reads.
    let version = version.map_or(ProtocolVersion::V1_0, ProtocolVersion::nearest_supported);
    message_of(engine, version, Some(request), fields, vec![item])
}

fn message_of(
    engine: &Core,
    version: ProtocolVersion,
    request: Option<Arc<str>>,
    fields: HeaderFields,
    items: Vec<ResponseBatchItem>,
) -> Ttlv {
    let message = ResponseMessage {
        response_header: ResponseHeader {
            protocol_version: version,
            time_stamp: DateTime(engine.options.clock.now_millis().div_euclid(1000)),
            nonce: fields.nonce,
            server_hashed_password: fields.server_hashed_password,
            attestation_type: fields.attestation_type,
            client_correlation_value: None,
            server_correlation_value: request.map(|request| request.as_ref().to_owned()),
            batch_count: i32::try_from(items.len()).unwrap_or(i32::MAX),
        },
        batch_item: items,
    };
    legacy::response_from_2_1(Ttlv { tag: Tag::RESPONSE_MESSAGE, value: message.into_value() }, version)
}
