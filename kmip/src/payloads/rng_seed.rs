//! RNG Seed (KMIP 2.1 section 6.1.50).

use crate::structure;
use crate::ttlv::ByteString;

structure! {
    /// What to seed the random number generator with.
    pub struct RngSeedRequest {
        /// The seed.
        data: ByteString = DATA,
    }
}

structure! {
    /// The seed was taken, or passed over.
    pub struct RngSeedResponse {
        /// How many bytes of it were used; 0 if it was passed over.
        data_length: i32 = DATA_LENGTH,
    }
}
