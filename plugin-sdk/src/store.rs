//! Stores: where records, grants and documents are kept.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use claviger_kmip::ByteString;
use claviger_kmip::tables::enumerations::OperationCode;

use crate::BoxFuture;
use crate::authentication::ConnectionFacts;
use crate::databases::Databases;
use crate::error::{Error, Result};
use crate::filter::{Cursor, Filter, Index, Page};
use crate::record::{ObjectId, Revision};
use crate::settings::Settings;
use crate::shared_bytes::SharedBytes;
use crate::upkeep::StoreUpkeep;

/// Makes stores; registered under the name that `--database-type` takes.
pub trait StoreFactory: Send + Sync {
    /// The name, such as `memory`.
    fn name(&self) -> &'static str;

    /// Opens the storage that the settings name, creating and migrating it as needed.
    ///
    /// # Errors
    /// It cannot be reached, is locked by another server, or was written by a newer version.
    fn start<'a>(
        &'a self,
        settings: &'a Settings,
        clear: bool,
    ) -> BoxFuture<'a, Result<Arc<dyn StoreSource>>>;

    /// What an operator can do with the storage beside the server: back it up, check it, copy it. `None` if that is
    /// nothing.
    fn upkeep(&self) -> Option<&dyn StoreUpkeep> {
        None
    }
}

/// An opened storage that gives a store for each message.
pub trait StoreSource: Send + Sync {
    /// The store for these facts. Most storages have one and return it; one with a database a tenant chooses by
    /// the request's token.
    ///
    /// # Errors
    /// Authentication Not Successful: the facts name no store, or prove no right to it. Feature Not Supported: they
    /// cannot name one, as those of the server's own requests cannot where each store belongs to somebody.
    fn open(&self, facts: &ConnectionFacts) -> Result<Arc<dyn ObjectStore>>;

    /// The databases, if the storage has one for each group of users. One that has a single store has none, and a source
    /// over another one passes on what that one has.
    fn databases(&self) -> Option<&dyn Databases> {
        None
    }
}

/// One store: a namespace of records, grants and documents.
///
/// `testkit::store_conformance!` is the contract in tests.
pub trait ObjectStore: Send + Sync {
    /// Distinguishes this store from every other of the server. Caches, locks and streams use it in their keys.
    fn namespace(&self) -> &Arc<str>;

    /// What the engine may rely on.
    fn properties(&self) -> StoreProperties;

    /// The records with these identifiers, with the grants that the subjects hold on each. Absent ones are left
    /// out; order is that of `ids`.
    ///
    /// # Errors
    /// The storage fails.
    fn get<'a>(&'a self, ids: &'a [ObjectId], subjects: &'a [Subject]) -> BoxFuture<'a, Result<Vec<Stored>>>;

    /// The objects that meet a filter, newest first, with the grants that the subjects hold on each.
    ///
    /// # Errors
    /// The storage fails.
    fn find<'a>(
        &'a self,
        filter: &'a Filter,
        page: &'a Page,
        subjects: &'a [Subject],
    ) -> BoxFuture<'a, Result<FoundPage>>;

    /// The identifiers of what [`ObjectStore::find`] would find, without reading the records.
    ///
    /// # Errors
    /// The storage fails.
    fn locate<'a>(&'a self, filter: &'a Filter, page: &'a Page) -> BoxFuture<'a, Result<FoundIds>>;

    /// Grants by object or by subject, ordered by object, subject and operation.
    ///
    /// # Errors
    /// The storage fails.
    fn grants<'a>(&'a self, query: &'a GrantQuery) -> BoxFuture<'a, Result<Vec<Grant>>>;

    /// A document, if it exists and has not expired.
    ///
    /// # Errors
    /// The storage fails.
    fn document<'a>(&'a self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>>;

    /// The documents of a kind that have not expired, with their names, in the order of the bytes of these.
    ///
    /// # Errors
    /// The storage fails.
    fn documents<'a>(
        &'a self,
        kind: &'a str,
        page: &'a DocumentPage,
    ) -> BoxFuture<'a, Result<Vec<(String, Document)>>>;

    /// Every kind of which there are documents, in the order of bytes. One whose documents have all gone may be among
    /// them.
    ///
    /// # Errors
    /// The storage fails.
    fn document_kinds(&self) -> BoxFuture<'_, Result<Vec<String>>>;

    /// Writes a change set: all of it or nothing. When this returns, the change survives a crash.
    ///
    /// # Errors
    /// See [`ApplyError`]; nothing was written.
    fn apply(&self, change: ChangeSet) -> BoxFuture<'_, Result<(), ApplyError>>;

    /// Whether the storage answers.
    ///
    /// # Errors
    /// It does not.
    fn health(&self) -> BoxFuture<'_, Result<()>>;
}

