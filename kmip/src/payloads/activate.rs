//! Activate (KMIP 2.1 section 6.1.1).

use crate::identifier::UniqueIdentifier;
use crate::structure;

structure! {
    /// Which object to activate.
    pub struct ActivateRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
    }
}

structure! {
    /// The object was activated.
    pub struct ActivateResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
