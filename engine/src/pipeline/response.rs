//! The response message, in the client's version.

use std::sync::Arc;

use claviger_kmip::codec::binary;
use claviger_kmip::field::{DateTime, TtlvValue};
use claviger_kmip::legacy;
use claviger_kmip::message::{ResponseBatchItem, ResponseHeader, ResponseMessage};
use claviger_kmip::payload::Payload;
use claviger_kmip::tables::enumerations::ResultStatus;
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{ByteString, Tag, Ttlv};
use claviger_plugin_sdk::dialect::Dialect;
use claviger_plugin_sdk::error::Error;

use super::response_room;
use crate::credentials::HeaderFields;
use crate::refusals::HeldOff;
use crate::{Core, ItemOutcome};

/// A response message in the client's version, before it has a form.
pub struct Response {
    message: ResponseMessage,
    version: ProtocolVersion,
    /// Bytes that it may have at most.
    bound: Option<usize>,
    held_off: Option<HeldOff>,
    /// Whether its sender was.
    is_accepted: bool,
}

impl Response {
    /// The response to a message whose items had these outcomes.
    pub(crate) fn of(
        engine: &Core,
        dialect: &dyn Dialect,
        version: ProtocolVersion,
        request: Option<Arc<str>>,
        fields: HeaderFields,
        outcomes: Vec<ItemOutcome>,
    ) -> Self {
        let items = outcomes.into_iter().map(|outcome| item(dialect, outcome)).collect();
        Self { is_accepted: true, ..message_of(engine, version, request, fields, items) }
    }

    /// The response to a message that is refused as a whole: one failed item without operation.
    pub(crate) fn refusal(
        engine: &Core,
        version: Option<ProtocolVersion>,
        request: Arc<str>,
        fields: HeaderFields,
        error: &Error,
    ) -> Self {
        tracing::debug!(%request, ?error, "message refused");
        // A client whose version is not known gets the oldest, which every client reads.
        let version = version.map_or(ProtocolVersion::V1_0, ProtocolVersion::nearest_supported);
        let response = message_of(engine, version, Some(request), fields, vec![refused(error)]);
        Self { held_off: HeldOff::of(error), ..response }
    }

    /// How long the sender has to wait, if the credentials of the message were not looked at for that. The transport tells
    /// him, or has him wait.
    pub fn held_off(&self) -> Option<HeldOff> {
        self.held_off
    }

    /// Whether who sent the message was accepted, whatever became of its items. The transport knows the connection from then
    /// on for that of somebody who is known.
    pub fn is_accepted(&self) -> bool {
        self.is_accepted
    }

    /// The same response for a client that takes so many bytes.
    pub(crate) fn within(self, bound: Option<usize>) -> Self {
        Self { bound, ..self }
    }

    /// The response as a tree.
    pub fn into_tree(self) -> Ttlv {
        let Self { message, version, bound, .. } = self;
        let message = Ttlv { tag: Tag::RESPONSE_MESSAGE, value: message.into_value() };
        response_room::fit(legacy::response_from_2_1(message, version), bound)
    }

    /// The response in binary TTLV. It may have keys; it is erased when it is dropped.
    pub fn into_binary(self) -> ByteString {
        if !self.is_final() {
            return binary::encode(&self.into_tree()).into();
        }
        let room = |item: &ResponseBatchItem| match &item.response_payload {
            Some(Payload::Encoded(payload)) => ITEM + payload.len(),
            _ => ITEM,
        };
        let mut out = Vec::with_capacity(ITEM + self.message.batch_item.iter().map(room).sum::<usize>());
        let Self { message, bound, .. } = self;
        message.write(Tag::RESPONSE_MESSAGE, &mut out);
        response_room::fit_binary(out.into(), bound)
    }

    /// Whether nothing is left to adapt to the version: what is encoded already was so, and the rest of a response is
    /// what it is in 2.1.
    fn is_final(&self) -> bool {
        let is_encoded = |item: &ResponseBatchItem| {
            item.response_payload.as_ref().is_none_or(|payload| matches!(payload, Payload::Encoded(_)))
        };
        self.version == ProtocolVersion::V2_1 && self.message.batch_item.iter().all(is_encoded)
    }
}

/// Bytes of an item without its payload, or of the header; few have more.
const ITEM: usize = 160;

fn item(dialect: &dyn Dialect, outcome: ItemOutcome) -> ResponseBatchItem {
    let (result_status, result_reason, result_message, response_payload) = match outcome.result {
        Ok(_) if outcome.pending.is_some() => (ResultStatus::OPERATION_PENDING, None, None, None),
        Ok(payload) if outcome.undone => {
            let payload = Some(payload).filter(|payload| !payload.is_empty());
            (ResultStatus::OPERATION_UNDONE, None, None, payload)
        }
        Ok(payload) => (ResultStatus::SUCCESS, None, outcome.remark, Some(payload)),
        Err(error) => {
            let (reason, text) = dialect.item_error(outcome.operation, &error);
            let payload = error.payload().cloned().map(Payload::Tree).filter(|payload| !payload.is_empty());
            (ResultStatus::OPERATION_FAILED, Some(reason), Some(text), payload)
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

fn refused(error: &Error) -> ResponseBatchItem {
    ResponseBatchItem {
        operation: None,
        unique_batch_item_id: None,
        result_status: ResultStatus::OPERATION_FAILED,
        result_reason: Some(error.reason()),
        result_message: Some(error.message().to_owned()),
        asynchronous_correlation_value: None,
        response_payload: None,
        message_extension: Vec::new(),
    }
}

fn message_of(
    engine: &Core,
    version: ProtocolVersion,
    request: Option<Arc<str>>,
    fields: HeaderFields,
    items: Vec<ResponseBatchItem>,
) -> Response {
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
    Response { message, version, bound: None, held_off: None, is_accepted: false }
}
