//! Revoke (KMIP 2.1 section 6.1.44).

use crate::attributes::RevocationReason;
use crate::field::DateTime;
use crate::identifier::UniqueIdentifier;
use crate::structure;

structure! {
    /// Which object to revoke, and why.
    pub struct RevokeRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// Why.
        revocation_reason: RevocationReason = REVOCATION_REASON,
        /// When the object was compromised, as far as known; only for reasons that are a compromise.
        compromise_occurrence_date: Option<DateTime> = COMPROMISE_OCCURRENCE_DATE,
    }
}

structure! {
    /// The object was revoked.
    pub struct RevokeResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
