//! Get Usage Allocation (KMIP 2.1 section 6.1.23).

use crate::identifier::UniqueIdentifier;
use crate::structure;

structure! {
    /// How much the client is going to protect with a key itself.
    pub struct GetUsageAllocationRequest {
        /// The key; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// Usage Limits units.
        usage_limits_count: i64 = USAGE_LIMITS_COUNT,
    }
}

structure! {
    /// The units are the client's.
    pub struct GetUsageAllocationResponse {
        /// The key.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
