//! Files and connections of a database.

use std::fs::{DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use claviger_plugin_sdk::{Error, Result};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::key::DatabaseKey;
use super::{AtPath, failed, has};

/// A database file, and how it is opened.
pub(super) struct DatabaseFile {
    path: PathBuf,
    key: Option<DatabaseKey>,
    room: Room,
}

/// What the connections to a database may take.
struct Room {
    writer_cache_kib: i64,
    reader_cache_kib: i64,
    /// Pages in the log before it is written back; a few thousand spare writing hot pages again and again.
    wal_pages: i64,
    /// Connections that stay open when nobody reads.
    readers: usize,
}

impl DatabaseFile {
    /// The only database of a server, in clear.
    pub(super) fn plain(path: PathBuf) -> Self {
        // Brief reads run on the threads of the server, of which there is one a processor.
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        let room = Room {
            writer_cache_kib: 4096,
            reader_cache_kib: 1024,
            wal_pages: 4000,
            readers: processors + LONG_READS_AT_ONCE,
        };
        Self { path, key: None, room }
    }

    /// One of many databases, encrypted with a key of its own.
    pub(super) fn encrypted(path: PathBuf, key: DatabaseKey) -> Self {
        let room = Room { writer_cache_kib: 512, reader_cache_kib: 512, wal_pages: 1000, readers: 1 };
        Self { path, key: Some(key), room }
    }

    /// Connections that stay open when nobody reads.
    pub(super) fn idle_readers(&self) -> usize {
        self.room.readers
    }

    /// What the database is encrypted with.
    pub(super) fn key(&self) -> Option<&DatabaseKey> {
        self.key.as_ref()
    }

    /// The connection that writes. A commit returns when its changes survive a loss of power; content that is deleted
    /// is overwritten, since it may be key material.
    ///
    /// # Errors
    /// The file cannot be used, or is no database under this key.
    pub(super) fn open_for_writing(&self) -> Result<Connection> {
        let connection = self.open()?;
        let Room { writer_cache_kib, wal_pages, .. } = self.room;
        let configure = || -> rusqlite::Result<()> {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "FULL")?;
            connection.pragma_update(None, "secure_delete", true)?;
            connection.pragma_update(None, "wal_autocheckpoint", wal_pages)?;
            connection.pragma_update(None, "journal_size_limit", wal_pages * 4096)?;
            connection.pragma_update(None, "cache_size", -writer_cache_kib)?;
            connection.pragma_update(None, "temp_store", "MEMORY")
        };
        configure().map_err(|cause| self.unusable(cause))?;
        Ok(connection)
    }

    /// A connection that reads.
    ///
    /// # Errors
    /// As those of [`DatabaseFile::open_for_writing`]; some show only when something is read.
    pub(super) fn open_for_reading(&self) -> Result<Connection> {
        let connection = self.open()?;
        let configure = || -> rusqlite::Result<()> {
            connection.pragma_update(None, "query_only", true)?;
            connection.pragma_update(None, "cache_size", -self.room.reader_cache_kib)?;
            connection.pragma_update(None, "temp_store", "MEMORY")
        };
        configure().map_err(|cause| self.unusable(cause))?;
        Ok(connection)
    }

    fn open(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(&self.path, flags).map_err(|cause| self.unusable(cause))?;
        if let Some(key) = &self.key {
            key.unlock(&connection).map_err(failed)?;
        }
        connection.set_prepared_statement_cache_capacity(PREPARED);
        connection.busy_timeout(PATIENCE).map_err(failed)?;
        has::define(&connection).map_err(failed)?;
        // Keeps a prepared statement when other values are bound; without statistics they tell the planner nothing.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failed)?;
        Ok(connection)
    }

    fn unusable(&self, cause: rusqlite::Error) -> Error {
        match (cause.sqlite_error_code(), &self.key) {
            (Some(rusqlite::ErrorCode::NotADatabase), None) => Error::storage(
                "the file below --sqlite-path is no plain SQLite database; restore it from a backup, or name another \
                 folder",
            )
            .because(cause),
            _ => failed(cause),
        }
    }
}

/// How many long searches of a database run at once.
pub(super) const LONG_READS_AT_ONCE: usize = 2;
/// How many statements a connection keeps prepared; searches have few shapes.
const PREPARED: usize = 64;
const PATIENCE: Duration = Duration::from_secs(5);

/// Makes the folder, for the server's user alone.
pub(super) fn make_folder(folder: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|cause| {
        Error::storage("the folder of --sqlite-path cannot be made; make it, or name another one")
            .because(AtPath::new(folder, cause))
    })
}

/// Makes an empty database file, for the server's user alone; leaves one that exists as it is.
pub(super) fn make_file(file: &Path) -> Result<()> {
    make(file, OpenOptions::new().create(true).append(true))
}

/// Makes an empty file that must not exist yet, for the server's user alone.
pub(super) fn make_new_file(file: &Path) -> Result<()> {
    make(file, OpenOptions::new().create_new(true).append(true))
}

fn make(file: &Path, options: &mut OpenOptions) -> Result<()> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options.open(file).map(drop).map_err(|cause| {
        Error::storage(
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
                return Err(Error::storage("the database below --sqlite-path cannot be deleted")
                    .because(AtPath::new(&file, cause)));
            }
            _ => {}
        }
    }
    Ok(())
}
