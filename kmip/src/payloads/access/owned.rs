//! Owned. The request has no fields.

use crate::attributes::Attributes;
use crate::structure;
use crate::tables::enumerations::{KeyWrapType, State};

structure! {
    /// All objects that the caller owns, newest first, destroyed ones included.
    pub struct OwnedResponse {
        /// One object each.
        objects: Vec<OwnedObject> = OBJECTS,
    }
}

structure! {
    /// An object that the caller owns.
    pub struct OwnedObject {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// Its effective state.
        state: State = STATE,
        /// As Registered if the key is stored wrapped, Not Wrapped otherwise.
        key_wrap_type: KeyWrapType = KEY_WRAP_TYPE,
        /// Its attributes.
        attributes: Attributes = ATTRIBUTES,
    }
}
