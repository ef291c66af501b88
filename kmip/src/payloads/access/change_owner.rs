//! Change Owner.

use crate::identifier::UniqueIdentifier;
use crate::structure;

structure! {
    /// Whose an object is from now on.
    pub struct ChangeOwnerRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// The new owner, a user.
        username: String = USERNAME,
    }
}

structure! {
    /// The object has its new owner.
    pub struct ChangeOwnerResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
