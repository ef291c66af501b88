//! Destroy (KMIP 2.1 section 6.1.15).

use crate::identifier::UniqueIdentifier;
use crate::structure;

structure! {
    /// Which object to destroy.
    pub struct DestroyRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
    }
}

structure! {
    /// The object was destroyed.
    pub struct DestroyResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
