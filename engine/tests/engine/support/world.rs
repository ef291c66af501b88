//! An engine over a test store, and what a test does with it.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use claviger_engine::registry::{Registry, RegistryOptions};
use claviger_engine::{
    AlgorithmPolicy, Authenticators, Caller, Engine, EngineOptions, ImpliedRights, ItemOutcome, Limits,
    RequiredAudit,
};
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::audit::{AuditRecord, AuditSink, AuditedRequest};
use claviger_plugin_sdk::authentication::{Authenticator, ConnectionFacts, Transport};
use claviger_plugin_sdk::dialect::{Dialect, Standard};
use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::message::{RequestBatchItem, RequestHeader, RequestMessage};
use claviger_plugin_sdk::plugin::{Entry, EntryKind};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::{ObjectId, Record};
use claviger_plugin_sdk::store::{ChangeSet, Grant, ObjectStore, Put, Subject, UsageLeft};
use claviger_plugin_sdk::testkit::{FakeClock, RecordBuilder, SeededRandom};

use super::doorkeeper::Doorkeeper;
use super::store::{Sources, TestStore};
use super::tags::Groups;
use super::{Ask, Tell, operations, plugin, schemes};

/// When every test begins, in seconds.
pub(crate) const NOW: i64 = 1_700_000_000;

/// What a test may want otherwise.
pub(crate) struct Setup {
    pub(crate) stores: Vec<TestStore>,
    pub(crate) limits: Limits,
    pub(crate) implied_rights: ImpliedRights,
    pub(crate) algorithm_policy: AlgorithmPolicy,
    pub(crate) force_default_user: bool,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) required_audit: RequiredAudit,
}

impl Default for Setup {
    fn default() -> Self {
        let limits = Limits { retry_for: Duration::from_secs(5), ..Limits::default() };
        let implied_rights = ImpliedRights::Exact;
        Self {
            stores: vec![TestStore::new()],
            limits,
            implied_rights,
            algorithm_policy: AlgorithmPolicy::default(),
            force_default_user: false,
            clock: Arc::new(FakeClock::at(NOW)),
            required_audit: RequiredAudit::Nothing,
        }
    }
}

impl Setup {
    pub(crate) fn store(store: TestStore) -> Self {
        Self { stores: vec![store], ..Self::default() }
    }

    pub(crate) fn start(self) -> World {
        let clock = self.clock;
        let audit = Arc::new(Records::default());
        let stores: Vec<Arc<TestStore>> = self.stores.into_iter().map(Arc::new).collect();
        let authenticators = Authenticators {
            configured: vec![("doorkeeper".to_owned(), Arc::new(Doorkeeper) as Arc<dyn Authenticator>)],
            require_all: true,
            default_user: "admin".to_owned(),
            force_default_user: self.force_default_user,
            operators: vec![Subject::User("operator".into())],
            creators: None,
        };
        let engine = Engine::new(
            Arc::new(Registry::build(entries(), &RegistryOptions::default()).unwrap()),
            Arc::new(Sources(stores.clone())),
            EngineOptions {
                authenticators,
                implied_rights: self.implied_rights,
                algorithm_policy: self.algorithm_policy,
                limits: self.limits,
                clock: clock.clone(),
                random: Arc::new(|| Box::new(SeededRandom::new(next_seed()))),
                audit: vec![audit.clone()],
                required_audit: self.required_audit,
                observer: None,
            },
        );
        World { engine: Arc::new(engine), store: stores[0].clone(), stores, clock, audit }
    }
}

fn next_seed() -> u64 {
    static SEED: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    SEED.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

/// Everything that the tests register.
pub(crate) fn entries() -> Vec<Entry> {
    let mut entries = operations::entries();
    entries.push(plugin::manifest());
    let more = [
        EntryKind::Scheme(&schemes::CIPHER),
        EntryKind::Scheme(&schemes::WRAP),
        EntryKind::Scheme(&schemes::PURPOSE),
        EntryKind::TagPolicy(&Groups),
    ];
    entries.extend(more.map(|kind| Entry::new(plugin::NAME, kind)));
    entries
}

/// A record, and what holds for the request that it is of.
#[derive(Clone, Debug)]
pub(crate) struct Audited {
    pub(crate) request: Arc<str>,
    pub(crate) request_id: Option<Arc<str>>,
    pub(crate) client_correlation: Option<Arc<str>>,
    pub(crate) transport: Transport,
    pub(crate) peer: Option<IpAddr>,
    pub(crate) store: Option<Arc<str>>,
    pub(crate) user: Option<Arc<str>>,
    pub(crate) proven_by: Option<Arc<str>>,
    record: AuditRecord,
}

impl Audited {
    fn of(request: &AuditedRequest<'_>, record: &AuditRecord) -> Self {
        Self {
            request: request.name.into(),
            request_id: request.request_id.map(Into::into),
            client_correlation: request.client_correlation.map(Into::into),
            transport: request.transport,
            peer: request.peer,
            store: request.store.map(Into::into),
            user: request.user.map(Into::into),
            proven_by: request.proven_by.map(Into::into),
            record: record.clone(),
        }
    }
}

impl Deref for Audited {
    type Target = AuditRecord;

    fn deref(&self) -> &AuditRecord {
        &self.record
    }
}

/// Keeps audit records.
#[derive(Default)]
pub(crate) struct Records {
    ended: Mutex<Vec<Audited>>,
    /// How many it was given at a time.
    together: Mutex<Vec<usize>>,
    intended: Mutex<Vec<Audited>>,
    /// How many intents are queued that nobody has waited for, and how many were at most.
    unkept: AtomicUsize,
    most_unkept: AtomicUsize,
    refuses_intents: AtomicBool,
}

impl Records {
    pub(crate) fn take(&self) -> Vec<Audited> {
        std::mem::take(&mut self.ended.lock().unwrap())
    }

    /// How many records came at a time.
    pub(crate) fn take_together(&self) -> Vec<usize> {
        std::mem::take(&mut self.together.lock().unwrap())
    }

    /// What items were about to do.
    pub(crate) fn take_intents(&self) -> Vec<Audited> {
        std::mem::take(&mut self.intended.lock().unwrap())
    }

    /// How many intents were queued at a time.
    pub(crate) fn most_unkept(&self) -> usize {
        self.most_unkept.load(Ordering::SeqCst)
    }

    /// Whether intents cannot be kept from now on.
    pub(crate) fn refuse_intents(&self, refuse: bool) {
        self.refuses_intents.store(refuse, Ordering::SeqCst);
    }
}

impl AuditSink for Records {
    fn record(&self, request: &AuditedRequest<'_>, records: &[AuditRecord]) {
        self.together.lock().unwrap().push(records.len());
        self.ended.lock().unwrap().extend(records.iter().map(|record| Audited::of(request, record)));
    }

    fn intend(&self, request: &AuditedRequest<'_>, record: &AuditRecord) -> BoxFuture<'_, Result<()>> {
        let record = Audited::of(request, record);
        let unkept = self.unkept.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_unkept.fetch_max(unkept, Ordering::SeqCst);
        Box::pin(async move {
            self.unkept.fetch_sub(1, Ordering::SeqCst);
            if self.refuses_intents.load(Ordering::SeqCst) {
                return Err(Error::server("no audit").with_reason(ResultReason::GENERAL_FAILURE));
            }
            self.intended.lock().unwrap().push(record);
            Ok(())
        })
    }
}

/// A running engine. Clones are handles of the same one.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) engine: Arc<Engine>,
    pub(crate) store: Arc<TestStore>,
    /// All of them, that one first.
    pub(crate) stores: Vec<Arc<TestStore>>,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) audit: Arc<Records>,
}

