//! The engine: one door through which every transport, route and timer enters.
//!
//! Read `pipeline/` from `message.rs` down to see what happens to a request. The engine knows no algorithm, no
//! database and no client: it asks its [`registry::Registry`].

mod admission_facts;
mod algorithm_policy;
mod caller;
mod contention;
mod credentials;
mod databases;
mod document;
pub mod dynamic;
mod heavy_pool;
mod implied_rights;
mod jobs;
mod limits;
mod notices;
mod object_cache;
mod pipeline;
mod refusals;
pub mod registry;
mod request_names;
pub mod sealing;
mod streams;
mod system;
mod tickets;
mod timers;
mod unit_of_work;

use std::sync::Arc;

use claviger_kmip::message::RequestMessage;
use claviger_kmip::payload::Payload;
use claviger_kmip::tables::enumerations::{OperationCode, ResultReason};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{ByteString, Ttlv};
use claviger_plugin_sdk::audit::{AuditSink, Detail};
use claviger_plugin_sdk::authentication::{Challenge, ConnectionFacts};
use claviger_plugin_sdk::clock::Clock;
use claviger_plugin_sdk::dialect::Dialect;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::store::StoreSource;

pub use algorithm_policy::{AlgorithmPolicy, AllowedAlgorithm, PolicyTexts};
pub use caller::{Authenticators, Caller, RequestShare};
pub use implied_rights::ImpliedRights;
pub use limits::{JobLimits, Limits, TicketLimits};
pub use notices::{ConfiguredClient, Dialer, Endpoint, EndpointRoles};
pub use pipeline::received::Received;
pub use pipeline::response::Response;
pub use refusals::HeldOff;
pub use request_names::RequestId;
pub use system::{SystemClock, SystemRandom};

use contention::Contention;
use credentials::HeaderFields;
use databases::Opened;
use heavy_pool::HeavyPool;
use jobs::Jobs;
use notices::Notices;
use object_cache::ObjectCache;
use refusals::{Refusals, Shown};
use registry::Registry;
use request_names::RequestNames;
use streams::Streams;

/// Everything that an engine is given.
pub struct EngineOptions {
    /// Who may call.
    pub authenticators: Authenticators,
    /// Which grant implies which.
    pub implied_rights: ImpliedRights,
    /// Which algorithms may be used.
    pub algorithm_policy: AlgorithmPolicy,
    /// Bounds.
    pub limits: Limits,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Makes a source of randomness for an item.
    pub random: Arc<dyn Fn() -> Box<dyn RandomSource> + Send + Sync>,
    /// Where audit records go, in order.
    pub audit: Vec<Arc<dyn AuditSink>>,
    /// What is not done unless every one of them has kept it.
    pub required_audit: RequiredAudit,
    /// Who counts.
    pub observer: Option<Arc<dyn Observer>>,
}

/// What is not done unless audit has kept before that it is going to be done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequiredAudit {
    /// Everything is done; what audit cannot keep is lost.
    #[default]
    Nothing,
    /// Items that write, Usage Limits included.
    Writes,
    /// These, and items that use or reveal key material.
    WritesAndMaterial,
}

/// Counts items, for metrics.
pub trait Observer: Send + Sync {
    /// An item of this operation (empty when it could not be read) took so many microseconds and failed for this
    /// reason, if it did.
    fn item(&self, operation: &str, failure: Option<ResultReason>, micros: u64);
}

/// What reading the audit log is called in audit.
const READ_AUDIT: &str = "ReadAudit";

/// The engine. Clones are handles of the same one.
#[derive(Clone)]
pub struct Engine {
    core: Arc<Core>,
}

/// What all requests share.
pub(crate) struct Core {
    registry: Arc<Registry>,
    stores: Arc<dyn StoreSource>,
    opened: Opened,
    options: EngineOptions,
    objects: ObjectCache,
    streams: Streams,
    heavy: HeavyPool,
    contention: Contention,
    requests: RequestNames,
    jobs: Jobs,
    notices: Notices,
    refusals: Refusals,
}

/// The answer to one item.
#[derive(Debug)]
pub struct ItemOutcome {
    /// Which operation.
    pub operation: OperationCode,
    /// As in the request.
    pub unique_batch_item_id: Option<ByteString>,
    /// The response payload, or why there is none.
    pub result: Result<Payload>,
    /// Whether the item succeeded and an Undo took it back. The payload is empty if it would have been made with a key.
    pub undone: bool,
    /// The Asynchronous Correlation Value of an item that is answered later; its result is an empty payload.
    pub pending: Option<ByteString>,
    /// What the client is told of a success beside the response payload: its Result Message.
    pub remark: Option<String>,
}

