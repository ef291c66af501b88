//! Export (KMIP 2.1 section 6.1.18).

use crate::attributes::Attributes;
use crate::identifier::UniqueIdentifier;
use crate::objects::{KeyWrappingSpecification, ManagedObject};
use crate::structure;
use crate::tables::enumerations::{KeyCompressionType, KeyFormatType, KeyWrapType, ObjectType};

structure! {
    /// Which object to hand out with its attributes, and in what form.
    pub struct ExportRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// The format; as stored if absent.
        key_format_type: Option<KeyFormatType> = KEY_FORMAT_TYPE,
        /// Whether a key that is stored wrapped is unwrapped; as registered if absent.
        key_wrap_type: Option<KeyWrapType> = KEY_WRAP_TYPE,
        /// How an elliptic-curve point is compressed.
        key_compression_type: Option<KeyCompressionType> = KEY_COMPRESSION_TYPE,
        /// How the key is to be wrapped; plain if absent.
        key_wrapping_specification: Option<KeyWrappingSpecification> = KEY_WRAPPING_SPECIFICATION,
    }
}

structure! {
    /// The object and all of its attributes.
    pub struct ExportResponse {
        /// Its type.
        object_type: ObjectType = OBJECT_TYPE,
        /// Its identifier.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// Its attributes.
        attributes: Attributes = ATTRIBUTES,
        /// The object, under the tag of its type; without key value if it was destroyed.
        object: ManagedObject = OBJECT_TYPE,
    }
}
