//! What a client is to be told of one object.

use claviger_kmip::attributes::AttributeReference;
use claviger_kmip::structure;
use claviger_kmip::tables::enumerations::PutFunction;
use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::record::Revision;
use claviger_plugin_sdk::store::{DocumentPage, DocumentPut, ObjectStore};
use sha2::{Digest as _, Sha256};

use crate::document::{self, Read};
use crate::jobs::hexadecimal;

const KIND: &str = "notice";
/// Notices that are read together.
const PAGE: u64 = 100;

structure! {
    /// What happened to an object since its owner was told last. Values are not kept: they are read when they are told.
    pub struct Notice {
        /// The object.
        object: String = UNIQUE_IDENTIFIER,
        /// Whether the object itself is to be sent: it is new to the owner, or replaces another.
        put: Option<PutFunction> = PUT_FUNCTION,
        /// What it replaces.
        replaced: Option<String> = REPLACED_UNIQUE_IDENTIFIER,
        /// The attributes that were set, changed or deleted.
        changed: Vec<AttributeReference> = ATTRIBUTE_REFERENCE,
    }
}

impl Notice {
    /// The name of the document in which a user's notice of an object is kept.
    pub(super) fn name(user: &str, object: &str) -> String {
        format!("{}{}", prefix(user), short(object))
    }

    /// The notice under a name.
    pub(super) async fn read(store: &dyn ObjectStore, name: &str) -> Result<Option<Read<Self>>> {
        document::read(store, KIND, name).await
    }

    /// Notices of a user with their names: none only if there is none.
    pub(super) async fn of(store: &dyn ObjectStore, user: &str) -> Result<Vec<(String, Read<Self>)>> {
        let prefix = prefix(user);
        let page = DocumentPage { after: Some(prefix.clone()), limit: PAGE };
        let documents = store.documents(KIND, &page).await?;
        let theirs = documents.into_iter().take_while(|(name, _)| name.starts_with(&prefix));
        theirs.map(|(name, document)| Ok((name, document::decode(document)?))).collect()
    }

    /// This notice, and what happened after it.
    pub(super) fn and(mut self, later: Self) -> Self {
        if later.put.is_some() {
            (self.put, self.replaced) = (later.put, later.replaced);
        }
        for changed in later.changed {
            if !self.changed.contains(&changed) {
                self.changed.push(changed);
            }
        }
        self
    }

    /// Writes the notice over the one with this revision.
    pub(super) fn into_put(self, name: String, expected: Option<Revision>, expires: i64) -> DocumentPut {
        let content = Some((document::encode(self), Some(expires)));
        DocumentPut { kind: KIND.to_owned(), id: name, expected, content }
    }

    /// Removes the notice with this revision.
    pub(super) fn removal(name: String, expected: Revision) -> DocumentPut {
        DocumentPut { kind: KIND.to_owned(), id: name, expected: Some(expected), content: None }
    }
}

/// Every name of a user's notices begins so.
fn prefix(user: &str) -> String {
    format!("{}-", short(user))
}

/// A name of bounded length for a text of any.
pub(super) fn short(text: &str) -> String {
    let hash = Sha256::digest(text);
    hexadecimal(hash.get(..16).unwrap_or_default())
}
