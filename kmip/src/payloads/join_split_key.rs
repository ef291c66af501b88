//! Join Split Key (KMIP 2.1 section 6.1.27).

use super::protection_storage_masks::ProtectionStorageMasks;
use crate::attributes::Attributes;
use crate::identifier::UniqueIdentifier;
use crate::structure;
use crate::tables::enumerations::{ObjectType, SecretDataType};

structure! {
    /// Which parts to join into what.
    pub struct JoinSplitKeyRequest {
        /// The type of the object that they give.
        object_type: ObjectType = OBJECT_TYPE,
        /// The parts, as many as their threshold or more.
        unique_identifier: Vec<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// What kind of secret they give, if they give secret data.
        secret_data_type: Option<SecretDataType> = SECRET_DATA_TYPE,
        /// The attributes that the client wants it to have.
        attributes: Option<Attributes> = ATTRIBUTES,
        /// Where it may be kept.
        protection_storage_masks: Option<ProtectionStorageMasks> = PROTECTION_STORAGE_MASKS,
    }
}

structure! {
    /// The parts were joined.
    pub struct JoinSplitKeyResponse {
        /// The new object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
