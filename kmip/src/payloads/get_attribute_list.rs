//! Get Attribute List (KMIP 2.1 section 6.1.21).

use crate::attributes::AttributeReference;
use crate::identifier::UniqueIdentifier;
use crate::structure;

structure! {
    /// Which object's attributes to list.
    pub struct GetAttributeListRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
    }
}

structure! {
    /// Which attributes the object has.
    pub struct GetAttributeListResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// Each attribute once.
        attribute_reference: Vec<AttributeReference> = ATTRIBUTE_REFERENCE,
    }
}
