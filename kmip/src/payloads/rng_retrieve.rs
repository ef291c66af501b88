//! RNG Retrieve (KMIP 2.1 section 6.1.49).

use crate::structure;
use crate::ttlv::ByteString;

structure! {
    /// How many random bytes to make.
    pub struct RngRetrieveRequest {
        /// The number of bytes.
        data_length: i32 = DATA_LENGTH,
    }
}

structure! {
    /// Random bytes.
    pub struct RngRetrieveResponse {
        /// The bytes.
        data: ByteString = DATA,
    }
}
