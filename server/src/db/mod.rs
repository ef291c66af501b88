//! `claviger-server db …`: what an operator does with a database beside the server.
//!
//! Everything reads a [`Snapshot`](claviger_plugin_sdk::upkeep::Snapshot), so a server may go on with its work meanwhile,
//! and writes through the store that a server would use ([`filling`]), so what is written is indexed, and sealed, as the
//! configuration says.

mod backup;
mod backup_file;
mod check;
mod command;
mod copy;
mod filling;
mod from_kmip;
pub(crate) mod incomplete;
mod migrate;
mod object_check;
mod opened;
mod portions;
mod progress;
mod restore;
mod same;

use std::sync::Arc;

use claviger_engine::registry::Registry;
use claviger_plugin_sdk::settings::Settings;

pub(crate) use command::{DbCommand, command, destination, identifying_flags};
pub(crate) use opened::snapshot;

use crate::failure::Failure;

/// What a command works with.
pub(crate) struct Setting<'s> {
    /// The database that the configuration names.
    pub(crate) settings: &'s Settings,
    /// The other database, for a command that has one; the same one otherwise.
    pub(crate) destination: Settings,
    /// The flags that tell one database from another.
    pub(crate) identifying_flags: Vec<&'static str>,
    /// What this build can do.
    pub(crate) registry: Arc<Registry>,
}

/// Does what the command asks for; the text is its answer.
///
/// # Errors
/// It failed, or found something wrong.
pub(crate) fn perform(command: DbCommand, with: Setting<'_>) -> Result<String, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("cannot start threads: {error}")))?;
    runtime.block_on(async {
        let (settings, registry) = (with.settings, &with.registry);
        match command {
            DbCommand::Migrate { dry_run } => migrate::run(settings, registry, dry_run).await,
            DbCommand::Check => check::run(settings, registry).await,
            DbCommand::Backup { file, protection } => {
                backup::run(settings, registry, &file, &protection).await
            }
            DbCommand::Restore { file, key } => restore::run(settings, registry, &file, key.as_ref()).await,
            DbCommand::Copy => copy::run(&with).await,
            DbCommand::CopyFromKmip(from) => from_kmip::run(settings, registry.clone(), &from).await,
        }
    })
}
