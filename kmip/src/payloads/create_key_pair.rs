//! Create Key Pair (KMIP 2.1 section 6.1.9).

use super::protection_storage_masks::ProtectionStorageMasks;
use crate::attributes::Attributes;
use crate::structure;

structure! {
    /// What key pair to make.
    pub struct CreateKeyPairRequest {
        /// The attributes that the client wants both keys to have.
        common_attributes: Option<Attributes> = COMMON_ATTRIBUTES,
        /// Those of the private key; they go before the common ones.
        private_key_attributes: Option<Attributes> = PRIVATE_KEY_ATTRIBUTES,
        /// Those of the public key; they go before the common ones.
        public_key_attributes: Option<Attributes> = PUBLIC_KEY_ATTRIBUTES,
        /// Where both keys may be kept.
        common_protection_storage_masks: Option<ProtectionStorageMasks> = COMMON_PROTECTION_STORAGE_MASKS,
        /// Where the private key may be kept.
        private_protection_storage_masks: Option<ProtectionStorageMasks> = PRIVATE_PROTECTION_STORAGE_MASKS,
        /// Where the public key may be kept.
        public_protection_storage_masks: Option<ProtectionStorageMasks> = PUBLIC_PROTECTION_STORAGE_MASKS,
    }
}

structure! {
    /// The key pair was made.
    pub struct CreateKeyPairResponse {
        /// The private key.
        private_key_unique_identifier: String = PRIVATE_KEY_UNIQUE_IDENTIFIER,
        /// The public key.
        public_key_unique_identifier: String = PUBLIC_KEY_UNIQUE_IDENTIFIER,
    }
}
