//! A storage with a database for each group of users.

use std::sync::Arc;

use claviger_kmip::ByteString;

use crate::BoxFuture;
use crate::error::Result;
use crate::random::RandomSource;
use crate::store::ObjectStore;

/// The databases of a storage that keeps one for each group of users, each behind a token that clients bring with every
/// request. [`StoreSource::open`](crate::store::StoreSource::open) chooses by it.
///
/// The server has no token of its own, so it works by itself in what clients have opened: see [`Databases::opened`].
pub trait Databases: Send + Sync {
    /// Makes an empty database, and returns its token: printable ASCII without spaces, quotes or backslashes, which
    /// nobody can guess and the storage does not keep. Group and key are drawn from `random`. Nothing is left of the
    /// database if this fails, or is dropped before it ends.
    ///
    /// # Errors
    /// The storage fails.
    fn create<'a>(&'a self, random: &'a mut dyn RandomSource) -> BoxFuture<'a, Result<ByteString>>;

    /// The namespaces of the databases that are open now. Asynchronous requests, timers and notices are processed in
    /// these.
    fn opened(&self) -> Vec<Arc<str>>;

    /// The store of one of them; `None` if it was closed meanwhile. It stays open as long as somebody holds it, so whoever
    /// goes through all of them holds one at a time. This is no use that keeps a database from being closed afterwards.
    fn opened_store(&self, namespace: &str) -> Option<Arc<dyn ObjectStore>>;

    /// Whether the storage answers.
    ///
    /// # Errors
    /// It does not.
    fn health(&self) -> BoxFuture<'_, Result<()>>;
}
