//! `claviger-server db copy`: everything into another database.

use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::upkeep::SnapshotCounts;

use super::backup::refuse_incomplete;
use super::check::Faults;
use super::filling::decoded;
use super::opened::{Target, failed, snapshot, upkeep};
use super::portions::Portions;
use super::progress::Progress;
use super::{Setting, object_check, same};
use crate::failure::Failure;
use crate::start;

/// Copies.
///
/// # Errors
/// Both databases are the same, the first cannot be read, or the other one is not empty or cannot be written.
pub(super) async fn run(with: &Setting<'_>) -> Result<String, Failure> {
    let (settings, registry) = (with.settings, &with.registry);
    let destination = &with.destination;
    let (_, from) = upkeep(settings, registry)?;
    let to = start::store_factory(destination, registry)?.name();
    refuse_same(with, destination)?;
    let mut source = snapshot(settings, registry).await?;
    let counts = source.counts().await.map_err(|error| failed(from, &error))?;
    let clear = destination.switch("clear-database");
    let target = Target {
        settings: destination,
        registry,
        clear,
        hint: "--to-clear-database",
        source: Some(settings),
    };
    let filling = target.filling(&format!("copy of a {from} database")).await?;
    let mut copied = SnapshotCounts::default();
    let mut portions = Portions::new();
    loop {
        let documents = source.documents(portions.next()).await.map_err(|error| failed(from, &error))?;
        if documents.is_empty() {
            break;
        }
        for document in &documents {
            refuse_incomplete(&document.kind)?;
        }
        filling.documents(&documents).await?;
        portions.had(documents.iter().map(|kept| kept.document.body.len()).sum());
        copied.documents += documents.len() as u64;
    }
    let mut progress = Progress::start("objects copied", counts.objects);
    let mut faults = Faults::default();
    let mut portions = Portions::new();
    loop {
        let objects = source.objects(portions.next()).await.map_err(|error| failed(from, &error))?;
        if objects.is_empty() {
            break;
        }
        filling.objects(&objects).await?;
        portions.had(objects.iter().map(|object| object.body.len()).sum());
        for object in &objects {
            for fault in object_check::digest_faults(registry, &decoded(object)?) {
                faults.found(&progress, &format!("object {}: {fault}", object.id));
            }
            progress.advance(1);
        }
        copied.objects += objects.len() as u64;
    }
    if copied.objects != counts.objects {
        return Err(Failure::new(
            "the copy has another number of objects than the database; it stays incomplete",
        ));
    }
    filling.finish().await?;
    drop(progress);
    let answer = format!(
        "{} objects and {} documents of the {from} database are in the {to} database; every one was read back and \
         compared.\n",
        copied.objects, copied.documents
    );
    match faults.count {
        0 => Ok(answer),
        count => Err(Failure::new(format!(
            "{answer}But {count} objects are not what their Digest says, here as there: see above"
        ))),
    }
}

/// Refuses to copy a database over itself.
fn refuse_same(with: &Setting<'_>, destination: &Settings) -> Result<(), Failure> {
    let mut flags = with.identifying_flags.iter();
    let differs = flags.any(|flag| with.settings.text(flag) != destination.text(flag));
    if differs || with.settings.root() != destination.root() {
        return Ok(());
    }
    Err(same::failure())
}
