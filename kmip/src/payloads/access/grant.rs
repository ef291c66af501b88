//! Grant.

use crate::identifier::UniqueIdentifier;
use crate::structure;
use crate::tables::enumerations::OperationCode;

structure! {
    /// Who may call which operations on which object from now on.
    pub struct GrantRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// The user, or `*`.
        username: String = USERNAME,
        /// The operations, at least one.
        operation: Vec<OperationCode> = OPERATION,
    }
}

structure! {
    /// The rights were granted; those that the user had already are unchanged.
    pub struct GrantResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
