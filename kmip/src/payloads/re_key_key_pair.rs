//! Re-key Key Pair (KMIP 2.1 section 6.1.47).

use super::protection_storage_masks::ProtectionStorageMasks;
use crate::attributes::Attributes;
use crate::field::Interval;
use crate::identifier::UniqueIdentifier;
use crate::structure;

structure! {
    /// Which key pair to replace.
    pub struct ReKeyKeyPairRequest {
        /// Its private key; the ID Placeholder if absent.
        private_key_unique_identifier: Option<UniqueIdentifier> = PRIVATE_KEY_UNIQUE_IDENTIFIER,
        /// Seconds from the Initial Date to the Activation Date of the new keys; its dates are copied if absent.
        offset: Option<Interval> = OFFSET,
        /// Attributes of both new keys that are not to be those of the old ones.
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
    /// The key pair was replaced.
    pub struct ReKeyKeyPairResponse {
        /// The new private key.
        private_key_unique_identifier: String = PRIVATE_KEY_UNIQUE_IDENTIFIER,
        /// The new public key.
        public_key_unique_identifier: String = PUBLIC_KEY_UNIQUE_IDENTIFIER,
    }
}
