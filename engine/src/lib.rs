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
pub mod registry;
mod request_names;
pub mod sealing;
mod streams;
mod system;
mod tickets;
mod timers;
mod unit_of_work;

use std::sync::Arc;

use claviger_kmip::codec::binary::Checked;
use claviger_kmip::message::RequestMessage;
use claviger_kmip::payload::Payload;
use claviger_kmip::tables::enumerations::{OperationCode, ResultReason};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{ByteString, Ttlv};
use claviger_plugin_sdk::audit::AuditSink;
use claviger_plugin_sdk::authentication::{Challenge, ConnectionFacts};
use claviger_plugin_sdk::clock::Clock;
use claviger_plugin_sdk::dialect::Dialect;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::store::StoreSource;

pub use algorithm_policy::{AlgorithmPolicy, AllowedAlgorithm, PolicyTexts};
pub use caller::{Authenticators, Caller};
pub use implied_rights::ImpliedRights;
pub use limits::{JobLimits, Limits, TicketLimits};
pub use notices::{ConfiguredClient, Dialer, Endpoint, EndpointRoles};
pub use request_names::RequestId;
pub use system::{SystemClock, SystemRandom};

use contention::Contention;
use credentials::HeaderFields;
use databases::Opened;
use heavy_pool::HeavyPool;
use jobs::Jobs;
use notices::Notices;
use object_cache::ObjectCache;
use pipeline::received::Received;
use pipeline::response::Response;
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
    /// Who counts.
    pub observer: Option<Arc<dyn Observer>>,
}

/// Counts items, for metrics.
pub trait Observer: Send + Sync {
    /// An item of this operation (empty when it could not be read) took so many microseconds and failed for this
    /// reason, if it did.
    fn item(&self, operation: &str, failure: Option<ResultReason>, micros: u64);
}

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
}

impl Engine {
    /// An engine over a registry and a storage.
    pub fn new(registry: Arc<Registry>, stores: Arc<dyn StoreSource>, mut options: EngineOptions) -> Self {
        let configured = &mut options.authenticators.configured;
        configured.sort_by_key(|(_, authenticator)| authenticator.challenge().is_none());
        let limits = &options.limits;
        let core = Core {
            objects: ObjectCache::new(limits.cached_objects),
            streams: Streams::new(limits.streams, limits.streams_per_user, limits.stream_idle),
            heavy: HeavyPool::new(limits.heavy_threads, limits.heavy_queue, limits.heavy_queue_per_user),
            contention: Contention::new(),
            requests: RequestNames::new(&mut *(options.random)()),
            notices: Notices::new(),
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

    /// Looks at a connection and its headers, before a body is read.
    ///
    /// Audit is told of whoever is not accepted.
    ///
    /// # Errors
    /// Authentication Not Successful: nobody is accepted, or a credential is wrong.
    pub async fn authenticate(&self, facts: Arc<ConnectionFacts>) -> Result<Caller> {
        self.authenticate_for(&self.new_request(None), facts).await
    }

    /// The same for a request that has a name by now, which audit is told.
    ///
    /// # Errors
    /// As those of [`Engine::authenticate`].
    pub async fn authenticate_for(&self, request: &RequestId, facts: Arc<ConnectionFacts>) -> Result<Caller> {
        let caller = self.core.options.authenticators.connection(facts.clone()).await;
        caller.inspect_err(|error| pipeline::account::unknown(&self.core, request.clone(), &facts, error))
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
    pub async fn handle(&self, caller: &Caller, message: Ttlv) -> Ttlv {
        pipeline::message::answer(&self.core, caller, Received::Tree(message)).await.into_tree()
    }

    /// Answers a request message in binary TTLV in kind, as [`Engine::handle`] answers its tree. Of operations whose
    /// payload has nothing that a version or the batch has a say in, there never is a tree. The answer may have keys; it
    /// is erased when it is dropped.
    pub async fn handle_binary(&self, caller: &Caller, message: Checked) -> ByteString {
        pipeline::message::answer(&self.core, caller, Received::Binary(message)).await.into_binary()
    }

    /// Answers a KMIP 2.1 message of a dialect; a bare operation is a message of one item. What [`Engine::handle`] says
    /// of messages that write holds here, too.
    ///
    /// # Errors
    /// The message as a whole is refused: header, size, credentials.
    pub async fn handle_in(
        &self,
        caller: &Caller,
        dialect: &'static dyn Dialect,
        message: RequestMessage,
    ) -> Result<Vec<ItemOutcome>> {
        pipeline::message::answer_in(&self.core, caller, dialect, message).await
    }

    /// The KMIP 2.1 response message of what [`Engine::handle_in`] gave.
    pub fn response(&self, outcomes: Vec<ItemOutcome>) -> Ttlv {
        let version = ProtocolVersion::V2_1;
        Response::of(&self.core, version, None, HeaderFields::default(), outcomes).into_tree()
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
