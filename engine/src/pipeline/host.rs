//! What a handler reaches: the engine's side of `Context`.
//!
//! [`ItemHost`] is one item while its handler runs. What it does for the handler is told by what it serves:
//!
//! - [`admitted`]: the objects that the item works on;
//! - [`overlay`] and [`search`]: finding others, as this unit of work leaves them and as the caller may see them;
//! - [`material`] and [`schemes`]: keys and what works on them;
//! - [`making`] and [`changes`]: effects, which the unit of work records;
//! - [`streams`]: operations in parts;
//! - [`outcome`]: what the handler leaves, beside what it returns.

mod admitted;
mod changes;
mod making;
mod material;
mod outcome;
mod overlay;
mod schemes;
mod search;
mod streams;

use std::collections::HashMap;
use std::sync::Arc;

use claviger_kmip::ByteString;
use claviger_kmip::field::DateTime;
use claviger_kmip::objects::{CryptographicParameters, ManagedObject};
use claviger_kmip::tables::enumerations::{AttestationType, LinkType, OperationCode};
use claviger_kmip::version::ProtocolVersion;
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::audit::Detail;
use claviger_plugin_sdk::authentication::Principal;
use claviger_plugin_sdk::context::{
    Authorized, Effect, Found, GrantsOf, HeavyWork, Host, Jobs, NewObject, OperationLimits, Protection,
    Stream, Tickets,
};
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::explanation::{AskedAbout, Explanation};
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::operation::OperationSpec;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material, ObjectId, Record};
use claviger_plugin_sdk::scheme::{Capability, PreparedKey, Scheme};
use claviger_plugin_sdk::store::{Document, DocumentPage, DocumentPut, FoundIds, Grant, GrantQuery, Subject};
use claviger_plugin_sdk::target::{Purpose, Role, Target};
use smallvec::SmallVec;

use super::batch::BatchState;
use super::item::Answer;
use super::message::Message;
use super::{account, dependents, explain};
use crate::jobs;
use crate::object_cache::Entry;
use crate::unit_of_work::{EffectLog, UnitOfWork};

pub(crate) use outcome::Aside;
pub(crate) use schemes::parse;

/// One item while its handler runs.
pub(crate) struct ItemHost<'i, 'm> {
    message: &'i Message<'m>,
    state: &'i BatchState,
    spec: &'i OperationSpec,
    unit: &'i mut UnitOfWork,
    limits: OperationLimits,
    roles: SmallVec<[Role; 2]>,
    admitted: SmallVec<[Authorized; 2]>,
    entries: SmallVec<[Arc<Entry>; 2]>,
    found: Vec<Authorized>,
    /// What schemes change with the objects above, whoever owns it.
    dependents: HashMap<ObjectId, Arc<Entry>>,
    log: EffectLog,
    noted: Vec<ObjectId>,
    answer: Option<Box<Answer>>,
    remark: Option<String>,
    details: Vec<Detail>,
    turns: bool,
    /// Whether the handler looked for objects.
    searches: bool,
    /// Bytes that keys work on.
    bytes: u64,
    random: Box<dyn RandomSource>,
}

impl<'i, 'm> ItemHost<'i, 'm> {
    pub(crate) fn new(
        message: &'i Message<'m>,
        state: &'i BatchState,
        spec: &'i OperationSpec,
        unit: &'i mut UnitOfWork,
    ) -> Self {
        let limits = &message.engine.options.limits;
        Self {
            limits: OperationLimits {
                random_bytes: limits.random_bytes,
                located_items: limits.located_items,
                heavy_from: limits.heavy_from,
                visible_states: message.dialect.narrow(spec.code),
            },
            random: (message.engine.options.random)(),
            message,
            state,
            spec,
            unit,
            roles: SmallVec::new(),
            admitted: SmallVec::new(),
            entries: SmallVec::new(),
            found: Vec::new(),
            dependents: HashMap::new(),
            log: EffectLog::default(),
            noted: Vec::new(),
            answer: None,
            remark: None,
            details: Vec::new(),
            turns: false,
            searches: false,
            bytes: 0,
        }
    }

