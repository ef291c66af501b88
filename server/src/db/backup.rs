//! `claviger-server db backup`: everything into a file.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use claviger_engine::registry::Registry;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::upkeep::Snapshot;

use super::backup_file::{BackupWriter, Begin, Protection};
use super::incomplete;
use super::opened::{failed, snapshot, upkeep};
use super::portions::Portions;
use super::progress::Progress;
use crate::failure::Failure;

/// Writes the backup.
///
/// # Errors
/// The database cannot be read, or the file cannot be written.
pub(super) async fn run(
    settings: &Settings,
    registry: &Registry,
    file: &Path,
    protection: &Protection,
) -> Result<String, Failure> {
    let (_, name) = upkeep(settings, registry)?;
    let mut source = snapshot(settings, registry).await?;
    let counts = source.counts().await.map_err(|error| failed(name, &error))?;
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let begin = Begin {
        made: i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        software: env!("CARGO_PKG_VERSION").to_owned(),
        database: name.to_owned(),
        counts,
    };
    let mut progress = Progress::start("objects backed up", counts.objects);
    if *protection == Protection::Plaintext {
        progress.say(
            "claviger-server: THE BACKUP IS NOT ENCRYPTED AND HOLDS EVERY KEY: whoever reads the file has them",
        );
    }
    let mut writer = BackupWriter::create(file, protection, begin)?;
    write_all(&mut *source, &mut writer, &mut progress, name).await?;
    let written = writer.finish()?;
    Ok(format!(
        "{} objects and {} documents of the {name} database are in {}. It holds key material: keep it as you keep keys.\n",
        written.objects,
        written.documents,
        file.display()
    ))
}

async fn write_all(
    source: &mut dyn Snapshot,
    writer: &mut BackupWriter,
    progress: &mut Progress,
    name: &str,
) -> Result<(), Failure> {
    let mut portions = Portions::new();
    loop {
        let documents = source.documents(portions.next()).await.map_err(|error| failed(name, &error))?;
        if documents.is_empty() {
            break;
        }
        portions.had(documents.iter().map(|kept| kept.document.body.len()).sum());
        for document in documents {
            refuse_incomplete(&document.kind)?;
            writer.document(document)?;
        }
    }
    let mut portions = Portions::new();
    loop {
        let objects = source.objects(portions.next()).await.map_err(|error| failed(name, &error))?;
        if objects.is_empty() {
            return Ok(());
        }
        portions.had(objects.iter().map(|object| object.body.len()).sum());
        for object in objects {
            writer.object(object)?;
            progress.advance(1);
        }
    }
}

/// Refuses a database that is not whole.
///
/// # Errors
/// It is not: the kind is that of the mark.
pub(super) fn refuse_incomplete(kind: &str) -> Result<(), Failure> {
    if kind != incomplete::KIND {
        return Ok(());
    }
    Err(Failure::new(
        "the database is incomplete, since the `db restore` or `db copy` that filled it was interrupted: run that again",
    ))
}
