//! Import (KMIP 2.1 section 6.1.25).

use crate::attributes::Attributes;
use crate::identifier::UniqueIdentifier;
use crate::objects::ManagedObject;
use crate::structure;
use crate::tables::enumerations::{KeyWrapType, ObjectType};

structure! {
    /// An object to take in with its attributes and its identifier.
    pub struct ImportRequest {
        /// The identifier that it is to have; empty text lets the server choose one.
        unique_identifier: UniqueIdentifier = UNIQUE_IDENTIFIER,
        /// Its type.
        object_type: ObjectType = OBJECT_TYPE,
        /// Whether an object with this identifier is replaced; false if absent.
        replace_existing: Option<bool> = REPLACE_EXISTING,
        /// Whether a wrapped key is unwrapped before it is stored; as registered if absent.
        key_wrap_type: Option<KeyWrapType> = KEY_WRAP_TYPE,
        /// Its attributes.
        attributes: Attributes = ATTRIBUTES,
        /// The object, under the tag of its type.
        object: ManagedObject = OBJECT_TYPE,
    }
}

structure! {
    /// The object was taken in.
    pub struct ImportResponse {
        /// Its identifier.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
