//! What an operator does with a storage beside the server: learn its version, read it as a whole, look for damage.

use crate::BoxFuture;
use crate::authentication::ConnectionFacts;
use crate::error::Result;
use crate::filter::Index;
use crate::record::{ObjectId, Revision};
use crate::settings::Settings;
use crate::shared_bytes::SharedBytes;
use crate::store::{Document, Grant, NameClaims};

/// What can be done with a storage beside the server; [`StoreFactory::upkeep`](crate::store::StoreFactory::upkeep)
/// gives it.
pub trait StoreUpkeep: Send + Sync {
    /// The version of the storage and that which this build writes. Changes nothing.
    ///
    /// # Errors
    /// The storage cannot be reached, or is something else.
    fn versions<'a>(&'a self, settings: &'a Settings) -> BoxFuture<'a, Result<LayoutVersions>>;

    /// One state of a whole store, which others may go on writing to. The facts say which store, as they do for
    /// [`StoreSource::open`](crate::store::StoreSource::open).
    ///
    /// # Errors
    /// The storage is not there, cannot be reached, is of another version than this build writes, or the facts name no
    /// store of it.
    fn snapshot<'a>(
        &'a self,
        settings: &'a Settings,
        facts: &'a ConnectionFacts,
    ) -> BoxFuture<'a, Result<Box<dyn Snapshot>>>;
}

/// How a storage is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LayoutVersions {
    /// The version that it has; `None` if there is no storage yet.
    pub stored: Option<u64>,
    /// The version that this build writes.
    pub known: u64,
}

/// One state of a store: what others write after it was taken is not in it. A change set is in it whole or not at all.
///
/// It is read once from its beginning to its end; nothing of it is kept in memory but what was asked for last.
/// `testkit::snapshot_conformance!` is the contract in tests.
pub trait Snapshot: Send {
    /// How much there is, to tell progress.
    ///
    /// # Errors
    /// The storage fails.
    fn counts(&mut self) -> BoxFuture<'_, Result<SnapshotCounts>>;

    /// The next objects, oldest first, `limit` at most and at least one; none once all were given.
    ///
    /// # Errors
    /// The storage fails, or an entry cannot be read.
    fn objects(&mut self, limit: usize) -> BoxFuture<'_, Result<Vec<KeptObject>>>;

    /// The object with an identifier, whichever were given.
    ///
    /// # Errors
    /// As those of [`Snapshot::objects`].
    fn object<'a>(&'a mut self, id: &'a ObjectId) -> BoxFuture<'a, Result<Option<KeptObject>>>;

    /// The next documents of any kind that had not expired when the snapshot was taken, ordered by the bytes of kind and
    /// name, `limit` at most; none once all were given.
    ///
    /// # Errors
    /// As those of [`Snapshot::objects`].
    fn documents(&mut self, limit: usize) -> BoxFuture<'_, Result<Vec<KeptDocument>>>;

    /// A document, if it exists and had not expired when the snapshot was taken.
    ///
    /// # Errors
    /// The storage fails.
    fn document<'a>(&'a mut self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>>;

    /// Which of these objects are not there.
    ///
    /// # Errors
    /// The storage fails.
    fn absent<'a>(&'a mut self, ids: &'a [ObjectId]) -> BoxFuture<'a, Result<Vec<ObjectId>>>;

    /// Compares what finds an object with what should: one line of text for each difference, without key material.
    ///
    /// # Errors
    /// The storage fails.
    fn index_faults<'a>(
        &'a mut self,
        id: &'a ObjectId,
        expected: &'a Index,
    ) -> BoxFuture<'a, Result<Vec<String>>>;

    /// What is wrong with the store beyond single objects: damage, grants on objects that are absent, names claimed for
    /// them, entries of an index that belong to nothing. One line of text for each.
    ///
    /// # Errors
    /// The storage fails.
    fn faults(&mut self) -> BoxFuture<'_, Result<Vec<String>>>;
}

/// How much a snapshot has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SnapshotCounts {
    /// Objects.
    pub objects: u64,
    /// Documents that have not expired.
    pub documents: u64,
}

/// An object with all that a store keeps about it, short of what [`Index::of`] makes of the record.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptObject {
    /// Its identifier.
    pub id: ObjectId,
    /// How often it was written.
    pub revision: Revision,
    /// The encoded record, as it was put.
    pub body: SharedBytes,
    /// What is left of its Usage Limits, if it has any.
    pub usage_left: Option<i64>,
    /// All grants on it, ordered by subject and operation.
    pub grants: Vec<Grant>,
    /// The names that are claimed for it, in order; one entry for each owner, and none without names.
    pub claims: Vec<NameClaims>,
}

/// A document with what names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptDocument {
    /// Its kind.
    pub kind: String,
    /// Its name within the kind.
    pub id: String,
    /// The document.
    pub document: Document,
}
