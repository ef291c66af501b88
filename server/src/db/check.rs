//! `claviger-server db check`: what is wrong with a database.

use claviger_engine::registry::Registry;
use claviger_plugin_sdk::Error;
use claviger_plugin_sdk::filter::Index;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::upkeep::{KeptObject, Snapshot, SnapshotCounts};

use super::filling::decoded;
use super::opened::{failed, snapshot, upkeep};
use super::portions::Portions;
use super::progress::Progress;
use super::{incomplete, object_check};
use crate::failure::Failure;

/// Checks. What is wrong is printed as it is found; the answer is a summary.
///
/// # Errors
/// Something is wrong, or the database cannot be read.
pub(super) async fn run(settings: &Settings, registry: &Registry) -> Result<String, Failure> {
    let (_, name) = upkeep(settings, registry)?;
    let mut snapshot = snapshot(settings, registry).await?;
    let counts = snapshot.counts().await.map_err(|error| failed(name, &error))?;
    let mut check = Check {
        registry,
        progress: Progress::start("objects checked", counts.objects),
        faults: Faults::default(),
        warnings: Faults::default(),
        read: SnapshotCounts::default(),
    };
    check.everything(&mut *snapshot).await.map_err(|error| failed(name, &error))?;
    let Check { faults, warnings, read, progress, .. } = check;
    drop(progress);
    let summary = format!(
        "{} objects and {} documents of the {name} database were checked: {} faults, {} warnings.\n",
        read.objects, read.documents, faults.count, warnings.count
    );
    if faults.count == 0 {
        return Ok(summary);
    }
    Err(Failure::new(format!("{}See above, and restore what is damaged from a backup", summary)))
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Faults {
    /// How much.
    pub(super) count: u64,
}

/// How much is printed of one kind; it is all counted.
const PRINTED: u64 = 1000;

impl Faults {
    /// Counts and prints one.
    pub(super) fn found(&mut self, progress: &Progress, line: &str) {
        self.count += 1;
        if self.count <= PRINTED {
            progress.report(line);
        } else if self.count == PRINTED + 1 {
            progress.report("… and more, which is counted and not printed");
        }
    }
}

struct Check<'c> {
    registry: &'c Registry,
    progress: Progress,
    faults: Faults,
    warnings: Faults,
    read: SnapshotCounts,
}

impl Check<'_> {
    async fn everything(&mut self, snapshot: &mut dyn Snapshot) -> Result<(), Error> {
        let mut portions = Portions::new();
        loop {
            let documents = snapshot.documents(portions.next()).await?;
            if documents.is_empty() {
                break;
            }
            portions.had(documents.iter().map(|kept| kept.document.body.len()).sum());
            self.read.documents += documents.len() as u64;
            if documents.iter().any(|document| document.kind == incomplete::KIND) {
                self.fault("the database is incomplete: the restore or copy that filled it was interrupted");
            }
        }
        let mut portions = Portions::new();
        loop {
            let objects = snapshot.objects(portions.next()).await?;
            if objects.is_empty() {
                break;
            }
            portions.had(objects.iter().map(|object| object.body.len()).sum());
            for object in &objects {
                self.object(snapshot, object).await?;
                self.progress.advance(1);
            }
            self.read.objects += objects.len() as u64;
        }
        for fault in snapshot.faults().await? {
            self.fault(&fault);
        }
        Ok(())
    }

    async fn object(&mut self, snapshot: &mut dyn Snapshot, kept: &KeptObject) -> Result<(), Error> {
        let record = match decoded(kept) {
            Ok(record) => record,
            Err(failure) => {
                self.fault(&failure.to_string());
                return Ok(());
            }
        };
        let mut faults = object_check::faults(self.registry, kept, &record);
        faults.extend(snapshot.index_faults(&kept.id, &Index::of(&record)).await?);
        for fault in faults {
            self.fault(&format!("object {}: {fault}", kept.id));
        }
        for absent in snapshot.absent(&object_check::linked(&record)).await? {
            let line = format!("warning: object {}: a link leads to {absent}, which does not exist", kept.id);
            self.warnings.found(&self.progress, &line);
        }
        Ok(())
    }

    fn fault(&mut self, fault: &str) {
        self.faults.found(&self.progress, &format!("fault: {fault}"));
    }
}
