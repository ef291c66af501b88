//! What an operator does with a database beside the server.

use std::path::Path;

use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::upkeep::{LayoutVersions, Snapshot, StoreUpkeep};
use claviger_plugin_sdk::{BoxFuture, Error, Result};
use rusqlite::Connection;

use super::connection::DatabaseFile;
use super::snapshot::SqliteSnapshot;
use super::{DATABASE, SqliteFactory, folder_of, schema};

impl StoreUpkeep for SqliteFactory {
    fn versions<'a>(&'a self, settings: &'a Settings) -> BoxFuture<'a, Result<LayoutVersions>> {
        Box::pin(async {
            let file = folder_of(settings)?.join(DATABASE);
            let stored = match is_made(&file) {
                true => schema::stored_version(&DatabaseFile::plain(file).open_for_reading()?)?,
                false => None,
            };
            Ok(LayoutVersions { stored, known: schema::known_version() })
        })
    }

    fn snapshot<'a>(
        &'a self,
        settings: &'a Settings,
        _: &'a ConnectionFacts,
    ) -> BoxFuture<'a, Result<Box<dyn Snapshot>>> {
        Box::pin(async { Ok(Box::new(snapshot_of(&folder_of(settings)?)?) as Box<dyn Snapshot>) })
    }
}

/// One state of the database in a folder, which a server may be using.
///
/// # Errors
/// There is none, it cannot be read, or it is of another version than this build writes.
pub(super) fn snapshot_of(folder: &Path) -> Result<SqliteSnapshot> {
    let file = folder.join(DATABASE);
    if !is_made(&file) {
        return Err(Error::storage(format!("there is no database at {}", file.display())));
    }
    SqliteSnapshot::take(checked(&DatabaseFile::plain(file))?)
}

/// A connection to a database of this build's version.
pub(super) fn checked(file: &DatabaseFile) -> Result<Connection> {
    let reading = file.open_for_reading()?;
    match (schema::stored_version(&reading)?, schema::known_version()) {
        (Some(stored), known) if stored == known => Ok(reading),
        (Some(stored), known) if stored > known => Err(schema::newer(stored, known)),
        _ => Err(Error::storage(
            "the database is of an older version: run `claviger-server db migrate` with this build first",
        )),
    }
}

/// Whether there is a database: a server that is just starting may have made the file and nothing in it.
fn is_made(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|found| found.len() > 0)
}
