//! Obtained. The request has no fields.

use crate::structure;
use crate::tables::enumerations::{OperationCode, State};

structure! {
    /// All objects of others on which the caller has rights, through grants to him, to his groups or to everyone.
    pub struct ObtainedResponse {
        /// One object each, by identifier.
        objects: Vec<ObtainedObject> = OBJECTS,
    }
}

structure! {
    /// An object of another user.
    pub struct ObtainedObject {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// Its owner.
        username: String = USERNAME,
        /// Its effective state.
        state: State = STATE,
        /// What the caller may do with it, by code.
        operation: Vec<OperationCode> = OPERATION,
    }
}
