//! MAC (KMIP 2.1 section 6.1.32).

use crate::identifier::UniqueIdentifier;
use crate::objects::CryptographicParameters;
use crate::structure;
use crate::ttlv::ByteString;

structure! {
    /// What to authenticate, with which key and how.
    pub struct MacRequest {
        /// The key; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// How; as the attributes of the key say if absent.
        cryptographic_parameters: Option<CryptographicParameters> = CRYPTOGRAPHIC_PARAMETERS,
        /// The data, or a part of it.
        data: Option<ByteString> = DATA,
        /// Which multi-part MAC goes on.
        correlation_value: Option<ByteString> = CORRELATION_VALUE,
        /// Whether this is the first of several parts.
        init_indicator: Option<bool> = INIT_INDICATOR,
        /// Whether this is the last part.
        final_indicator: Option<bool> = FINAL_INDICATOR,
    }
}

structure! {
    /// What was authenticated.
    pub struct MacResponse {
        /// The key.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// The MAC; with the last part.
        mac_data: Option<ByteString> = MAC_DATA,
        /// Identifies the multi-part MAC in the next request.
        correlation_value: Option<ByteString> = CORRELATION_VALUE,
    }
}
