//! The newest head of a log in the database: whoever can change the files of a log may not be able to change that.

use std::sync::Arc;
use std::time::Duration;

use claviger_plugin_sdk::error::Result;
use claviger_plugin_sdk::store::{ApplyError, ChangeSet, Document, DocumentPut, ObjectStore};
use tokio::sync::watch;

use super::head::Head;
use crate::failure::Failure;

/// The kind of the documents; their names are those of the logs.
pub(super) const KIND: &str = "audit-head";
/// How long it takes at most to write one.
const PATIENCE: Duration = Duration::from_secs(10);

/// The head of a log that a database keeps; `None` if it keeps none.
///
/// # Errors
/// The database fails, or holds something else.
pub(super) async fn read(store: &dyn ObjectStore, log: &str) -> std::result::Result<Option<Head>, Failure> {
    let read = store.document(KIND, log).await;
    let read =
        read.map_err(|error| Failure::from_error("the head of the audit log in the database", &error))?;
    read.map(|document| {
        of(&document).ok_or_else(|| Failure::new("what the database keeps is no head of an audit log"))
    })
    .transpose()
}

/// The head in a document.
pub(super) fn of(document: &Document) -> Option<Head> {
    Head::from_json(&serde_json::from_slice(&document.body).ok()?)
}

/// Keeps each new head until nobody makes any more.
pub(super) async fn keep(store: Arc<dyn ObjectStore>, mut heads: watch::Receiver<Option<Head>>) {
    loop {
        let head = heads.borrow_and_update().clone();
        if let Some(head) = head {
            match tokio::time::timeout(PATIENCE, write(&*store, &head)).await {
                Ok(Ok(())) => {}
                // The next one says all that this one says.
                Ok(Err(error)) => {
                    tracing::warn!(?error, "the database does not keep the head of the audit log")
                }
                Err(_) => tracing::warn!("the database takes too long to keep the head of the audit log"),
            }
        }
        if heads.changed().await.is_err() {
            return;
        }
    }
}

/// Writes a head in place of the one before.
pub(super) async fn write(store: &dyn ObjectStore, head: &Head) -> Result<()> {
    let expected = store.document(KIND, &head.log).await?.map(|document| document.revision);
    let content = head.to_json().to_string().into_bytes();
    let put = DocumentPut {
        kind: KIND.to_owned(),
        id: head.log.clone(),
        expected,
        content: Some((content.into(), None)),
    };
    match store.apply(ChangeSet { documents: vec![put], ..ChangeSet::default() }).await {
        // Only the server that writes the log writes its head: it was written all the same, or the next one will be.
        Ok(()) | Err(ApplyError::Conflict) => Ok(()),
        Err(ApplyError::Failed(error)) => Err(error),
        Err(other) => {
            Err(claviger_plugin_sdk::Error::server("a head was not kept").because(format!("{other:?}")))
        }
    }
}
