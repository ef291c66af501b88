//! Files and connections of a database.

use std::fs::{DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use claviger_plugin_sdk::{Error, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::{AtPath, failed, has};

/// Makes the folder, for the server's user alone.
pub(super) fn make_folder(folder: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|cause| {
        Error::server("the folder of --sqlite-path cannot be made; make it, or name another one")
            .because(AtPath::new(folder, cause))
    })
}

/// Makes an empty database file, for the server's user alone; leaves one that exists as it is.
pub(super) fn make_file(file: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop).map_err(|cause| {
        Error::server(
            "the database below --sqlite-path cannot be written; give the server's user the right to",
        )
        .because(AtPath::new(file, cause))
    })
}

/// Deletes a database with the files that belong to it.
pub(super) fn remove(file: &Path) -> Result<()> {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(suffix);
        let file = PathBuf::from(name);
        match std::fs::remove_file(&file) {
            Err(cause) if cause.kind() != ErrorKind::NotFound => {
                return Err(Error::server("the database below --sqlite-path cannot be deleted")
                    .because(AtPath::new(&file, cause)));
            }
            _ => {}
        }
    }
    Ok(())
}

/// The connection that writes. A commit returns when its changes survive a loss of power; content that is deleted
/// is overwritten, since it may be key material.
pub(super) fn open_for_writing(file: &Path) -> Result<Connection> {
    let connection = open(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let configure = || -> rusqlite::Result<()> {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "secure_delete", true)?;
        connection.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?;
        connection.pragma_update(None, "journal_size_limit", WAL_PAGES * 4096)?;
        connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
        connection.pragma_update(None, "temp_store", "MEMORY")
    };
    configure().map_err(unusable)?;
    Ok(connection)
}

/// A connection that reads.
pub(super) fn open_for_reading(file: &Path) -> Result<Connection> {
    let connection = open(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    let configure = || -> rusqlite::Result<()> {
        connection.pragma_update(None, "query_only", true)?;
        connection.pragma_update(None, "cache_size", -READER_CACHE_KIB)?;
        connection.pragma_update(None, "temp_store", "MEMORY")
    };
    configure().map_err(failed)?;
    Ok(connection)
}

/// Pages in the log before it is written back; a few thousand spare writing hot pages again and again.
const WAL_PAGES: i64 = 4000;
const WRITER_CACHE_KIB: i64 = 4096;
const READER_CACHE_KIB: i64 = 2048;
/// How many statements a connection keeps prepared; searches have few shapes.
const PREPARED: usize = 64;
const PATIENCE: Duration = Duration::from_secs(5);

fn open(file: &Path, flags: OpenFlags) -> Result<Connection> {
    let connection =
        Connection::open_with_flags(file, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(unusable)?;
    connection.set_prepared_statement_cache_capacity(PREPARED);
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    has::define(&connection).map_err(failed)?;
    // Keeps a prepared statement when other values are bound; without statistics they tell the planner nothing.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failed)?;
    Ok(connection)
}

fn unusable(cause: rusqlite::Error) -> Error {
    match cause.sqlite_error_code() {
        Some(rusqlite::ErrorCode::NotADatabase) => Error::server(
            "the file below --sqlite-path is no plain SQLite database; restore it from a backup, or name another folder",
        )
        .because(cause),
        _ => failed(cause),
    }
}
