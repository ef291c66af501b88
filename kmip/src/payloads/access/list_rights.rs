//! List Rights.

use crate::identifier::UniqueIdentifier;
use crate::structure;
use crate::tables::enumerations::OperationCode;

structure! {
    /// Whose rights to list.
    pub struct ListRightsRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
    }
}

structure! {
    /// All rights that were granted on the object.
    pub struct ListRightsResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// One user each, by name.
        right: Vec<AccessRight> = RIGHT,
    }
}

structure! {
    /// What one user may do with the object.
    pub struct AccessRight {
        /// The user, or `*`.
        username: String = USERNAME,
        /// The operations, by code.
        operation: Vec<OperationCode> = OPERATION,
    }
}
