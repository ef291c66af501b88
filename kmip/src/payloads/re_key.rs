//! Re-key (KMIP 2.1 section 6.1.46).

use super::protection_storage_masks::ProtectionStorageMasks;
use crate::attributes::Attributes;
use crate::field::Interval;
use crate::identifier::UniqueIdentifier;
use crate::structure;

structure! {
    /// Which symmetric key to replace.
    pub struct ReKeyRequest {
        /// The key; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// Seconds from the Initial Date to the Activation Date of the new key; its dates are copied if absent.
        offset: Option<Interval> = OFFSET,
        /// Attributes of the new key that are not to be those of the old one.
        attributes: Option<Attributes> = ATTRIBUTES,
        /// Where it may be kept.
        protection_storage_masks: Option<ProtectionStorageMasks> = PROTECTION_STORAGE_MASKS,
    }
}

structure! {
    /// The key was replaced.
    pub struct ReKeyResponse {
        /// The new key.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
