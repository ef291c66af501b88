//! Cancel (KMIP 2.1 section 6.1.5).

use crate::structure;
use crate::tables::enumerations::CancellationResult;
use crate::ttlv::ByteString;

structure! {
    /// Which asynchronous request to cancel.
    pub struct CancelRequest {
        /// The request.
        asynchronous_correlation_value: ByteString = ASYNCHRONOUS_CORRELATION_VALUE,
    }
}

structure! {
    /// What became of the wish to cancel.
    pub struct CancelResponse {
        /// The request.
        asynchronous_correlation_value: ByteString = ASYNCHRONOUS_CORRELATION_VALUE,
        /// Whether it was canceled, could not be, or was through.
        cancellation_result: CancellationResult = CANCELLATION_RESULT,
    }
}
