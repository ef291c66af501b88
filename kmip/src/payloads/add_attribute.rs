//! Add Attribute (KMIP 2.1 section 6.1.2).

use crate::attributes::{AffectedAttribute, NewAttribute};
use crate::identifier::UniqueIdentifier;
use crate::structure;

structure! {
    /// Which attribute instance to add.
    pub struct AddAttributeRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// The attribute with its value.
        new_attribute: NewAttribute = NEW_ATTRIBUTE,
    }
}

structure! {
    /// The attribute was added.
    pub struct AddAttributeResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// What was added, for clients of 1.x; no answer to a 2.x client has it.
        current_attribute: Option<AffectedAttribute> = CURRENT_ATTRIBUTE,
    }
}
