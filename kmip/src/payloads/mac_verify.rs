//! MAC Verify (KMIP 2.1 section 6.1.33).

use crate::identifier::UniqueIdentifier;
use crate::objects::CryptographicParameters;
use crate::structure;
use crate::tables::enumerations::ValidityIndicator;
use crate::ttlv::ByteString;

structure! {
    /// Which MAC to verify, with which key and how.
    pub struct MacVerifyRequest {
        /// The key; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// How; as the attributes of the key say if absent.
        cryptographic_parameters: Option<CryptographicParameters> = CRYPTOGRAPHIC_PARAMETERS,
        /// The data, or a part of it.
        data: Option<ByteString> = DATA,
        /// The MAC.
        mac_data: Option<ByteString> = MAC_DATA,
        /// Which multi-part verification goes on.
        correlation_value: Option<ByteString> = CORRELATION_VALUE,
        /// Whether this is the first of several parts.
        init_indicator: Option<bool> = INIT_INDICATOR,
        /// Whether this is the last part.
        final_indicator: Option<bool> = FINAL_INDICATOR,
    }
}

structure! {
    /// What was verified.
    pub struct MacVerifyResponse {
        /// The key.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// Whether the MAC is that of the data; with the last part.
        validity_indicator: Option<ValidityIndicator> = VALIDITY_INDICATOR,
        /// Identifies the multi-part verification in the next request.
        correlation_value: Option<ByteString> = CORRELATION_VALUE,
    }
}
