//! Check (KMIP 2.1 section 6.1.7).

use crate::field::Interval;
use crate::identifier::UniqueIdentifier;
use crate::structure;

structure! {
    /// What the client wants to do with an object.
    pub struct CheckRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// Usage Limits units that it wants to protect.
        usage_limits_count: Option<i64> = USAGE_LIMITS_COUNT,
        /// Uses that it intends.
        cryptographic_usage_mask: Option<i32> = CRYPTOGRAPHIC_USAGE_MASK,
        /// The lease that it wants.
        lease_time: Option<Interval> = LEASE_TIME,
    }
}

structure! {
    /// The client may do that, or what of it he may not.
    pub struct CheckResponse {
        /// The object, if all of it is allowed.
        unique_identifier: Option<String> = UNIQUE_IDENTIFIER,
        /// More Usage Limits units than the client may protect.
        usage_limits_count: Option<i64> = USAGE_LIMITS_COUNT,
        /// Uses that are not allowed.
        cryptographic_usage_mask: Option<i32> = CRYPTOGRAPHIC_USAGE_MASK,
        /// A longer lease than any that is given.
        lease_time: Option<Interval> = LEASE_TIME,
    }
}
