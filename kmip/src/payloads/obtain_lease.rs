//! Obtain Lease (KMIP 2.1 section 6.1.35).

use crate::field::{DateTime, Interval};
use crate::identifier::UniqueIdentifier;
use crate::structure;

structure! {
    /// Which object the client wants to go on using from its cache.
    pub struct ObtainLeaseRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
    }
}

structure! {
    /// The client may go on.
    pub struct ObtainLeaseResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// For how long; 0 means without limit.
        lease_time: Interval = LEASE_TIME,
        /// When the object or its attributes changed last.
        last_change_date: DateTime = LAST_CHANGE_DATE,
    }
}
