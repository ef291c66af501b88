//! Process (KMIP 2.1 section 6.1.39).

use crate::structure;
use crate::ttlv::ByteString;

structure! {
    /// Which asynchronous request to finish before the next Poll of it. The answer has no fields.
    pub struct ProcessRequest {
        /// The request.
        asynchronous_correlation_value: ByteString = ASYNCHRONOUS_CORRELATION_VALUE,
    }
}
