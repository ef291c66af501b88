//! Archive (KMIP 2.1 section 6.1.4).

use crate::identifier::UniqueIdentifier;
use crate::structure;

structure! {
    /// Which object the server may move to its archive.
    pub struct ArchiveRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
    }
}

structure! {
    /// The object was archived.
    pub struct ArchiveResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