impl Engine {
    /// An engine over a registry and a storage.
    pub fn new(registry: Arc<Registry>, stores: Arc<dyn StoreSource>, mut options: EngineOptions) -> Self {
        let configured = &mut options.authenticators.configured;
        configured.sort_by_key(|(_, authenticator)| authenticator.challenge().is_none());
        let limits = &options.limits;
        let core = Core {
            objects: ObjectCache::new(limits.cached_objects, limits.cached_bytes),
            streams: Streams::new(limits.streams, limits.streams_per_user, limits.stream_idle),
            heavy: HeavyPool::new(limits.heavy_threads, limits.heavy_queue, limits.heavy_queue_per_user),
            contention: Contention::new(),
            requests: RequestNames::new(&mut *(options.random)()),
            notices: Notices::new(),
            refusals: Refusals::new(limits.failures_per_minute),
            jobs: Jobs::new(limits.jobs.running, &mut *(options.random)()),
            registry,
            stores,
            opened: Opened::default(),
            options,
        };
        Self { core: Arc::new(core) }
    }

    /// The registry.
    pub fn registry(&self) -> &Arc<Registry> {
        &self.core.registry
    }

    /// Looks at a connection and its headers, before a body is read. An address that has failed too often is not looked
    /// at for a while, unless it shows what was accepted before.
    ///
    /// Audit is told of whoever is not accepted.
    ///
    /// # Errors
    /// Authentication Not Successful: nobody is accepted, or a credential is wrong. [`HeldOff::of`] tells whether the
    /// address has to wait.
    pub async fn authenticate(&self, facts: Arc<ConnectionFacts>) -> Result<Caller> {
        self.authenticate_for(&self.new_request(None), facts).await
    }

    /// The same for a request that has a name by now, which audit is told.
    ///
    /// # Errors
    /// As those of [`Engine::authenticate`].
    pub async fn authenticate_for(&self, request: &RequestId, facts: Arc<ConnectionFacts>) -> Result<Caller> {
        let core = &*self.core;
        let caller = match core.check_refusals(&facts, Shown::Connection(&facts)) {
            Ok(()) => {
                let caller = core.options.authenticators.connection(facts.clone()).await;
                core.note_refusal(&facts, Shown::Connection(&facts), caller.as_ref().map(|_| ()));
                caller
            }
            Err(held_off) => Err(held_off.into_error()),
        };
        caller.inspect_err(|error| pipeline::account::unknown(core, request.clone(), &facts, error))
    }

    /// Whether a caller may read the audit log: he has to be an operator, by a proof that narrows nothing. Audit is told of
    /// those who may not.
    ///
    /// # Errors
    /// Authentication Not Successful: who calls is left to the messages on the connection. Permission Denied.
    pub fn may_read_audit(&self, caller: &Caller) -> Result<()> {
        caller.check_unrestricted().inspect_err(|error| self.unreadable(caller, error))?;
        let admitted = caller.check_operator("the audit log");
        admitted.inspect_err(|error| {
            pipeline::account::named(&self.core, caller, READ_AUDIT, Vec::new(), Some(error.reason()));
        })
    }

    /// Tells audit that a caller reads the log, and what he looks for.
    ///
    /// # Errors
    /// Audit is required, and does not keep it.
    pub async fn reads_audit(&self, caller: &Caller, details: Vec<Detail>) -> Result<()> {
        pipeline::account::intend_named(&self.core, caller, READ_AUDIT, details.clone()).await?;
        pipeline::account::named(&self.core, caller, READ_AUDIT, details, None);
        Ok(())
    }

    /// Tells audit of a client whose connection was refused before there was a request: its certificate is not good. It
    /// counts as a failure of its address.
    pub fn refuse_connection(&self, facts: &ConnectionFacts, why: &str) {
        self.refuse_connection_for(&self.new_request(None), facts, why);
    }

    /// The same when a request has come on it, which audit is told.
    pub fn refuse_connection_for(&self, request: &RequestId, facts: &ConnectionFacts, why: &str) {
        let error = caller::refused("TLS", why);
        self.core.note_refusal(facts, Shown::Connection(facts), Err(&error));
        pipeline::account::unknown(&self.core, request.clone(), facts, &error);
    }

