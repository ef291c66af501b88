//! `claviger-server db restore`: everything from a file.

use std::fs::File;
use std::path::Path;

use claviger_engine::registry::Registry;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::upkeep::{KeptDocument, KeptObject, SnapshotCounts};

use super::backup_file::{BackupReader, Entry, KeySource};
use super::filling::{Filling, decoded};
use super::opened::Target;
use super::portions::is_enough;
use super::progress::Progress;
use crate::failure::Failure;
use crate::start;

/// Reads the whole file, and then fills the database with what is in it.
///
/// # Errors
/// The file is no good, which changes nothing; the database is not empty, or cannot be written.
pub(super) async fn run(
    settings: &Settings,
    registry: &Registry,
    path: &Path,
    key: Option<&KeySource>,
) -> Result<String, Failure> {
    let name = start::store_factory(settings, registry)?.name();
    let file = File::open(path)
        .map_err(|error| Failure::usage(format!("{} cannot be opened: {error}", path.display())))?;
    let again = || {
        file.try_clone().map_err(|error| Failure::new(format!("{} cannot be read: {error}", path.display())))
    };
    let counts = verify(BackupReader::open(path, again()?, key)?)?;
    let clear = settings.switch("clear-database");
    let target = Target { settings, registry, clear, hint: "--clear-database", source: None };
    let filling = target.filling(&format!("backup {}", path.display())).await?;
    fill(BackupReader::open(path, again()?, key)?, &filling, counts).await?;
    filling.finish().await?;
    Ok(format!(
        "{} objects and {} documents of {} are in the {name} database.\n",
        counts.objects,
        counts.documents,
        path.display()
    ))
}

/// Reads a backup to its end; every record of it can be decoded.
fn verify(mut reader: BackupReader) -> Result<SnapshotCounts, Failure> {
    let mut progress = Progress::start("objects verified", reader.begin().counts.objects);
    let mut counts = SnapshotCounts::default();
    while let Some(entry) = reader.next()? {
        match entry {
            Entry::Object(object) => {
                decoded(&object)?;
                counts.objects += 1;
                progress.advance(1);
            }
            _ => counts.documents += 1,
        }
    }
    Ok(counts)
}

/// Writes everything. If the file is another one than a moment ago, the database stays incomplete.
async fn fill(mut reader: BackupReader, filling: &Filling, counts: SnapshotCounts) -> Result<(), Failure> {
    let mut progress = Progress::start("objects restored", counts.objects);
    let (mut objects, mut documents): (Vec<KeptObject>, Vec<KeptDocument>) = Default::default();
    let mut bytes = 0;
    loop {
        let entry = reader.next()?;
        let ended = entry.is_none();
        match entry {
            Some(Entry::Object(object)) => {
                bytes += object.body.len();
                objects.push(object);
            }
            Some(Entry::Document(document)) => {
                bytes += document.document.body.len();
                documents.push(document);
            }
            _ => {}
        }
        if ended || is_enough(objects.len().max(documents.len()), bytes) {
            if !documents.is_empty() {
                filling.documents(&std::mem::take(&mut documents)).await?;
            }
            if !objects.is_empty() {
                filling.objects(&objects).await?;
                progress.advance(objects.len());
                objects.clear();
            }
            bytes = 0;
        }
        if ended {
            return Ok(());
        }
    }
}
