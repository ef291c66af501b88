//! The folder of the databases.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use claviger_plugin_sdk::{Error, Result};

use super::group::{FileKind, Group};
use crate::sqlite::connection::{self, DatabaseFile};
use crate::sqlite::key::DatabaseKey;
use crate::sqlite::lock::FolderLock;
use crate::sqlite::{AtPath, SqliteStore, Writer};

/// A folder that this process alone uses.
pub(super) struct Folder {
    path: PathBuf,
    lock: Arc<FolderLock>,
}

impl Folder {
    /// Takes the folder; makes it if it is missing. What was left of a database that was being made is removed, and with
    /// `clear` so are all databases.
    ///
    /// # Errors
    /// Another server uses it, or it cannot be written.
    pub(super) fn take(path: PathBuf, clear: bool) -> Result<Self> {
        connection::make_folder(&path)?;
        let lock = Arc::new(FolderLock::take(&path)?);
        let folder = Self { path, lock };
        folder.remove(FileKind::Unfinished)?;
        if clear {
            folder.remove(FileKind::Database)?;
        }
        folder.make_decoy()?;
        Ok(folder)
    }

    /// Where the database of a group is.
    pub(super) fn database(&self, group: Group) -> PathBuf {
        self.path.join(group.file_name())
    }

    /// Where the database of a group is made.
    pub(super) fn unfinished(&self, group: Group) -> PathBuf {
        self.path.join(group.unfinished_name())
    }

    /// Opens the database of a group with its key, and brings it up to date.
    ///
    /// # Errors
    /// The storage fails, or a newer version wrote the database.
    pub(super) fn open(&self, group: Group, key: DatabaseKey) -> Result<SqliteStore> {
        let file = DatabaseFile::encrypted(self.database(group), key);
        SqliteStore::over(file, &group.namespace(), self.lock.clone(), Writer::when_needed)
    }

    /// Whether there is a database of the group under this key. Where there is none, the key is tried on a decoy, so that
    /// the time that it takes does not tell.
    pub(super) fn proves(&self, group: Group, key: &DatabaseKey) -> Result<bool> {
        proves(&self.path, group, key)
    }

    /// Deletes the database of a group, which must not be open.
    ///
    /// # Errors
    /// It cannot be deleted.
    pub(super) fn remove_database(&self, group: Group) -> Result<()> {
        connection::remove(&self.database(group))
    }

    /// Has what happened to names of files survive a loss of power.
    ///
    /// # Errors
    /// The storage fails.
    pub(super) fn sync(&self) -> Result<()> {
        let synced = File::open(&self.path).and_then(|folder| folder.sync_all());
        synced.map_err(|cause| self.unusable(cause))
    }

    /// Whether the folder is there.
    ///
    /// # Errors
    /// It is not.
    pub(super) fn health(&self) -> Result<()> {
        std::fs::metadata(self.path.join(DECOY)).map(drop).map_err(|cause| self.unusable(cause))
    }

    fn remove(&self, kind: FileKind) -> Result<()> {
        let files = std::fs::read_dir(&self.path).map_err(|cause| self.unusable(cause))?;
        for file in files {
            let file = file.map_err(|cause| self.unusable(cause))?;
            if file.file_name().to_str().and_then(FileKind::of) == Some(kind) {
                let path = file.path();
                std::fs::remove_file(&path).map_err(|cause| {
                    let error = Error::storage("a database below --sqlite-path cannot be deleted");
                    error.because(AtPath::new(&path, cause))
                })?;
            }
        }
        Ok(())
    }

    fn make_decoy(&self) -> Result<()> {
        let decoy = self.path.join(DECOY);
        connection::make_file(&decoy)?;
        std::fs::write(&decoy, [DECOY_BYTE; DECOY_LENGTH]).map_err(|cause| self.unusable(cause))
    }

    fn unusable(&self, cause: std::io::Error) -> Error {
        let error =
            Error::storage("the folder of --sqlite-path cannot be used; give the server's user the right to");
        error.because(AtPath::new(Path::new(&self.path), cause))
    }
}

/// [`Folder::proves`] for a folder that another process may be using.
pub(super) fn proves(folder: &Path, group: Group, key: &DatabaseKey) -> Result<bool> {
    let database = folder.join(group.file_name());
    let is_there = database.exists();
    let path = if is_there { database } else { folder.join(DECOY) };
    let file = DatabaseFile::encrypted(path, DatabaseKey::new(key.bytes())?);
    // Sees through the encryption, or does not.
    let read = file.open_for_reading().and_then(|connection| {
        let schema = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
        schema.map_err(|cause| Error::storage("the database cannot be read").because(cause))
    });
    Ok(read.is_ok() & is_there)
}

/// Looks like a database whose key nobody has.
const DECOY: &str = "decoy.sqlite";
/// Not zero, which SQLCipher takes for a page that was never written.
const DECOY_BYTE: u8 = 0xa5;
/// Two pages.
const DECOY_LENGTH: usize = 8192;
