//! Whether two databases are one, whatever they are called: a document that is written to one is looked for in the other.

use std::time::{SystemTime, UNIX_EPOCH};

use claviger_engine::registry::Registry;
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::random::RandomSource as _;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::{ApplyError, ChangeSet, DocumentPut, ObjectStore};

use super::opened::{failed, upkeep};
use crate::failure::Failure;
use crate::randomness::LibraryRandom;

/// The kind of the document.
const KIND: &str = "a-copy";
/// Seconds after which it goes by itself, should nobody be left to remove it.
const LIFETIME: i64 = 3600;

/// Refuses a store that is the database of these settings. Neither may be behind a seal.
///
/// # Errors
/// It is, or one of them fails.
pub(super) async fn refuse(
    source: &Settings,
    store: &dyn ObjectStore,
    registry: &Registry,
) -> Result<(), Failure> {
    let id: String = LibraryRandom.bytes(16).iter().map(|byte| format!("{byte:02x}")).collect();
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let expires = i64::try_from(since.as_secs()).unwrap_or_default() + LIFETIME;
    let put = DocumentPut {
        kind: KIND.to_owned(),
        id: id.clone(),
        expected: None,
        content: Some((id.as_bytes().into(), Some(expires))),
    };
    write(store, put).await?;
    let found = is_in(source, &id, registry).await;
    let document = store.document(KIND, &id).await.map_err(|error| not_told(&error))?;
    if let Some(document) = document {
        let expected = Some(document.revision);
        write(store, DocumentPut { kind: KIND.to_owned(), id, expected, content: None }).await?;
    }
    if found? { Err(failure()) } else { Ok(()) }
}

/// What the refusal says.
pub(super) fn failure() -> Failure {
    Failure::usage(
        "both databases are the same: say where to copy to by flags --to-…, such as --to-sqlite-path",
    )
}

async fn is_in(source: &Settings, id: &str, registry: &Registry) -> Result<bool, Failure> {
    let (upkeep, name) = upkeep(source, registry)?;
    let snapshot = upkeep.snapshot(source, &ConnectionFacts::internal()).await;
    let mut snapshot = snapshot.map_err(|error| failed(name, &error))?;
    Ok(snapshot.document(KIND, id).await.map_err(|error| failed(name, &error))?.is_some())
}

async fn write(store: &dyn ObjectStore, put: DocumentPut) -> Result<(), Failure> {
    let change = ChangeSet { documents: vec![put], ..ChangeSet::default() };
    store.apply(change).await.map_err(|error| match error {
        ApplyError::Failed(error) => not_told(&error),
        _ => Failure::new(
            "something else writes to the database that is to be filled: stop every server that uses it",
        ),
    })
}

fn not_told(error: &claviger_plugin_sdk::Error) -> Failure {
    Failure::from_error("the database that is to be filled cannot be told from the one that is copied", error)
}
