//! Audit records and where they go.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use claviger_kmip::tables::enumerations::{OperationCode, ResultReason};

use crate::BoxFuture;
use crate::authentication::Transport;
use crate::error::Result;
use crate::record::ObjectId;
use crate::settings::Settings;

/// What holds for every item of a request. Of the client it has nothing but names and the text that it sends for logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditedRequest<'r> {
    /// Identifies the request in all logs and to the client, as Server Correlation Value (KMIP 2.1 section 9.10). No two
    /// servers give the same.
    pub name: &'r str,
    /// What the HTTP request was called by its client, or by a proxy before the server, in `X-Request-Id`. Anybody can send
    /// any, and several requests the same; so it is beside `name` and not instead of it.
    pub request_id: Option<&'r str>,
    /// The Client Correlation Value (section 9.9), cut off after 256 letters.
    pub client_correlation: Option<&'r str>,
    /// How the request came.
    pub transport: Transport,
    /// From which address; `None` for what the server does by itself.
    pub peer: Option<IpAddr>,
    /// The store's namespace, where the storage has several: an identifier means another object in each.
    pub store: Option<&'r str>,
    /// Who called; `None` when nobody was accepted.
    pub user: Option<&'r str>,
    /// What proved it.
    pub proven_by: Option<&'r str>,
}

/// What happened in one batch item of a request, or to a request whose items did not run. It holds no key material.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRecord {
    /// Milliseconds since 1970-01-01 UTC.
    pub time: i64,
    /// Which item of the message, from 0.
    pub item: u32,
    /// The Asynchronous Correlation Value (section 9.1), in hexadecimal, of an item that is done later. It is in the record
    /// of its taking, which is `pending`, and in that of its run, which is as if the client had waited for it.
    pub asynchronous: Option<Arc<str>>,
    /// Which operation; `None` when the request could not be read so far.
    pub operation: Option<OperationCode>,
    /// The operation's name, as its plugin has it; `None` when no plugin brings it.
    pub operation_name: Option<&'static str>,
    /// The objects that were admitted or made, and the one that was refused or is not there.
    pub objects: Vec<ObjectId>,
    /// What the item did to rights on these objects; `None` if it did nothing to them.
    pub rights: Option<Box<RightsChange>>,
    /// What else the operation says of it, for those who look for it later. No two have the same name.
    pub details: Vec<Detail>,
    /// Whether it was taken to be done later: Operation Pending. Then `failure` says nothing.
    pub pending: bool,
    /// `None` on success.
    pub failure: Option<ResultReason>,
    /// Why nobody was accepted: which authenticator refused the caller, and what it says for the log, cut off after 256
    /// letters.
    pub refusal: Option<Arc<str>>,
    /// How many events it stands for: 1, or more where refused callers are so many that not each has a record of its own.
    pub repeated: u32,
    /// Microseconds that the item took.
    pub duration: u64,
}

impl AuditRecord {
    /// A record of this time that says nothing else.
    pub fn at(time: i64) -> Self {
        Self {
            time,
            item: 0,
            asynchronous: None,
            operation: None,
            operation_name: None,
            objects: Vec::new(),
            rights: None,
            details: Vec::new(),
            pending: false,
            failure: None,
            refusal: None,
            repeated: 1,
            duration: 0,
        }
    }
}

/// Rights that an item gave or took, as its operation says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RightsChange {
    /// To whom, or from whom: a user, `group:NAME` or `*` for everyone. Where the owner changed, the new one.
    pub subjects: Vec<String>,
    /// To call which operations; none where the owner changed.
    pub operations: Vec<OperationCode>,
}

/// A fact that an operation adds to its record, such as the number by which what it made can be revoked: see
/// [`Context::audit_detail`](crate::context::Context::audit_detail).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// What it is, in lower case, words joined by `_`.
    pub name: Cow<'static, str>,
    /// The fact, cut off after 256 letters; several of them joined by `, `, 1024 bytes at most. No secret.
    pub text: String,
}

/// Takes audit records.
pub trait AuditSink: Send + Sync {
    /// Takes records of one request, in the order in which its items ended: some of those that ended since the request has
    /// last waited for anything, or all. It must not wait: a sink queues, and says what it does when its queue is full.
    fn record(&self, request: &AuditedRequest<'_>, records: &[AuditRecord]);

    /// Takes what an item is about to do, before it is committed or answered, where the operator wants no item without
    /// its audit. Of the record, `failure` and `duration` say nothing yet; the item's own record follows. It may be
    /// taken more than once for an item that other writers overtake.
    ///
    /// It queues the record when it is called, and comes to its end once that survives a crash, so that no acknowledged
    /// change is without one. For the items of a batch that are written together it is called for each of them before any is
    /// waited for, some hundreds at a time, so that they can be kept together.
    ///
    /// # Errors
    /// The sink cannot keep the record: the item fails and changes nothing.
    fn intend(&self, request: &AuditedRequest<'_>, record: &AuditRecord) -> BoxFuture<'_, Result<()>>;
}

/// Makes an audit sink from the settings, if they configure it. The server has a sink of its own, a file, which is told
/// first; those of plugins follow in the configured order.
pub trait AuditSinkFactory: Send + Sync {
    /// Its name.
    fn name(&self) -> &'static str;

    /// The sink; `None` when the settings do not configure it. Called once, when the server starts.
    ///
    /// # Errors
    /// They configure it wrongly, or what it writes to cannot be opened: the server does not start without its audit.
    fn start(&self, settings: &Settings) -> Result<Option<Arc<dyn AuditSink>>>;
}

/// Registers an audit sink factory at link time.
#[macro_export]
macro_rules! register_audit_sink {
    ($factory:expr) => {
        $crate::inventory::submit! {
            $crate::plugin::Entry::new(
                env!("CARGO_PKG_NAME"),
                $crate::plugin::EntryKind::AuditSink(&$factory),
            )
        }
    };
}
