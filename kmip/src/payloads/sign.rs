//! Sign (KMIP 2.1 section 6.1.55).

use crate::identifier::UniqueIdentifier;
use crate::objects::CryptographicParameters;
use crate::structure;
use crate::ttlv::ByteString;

structure! {
    /// What to sign, with which key and how.
    pub struct SignRequest {
        /// The key; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// How; as the attributes of the key say if absent.
        cryptographic_parameters: Option<CryptographicParameters> = CRYPTOGRAPHIC_PARAMETERS,
        /// The data, or a part of it.
        data: Option<ByteString> = DATA,
        /// The digest of the data, in place of the data.
        digested_data: Option<ByteString> = DIGESTED_DATA,
        /// Which multi-part signature goes on.
        correlation_value: Option<ByteString> = CORRELATION_VALUE,
        /// Whether this is the first of several parts.
        init_indicator: Option<bool> = INIT_INDICATOR,
        /// Whether this is the last part.
        final_indicator: Option<bool> = FINAL_INDICATOR,
    }
}

structure! {
    /// What was signed.
    pub struct SignResponse {
        /// The key.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// The signature; with the last part.
        signature_data: Option<ByteString> = SIGNATURE_DATA,
        /// Identifies the multi-part signature in the next request.
        correlation_value: Option<ByteString> = CORRELATION_VALUE,
    }
}
