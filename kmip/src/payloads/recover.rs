//! Recover (KMIP 2.1 section 6.1.42).

use crate::identifier::UniqueIdentifier;
use crate::structure;

structure! {
    /// Which object to bring back from the archive.
    pub struct RecoverRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
    }
}

structure! {
    /// The object is on-line.
    pub struct RecoverResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
