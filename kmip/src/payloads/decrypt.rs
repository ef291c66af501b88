//! Decrypt (KMIP 2.1 section 6.1.11).

use crate::identifier::UniqueIdentifier;
use crate::objects::CryptographicParameters;
use crate::structure;
use crate::ttlv::ByteString;

structure! {
    /// What to decrypt, with which key and how.
    pub struct DecryptRequest {
        /// The key; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// Mode, padding and so on; those of the key if absent.
        cryptographic_parameters: Option<CryptographicParameters> = CRYPTOGRAPHIC_PARAMETERS,
        /// The ciphertext, or a part of it.
        data: Option<ByteString> = DATA,
        /// Initialisation vector, counter or nonce.
        iv_counter_nonce: Option<ByteString> = IV_COUNTER_NONCE,
        /// Which multi-part decryption goes on.
        correlation_value: Option<ByteString> = CORRELATION_VALUE,
        /// Whether this is the first of several parts.
        init_indicator: Option<bool> = INIT_INDICATOR,
        /// Whether this is the last part.
        final_indicator: Option<bool> = FINAL_INDICATOR,
        /// Data that was authenticated besides.
        authenticated_encryption_additional_data: Option<ByteString> = AUTHENTICATED_ENCRYPTION_ADDITIONAL_DATA,
        /// The tag of an authenticated mode.
        authenticated_encryption_tag: Option<ByteString> = AUTHENTICATED_ENCRYPTION_TAG,
    }
}

structure! {
    /// What was decrypted.
    pub struct DecryptResponse {
        /// The key.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// The plaintext, or a part of it.
        data: Option<ByteString> = DATA,
        /// Identifies the multi-part decryption in the next request.
        correlation_value: Option<ByteString> = CORRELATION_VALUE,
    }
}