    /// Tells audit how many callers were refused that have no records of their own, if it is time or the
    /// server `ends`. To be called every few seconds.
    pub fn settle_refusals(&self, ends: bool) {
        pipeline::account::untold(&self.core, ends);
    }

    /// A name for a request that came in, and the one that it came with.
    pub fn new_request(&self, given: Option<Arc<str>>) -> RequestId {
        RequestId { name: self.core.requests.next(), given }
    }

    /// What callers are asked for whom nobody accepts.
    pub fn challenges(&self) -> impl Iterator<Item = Challenge> {
        let configured = self.core.options.authenticators.configured.iter();
        configured.filter_map(|(_, authenticator)| authenticator.challenge())
    }

    /// Answers a request message of any version of KMIP. There is always an answer.
    ///
    /// A message that writes is finished though the future is dropped, as it is when the client goes away: what was
    /// written is audited, and the caches hear of it. It runs as a task of the current tokio runtime.
    pub async fn answer(&self, caller: &Caller, message: Received) -> Response {
        pipeline::message::answer(&self.core, caller, message).await
    }

    /// The same from tree to tree, for those who do not hold off their callers.
    pub async fn handle(&self, caller: &Caller, message: Ttlv) -> Ttlv {
        self.answer(caller, Received::Tree(message)).await.into_tree()
    }

    /// Answers a KMIP 2.1 message of a dialect; a bare operation is a message of one item. What [`Engine::handle`] says
    /// of messages that write holds here, too.
    ///
    /// # Errors
    /// The message as a whole is refused: header, version (1.x is not spoken here), size, credentials.
    pub async fn handle_in(
        &self,
        caller: &Caller,
        dialect: &'static dyn Dialect,
        message: RequestMessage,
    ) -> Result<Vec<ItemOutcome>> {
        pipeline::message::answer_in(&self.core, caller, dialect, message).await
    }

    /// The KMIP 2.1 response message of what [`Engine::handle_in`] gave, with errors as the dialect tells them.
    pub fn response(&self, dialect: &dyn Dialect, outcomes: Vec<ItemOutcome>) -> Ttlv {
        let version = ProtocolVersion::V2_1;
        Response::of(&self.core, dialect, version, None, HeaderFields::default(), outcomes).into_tree()
    }

    /// Tells audit and metrics of a request that could not be read.
    pub fn unreadable(&self, caller: &Caller, error: &Error) {
        pipeline::account::refused(&self.core, caller, self.core.request_of(caller), error);
    }

    /// The response message for a body that is no message, which audit and metrics are told of.
    pub fn malformed(&self, caller: &Caller, error: &Error) -> Ttlv {
        let request = self.core.request_of(caller);
        pipeline::account::refused(&self.core, caller, request.clone(), error);
        Response::refusal(&self.core, None, request.name, HeaderFields::default(), error).into_tree()
    }

    /// The response message to a request that goes no further: nobody accepts its caller, or the server has no room for it.
    pub fn refusal(&self, request: &RequestId, error: &Error) -> Ttlv {
        let name = request.name.clone();
        Response::refusal(&self.core, None, name, HeaderFields::default(), error).into_tree()
    }
}

impl Core {
    /// What the caller's request is called.
    pub(crate) fn request_of(&self, caller: &Caller) -> RequestId {
        let new = || RequestId { name: self.requests.next(), given: None };
        caller.request.clone().unwrap_or_else(new)
    }
}

impl Core {
    /// That the address of these facts may be looked at.
    fn check_refusals(&self, facts: &ConnectionFacts, shown: Shown<'_>) -> Result<(), HeldOff> {
        let peer = facts.peer.map(|peer| peer.ip());
        self.refusals.check(peer, shown, self.options.clock.now_millis())
    }

    /// Notes whether what was shown was accepted. It is no failure to show nothing, or what cannot be checked.
    fn note_refusal(&self, facts: &ConnectionFacts, shown: Shown<'_>, accepted: Result<(), &Error>) {
        let peer = facts.peer.map(|peer| peer.ip());
        match accepted {
            Ok(()) => self.refusals.accepted(peer, shown),
            Err(error) if caller::is_wrong(error) => {
                self.refusals.failed(peer, shown, self.options.clock.now_millis());
            }
            Err(_) => {}
        }
    }
}
