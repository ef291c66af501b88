//! Query Asynchronous Requests (KMIP 2.1 section 6.1.41).

use super::rights::Operations;
use crate::field::DateTimeExtended;
use crate::structure;
use crate::tables::enumerations::{OperationCode, ProcessingStage};
use crate::ttlv::ByteString;

structure! {
    /// Which outstanding asynchronous requests to report; all of the caller's if no field is present.
    pub struct QueryAsynchronousRequestsRequest {
        /// Those with one of these values.
        asynchronous_correlation_values: Option<AsynchronousCorrelationValues> = ASYNCHRONOUS_CORRELATION_VALUES,
        /// Those for one of these operations.
        operations: Option<Operations> = OPERATIONS,
    }
}

structure! {
    /// Asynchronous Correlation Values (section 7.1).
    pub struct AsynchronousCorrelationValues {
        /// One value.
        asynchronous_correlation_value: Vec<ByteString> = ASYNCHRONOUS_CORRELATION_VALUE,
    }
}

structure! {
    /// The outstanding requests.
    pub struct QueryAsynchronousRequestsResponse {
        /// One request.
        asynchronous_request: Vec<AsynchronousRequest> = ASYNCHRONOUS_REQUEST,
    }
}

structure! {
    /// An asynchronous request whose result was not fetched yet (section 7.2).
    pub struct AsynchronousRequest {
        /// Under which its result is fetched.
        asynchronous_correlation_value: ByteString = ASYNCHRONOUS_CORRELATION_VALUE,
        /// What it does.
        operation: OperationCode = OPERATION,
        /// When it was made.
        submission_date: DateTimeExtended = SUBMISSION_DATE,
        /// How far it is.
        processing_stage: ProcessingStage = PROCESSING_STAGE,
    }
}
