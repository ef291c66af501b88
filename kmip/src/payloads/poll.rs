//! Poll (KMIP 2.1 section 6.1.38).

use crate::structure;
use crate::ttlv::ByteString;

structure! {
    /// Which asynchronous request to ask after.
    ///
    /// The answer is that of the polled operation, under its own Operation; while it is pending, one without payload.
    pub struct PollRequest {
        /// The request.
        asynchronous_correlation_value: ByteString = ASYNCHRONOUS_CORRELATION_VALUE,
    }
}
