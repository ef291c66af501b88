//! `claviger-server db migrate`: brings a database to the version that this build writes.

use claviger_engine::registry::Registry;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::upkeep::LayoutVersions;

use super::opened::{failed, upkeep};
use crate::failure::Failure;
use crate::start;

/// Migrates, or says what there is to do. A server migrates in the same way when it starts.
///
/// # Errors
/// The database is newer than this build, or is used by a server, or fails.
pub(super) async fn run(settings: &Settings, registry: &Registry, dry_run: bool) -> Result<String, Failure> {
    let (upkeep, name) = upkeep(settings, registry)?;
    let versions = || upkeep.versions(settings);
    let found = versions().await.map_err(|error| failed(name, &error))?;
    let LayoutVersions { stored, known } = found;
    match stored {
        Some(stored) if stored > known => {
            return Err(Failure::new(format!(
                "database {name}: it has version {stored} and this build knows {known}; nothing was changed, since \
                 there is no way back: use a build that knows {stored}"
            )));
        }
        Some(stored) if stored == known => {
            return Ok(format!("The {name} database has version {known} already; there is nothing to do.\n"));
        }
        _ => {}
    }
    let from = match stored {
        Some(stored) => format!("from version {stored}"),
        None => "from nothing".to_owned(),
    };
    if dry_run {
        return Ok(format!("The {name} database would be brought {from} to version {known}.\n"));
    }
    start::open_storage(settings, registry, false).await?;
    let found = versions().await.map_err(|error| failed(name, &error))?;
    if found.stored != Some(known) {
        return Err(Failure::new(format!("database {name}: it was not brought to version {known}")));
    }
    Ok(format!("The {name} database was brought {from} to version {known}.\n"))
}
