//! What a handler keeps that is no object: documents of its own kinds.

use claviger_kmip::ByteString;

use crate::error::Result;
use crate::record::Revision;
use crate::store::{Document, DocumentPage, DocumentPut};

use super::Context;

impl Context<'_> {
    /// A document, as earlier effects of the unit of work leave it. Kinds are names that their operation chooses, such as
    /// `ticket`.
    ///
    /// # Errors
    /// The store fails.
    pub async fn document(&mut self, kind: &str, id: &str) -> Result<Option<Document>> {
        self.host.document(kind, id).await
    }

    /// The documents of a kind, with their names, in the order of these.
    ///
    /// # Errors
    /// The store fails.
    pub async fn documents(&mut self, kind: &str, page: &DocumentPage) -> Result<Vec<(String, Document)>> {
        self.host.documents(kind, page).await
    }

    /// Records that a document is written, whose revision was `expected` when it was read; `None` when there was none.
    /// If another writer is faster, the item runs again. After `expires`, in seconds since 1970, it is gone.
    ///
    /// # Errors
    /// Internal Server Error: the item knows of another revision of it.
    pub fn put_document(
        &mut self,
        kind: &str,
        id: &str,
        expected: Option<Revision>,
        body: impl Into<ByteString>,
        expires: Option<i64>,
    ) -> Result<()> {
        self.host.put_document(DocumentPut {
            kind: kind.to_owned(),
            id: id.to_owned(),
            expected,
            content: Some((body.into(), expires)),
        })
    }

    /// Records that a document is removed, whose revision was `expected` when it was read.
    ///
    /// # Errors
    /// As [`Context::put_document`].
    pub fn remove_document(&mut self, kind: &str, id: &str, expected: Revision) -> Result<()> {
        self.host.put_document(DocumentPut {
            kind: kind.to_owned(),
            id: id.to_owned(),
            expected: Some(expected),
            content: None,
        })
    }
}