    pub(crate) fn message(&self) -> &'i Message<'m> {
        self.message
    }

    pub(crate) fn state(&self) -> &'i BatchState {
        self.state
    }

    pub(crate) fn operation(&self) -> OperationCode {
        self.spec.code
    }

    /// Whether the operation tells no more than what is known about objects.
    pub(crate) fn reads_metadata(&self) -> bool {
        self.spec.reads_metadata()
    }

    /// Has the item answered by something else than what its handler returns.
    pub(crate) fn answer_with(&mut self, answer: Answer) {
        self.answer = Some(Box::new(answer));
    }

    /// Names an object in the audit record that is no target.
    pub(crate) fn note_object(&mut self, id: ObjectId) {
        self.noted.push(id);
    }
}

impl Host for ItemHost<'_, '_> {
    fn principal(&self) -> &Principal {
        self.message.principal()
    }

    fn now(&self) -> DateTime {
        self.message.now
    }

    fn version(&self) -> ProtocolVersion {
        self.message.version
    }

    fn limits(&self) -> &OperationLimits {
        &self.limits
    }

    fn catalogue(&self) -> &dyn Catalogue {
        &*self.message.engine.registry
    }

    fn shared_catalogue(&self) -> Arc<dyn Catalogue> {
        self.message.engine.registry.clone()
    }

    fn rng(&mut self) -> &mut dyn RandomSource {
        &mut *self.random
    }

    fn targets(&self, role: Role) -> &[Authorized] {
        admitted::of_role(self, role)
    }

