//! Documents as they are encrypted.

use claviger_plugin_sdk::Result;
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::Document;
use zeroize::Zeroizing;

use crate::encoding::{Reader, Writer};

/// A document with what names it.
pub(crate) struct Named {
    pub(crate) kind: String,
    pub(crate) id: String,
    pub(crate) document: Document,
}

/// The bytes to encrypt of a document and its name.
pub(crate) fn encode(kind: &str, id: &str, document: &Document) -> Zeroizing<Vec<u8>> {
    let mut to = Writer::with_capacity(64 + kind.len() + id.len() + document.body.len());
    to.text(kind)
        .text(id)
        .long(document.revision.0.cast_signed())
        .optional(document.expires)
        .bytes(&document.body);
    to.finish()
}

/// Reads what [`encode`] made.
///
/// # Errors
/// It is something else.
pub(crate) fn decode(bytes: &[u8]) -> Result<Named> {
    let mut from = Reader::new(bytes);
    let (kind, id) = (from.text()?.to_owned(), from.text()?.to_owned());
    let (revision, expires) = (Revision(from.long()?.cast_unsigned()), from.optional()?);
    let body = from.bytes()?.into();
    from.end()?;
    Ok(Named { kind, id, document: Document { revision, expires, body } })
}

/// Whether a document is still there.
pub(crate) fn is_current(document: &Document, now: i64) -> bool {
    document.expires.is_none_or(|expires| now <= expires)
}
