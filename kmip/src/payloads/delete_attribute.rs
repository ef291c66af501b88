//! Delete Attribute (KMIP 2.1 section 6.1.13).

use crate::attributes::{AffectedAttribute, AttributeReference, CurrentAttribute};
use crate::identifier::UniqueIdentifier;
use crate::structure;

structure! {
    /// Which attribute instance, or which attribute with all of its instances, to delete.
    pub struct DeleteAttributeRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// One instance.
        current_attribute: Option<CurrentAttribute> = CURRENT_ATTRIBUTE,
        /// All instances of an attribute.
        attribute_reference: Option<AttributeReference> = ATTRIBUTE_REFERENCE,
    }
}

structure! {
    /// The attribute was deleted.
    pub struct DeleteAttributeResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// What was deleted, for clients of 1.x; no answer to a 2.x client has it.
        current_attribute: Option<AffectedAttribute> = CURRENT_ATTRIBUTE,
    }
}
