//! The room that a response has: the client's Maximum Response Size (KMIP 2.1 section 9.12), in bytes of binary TTLV
//! whatever the form, and what this server answers with at most.

use claviger_kmip::codec::binary;
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::message::{RequestBatchItem, RequestHeader};
use claviger_kmip::payload::Payload;
use claviger_kmip::tables::enumerations::{OperationCode, ResultReason};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{ByteString, Tag, Ttlv, Value, legacy};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};

/// Bytes of a response message without its items, at most.
const HEADER: usize = 160;
/// Bytes of an item without its identifier and payload: a failed one has its reason instead.
const ITEM: usize = 64;

/// Room for the payloads of a response.
pub(crate) struct ResponseRoom {
    bytes: usize,
    /// The version in which payloads are measured, when the client gave a bound: they are longer in 1.x.
    version: Option<ProtocolVersion>,
}

impl ResponseRoom {
    /// The room for what is answered later: `most` bytes.
    pub(crate) fn unbounded(most: usize) -> Self {
        Self { bytes: most, version: None }
    }

    /// The room that a request leaves, of `most` bytes.
    pub(crate) fn of(header: &RequestHeader, items: &[RequestBatchItem], most: usize) -> Self {
        let Some(bound) = header.maximum_response_size.and_then(|size| usize::try_from(size).ok()) else {
            return Self::unbounded(most);
        };
        let identifier = |item: &RequestBatchItem| {
            item.unique_batch_item_id.as_ref().map_or(0, |id| 8 + id.len().next_multiple_of(8))
        };
        let around: usize = items.iter().map(|item| ITEM + identifier(item)).sum();
        Self {
            bytes: bound.saturating_sub(HEADER + around).min(most),
            version: Some(header.protocol_version).filter(|version| *version < ProtocolVersion::V2_0),
        }
    }

    /// Takes room for a payload when some is used already, and gives what is used then.
    ///
    /// # Errors
    /// Response Too Large.
    pub(crate) fn take(&self, used: usize, operation: OperationCode, payload: &Payload) -> Result<usize> {
        let bytes = match (payload, self.version) {
            (Payload::Encoded(payload), _) => payload.len(),
            (Payload::Tree(payload), None) => payload_bytes(payload),
            (Payload::Tree(payload), Some(version)) => {
                payload_bytes(&legacy::response_payload_from_2_1(operation, payload.clone(), version))
            }
        };
        if used + bytes <= self.bytes {
            return Ok(used + bytes);
        }
        Err(Error::new(
            ResultReason::RESPONSE_TOO_LARGE,
            ErrorClass::Request,
            "the response would be larger than Maximum Response Size, or than this server answers with; ask for less",
        ))
    }
}

fn payload_bytes(payload: &Value) -> usize {
    match payload {
        Value::Structure(fields) => fields.iter().map(binary::length).sum(),
        _ => 0,
    }
}

/// Leaves out Result Messages, for which no room was taken, if a response is larger than the client's bound.
pub(crate) fn fit(mut response: Ttlv, bound: Option<usize>) -> Ttlv {
    if bound.is_none_or(|bound| binary::length(&response) <= bound) {
        return response;
    }
    if let Value::Structure(parts) = &mut response.value {
        for item in parts.iter_mut().filter(|part| part.tag == Tag::BATCH_ITEM) {
            if let Value::Structure(fields) = &mut item.value {
                fields.retain(|field| field.tag != Tag::RESULT_MESSAGE);
            }
        }
    }
    response
}

/// As [`fit`], for a response in binary TTLV.
pub(crate) fn fit_binary(response: ByteString, bound: Option<usize>) -> ByteString {
    if bound.is_none_or(|bound| response.len() <= bound) {
        return response;
    }
    match binary::decode(&response, &Limits::trusted()) {
        Ok(tree) => binary::encode(&fit(tree, bound)).into(),
        Err(_) => response,
    }
}