    fn load(&mut self, target: Target) -> BoxFuture<'_, Result<Vec<Authorized>>> {
        Box::pin(admitted::load(self, target))
    }

    fn search(&mut self, filter: Filter, page: Page) -> BoxFuture<'_, Result<Found>> {
        Box::pin(search::search(self, filter, page))
    }

    fn locate(&mut self, filter: Filter, page: Page) -> BoxFuture<'_, Result<FoundIds>> {
        Box::pin(search::locate(self, filter, page))
    }

    fn locate_everywhere(&mut self, filter: Filter, page: Page) -> BoxFuture<'_, Result<FoundIds>> {
        Box::pin(search::locate_everywhere(self, filter, page))
    }

    fn grants<'a>(&'a mut self, query: GrantsOf<'a>) -> BoxFuture<'a, Result<Vec<Grant>>> {
        Box::pin(async move {
            let query = match query {
                GrantsOf::Object(target) => GrantQuery::Object(target.id().clone()),
                GrantsOf::Principal => GrantQuery::Subjects(self.message.principal().subjects().to_vec()),
            };
            self.message.store.grants(&query).await
        })
    }

    fn material<'a>(&'a mut self, target: &'a Authorized) -> BoxFuture<'a, Result<Material>> {
        Box::pin(material::of(self, target))
    }

    fn reveal(&mut self, target: &Authorized, protection: Protection) -> Result<ManagedObject> {
        material::reveal(self, target, protection)
    }

    fn prepared<'a>(
        &'a mut self,
        target: &'a Authorized,
        capability: Capability,
        parameters: &'a CryptographicParameters,
    ) -> BoxFuture<'a, Result<PreparedKey>> {
        material::prepared(self, target, capability, parameters)
    }

    fn scheme(
        &self,
        capability: Capability,
        facts: &KeyFacts<'_>,
        parameters: &CryptographicParameters,
    ) -> Result<&'static Scheme> {
        self.message.engine.options.algorithm_policy.check_key(facts)?;
        self.scheme_for(capability, facts, parameters, Purpose::Protect).map(|entry| &entry.scheme)
    }

    fn heavy(&mut self, work: HeavyWork) -> BoxFuture<'_, Result<()>> {
        let mut random = (self.message.engine.options.random)();
        // One name is two users in two stores, who take turns.
        let user = format!("{} {}", self.message.store.namespace(), self.message.principal().user).into();
        Box::pin(async move { self.message.engine.heavy.run(&user, move || work(&mut *random)).await })
    }

    fn create(&mut self, object: NewObject) -> BoxFuture<'_, Result<ObjectId>> {
        let owner = self.message.principal().user.clone();
        Box::pin(self.create_for(owner, object))
    }

    fn create_in_place_of<'a>(
        &'a mut self,
        target: &'a Authorized,
        object: NewObject,
    ) -> BoxFuture<'a, Result<ObjectId>> {
        Box::pin(making::create_in_place_of(self, target, object))
    }

    fn replace<'a>(&'a mut self, target: &'a Authorized, object: NewObject) -> BoxFuture<'a, Result<()>> {
        Box::pin(making::replace(self, target, object))
    }

    fn edit(&mut self, target: &Authorized, effect: Effect) -> Result<&mut Record> {
        changes::edit(self, target, effect)
    }

    fn dependents<'a>(
        &'a mut self,
        of: &'a Authorized,
        link: LinkType,
    ) -> BoxFuture<'a, Result<Vec<Authorized>>> {
        Box::pin(dependents::of(self, of, link))
    }

    fn named_by_scheme(&mut self, target: &Authorized) -> Result<()> {
        changes::named_by_scheme(self, target)
    }

    fn remark(&mut self, text: String) -> Result<()> {
        self.remark = Some(text);
        Ok(())
    }

    fn audit_detail(&mut self, mut detail: Detail) {
        detail.text.truncate(account::for_log(&detail.text).len());
        account::add_detail(&mut self.details, detail);
    }

    fn change_grants(
        &mut self,
        target: &Authorized,
        subject: Subject,
        operations: &[OperationCode],
        give: bool,
    ) -> Result<()> {
        changes::change_grants(self, target, subject, operations, give)
    }

    fn explain<'a>(
        &'a mut self,
        target: &'a Authorized,
        about: &'a AskedAbout,
        operation: OperationCode,
    ) -> BoxFuture<'a, Result<Explanation>> {
        Box::pin(explain::explain(self, target, about, operation))
    }

    fn document<'a>(&'a mut self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        Box::pin(async move {
            match self.unit.documents.get(kind, id, self.message.now) {
                Some(pending) => Ok(pending),
                None => self.message.store.document(kind, id).await,
            }
        })
    }

    fn documents<'a>(
        &'a mut self,
        kind: &'a str,
        page: &'a DocumentPage,
    ) -> BoxFuture<'a, Result<Vec<(String, Document)>>> {
        Box::pin(async move {
            let pending = &self.unit.documents;
            let stored = self.message.store.documents(kind, &pending.widened(kind, page)).await?;
            Ok(pending.over(kind, page, stored, self.message.now))
        })
    }

    fn put_document(&mut self, put: DocumentPut) -> Result<()> {
        self.log.documents = true;
        self.unit.documents.record(put, self.message.now)
    }

    fn jobs(&mut self) -> Result<&mut dyn Jobs> {
        Ok(self)
    }

    fn attestation_types(&self) -> Vec<AttestationType> {
        self.message.engine.options.authenticators.attestation_types()
    }

    fn tickets(&mut self) -> Result<&mut dyn Tickets> {
        Ok(self)
    }

    fn become_client(&mut self) -> Result<()> {
        if self.message.caller.roles.is_none() {
            return Err(Error::unsupported(
                "the roles of client and server change on a TTLV socket, for the user whom the connection proves; \
                 not over HTTP, and not with a credential in the message",
            ));
        }
        if !jobs::may_have_jobs(self.message.principal(), self.spec.code) {
            return Err(Error::denied("credentials that narrow the objects cannot be told of them"));
        }
        self.turns = true;
        Ok(())
    }

    fn open_stream(&mut self, target: Option<&Authorized>, stream: Stream) -> Result<ByteString> {
        streams::open(self, target, stream)
    }

    fn put_back_stream(
        &mut self,
        target: Option<&Authorized>,
        correlation: &[u8],
        stream: Stream,
    ) -> Result<()> {
        streams::put_back(self, target, correlation, stream)
    }

    fn take_stream(&mut self, target: Option<&Authorized>, correlation: &[u8]) -> Result<Stream> {
        streams::take(self, target, correlation)
    }
}
