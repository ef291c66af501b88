//! SQLite: one database file, one server.
//!
//! One thread writes, and commits together what arrived together ([`writer`]); any number of readers read
//! meanwhile ([`readers`]). A lock file keeps a second server out ([`lock`]).

mod change;
mod connection;
mod consistency;
mod document_kinds;
pub mod encrypted;
mod has;
mod index_rows;
mod key;
mod lock;
mod query;
mod readers;
mod schema;
mod snapshot;
mod upkeep;
mod writer;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::{
    ApplyError, ChangeSet, Document, DocumentPage, FoundIds, FoundPage, Grant, GrantQuery, ObjectStore,
    StoreFactory, StoreProperties, StoreSource, Stored, Subject,
};
use claviger_plugin_sdk::upkeep::StoreUpkeep;
use claviger_plugin_sdk::{BoxFuture, Error, Result};

use connection::DatabaseFile;
use document_kinds::DocumentKinds;
use lock::FolderLock;
use readers::Readers;
use writer::Writer;

/// Opens the store `sqlite`.
pub struct SqliteFactory;

impl StoreFactory for SqliteFactory {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn start<'a>(
        &'a self,
        settings: &'a Settings,
        clear: bool,
    ) -> BoxFuture<'a, Result<Arc<dyn StoreSource>>> {
        Box::pin(async move {
            let store = SqliteStore::open(&folder_of(settings)?, clear)?;
            Ok(Arc::new(SqliteSource { store: Arc::new(store) }) as Arc<dyn StoreSource>)
        })
    }

    fn upkeep(&self) -> Option<&dyn StoreUpkeep> {
        Some(self)
    }
}

/// The folder that the settings name.
fn folder_of(settings: &Settings) -> Result<PathBuf> {
    settings
        .path("sqlite-path")
        .ok_or_else(|| Error::invalid("--sqlite-path must name the folder of the database"))
}

/// A SQLite database as a store. Dropping it waits for what is being written. Long searches move to the blocking
/// threads of Tokio, so it is used inside a Tokio runtime.
pub struct SqliteStore {
    namespace: Arc<str>,
    writer: Writer,
    readers: Arc<Readers>,
    document_kinds: DocumentKinds,
    // Dropped last: the folder stays locked until every connection is closed.
    _lock: Arc<FolderLock>,
}

impl SqliteStore {
    /// Opens the database in a folder; makes both if they are missing, and brings an older database up to date.
    /// With `clear`, everything that it holds is deleted first.
    ///
    /// # Errors
    /// Another server uses the folder, a newer version wrote the database, it is no database of this kind, or the
    /// folder cannot be used.
    pub fn open(folder: &Path, clear: bool) -> Result<Self> {
        connection::make_folder(folder)?;
        let lock = FolderLock::take(folder)?;
        let file = folder.join(DATABASE);
        if clear {
            connection::remove(&file)?;
        }
        connection::make_file(&file)?;
        Self::over(DatabaseFile::plain(file), "sqlite", Arc::new(lock), Writer::start)
    }

    /// Opens a database whose file exists, in a folder that is locked.
    fn over(
        file: DatabaseFile,
        namespace: &str,
        lock: Arc<FolderLock>,
        writer: fn(rusqlite::Connection) -> Result<Writer>,
    ) -> Result<Self> {
        let mut writing = file.open_for_writing()?;
        schema::migrate(&mut writing)?;
        let document_kinds = DocumentKinds::read(&writing)?;
        let readers = Readers::new(file)?;
        Ok(Self {
            namespace: namespace.into(),
            writer: writer(writing)?,
            readers: Arc::new(readers),
            document_kinds,
            _lock: lock,
        })
    }
}

impl SqliteStore {
    /// Whether the database is encrypted with this key.
    fn has_key(&self, key: &key::DatabaseKey) -> bool {
        self.readers.file().key().is_some_and(|own| own.is(key))
    }
}

/// The name of the database file.
const DATABASE: &str = "claviger.db";

impl ObjectStore for SqliteStore {
    fn namespace(&self) -> &Arc<str> {
        &self.namespace
    }

    fn properties(&self) -> StoreProperties {
        StoreProperties { sole_writer: true }
    }

