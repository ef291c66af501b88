//! How far a pass over the contents of a store is: a document, written together with each page of contents, so that it is
//! never ahead of them.

use claviger_kmip::structure;
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::{DocumentPut, ObjectStore};

use super::keys::{KIND, Keys};
use crate::document::{self, Read};

/// The name of the document.
const ID: &str = "progress";

structure! {
    /// How far a pass is.
    pub struct Progress {
        /// The decision that it is about: see [`Keys::decided`].
        decided: i64 = PROCESS_START_DATE,
        /// The milliseconds since 1970 at which the pass began.
        began: i64 = INITIAL_DATE,
        /// The place of the object behind which it goes on.
        after: Option<i64> = OFFSET_ITEMS,
        /// Whether it has come to the documents: behind one of this kind and name.
        document: Option<DocumentPlace> = APPLICATION_SPECIFIC_INFORMATION,
        /// Objects that it has looked at.
        seen: i64 = LOCATED_ITEMS,
        /// Contents that were not as they are to be, or may have been written by another server meanwhile.
        found: i64 = MAXIMUM_ITEMS,
        /// Contents that could not be opened.
        unopened: i64 = USAGE_LIMITS_COUNT,
        /// Contents that were written anew in all passes.
        rewritten: i64 = USAGE_LIMITS_TOTAL,
        /// The server that makes the pass.
        holder: String = MACHINE_IDENTIFIER,
        /// The milliseconds since 1970 until which the others leave it to that one.
        held_until: i64 = PROTECT_STOP_DATE,
    }
}

structure! {
    /// A place among all documents.
    pub struct DocumentPlace {
        /// The kind.
        kind: String = APPLICATION_NAMESPACE,
        /// The name within the kind; before the first, if there is none.
        id: Option<String> = APPLICATION_DATA,
    }
}

impl Progress {
    /// A first pass.
    pub(super) fn first(keys: &Keys, now: i64) -> Self {
        Self {
            decided: keys.decided,
            began: now,
            after: None,
            document: None,
            seen: 0,
            found: 0,
            unopened: 0,
            rewritten: 0,
            holder: String::new(),
            held_until: 0,
        }
    }

    /// The pass after this one.
    pub(super) fn next(&self, now: i64) -> Self {
        Self { began: now, after: None, document: None, seen: 0, found: 0, unopened: 0, ..self.clone() }
    }

    /// The document of a store, with its revision.
    pub(super) async fn read(store: &dyn ObjectStore) -> Result<Option<Read<Self>>> {
        document::read(store, KIND, ID).await
    }

    /// Writes it over the one with this revision.
    pub(super) fn put(self, expected: Option<Revision>) -> DocumentPut {
        let content = Some((document::encode(self), None));
        DocumentPut { kind: KIND.to_owned(), id: ID.to_owned(), expected, content }
    }

    /// Removes the document.
    pub(super) fn removal(revision: Revision) -> DocumentPut {
        DocumentPut { kind: KIND.to_owned(), id: ID.to_owned(), expected: Some(revision), content: None }
    }
}
