//! Notify, from the server to a client (KMIP 2.1 section 6.2.2).

use crate::attributes::{AttributeReference, Attributes};
use crate::structure;

structure! {
    /// What changed. The answer has no fields.
    pub struct NotifyRequest {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// The attributes that changed, the Last Change Date among them.
        attributes: Option<Attributes> = ATTRIBUTES,
        /// An attribute that was deleted.
        attribute_reference: Vec<AttributeReference> = ATTRIBUTE_REFERENCE,
    }
}
