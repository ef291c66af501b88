//! Documents that the engine keeps for itself: a structure in binary TTLV behind a byte that tells the version.

use claviger_kmip::codec::{binary, limits::Limits};
use claviger_kmip::field::TtlvValue;
use claviger_kmip::{ByteString, Tag, Ttlv};
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::{ApplyError, ChangeSet, Document, DocumentPut, ObjectStore};

/// The first byte of an encoded document: its version.
const V1: u8 = 1;

/// A document as it was read.
pub(crate) struct Read<T> {
    pub(crate) content: T,
    pub(crate) revision: Revision,
    pub(crate) expires: Option<i64>,
}

/// Encodes a structure.
pub(crate) fn encode(content: impl TtlvValue) -> ByteString {
    let mut bytes = vec![V1];
    binary::encode_into(&Ttlv::new(Tag::VENDOR_EXTENSION, content.into_value()), &mut bytes);
    bytes.into()
}

/// Reads a document, if it exists and has not expired.
///
/// # Errors
/// The store fails, or what it holds cannot be read.
pub(crate) async fn read<T: TtlvValue>(
    store: &dyn ObjectStore,
    kind: &str,
    id: &str,
) -> Result<Option<Read<T>>> {
    store.document(kind, id).await?.map(decode).transpose()
}

/// Decodes what [`encode`] encoded.
///
/// # Errors
/// Internal Server Error: it was written by a newer version, or is damaged.
pub(crate) fn decode<T: TtlvValue>(document: Document) -> Result<Read<T>> {
    let damaged = || Error::server("a document that the server keeps cannot be read");
    let Some((&V1, body)) = document.body.split_first() else {
        return Err(Error::server(
            "a document that the server keeps has a version that this server does not know",
        ));
    };
    let tree = binary::decode(body, &Limits::trusted()).map_err(|error| damaged().because(error))?;
    let content = T::from_value(tree.tag, tree.value).map_err(|error| damaged().because(error))?;
    Ok(Read { content, revision: document.revision, expires: document.expires })
}

/// Writes documents; false if another writer was faster.
///
/// # Errors
/// The store fails.
pub(crate) async fn write(store: &dyn ObjectStore, documents: Vec<DocumentPut>) -> Result<bool> {
    match store.apply(ChangeSet { documents, ..ChangeSet::default() }).await {
        Ok(()) => Ok(true),
        Err(ApplyError::Conflict) => Ok(false),
        Err(ApplyError::Failed(error)) => Err(error),
        Err(other) => Err(Error::server("a document was not written").because(format!("{other:?}"))),
    }
}
