//! Hash (KMIP 2.1 section 6.1.24).

use crate::objects::CryptographicParameters;
use crate::structure;
use crate::ttlv::ByteString;

structure! {
    /// What to hash.
    pub struct HashRequest {
        /// The Hashing Algorithm.
        cryptographic_parameters: CryptographicParameters = CRYPTOGRAPHIC_PARAMETERS,
        /// The data, or a part of it.
        data: Option<ByteString> = DATA,
        /// Which multi-part hash goes on.
        correlation_value: Option<ByteString> = CORRELATION_VALUE,
        /// Whether this is the first of several parts.
        init_indicator: Option<bool> = INIT_INDICATOR,
        /// Whether this is the last part.
        final_indicator: Option<bool> = FINAL_INDICATOR,
    }
}

structure! {
    /// What was hashed.
    pub struct HashResponse {
        /// The hash; with the last part.
        data: Option<ByteString> = DATA,
        /// Identifies the multi-part hash in the next request.
        correlation_value: Option<ByteString> = CORRELATION_VALUE,
    }
}
