//! Get Attributes (KMIP 2.1 section 6.1.20).

use crate::attributes::{AttributeReference, Attributes};
use crate::identifier::UniqueIdentifier;
use crate::structure;

structure! {
    /// Which attributes of which object to tell.
    pub struct GetAttributesRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// The attributes; all if there is none.
        attribute_reference: Vec<AttributeReference> = ATTRIBUTE_REFERENCE,
    }
}

structure! {
    /// The attributes that were asked for and exist.
    pub struct GetAttributesResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// Its attributes.
        attributes: Attributes = ATTRIBUTES,
    }
}
