//! Revoke Right.

use crate::identifier::UniqueIdentifier;
use crate::structure;
use crate::tables::enumerations::OperationCode;

structure! {
    /// Who may no longer call which operations on which object.
    pub struct RevokeRightRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// The user, or `*`.
        username: String = USERNAME,
        /// The operations, at least one.
        operation: Vec<OperationCode> = OPERATION,
    }
}

structure! {
    /// The user has those rights no longer, whether he had them or not.
    pub struct RevokeRightResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
