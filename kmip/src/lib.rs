//! KMIP 1.0 to 2.1: the TTLV tree, its wire forms, attributes, objects, payloads and messages. No I/O.

pub mod attributes;
pub mod codec;
pub mod credentials;
mod erase;
pub mod field;
pub mod identifier;
pub mod key_material;
pub mod legacy;
pub mod lifecycle;
pub mod message;
pub mod objects;
pub mod payload;
pub mod payloads;
pub mod tables;
pub mod ttlv;
pub mod version;
pub mod vocabulary;

pub use erase::erase_slice;
pub use ttlv::{BigInteger, ByteString, ItemType, Tag, Ttlv, Value};
