//! What users lay down for the new objects that they make, and operators for everybody's: constraints and defaults. Each
//! is a document, one for a user and one for everybody.

use claviger_plugin_sdk::kmip::codec::{binary, limits::Limits};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::Subject;

/// One kind of what is laid down.
pub(crate) struct Rulebook {
    /// The kind of its documents.
    pub(crate) kind: &'static str,
    /// The tag of its structure.
    pub(crate) tag: Tag,
}

impl Rulebook {
    /// What counts for the caller: what operators laid down, and what he did himself.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn read<T: TtlvValue>(&self, cx: &mut Context<'_>) -> Result<Vec<T>> {
        let own = Subject::User(cx.principal().user.clone());
        let mut found = Vec::new();
        for scope in [Subject::Everyone, own] {
            if let Some(document) = cx.document(self.kind, &scope.to_stored()).await? {
                found.push(self.decode(&document.body)?);
            }
        }
        Ok(found)
    }

    /// Records what counts from now on in place of what counted before: for everybody if an operator says so, for the
    /// caller otherwise. Nothing means nothing any more.
    ///
    /// # Errors
    /// The store fails.
    pub(crate) async fn write(&self, cx: &mut Context<'_>, content: Option<impl TtlvValue>) -> Result<()> {
        let scope = match cx.principal() {
            operator if operator.operator => Subject::Everyone,
            other => Subject::User(other.user.clone()),
        };
        let id = scope.to_stored();
        let known = cx.document(self.kind, &id).await?.map(|document| document.revision);
        match (content, known) {
            (Some(content), known) => {
                let body = binary::encode(&Ttlv::new(self.tag, content.into_value()));
                cx.put_document(self.kind, &id, known, body, None)
            }
            (None, Some(known)) => cx.remove_document(self.kind, &id, known),
            (None, None) => Ok(()),
        }
    }

    fn decode<T: TtlvValue>(&self, body: &[u8]) -> Result<T> {
        let damaged = || Error::server(format!("the stored {} cannot be read", self.kind));
        let tree = binary::decode(body, &Limits::default()).map_err(|error| damaged().because(error))?;
        T::from_value(tree.tag, tree.value).map_err(|error| damaged().because(error))
    }
}
