//! Register (KMIP 2.1 section 6.1.43).

use super::protection_storage_masks::ProtectionStorageMasks;
use crate::attributes::Attributes;
use crate::objects::ManagedObject;
use crate::structure;
use crate::tables::enumerations::ObjectType;

structure! {
    /// An object that the client made, to be managed from now on.
    pub struct RegisterRequest {
        /// Its type.
        object_type: ObjectType = OBJECT_TYPE,
        /// The attributes that the client wants it to have.
        attributes: Attributes = ATTRIBUTES,
        /// The object, under the tag of its type.
        object: ManagedObject = OBJECT_TYPE,
        /// Where it may be kept.
        protection_storage_masks: Option<ProtectionStorageMasks> = PROTECTION_STORAGE_MASKS,
    }
}

structure! {
    /// The object was registered.
    pub struct RegisterResponse {
        /// Its identifier.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
