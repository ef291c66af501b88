//! Destroy (KMIP 2.1 section 6.1.15).

use crate::identifier::UniqueIdentifier;
use crate::structure;
use crate::ttlv::Tag;

structure! {
    /// Which object to destroy.
    pub struct DestroyRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// Whether nothing of it is to stay, neither attributes nor grants. Claviger's own field; `false` if absent.
        remove: Option<bool> = REMOVE,
    }
}

impl Tag {
    /// Claviger's field of Destroy that lets nothing of the object stay.
    pub const REMOVE: Self = Self(0x54_0A01);
}

structure! {
    /// The object was destroyed.
    pub struct DestroyResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
