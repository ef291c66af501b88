//! KMIP 1.0 to 2.1: the TTLV tree, its wire forms, attributes, objects, payloads and messages. No I/O.

pub mod ttlv;
pub mod vocabulary;

pub use ttlv::{BigInteger, ByteString, ItemType, Tag, Ttlv, Value};
