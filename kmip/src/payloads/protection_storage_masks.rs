//! Protection Storage Masks (KMIP 2.1 section 7.33).

use crate::structure;

structure! {
    /// Alternatives, each a Protection Storage Mask.
    pub struct ProtectionStorageMasks {
        /// One alternative; every bit of it must be satisfied.
        protection_storage_mask: Vec<i32> = PROTECTION_STORAGE_MASK,
    }
}
