//! The wire forms: every one decodes into the TTLV tree and is encoded from it.
//!
//! | form | module | where it is used |
//! |---|---|---|
//! | binary TTLV | [`binary`] | TLS socket, HTTP `application/octet-stream`, stored records |
//! | OASIS XML | [`xml`] | HTTP `text/xml` |
//! | OASIS JSON | [`json`] | HTTP `application/json` |
//! | the REST family's JSON | [`rest_json`] | the routes of that family of clients |
//!
//! Decoders check depth, length and number of items against [`limits::Limits`] before they allocate, never
//! panic, and say in a [`error::CodecError`] what is wrong and where, without quoting values.

pub mod binary;
pub mod error;
pub mod json;
pub mod limits;
pub mod rest_json;
pub mod xml;

mod date_time;
mod hex;
mod json_reader;
mod json_writer;
mod meaning;
mod text_value;
