//! Set Attribute (KMIP 2.1 section 6.1.51).

use crate::attributes::NewAttribute;
use crate::identifier::UniqueIdentifier;
use crate::structure;

structure! {
    /// Which attribute to give which value.
    pub struct SetAttributeRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// The attribute with its value.
        new_attribute: NewAttribute = NEW_ATTRIBUTE,
    }
}

structure! {
    /// The attribute was set.
    pub struct SetAttributeResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
