//! Create Split Key (KMIP 2.1 section 6.1.10).

use super::protection_storage_masks::ProtectionStorageMasks;
use crate::attributes::Attributes;
use crate::identifier::UniqueIdentifier;
use crate::structure;
use crate::tables::enumerations::{ObjectType, SplitKeyMethod};
use crate::ttlv::BigInteger;

structure! {
    /// What key to split, or to make and split.
    pub struct CreateSplitKeyRequest {
        /// The type of the key, where it is made here.
        object_type: ObjectType = OBJECT_TYPE,
        /// The key to split; a new one is made if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// Into how many parts.
        split_key_parts: i32 = SPLIT_KEY_PARTS,
        /// How many of them restore the key.
        split_key_threshold: i32 = SPLIT_KEY_THRESHOLD,
        /// How.
        split_key_method: SplitKeyMethod = SPLIT_KEY_METHOD,
        /// The prime, for polynomial sharing over a prime field.
        prime_field_size: Option<BigInteger> = PRIME_FIELD_SIZE,
        /// The attributes that the client wants the parts to have; those of a key that is split go before them.
        attributes: Attributes = ATTRIBUTES,
        /// Where the parts may be kept.
        protection_storage_masks: Option<ProtectionStorageMasks> = PROTECTION_STORAGE_MASKS,
    }
}

structure! {
    /// The key was split.
    pub struct CreateSplitKeyResponse {
        /// The parts, that with Key Part Identifier 1 first.
        unique_identifier: Vec<String> = UNIQUE_IDENTIFIER,
    }
}
