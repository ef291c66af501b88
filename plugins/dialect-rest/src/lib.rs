//! The REST JSON family of clients.
//!
//! The wire form is the REST codec's of `claviger-kmip`; this crate is what the family means by it where that departs
//! from KMIP: requests are completed (`request`), answers shaped (`response`), errors put into the family's words
//! (`errors`), and the `/access` routes translated into operations (`access`).
//!
//! Whatever these clients send, the stored object is a correct KMIP object.

mod access;
mod bulk;
mod cover_crypt;
mod dialect;
mod direct_json;
mod errors;
mod fields;
mod generation;
mod key_value_json;
mod request;
mod response;
mod selector;
mod vocabulary;

pub use dialect::Rest;
pub use generation::Generation;

use claviger_plugin_sdk::{plugin, register_dialect, register_routes};

plugin! {
    summary: "The REST JSON family of clients",
    vocabulary: vocabulary::EXTENSIONS,
    attributes: &[generation::RULE],
}
register_dialect!(Rest);
register_routes!(access::Access);
