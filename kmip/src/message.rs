//! Request and response messages (KMIP 2.1 section 8).

use crate::credentials::Nonce;
use crate::field::DateTime;
use crate::payload::Payload;
use crate::structure;
use crate::tables::enumerations::{
    AsynchronousIndicator, AttestationType, BatchErrorContinuationOption, OperationCode, ResultReason,
    ResultStatus,
};
use crate::ttlv::{ByteString, Value};
use crate::version::ProtocolVersion;

structure! {
    /// A request message: a header and one batch item an operation.
    pub struct RequestMessage {
        /// What holds for the whole message.
        request_header: RequestHeader = REQUEST_HEADER,
        /// The operations, in order.
        batch_item: Vec<RequestBatchItem> = BATCH_ITEM,
    }
}

structure! {
    /// What holds for a whole request message.
    pub struct RequestHeader {
        /// The version that the message is written in.
        protocol_version: ProtocolVersion = PROTOCOL_VERSION,
        /// Bytes that the response may have at most.
        maximum_response_size: Option<i32> = MAXIMUM_RESPONSE_SIZE,
        /// Text of the client, for logs.
        client_correlation_value: Option<String> = CLIENT_CORRELATION_VALUE,
        /// Text of the server, for logs.
        server_correlation_value: Option<String> = SERVER_CORRELATION_VALUE,
        /// Whether the server may answer later.
        asynchronous_indicator: Option<Value> = ASYNCHRONOUS_INDICATOR,
        /// Whether the client can attest.
        attestation_capable_indicator: Option<bool> = ATTESTATION_CAPABLE_INDICATOR,
        /// Attestations that the client can make.
        attestation_type: Vec<AttestationType> = ATTESTATION_TYPE,
        /// Credentials.
        authentication: Option<Authentication> = AUTHENTICATION,
        /// What follows a failed item; Stop if absent.
        batch_error_continuation_option: Option<BatchErrorContinuationOption> = BATCH_ERROR_CONTINUATION_OPTION,
        /// Whether the items run in order; true if absent.
        batch_order_option: Option<bool> = BATCH_ORDER_OPTION,
        /// The client's time.
        time_stamp: Option<DateTime> = TIME_STAMP,
        /// How many items follow.
        batch_count: i32 = BATCH_COUNT,
    }
}

impl RequestHeader {
    /// A header with the required fields alone.
    pub fn new(protocol_version: ProtocolVersion, batch_count: i32) -> Self {
        Self {
            protocol_version,
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
            batch_count,
        }
    }
}

impl RequestMessage {
    /// A message of one item, with the required fields alone.
    pub fn of_one(
        protocol_version: ProtocolVersion,
        operation: OperationCode,
        payload: impl Into<Payload>,
    ) -> Self {
        Self {
            request_header: RequestHeader::new(protocol_version, 1),
            batch_item: vec![RequestBatchItem::new(operation, payload)],
        }
    }
}

impl RequestBatchItem {
    /// An item with the required fields alone.
    pub fn new(operation: OperationCode, request_payload: impl Into<Payload>) -> Self {
        Self {
            operation,
            ephemeral: None,
            unique_batch_item_id: None,
            request_payload: request_payload.into(),
            message_extension: Vec::new(),
        }
    }
}

structure! {
    /// The credentials of a message (section 8, Authentication).
    pub struct Authentication {
        /// Each credential, checked by the authenticator that knows its type.
        credential: Vec<Credential> = CREDENTIAL,
    }
}

structure! {
    /// One credential (section 9.11).
    pub struct Credential {
        /// What kind of credential.
        credential_type: crate::tables::enumerations::CredentialType = CREDENTIAL_TYPE,
        /// Its value, whose shape depends on the type: [`CredentialValue`](crate::credentials::CredentialValue).
        credential_value: Value = CREDENTIAL_VALUE,
    }
}

structure! {
    /// One operation of a request.
    pub struct RequestBatchItem {
        /// Which operation.
        operation: OperationCode = OPERATION,
        /// Whether the data output is kept for later items of the batch and left out of the answer.
        ephemeral: Option<bool> = EPHEMERAL,
        /// Identifies the item; required in a batch of more than one.
        unique_batch_item_id: Option<ByteString> = UNIQUE_BATCH_ITEM_ID,
        /// The operation's own fields.
        request_payload: Payload = REQUEST_PAYLOAD,
        /// Extensions of vendors.
        message_extension: Vec<MessageExtension> = MESSAGE_EXTENSION,
    }
}

structure! {
    /// A vendor's extension of a batch item (section 9).
    pub struct MessageExtension {
        /// Whose extension.
        vendor_identification: String = VENDOR_IDENTIFICATION,
        /// Whether a server that does not know the extension must refuse the item.
        criticality_indicator: bool = CRITICALITY_INDICATOR,
        /// Its content.
        vendor_extension: Value = VENDOR_EXTENSION,
    }
}

structure! {
    /// A response message.
    pub struct ResponseMessage {
        /// What holds for the whole message.
        response_header: ResponseHeader = RESPONSE_HEADER,
        /// The answers, in the order of the requests.
        batch_item: Vec<ResponseBatchItem> = BATCH_ITEM,
    }
}

structure! {
    /// What holds for a whole response message.
    pub struct ResponseHeader {
        /// The version that the message is written in.
        protocol_version: ProtocolVersion = PROTOCOL_VERSION,
        /// The server's time.
        time_stamp: DateTime = TIME_STAMP,
        /// A nonce for attestation.
        nonce: Option<Nonce> = NONCE,
        /// Answer to a hashed password.
        server_hashed_password: Option<ByteString> = SERVER_HASHED_PASSWORD,
        /// Attestations that the server asks for.
        attestation_type: Vec<AttestationType> = ATTESTATION_TYPE,
        /// Text of the client, for logs.
        client_correlation_value: Option<String> = CLIENT_CORRELATION_VALUE,
        /// Text of the server, for logs.
        server_correlation_value: Option<String> = SERVER_CORRELATION_VALUE,
        /// How many items follow.
        batch_count: i32 = BATCH_COUNT,
    }
}

structure! {
    /// The answer to one operation.
    pub struct ResponseBatchItem {
        /// Which operation, if the request could be read so far.
        operation: Option<OperationCode> = OPERATION,
        /// As in the request.
        unique_batch_item_id: Option<ByteString> = UNIQUE_BATCH_ITEM_ID,
        /// How it went.
        result_status: ResultStatus = RESULT_STATUS,
        /// Why it failed; only on failure.
        result_reason: Option<ResultReason> = RESULT_REASON,
        /// The reason in words.
        result_message: Option<String> = RESULT_MESSAGE,
        /// Under which the client asks for the result of a pending operation.
        asynchronous_correlation_value: Option<ByteString> = ASYNCHRONOUS_CORRELATION_VALUE,
        /// The operation's own fields.
        response_payload: Option<Payload> = RESPONSE_PAYLOAD,
        /// Extensions of vendors.
        message_extension: Vec<MessageExtension> = MESSAGE_EXTENSION,
    }
}

/// What the Asynchronous Indicator of any version asks for: a Boolean in 1.x, an enumeration in 2.x.
pub fn asynchronous_mode(indicator: Option<&Value>) -> AsynchronousIndicator {
    match indicator {
        Some(Value::Enumeration(code)) => AsynchronousIndicator(*code),
        Some(Value::Boolean(true)) => AsynchronousIndicator::OPTIONAL,
        _ => AsynchronousIndicator::PROHIBITED,
    }
}
