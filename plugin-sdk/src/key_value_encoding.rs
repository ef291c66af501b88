//! Encodings of Key Values that are wrapped, beside those of the specification (KMIP 2.1 section 11.14).

use claviger_kmip::attributes::Attributes;
use claviger_kmip::tables::enumerations::EncodingOption;
use claviger_kmip::{ByteString, Value};

use crate::error::Result;

/// How a Key Value becomes the bytes that are wrapped, for an Encoding Option of the vendor range. No Encoding and TTLV
/// Encoding need none.
pub trait KeyValueEncoding: Send + Sync {
    /// The option.
    fn option(&self) -> EncodingOption;

    /// The bytes of a key. The attributes are all that the object has.
    ///
    /// # Errors
    /// Encoding Option Error: such material has no bytes in this encoding.
    fn encode(&self, material: &Value, attributes: &Attributes) -> Result<ByteString>;

    /// The Key Material in the bytes. Bytes that are all of a key come out as a Byte String.
    ///
    /// # Errors
    /// Cryptographic Failure: the bytes are no key in this encoding, so they are not what was wrapped.
    fn decode(&self, encoded: &[u8]) -> Result<Value>;
}

/// Registers an encoding at link time.
#[macro_export]
macro_rules! register_key_value_encoding {
    ($encoding:expr) => {
        $crate::inventory::submit! {
            $crate::plugin::Entry::new(
                env!("CARGO_PKG_NAME"),
                $crate::plugin::EntryKind::KeyValueEncoding(&$encoding),
            )
        }
    };
}
