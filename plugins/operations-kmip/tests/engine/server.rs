//! A server without sockets: the engine with the reference store, a clock that tests move, and users who are believed.

use std::sync::Arc;

use claviger_crypto_standard as _;
use claviger_engine::registry::{Registry, RegistryOptions};
use claviger_engine::{
    AlgorithmPolicy, Authenticators, Caller, Engine, EngineOptions, ImpliedRights, Limits, RequiredAudit,
    SystemRandom,
};
use claviger_operations_kmip as _;
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::dialect::Standard;
use claviger_plugin_sdk::kmip::field::{Structure, TtlvValue};
use claviger_plugin_sdk::kmip::message::RequestMessage;
use claviger_plugin_sdk::kmip::payload::Payload;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::{StoreSource, Subject};
use claviger_plugin_sdk::testkit::{Believing, FakeClock, MemoryStore};
use claviger_tags_standard as _;

/// When the server's clock starts, in seconds.
pub(crate) const START: i64 = 1_700_000_000;

/// The server.
pub(crate) struct Server {
    pub(crate) engine: Engine,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) store: Arc<MemoryStore>,
}

impl Server {
    pub(crate) fn new() -> Self {
        let clock = Arc::new(FakeClock::at(START));
        Self::over(Arc::new(MemoryStore::with_clock(clock.clone())), clock)
    }

    /// Another server on the same storage.
    pub(crate) fn another(&self) -> Self {
        Self::over(self.store.clone(), self.clock.clone())
    }

    /// Another server on the same storage, which allows less.
    pub(crate) fn under_policy(&self, algorithm_policy: AlgorithmPolicy) -> Self {
        Self::start(self.store.clone(), self.clock.clone(), algorithm_policy, Settings::default())
    }

    /// A server with these settings of plugins.
    pub(crate) fn with_settings(settings: Settings) -> Self {
        let clock = Arc::new(FakeClock::at(START));
        let store = Arc::new(MemoryStore::with_clock(clock.clone()));
        Self::start(store, clock, AlgorithmPolicy::default(), settings)
    }

    /// A server on the same storage with these settings of plugins.
    pub(crate) fn with_other_settings(&self, settings: Settings) -> Self {
        Self::start(self.store.clone(), self.clock.clone(), AlgorithmPolicy::default(), settings)
    }

    fn over(store: Arc<MemoryStore>, clock: Arc<FakeClock>) -> Self {
        Self::start(store, clock, AlgorithmPolicy::default(), Settings::default())
    }

    /// A server on another store than the reference store alone.
    pub(crate) fn on(source: Arc<dyn StoreSource>) -> Self {
        let clock = Arc::new(FakeClock::at(START));
        let unused = Arc::new(MemoryStore::with_clock(clock.clone()));
        Self::start_on(source, unused, clock, AlgorithmPolicy::default(), Settings::default())
    }

    fn start(
        store: Arc<MemoryStore>,
        clock: Arc<FakeClock>,
        algorithm_policy: AlgorithmPolicy,
        settings: Settings,
    ) -> Self {
        Self::start_on(store.clone(), store, clock, algorithm_policy, settings)
    }

    fn start_on(
        source: Arc<dyn StoreSource>,
        store: Arc<MemoryStore>,
        clock: Arc<FakeClock>,
        algorithm_policy: AlgorithmPolicy,
        settings: Settings,
    ) -> Self {
        let registry_options = RegistryOptions { settings, ..RegistryOptions::default() };
        let registry = Registry::from_linked(&registry_options).unwrap();
        let options = EngineOptions {
            authenticators: Authenticators {
                configured: vec![("header".into(), Arc::new(Believing))],
                require_all: true,
                default_user: "admin".into(),
                force_default_user: false,
                operators: vec![Subject::User("operator".into())],
                creators: None,
            },
            implied_rights: ImpliedRights::Exact,
            algorithm_policy,
            limits: Limits::default(),
            clock: clock.clone(),
            random: Arc::new(|| Box::new(SystemRandom)),
            audit: Vec::new(),
            required_audit: RequiredAudit::Nothing,
            observer: None,
        };
        Self { engine: Engine::new(Arc::new(registry), source, options), clock, store }
    }

    /// What alice gets for one operation.
    pub(crate) async fn run<R: Structure, A: TtlvValue>(
        &self,
        operation: OperationCode,
        request: R,
    ) -> Result<A> {
        self.run_as("alice", operation, request).await
    }

    /// What a user gets for one operation.
    pub(crate) async fn run_as<R: Structure, A: TtlvValue>(
        &self,
        user: &str,
        operation: OperationCode,
        request: R,
    ) -> Result<A> {
        let payload = self.run_value(user, operation, request.into_value()).await?;
        Ok(A::from_value(Tag::RESPONSE_PAYLOAD, payload)?)
    }

    /// What a user gets for one operation, undecoded.
    pub(crate) async fn run_value(
        &self,
        user: &str,
        operation: OperationCode,
        request: Value,
    ) -> Result<Value> {
        let message = RequestMessage::of_one(ProtocolVersion::V2_1, operation, request);
        let outcomes = self.engine.handle_in(&self.caller(user).await, &Standard, message).await?;
        outcomes.into_iter().next().unwrap().result.map(Payload::into_value)
    }

    pub(crate) async fn caller(&self, user: &str) -> Caller {
        let headers = vec![("user".to_owned(), user.to_owned())];
        let facts = ConnectionFacts { headers, ..ConnectionFacts::internal() };
        self.engine.authenticate(Arc::new(facts)).await.unwrap()
    }
}