/// What the engine may rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreProperties {
    /// No other process writes to the storage, so a cached record is current until this server changes it.
    pub sole_writer: bool,
}

/// A record as a store returns it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Its identifier.
    pub id: ObjectId,
    /// How often it was written.
    pub revision: Revision,
    /// The encoded record, as it was put.
    pub body: SharedBytes,
    /// What is left of its Usage Limits, if it has any.
    pub usage_left: Option<i64>,
    /// The grants that the subjects of the query hold.
    pub grants: Vec<Grant>,
}

/// What a search gives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundPage {
    /// The records of the page, newest first.
    pub records: Vec<Stored>,
    /// The place of the last of them, to go on from.
    pub last: Option<Cursor>,
    /// How many match in all, if the page asked.
    pub total: Option<u64>,
}

/// What a search for identifiers alone gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FoundIds {
    /// The identifiers of the page, newest first.
    pub ids: Vec<ObjectId>,
    /// How many match in all, if the page asked.
    pub total: Option<u64>,
}

/// Who may hold a grant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// One user.
    User(Arc<str>),
    /// Everyone in a group.
    Group(Arc<str>),
    /// Everyone: `*`.
    Everyone,
}

/// How the name of a group begins, where users and groups are named.
const GROUP: &str = "group:";

impl Subject {
    /// Whom a text means: `*` is everyone, `group:NAME` a group, anything else a user. `None` if that is nobody: a name
    /// that is empty or has control characters. No user is called like a group, since the engine lets none in.
    ///
    /// ```
    /// use claviger_plugin_sdk::store::Subject;
    ///
    /// assert_eq!(Subject::named("group:backup"), Some(Subject::Group("backup".into())));
    /// assert_eq!(Subject::named("*"), Some(Subject::Everyone));
    /// assert_eq!(Subject::named("group:"), None);
    /// ```
    pub fn named(text: &str) -> Option<Self> {
        let is_name = |name: &str| !name.is_empty() && !name.contains(char::is_control);
        match text.strip_prefix(GROUP) {
            _ if text == "*" => Some(Self::Everyone),
            Some(group) => is_name(group).then(|| Self::Group(group.into())),
            None => is_name(text).then(|| Self::User(text.into())),
        }
    }

    /// Whether the subject is the user who owns an object.
    pub fn owns(&self, owner: &str) -> bool {
        matches!(self, Self::User(user) if **user == *owner)
    }

    /// The form in which stores keep it: `u:NAME`, `g:NAME` or `*`.
    pub fn to_stored(&self) -> String {
        match self {
            Self::User(name) => format!("u:{name}"),
            Self::Group(name) => format!("g:{name}"),
            Self::Everyone => "*".to_owned(),
        }
    }

    /// Reads what [`Subject::to_stored`] wrote.
    pub fn from_stored(text: &str) -> Option<Self> {
        match text.split_once(':') {
            Some(("u", name)) => Some(Self::User(name.into())),
            Some(("g", name)) => Some(Self::Group(name.into())),
            _ if text == "*" => Some(Self::Everyone),
            _ => None,
        }
    }
}

/// The name by which [`Subject::named`] knows it.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => f.write_str(name),
            Self::Group(name) => write!(f, "{GROUP}{name}"),
            Self::Everyone => f.write_str("*"),
        }
    }
}

/// That a subject may call an operation on an object that it does not own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Grant {
    /// The object.
    pub object: ObjectId,
    /// Who.
    pub subject: Subject,
    /// What.
    pub operation: OperationCode,
}

/// Which grants are asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantQuery {
    /// All on an object.
    Object(ObjectId),
    /// All that one of the subjects holds.
    Subjects(Vec<Subject>),
}