/// The facts of a connection with these headers.
pub(crate) fn facts(headers: &[(&str, &str)]) -> Arc<ConnectionFacts> {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Arc::new(ConnectionFacts { headers, ..ConnectionFacts::internal() })
}

/// An item of a message.
pub(crate) fn item(operation: OperationCode, ask: Ask) -> RequestBatchItem {
    RequestBatchItem::new(operation, ask.into_value())
}

/// A message of KMIP 2.1 with these items.
pub(crate) fn message(items: Vec<RequestBatchItem>) -> RequestMessage {
    let count = i32::try_from(items.len()).unwrap();
    RequestMessage { request_header: RequestHeader::new(ProtocolVersion::V2_1, count), batch_item: items }
}

/// What an operation told.
pub(crate) fn tell(outcome: ItemOutcome) -> Result<Tell> {
    outcome.result.map(|payload| Tell::from_value(Tag::RESPONSE_PAYLOAD, payload.into_value()).unwrap())
}

impl World {
    pub(crate) fn start() -> Self {
        Setup::default().start()
    }

    /// A caller with this name.
    pub(crate) async fn user(&self, name: &str) -> Caller {
        self.caller(&[("user", name)]).await
    }

    /// A caller with these headers.
    pub(crate) async fn caller(&self, headers: &[(&str, &str)]) -> Caller {
        self.engine.authenticate(facts(headers)).await.unwrap()
    }

    /// Stores an object from outside the engine.
    pub(crate) async fn put(&self, builder: RecordBuilder) {
        self.put_record(builder.build()).await;
    }

    pub(crate) async fn put_record(&self, record: Record) {
        let limits = record.attributes.one::<kinds::UsageLimits>();
        let put = Put {
            id: record.id.clone(),
            expected: None,
            body: record.to_bytes().into(),
            index: claviger_plugin_sdk::filter::Index::of(&record),
            usage_left: UsageLeft::Set(limits.map(|limits| limits.total)),
        };
        self.store.apply(ChangeSet { puts: vec![put], ..ChangeSet::default() }).await.unwrap();
    }

    /// Gives a right from outside the engine; before the object is used, or the cache does not know.
    pub(crate) async fn grant(&self, object: &str, subject: Subject, operation: OperationCode) {
        let grant = Grant { object: ObjectId::new(object).unwrap(), subject, operation };
        self.store.apply(ChangeSet { grants: vec![grant], ..ChangeSet::default() }).await.unwrap();
    }

    /// What is stored under an identifier.
    pub(crate) async fn stored(&self, id: &str) -> Option<Record> {
        let found = self.store.get(&[ObjectId::new(id).unwrap()], &[]).await.unwrap().pop();
        found.map(|stored| Record::from_bytes(&stored.body).unwrap())
    }

    /// One operation of a user.
    pub(crate) async fn call(&self, user: &str, operation: OperationCode, ask: Ask) -> Result<Tell> {
        self.call_in(&self.user(user).await, &Standard, operation, ask).await
    }

    /// One operation of a caller in a dialect.
    pub(crate) async fn call_in(
        &self,
        caller: &Caller,
        dialect: &'static dyn Dialect,
        operation: OperationCode,
        ask: Ask,
    ) -> Result<Tell> {
        let message = message(vec![item(operation, ask)]);
        tell(self.engine.handle_in(caller, dialect, message).await.unwrap().remove(0))
    }

    /// A message of alice.
    pub(crate) async fn send(&self, message: RequestMessage) -> Result<Vec<ItemOutcome>> {
        self.engine.handle_in(&self.user("alice").await, &Standard, message).await
    }

    /// Why an operation of a user fails.
    pub(crate) async fn failure(&self, user: &str, operation: OperationCode, ask: Ask) -> ResultReason {
        self.call(user, operation, ask).await.unwrap_err().reason()
    }
}
