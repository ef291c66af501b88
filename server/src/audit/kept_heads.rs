//! The newest head of a log in the database: whoever can change the files of a log may not be able to change that.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::store::{ApplyError, ChangeSet, Document, DocumentPage, DocumentPut, ObjectStore};
use serde_json::Value;
use tokio::sync::watch;

use super::head::Head;
use crate::failure::Failure;

/// The kind of the documents with the heads of logs in files; their names are those of the logs.
pub(super) const OF_FILES: &str = "audit-head";
/// The kind of those of logs in the database itself.
pub(super) const OF_DATABASE: &str = "audit-log-head";
/// How long it takes at most to write one.
const PATIENCE: Duration = Duration::from_secs(10);
/// What tells, beside a head, which server wrote its log, and where.
const PLACE: &str = "place";
/// Heads that are read at a time.
const AT_ONCE: u64 = 100;

/// The head of a log that a database keeps; `None` if it keeps none.
///
/// # Errors
/// The database fails, or holds something else.
pub(super) async fn find(store: &dyn ObjectStore, kind: &str, log: &str) -> Result<Option<Head>> {
    let document = store.document(kind, log).await?;
    let head = |document| {
        of(&document).ok_or_else(|| Error::server("what the database keeps is no head of an audit log"))
    };
    document.map(head).transpose()
}

/// The newest head of all logs in files that were written at this place.
///
/// # Errors
/// The database fails.
pub(super) async fn newest_at(store: &dyn ObjectStore, place: &str) -> Result<Option<Head>> {
    let mut newest: Option<Head> = None;
    let mut after = None;
    loop {
        let some = store.documents(OF_FILES, &DocumentPage { after, limit: AT_ONCE }).await?;
        let Some((last, _)) = some.last() else { return Ok(newest) };
        after = Some(last.clone());
        for (_, document) in &some {
            let Ok(value) = serde_json::from_slice::<Value>(&document.body) else { continue };
            let head =
                Head::from_json(&value).filter(|_| value.get(PLACE).and_then(Value::as_str) == Some(place));
            newest = newest.into_iter().chain(head).max_by(|one, other| one.time.cmp(&other.time));
        }
    }
}

/// Which file of which machine this is.
pub(super) fn place(log: &Path) -> String {
    let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let path = std::path::absolute(log).unwrap_or_else(|_| log.to_owned());
    format!("{}:{}", machine.trim(), path.display())
}

/// The failure to learn which head a database keeps.
pub(super) fn failed(error: &Error) -> Failure {
    Failure::from_error("the head of the audit log in the database", error)
}

/// The head in a document.
pub(super) fn of(document: &Document) -> Option<Head> {
    Head::from_json(&serde_json::from_slice(&document.body).ok()?)
}

/// Keeps each new head of the log at this place until nobody makes any more.
pub(super) async fn keep(
    store: Arc<dyn ObjectStore>,
    mut heads: watch::Receiver<Option<Head>>,
    place: String,
) {
    loop {
        let head = heads.borrow_and_update().clone();
        if let Some(head) = head {
            match tokio::time::timeout(PATIENCE, write(&*store, OF_FILES, &head, Some(&place))).await {
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
pub(super) async fn write(
    store: &dyn ObjectStore,
    kind: &str,
    head: &Head,
    place: Option<&str>,
) -> Result<()> {
    let expected = store.document(kind, &head.log).await?.map(|document| document.revision);
    let mut content = head.to_json();
    if let (Some(members), Some(place)) = (content.as_object_mut(), place) {
        members.insert(PLACE.to_owned(), place.into());
    }
    let content = content.to_string().into_bytes();
    let put = DocumentPut {
        kind: kind.to_owned(),
        id: head.log.clone(),
        expected,
        content: Some((content.into(), None)),
    };
    match store.apply(ChangeSet { documents: vec![put], ..ChangeSet::default() }).await {
        // Only the server that writes the log writes its head: it was written all the same, or the next one will be.
        Ok(()) | Err(ApplyError::Conflict) => Ok(()),
        Err(ApplyError::Failed(error)) => Err(error),
        Err(other) => Err(Error::server("a head was not kept").because(format!("{other:?}"))),
    }
}
