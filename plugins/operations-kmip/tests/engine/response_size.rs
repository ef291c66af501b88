//! Maximum Response Size (KMIP 2.1 section 9.12): a response is never larger, in any version.

use claviger_plugin_sdk::kmip::codec::binary;
use claviger_plugin_sdk::kmip::message::{RequestBatchItem, RequestHeader, RequestMessage, ResponseMessage};
use claviger_plugin_sdk::kmip::tables::enumerations::{BatchErrorContinuationOption, ResultStatus};
use claviger_plugin_sdk::prelude::*;

use crate::server::Server;

/// Get Attributes of an object and of one that is not there, going on after a failure.
fn request(id: &str, version: ProtocolVersion, most: Option<i32>) -> Ttlv {
    let about = |id: &str, number: u8| {
        let id = Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString(id.to_owned()));
        RequestBatchItem {
            unique_batch_item_id: Some(vec![number; 30].into()),
            ..RequestBatchItem::new(OperationCode::GET_ATTRIBUTES, Value::Structure(vec![id]))
        }
    };
    let message = RequestMessage {
        request_header: RequestHeader {
            maximum_response_size: most,
            batch_error_continuation_option: Some(BatchErrorContinuationOption::CONTINUE),
            ..RequestHeader::new(version, 2)
        },
        batch_item: vec![about(id, 1), about("absent", 2)],
    };
    Ttlv::new(Tag::REQUEST_MESSAGE, message.into_value())
}

/// The bytes of the answer, and how its first item went.
async fn answer(server: &Server, request: Ttlv) -> (usize, ResultStatus, Option<ResultReason>) {
    let answer = server.engine.handle(&server.caller("alice").await, request).await;
    let bytes = binary::length(&answer);
    let first = ResponseMessage::from_value(answer.tag, answer.value).unwrap().batch_item.remove(0);
    (bytes, first.result_status, first.result_reason)
}

#[tokio::test]
async fn no_response_is_larger_than_the_client_lets_it_be() {
    let server = Server::new();
    let id = server.active().await;
    for version in [ProtocolVersion::V1_0, ProtocolVersion::V1_4, ProtocolVersion::V2_1] {
        let (whole, status, _) = answer(&server, request(&id, version, None)).await;
        assert_eq!(status, ResultStatus::SUCCESS);
        let mut fits = false;
        for most in 336..whole + 200 {
            let bound = Some(i32::try_from(most).unwrap());
            let (bytes, status, reason) = answer(&server, request(&id, version, bound)).await;
            assert!(bytes <= most, "{bytes} bytes in KMIP {version} where {most} are allowed");
            assert_eq!(reason.is_none(), status == ResultStatus::SUCCESS);
            assert!(reason.is_none_or(|reason| reason == ResultReason::RESPONSE_TOO_LARGE));
            assert!(!fits || status == ResultStatus::SUCCESS, "{most} bytes are not enough, and fewer were");
            fits = status == ResultStatus::SUCCESS;
        }
        assert!(fits, "KMIP {version}");
    }
}