    fn get<'a>(&'a self, ids: &'a [ObjectId], subjects: &'a [Subject]) -> BoxFuture<'a, Result<Vec<Stored>>> {
        Box::pin(async { self.readers.read(|reading| query::get(reading, ids, subjects)) })
    }

    fn find<'a>(
        &'a self,
        filter: &'a Filter,
        page: &'a Page,
        subjects: &'a [Subject],
    ) -> BoxFuture<'a, Result<FoundPage>> {
        Box::pin(async move {
            if let Some(found) =
                self.readers.read_briefly(|reading| query::find(reading, filter, page, subjects))?
            {
                return Ok(found);
            }
            let (filter, page, subjects) = (filter.clone(), page.clone(), subjects.to_vec());
            Readers::read_long(&self.readers, move |reading| query::find(reading, &filter, &page, &subjects))
                .await
        })
    }

    fn locate<'a>(&'a self, filter: &'a Filter, page: &'a Page) -> BoxFuture<'a, Result<FoundIds>> {
        Box::pin(async move {
            if let Some(found) = self.readers.read_briefly(|reading| query::locate(reading, filter, page))? {
                return Ok(found);
            }
            let (filter, page) = (filter.clone(), page.clone());
            Readers::read_long(&self.readers, move |reading| query::locate(reading, &filter, &page)).await
        })
    }

    fn grants<'a>(&'a self, query: &'a GrantQuery) -> BoxFuture<'a, Result<Vec<Grant>>> {
        Box::pin(async move {
            if let Some(grants) = self.readers.read_briefly(|reading| query::grants(reading, query))? {
                return Ok(grants);
            }
            let query = query.clone();
            Readers::read_long(&self.readers, move |reading| query::grants(reading, &query)).await
        })
    }

    fn document<'a>(&'a self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        Box::pin(async move {
            if !self.document_kinds.may_have(kind) {
                return Ok(None);
            }
            self.readers.read(|reading| query::document(reading, kind, id, now()))
        })
    }

    fn documents<'a>(
        &'a self,
        kind: &'a str,
        page: &'a DocumentPage,
    ) -> BoxFuture<'a, Result<Vec<(String, Document)>>> {
        Box::pin(async move {
            if let Some(documents) =
                self.readers.read_briefly(|reading| query::documents(reading, kind, page, now()))?
            {
                return Ok(documents);
            }
            let (kind, page) = (kind.to_owned(), page.clone());
            Readers::read_long(&self.readers, move |reading| query::documents(reading, &kind, &page, now()))
                .await
        })
    }

    fn document_kinds(&self) -> BoxFuture<'_, Result<Vec<String>>> {
        Box::pin(async { Ok(self.document_kinds.all()) })
    }

    fn apply(&self, change: ChangeSet) -> BoxFuture<'_, Result<(), ApplyError>> {
        self.document_kinds.expect(&change.documents);
        Box::pin(self.writer.apply(change))
    }

    fn health(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            self.writer.health()?;
            self.readers.read(query::health)
        })
    }
}

/// The one store of a server, for every message.
struct SqliteSource {
    store: Arc<SqliteStore>,
}

impl StoreSource for SqliteSource {
    fn open(&self, _: &ConnectionFacts) -> Result<Arc<dyn ObjectStore>> {
        Ok(self.store.clone())
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// The failure that a client sees when the database fails; the log has the cause.
fn failed(cause: rusqlite::Error) -> Error {
    use rusqlite::ErrorCode;
    let message = match cause.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the storage is full; nothing was written",
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            "the server may not write to its storage"
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "the storage is damaged; restore it from a backup"
        }
        _ => "the storage failed",
    };
    Error::storage(message).because(cause)
}

/// The folder and file names of a database, for messages about them in the log.
#[derive(Debug)]
struct AtPath {
    path: PathBuf,
    cause: std::io::Error,
}

impl AtPath {
    fn new(path: &Path, cause: std::io::Error) -> Self {
        Self { path: path.to_owned(), cause }
    }
}

impl std::fmt::Display for AtPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.cause)
    }
}

impl std::error::Error for AtPath {}
