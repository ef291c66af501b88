//! Modify Attribute (KMIP 2.1 section 6.1.34).

use crate::attributes::{AffectedAttribute, CurrentAttribute, NewAttribute};
use crate::identifier::UniqueIdentifier;
use crate::structure;

structure! {
    /// Which attribute instance to change, and to what.
    pub struct ModifyAttributeRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// The instance; may be absent if there is only one.
        current_attribute: Option<CurrentAttribute> = CURRENT_ATTRIBUTE,
        /// The attribute with its new value.
        new_attribute: NewAttribute = NEW_ATTRIBUTE,
    }
}

structure! {
    /// The attribute was changed.
    pub struct ModifyAttributeResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// What was changed, for clients of 1.x; no answer to a 2.x client has it.
        current_attribute: Option<AffectedAttribute> = CURRENT_ATTRIBUTE,
    }
}
