//! Put, from the server to a client (KMIP 2.1 section 6.2.3).

use crate::attributes::Attributes;
use crate::objects::ManagedObject;
use crate::structure;
use crate::tables::enumerations::PutFunction;

structure! {
    /// An object for the client. The answer has no fields.
    pub struct PutRequest {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// Whether it is new or replaces another.
        put_function: PutFunction = PUT_FUNCTION,
        /// What it replaces; required if it does.
        replaced_unique_identifier: Option<String> = REPLACED_UNIQUE_IDENTIFIER,
        /// The object, under the tag of its type.
        object: ManagedObject = OBJECT_TYPE,
        /// Attributes that go with it.
        attributes: Option<Attributes> = ATTRIBUTES,
    }
}
