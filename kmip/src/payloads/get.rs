//! Get (KMIP 2.1 section 6.1.19).

use crate::identifier::UniqueIdentifier;
use crate::objects::{KeyWrappingSpecification, ManagedObject};
use crate::structure;
use crate::tables::enumerations::{KeyCompressionType, KeyFormatType, KeyWrapType, ObjectType};

structure! {
    /// Which object to hand out, and in what form.
    pub struct GetRequest {
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
    /// The object.
    pub struct GetResponse {
        /// Its type.
        object_type: ObjectType = OBJECT_TYPE,
        /// Its identifier.
        unique_identifier: String = UNIQUE_IDENTIFIER,
        /// The object, under the tag of its type.
        object: ManagedObject = OBJECT_TYPE,
    }
}