/// A change that is written whole or not at all.
///
/// Its parts take effect in this order: unchanged, purges, puts, claims, grants, revocations, consumptions,
/// documents, rewrites; each sees those before it. A part about an object that is absent by then is a conflict, a
/// revocation aside.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeSet {
    /// Records to write.
    pub puts: Vec<Put>,
    /// Records to remove with their grants, index entries and claims.
    pub purges: Vec<(ObjectId, Revision)>,
    /// Records that must still have this revision, though they are not written.
    pub unchanged: Vec<(ObjectId, Revision)>,
    /// Grants to give; giving one again changes nothing.
    pub grants: Vec<Grant>,
    /// Grants to take; taking an absent one changes nothing.
    pub revocations: Vec<Grant>,
    /// Names to claim for an object, unique per owner; an object's own earlier claims are replaced. All earlier
    /// claims are released before the first is made, so two objects can swap names.
    pub claims: Vec<NameClaims>,
    /// Uses to take from the Usage Limits of objects; nothing happens to an object without a limit. No revision
    /// changes.
    pub consumptions: Vec<(ObjectId, u64)>,
    /// Documents to write or remove.
    pub documents: Vec<DocumentPut>,
    /// Contents to write in other bytes that mean the same.
    pub rewrites: Vec<Rewrite>,
    /// Revisions other than 1 that new records among the puts begin with: how a store is filled with what another had.
    pub first_revisions: BTreeMap<ObjectId, Revision>,
}

impl ChangeSet {
    /// The revision that a new record of this change gets.
    pub fn first_revision(&self, id: &ObjectId) -> Revision {
        self.first_revisions.get(id).copied().unwrap_or(Revision(1))
    }
}

/// A record to write.
#[derive(Clone, Debug, PartialEq)]
pub struct Put {
    /// Its identifier.
    pub id: ObjectId,
    /// The revision that it must have; `None` means that it must not exist. It is written with the next one, the
    /// first being 1 or what [`ChangeSet::first_revision`] says.
    pub expected: Option<Revision>,
    /// The encoded record.
    pub body: SharedBytes,
    /// What finds it.
    pub index: Index,
    /// Sets what is left of its Usage Limits: `Keep` leaves it.
    pub usage_left: UsageLeft,
}

/// What a put does to the counter of Usage Limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageLeft {
    /// Leaves it as it is.
    Keep,
    /// Sets it; `None` means that there is no limit.
    Set(Option<i64>),
}

/// The names of an object, which no other object of the owner may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameClaims {
    /// The object.
    pub object: ObjectId,
    /// Its owner.
    pub owner: Arc<str>,
    /// All names that it has from now on.
    pub names: Vec<String>,
}

/// What is kept and is no object: jobs, tickets, defaults, revoked tokens, the head of the audit log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// How often it was written.
    pub revision: Revision,
    /// Seconds since 1970 after which it is gone.
    pub expires: Option<i64>,
    /// Its content. It may hold key material, such as that of an asynchronous request, so its memory is zeroized.
    pub body: ByteString,
}

/// A page of the documents of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentPage {
    /// Begins behind this name; at the first one if absent.
    pub after: Option<String>,
    /// How many at most; fewer come only when there are no more.
    pub limit: u64,
}

impl DocumentPage {
    /// The first documents.
    pub fn first(limit: u64) -> Self {
        Self { after: None, limit }
    }
}

/// A document to write or remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentPut {
    /// Its kind.
    pub kind: String,
    /// Its name within the kind.
    pub id: String,
    /// The revision that it must have; `None` means that it must not exist. One that has expired does not exist.
    pub expected: Option<Revision>,
    /// Content and expiry; `None` removes it.
    pub content: Option<(ByteString, Option<i64>)>,
}

/// A content to write in other bytes that mean the same, as sealing it under another key makes them. Nothing else
/// changes: no revision, no index, no place in the order, no expiry, nothing that is left of Usage Limits. So whoever
/// holds the revision, in a cache or for his next write, is not disturbed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewrite {
    /// Whose content.
    pub of: Rewritten,
    /// The bytes that it must have; others are a conflict, and so is a document that has expired.
    pub from: SharedBytes,
    /// The bytes that it gets.
    pub to: SharedBytes,
}

/// Whose content is written anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rewritten {
    /// That of a record.
    Record(ObjectId),
    /// That of a document.
    Document {
        /// Its kind.
        kind: String,
        /// Its name within the kind.
        id: String,
    },
}

/// Why a change set was not written.
#[derive(Debug)]
pub enum ApplyError {
    /// A record or document has another revision than expected, or is gone: run again from resolve.
    Conflict,
    /// An object with this identifier exists.
    Exists(ObjectId),
    /// Another object of the owner has this name.
    NameTaken(String),
    /// The object's Usage Limits do not allow so many uses any more.
    UsageExceeded(ObjectId),
    /// The storage failed.
    Failed(Error),
}

impl From<Error> for ApplyError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Registers a store factory at link time.
#[macro_export]
macro_rules! register_store {
    ($factory:expr) => {
        $crate::inventory::submit! {
            $crate::plugin::Entry::new(
                env!("CARGO_PKG_NAME"),
                $crate::plugin::EntryKind::Store(&$factory),
            )
        }
    };
}
