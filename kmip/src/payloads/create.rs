//! Create (KMIP 2.1 section 6.1.8).

use super::protection_storage_masks::ProtectionStorageMasks;
use crate::attributes::Attributes;
use crate::structure;
use crate::tables::enumerations::ObjectType;

structure! {
    /// What object to make.
    pub struct CreateRequest {
        /// Its type.
        object_type: ObjectType = OBJECT_TYPE,
        /// The attributes that the client wants it to have.
        attributes: Attributes = ATTRIBUTES,
        /// Where it may be kept.
        protection_storage_masks: Option<ProtectionStorageMasks> = PROTECTION_STORAGE_MASKS,
    }
}

structure! {
    /// The object was made.
    pub struct CreateResponse {
        /// Its type.
        object_type: ObjectType = OBJECT_TYPE,
        /// Its identifier.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
