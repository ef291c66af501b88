//! What a handler reaches: the engine's side of `Context`.

use std::collections::HashMap;
use std::future::ready;
use std::sync::Arc;

use claviger_kmip::attributes::kinds;
use claviger_kmip::field::DateTime;
use claviger_kmip::lifecycle::{StateSet, has_state};
use claviger_kmip::objects::{CryptographicParameters, ManagedObject};
use claviger_kmip::tables::enumerations::{AttestationType, LinkType, OperationCode, ResultReason};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{ByteString, Tag};
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::audit::{Detail, RightsChange};
use claviger_plugin_sdk::authentication::Principal;
use claviger_plugin_sdk::context::{
    Authorized, Context, Effect, Found, GrantsOf, HeavyWork, Host, Jobs, NewObject, OperationLimits,
    Protection, Stream, Tickets,
};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::explanation::{AskedAbout, Explanation};
use claviger_plugin_sdk::filter::{Cursor, Filter, Index, Page};
use claviger_plugin_sdk::operation::{Access, MaterialUse, OperationSpec};
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::record::{KeyFacts, Material, ObjectId, Record};
use claviger_plugin_sdk::scheme::{Capability, PreparedKey, Scheme, SchemeEntry};
use claviger_plugin_sdk::store::{Document, DocumentPage, DocumentPut, FoundIds, Grant, GrantQuery, Subject};
use claviger_plugin_sdk::target::{Purpose, Right, Role, Target};
use smallvec::SmallVec;

use super::admission::Question;
use super::batch::{self, BatchState, Within};
use super::item::Answer;
use super::message::Message;
use super::notes::NoNotes;
use super::resolve::Named;
use super::{account, admission, dependents, explain, new_object, resolve, stored_wrapped};
use crate::jobs;
use crate::object_cache::{Entry, Loaded, held};
use crate::streams::StreamOwner;
use crate::tickets::Work;
use crate::unit_of_work::{EffectLog, HeldGrants, Pending, UnitOfWork};

/// What a handler leaves, beside what it returns.
pub(crate) struct Aside {
    /// The admitted targets, for the dialect's response. If the operation has none: what it found.
    pub(crate) targets: SmallVec<[Authorized; 2]>,
    /// What the item is answered with instead.
    pub(crate) answer: Option<Box<Answer>>,
    /// What the client is told beside the response payload.
    pub(crate) remark: Option<String>,
    /// Whether client and server change their roles.
    pub(crate) turns: bool,
}

/// What a search found.
pub(crate) struct Matches {
    /// The page.
    pub(crate) loaded: Vec<Loaded>,
    /// How many there are in all, if the page asked for it.
    pub(crate) total: Option<u64>,
    /// The place of the last of them in the store; nothing if not all of them are from there.
    pub(crate) last: Option<Cursor>,
}

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

    /// Completes what the handler changed: tags follow the attributes that carry them.
    pub(crate) fn complete(&mut self) -> Result<()> {
        let policies = self.message.engine.registry.tag_policies();
        for (id, _) in &self.log.changed {
            if let Some(pending) = self.unit.pending_mut(id) {
                new_object::retag(policies, pending)?;
            }
        }
        Ok(())
    }

    /// What narrows the objects holds for those that the handler made, and need not be good for an operation on none.
    ///
    /// # Errors
    /// Permission Denied.
    pub(crate) fn hold_to_restriction(&self) -> Result<()> {
        let Some(restriction) = &self.message.principal().restriction else { return Ok(()) };
        let operation = self.spec.code;
        if self.spec.access == Access::Anyone {
            return Ok(());
        }
        let allowed = restriction.objects(operation);
        let mut made = self.log.created.iter().filter_map(|id| self.unit.pending(id));
        let is_allowed = |record: &Record| allowed.matches(&record.id, &Index::of(record), &HeldGrants(&[]));
        if !made.all(|pending| is_allowed(&pending.record)) {
            return Err(Error::denied("the credentials do not allow to make such an object"));
        }
        let touches_some = self.searches || !self.entries.is_empty() || !self.log.created.is_empty();
        if touches_some || restriction.without_objects(operation) {
            return Ok(());
        }
        Err(Error::denied("the credentials allow this with certain objects alone, and it is on none"))
    }

    /// Takes what the handler did from the ticket that it is done with.
    ///
    /// # Errors
    /// Permission Denied: no right of the ticket allows it with all of its objects. Usage Limit Exceeded.
    pub(crate) async fn charge(&mut self) -> Result<()> {
        let Some(ticket) = self.message.ticket.clone() else { return Ok(()) };
        if self.spec.access == Access::Anyone {
            return Ok(());
        }
        let created = self.log.created.iter().filter_map(|id| self.unit.pending(id));
        let created = created.map(|pending| (pending.record.id.clone(), Index::of(&pending.record)));
        let used = self.entries.iter().map(|entry| (entry.record.id.clone(), Index::of(&entry.record)));
        let work =
            Work { operation: self.spec.code, objects: created.chain(used).collect(), bytes: self.bytes };
        Box::pin(ticket.charge(self.message, &mut self.unit.documents, &work)).await
    }

    /// What the handler did so far.
    pub(crate) fn log(&self) -> &EffectLog {
        &self.log
    }

    /// Every object that was admitted, used or made.
    pub(crate) fn objects(&self) -> Vec<ObjectId> {
        let mut objects: Vec<ObjectId> = self.admitted.iter().map(|target| target.id().clone()).collect();
        objects.extend(self.log.created.iter().cloned());
        objects.extend(self.noted.iter().cloned());
        objects
    }

    /// What the handler did to rights.
    pub(crate) fn rights(&mut self) -> Option<Box<RightsChange>> {
        let mut rights = self.log.rights.take();
        for (id, effect) in &self.log.changed {
            if *effect == Effect::Owner
                && let Some(pending) = self.unit.pending(id)
            {
                rights.get_or_insert_default().subjects.push(pending.record.owner.to_string());
            }
        }
        rights
    }

    /// What the handler says for the audit record.
    pub(crate) fn details(&mut self) -> Vec<Detail> {
        std::mem::take(&mut self.details)
    }

    /// What the handler leaves, beside what it returned. Taken out, since the whole host is large to be moved.
    pub(crate) fn take_aside(&mut self) -> Aside {
        let targets = match self.admitted.is_empty() {
            true => std::mem::take(&mut self.found).into(),
            false => std::mem::take(&mut self.admitted),
        };
        Aside { targets, answer: self.answer.take(), remark: self.remark.take(), turns: self.turns }
    }

    /// Has the item answered by something else than what its handler returns.
    pub(crate) fn answer_with(&mut self, answer: Answer) {
        self.answer = Some(Box::new(answer));
    }

    /// The version of an object that the unit leaves, if it makes or changes it.
    pub(crate) fn pending(&self, id: &ObjectId) -> Option<&Pending> {
        self.unit.pending(id)
    }

    /// Names an object in the audit record that is no target.
    pub(crate) fn note_object(&mut self, id: ObjectId) {
        self.noted.push(id);
    }

    /// Whether an object was admitted already.
    pub(crate) fn has_admitted(&self, id: &ObjectId) -> bool {
        self.admitted.iter().any(|target| target.id() == id)
    }

    /// Admits objects in the role of a target.
    pub(crate) fn admit_all(&mut self, target: &Target, found: Named<'_>) -> Result<()> {
        for (loaded, asked) in found {
            let authorized = self.admit(target, &loaded, &asked)?;
            self.take(target.role, authorized, loaded.entry);
        }
        Ok(())
    }

    /// Admits an object that names one as its parent which was admitted in this role already. An error names the parent: the
    /// caller need not know of the child.
    pub(crate) fn admit_child(&mut self, target: &Target, loaded: Loaded, parent: &Authorized) -> Result<()> {
        let authorized = self.admit_as(target, &loaded, parent.id().as_str(), true)?;
        self.take(target.role, authorized, loaded.entry);
        Ok(())
    }

    fn take(&mut self, role: Role, authorized: Authorized, entry: Arc<Entry>) {
        // Targets of a role stand together.
        let last = self.roles.iter().rposition(|known| *known == role);
        let place = last.map_or(self.roles.len(), |last| last + 1);
        self.roles.insert(place, role);
        self.admitted.insert(place, authorized);
        self.entries.push(entry);
    }

    /// Lets one object through in the role of a target, or says why not; what it takes from Usage Limits is noted.
    pub(crate) fn admit(&mut self, target: &Target, loaded: &Loaded, asked: &str) -> Result<Authorized> {
        self.admit_as(target, loaded, asked, false)
    }

    fn admit_as(
        &mut self,
        target: &Target,
        loaded: &Loaded,
        asked: &str,
        is_child: bool,
    ) -> Result<Authorized> {
        let id = &loaded.entry.record.id;
        let consumed = self.unit.consumed(id);
        let question = Question {
            principal: self.message.principal(),
            operation: self.spec.code,
            reads_metadata: self.spec.reads_metadata(),
            target,
            asked,
            is_child,
        };
        let authorized = admission::admit(self.message, &question, loaded, consumed, &mut NoNotes);
        if authorized.is_err() {
            self.noted.push(id.clone());
        }
        let authorized = authorized?;
        self.bytes = self.bytes.saturating_add(target.consumes.map_or(0, |uses| uses.bytes));
        if let Some(amount) = admission::amount(target.consumes, loaded) {
            self.unit.consume(id.clone(), amount);
        }
        Ok(authorized)
    }

    /// An object as the caller sees it, if neither this unit nor the store has more to say of it than the cache.
    pub(crate) fn known(&self, id: &str) -> Option<Loaded> {
        if !self.unit.is_empty() {
            return None;
        }
        let subjects = self.message.principal().subjects();
        self.message.engine.objects.known(&*self.message.store, id, subjects)
    }

    /// Loads an object as the caller sees it: pending changes of this unit first.
    pub(crate) async fn load_id(&self, id: &ObjectId) -> Result<Option<Loaded>> {
        self.load_for(id, self.message.principal().subjects()).await
    }

    /// Loads an object with the grants of other subjects.
    pub(crate) async fn load_for(&self, id: &ObjectId, subjects: &Arc<[Subject]>) -> Result<Option<Loaded>> {
        let pending = self.unit.pending(id);
        if pending.is_some_and(|pending| pending.purged) {
            return Ok(None);
        }
        let created = pending.is_some_and(|pending| pending.base.is_none());
        let mut loaded = if created {
            None
        } else {
            self.message.engine.objects.load(&*self.message.store, id, subjects).await?
        };
        if let Some(pending) = pending {
            let grants = loaded.and_then(|loaded| loaded.grants);
            loaded = Some(Loaded { entry: pending.to_entry(), grants });
        }
        if let Some(loaded) = loaded.as_mut().filter(|_| self.unit.changes_grants(id)) {
            loaded.grants = held(self.unit.overlay_grants(id, loaded.grants(), subjects));
        }
        Ok(loaded)
    }

    /// Finds objects: pending ones that match first, since they are the newest, then the store's.
    pub(crate) async fn find(&self, filter: Filter, page: Page) -> Result<Matches> {
        let store = &*self.message.store;
        let subjects = self.message.principal().subjects();
        if self.unit.is_empty() {
            let found = store.find(&filter, &page, subjects).await?;
            let loaded = found
                .records
                .into_iter()
                .map(|stored| self.message.engine.objects.take_found(store, stored))
                .collect::<Result<_>>()?;
            return Ok(Matches { loaded, total: found.total, last: found.last });
        }
        self.find_over_pending(&filter, &page).await
    }

    /// All objects that meet a filter, which are read from the store page by page. Nothing if there are more than one change may
    /// reach, or if they have more bytes together: then no more of them is read than it takes to see it, as far as those already
    /// read tell how large the others are.
    pub(crate) async fn find_all(&self, filter: Filter, most_bytes: usize) -> Result<Option<Vec<Loaded>>> {
        const FIRST_PAGE: u64 = 8;
        const LARGEST_PAGE: u64 = 500;
        let store = &*self.message.store;
        let subjects = self.message.principal().subjects();
        let limits = &self.message.engine.options.limits;
        let mut all = self.pending_matches(&filter).await?;
        if all.len() > limits.linked_objects {
            return Ok(None);
        }
        let filter = self.besides_pending(filter);
        let (mut page, mut bytes, mut largest) = (Page::first(FIRST_PAGE), 0usize, 1usize);
        loop {
            let found = store.find(&filter, &page, subjects).await?;
            let is_last = (found.records.len() as u64) < page.limit;
            for stored in found.records {
                largest = largest.max(stored.body.len());
                bytes = bytes.saturating_add(stored.body.len());
                if all.len() >= limits.linked_objects || bytes > most_bytes {
                    return Ok(None);
                }
                all.push(self.message.engine.objects.take_found(store, stored)?);
            }
            match found.last {
                Some(last) if !is_last => page.after = Some(last),
                _ => return Ok(Some(all)),
            }
            // If all are so large, one more than there is room for. Later ones may be larger, so pages grow slowly.
            let room = (most_bytes - bytes).min(limits.linked_bytes) / largest + 1;
            page.limit = (page.limit * 2).min(LARGEST_PAGE).min(room as u64);
        }
    }

    /// The page is cut after the overlay, so the store is asked for everything before it.
    async fn find_over_pending(&self, filter: &Filter, page: &Page) -> Result<Matches> {
        let store = &*self.message.store;
        let subjects = self.message.principal().subjects();
        let mut loaded = self.pending_matches(filter).await?;
        let wide =
            Page { after: None, offset: 0, limit: page.offset.saturating_add(page.limit), count: page.count };
        let found = store.find(&self.besides_pending(filter.clone()), &wide, subjects).await?;
        let total = found.total.map(|total| total + loaded.len() as u64);
        for stored in found.records {
            loaded.push(self.message.engine.objects.take_found(store, stored)?);
        }
        let skip = usize::try_from(page.offset).unwrap_or(usize::MAX);
        let take = usize::try_from(page.limit).unwrap_or(usize::MAX);
        Ok(Matches { loaded: loaded.into_iter().skip(skip).take(take).collect(), total, last: None })
    }

    /// What this unit made or changed, as far as it meets the filter: the new ones first.
    async fn pending_matches(&self, filter: &Filter) -> Result<Vec<Loaded>> {
        let subjects = self.message.principal().subjects();
        let mut loaded: Vec<Loaded> = Vec::new();
        for pending in self.unit.all_pending().filter(|pending| !pending.purged && pending.base.is_none()) {
            let grants = self.unit.overlay_grants(&pending.record.id, &[], subjects);
            if filter.matches(&pending.record.id, &Index::of(&pending.record), &HeldGrants(&grants)) {
                loaded.push(Loaded { entry: pending.to_entry(), grants: held(grants) });
            }
        }
        for id in self.changed_before() {
            let Some(object) = self.load_id(&id).await? else { continue };
            if filter.matches(&id, &Index::of(&object.entry.record), &HeldGrants(object.grants())) {
                loaded.push(object);
            }
        }
        Ok(loaded)
    }

    /// The filter without what this unit has changed, of which the store does not know.
    fn besides_pending(&self, filter: Filter) -> Filter {
        let changed: Vec<_> = self.changed_before().into_iter().map(Filter::Id).collect();
        match changed.is_empty() {
            true => filter,
            false => filter.and(Filter::Not(Box::new(Filter::Any(changed)))),
        }
    }

    fn changed_before(&self) -> Vec<ObjectId> {
        let changed = self.unit.all_pending().filter(|pending| pending.base.is_some());
        changed.map(|pending| pending.record.id.clone()).collect()
    }

    /// Narrows what a handler searches for to what the caller may see.
    fn searchable(&self, filter: Filter) -> Filter {
        let mut filter = match self.sees_everything(&filter) {
            true => filter,
            false => filter.and(resolve::visible(self, Right::Any)),
        };
        if let Some(restriction) = &self.message.principal().restriction {
            filter = filter.and(restriction.objects(self.spec.code));
        }
        filter
    }

    /// Whether the caller may search all objects: an operator, for what sees no key material. He does not find them by what
    /// he is not told of them, or he could guess it.
    fn sees_everything(&self, filter: &Filter) -> bool {
        let is_told = self.spec.material == MaterialUse::None && !filter.asks_for(Tag::DIGEST);
        is_told && self.message.principal().operator
    }

    fn entry_of(&self, target: &Authorized) -> Result<&Arc<Entry>> {
        self.entries
            .iter()
            .find(|entry| target.is_of(&entry.record))
            .or_else(|| self.dependents.get(target.id()))
            .ok_or_else(|| Error::server("an operation uses an object that was not admitted for it"))
    }

    /// The scheme that claims the key of an entry.
    pub(crate) fn scheme_of(
        &self,
        entry: &Entry,
        capability: Capability,
        parameters: &CryptographicParameters,
        purpose: Purpose,
    ) -> Result<&'static SchemeEntry> {
        self.scheme_for(capability, &entry.record.key_facts(), parameters, purpose)
    }

    /// The scheme that claims a key of which these facts are known.
    fn scheme_for(
        &self,
        capability: Capability,
        facts: &KeyFacts<'_>,
        parameters: &CryptographicParameters,
        purpose: Purpose,
    ) -> Result<&'static SchemeEntry> {
        let claimed = self.message.engine.registry.scheme_entry(capability, facts, parameters);
        let entry = claimed.ok_or_else(|| {
            Error::new(
                ResultReason::UNSUPPORTED_CRYPTOGRAPHIC_PARAMETERS,
                ErrorClass::Unsupported,
                match facts.algorithm {
                    Some(algorithm) => {
                        format!("this server cannot {capability} with {algorithm:?} and these cryptographic parameters")
                    }
                    None => format!("this server cannot {capability} with these cryptographic parameters"),
                },
            )
        })?;
        let policy = &self.message.engine.options.algorithm_policy;
        if policy.limits_parameters() {
            policy.check_parameters(&(entry.effective)(facts, parameters), capability, purpose)?;
        }
        Ok(entry)
    }

    /// Takes an object that a scheme changes with an admitted one.
    pub(crate) fn take_dependent(&mut self, loaded: Loaded) -> Authorized {
        let Entry { record, revision, .. } = &*loaded.entry;
        let state = loaded.entry.facts.states.at(self.message.now);
        let authorized = Authorized::engine_only(record.clone(), *revision, state);
        self.noted.push(record.id.clone());
        self.log.named_by_scheme.insert(record.id.clone());
        self.dependents.insert(record.id.clone(), loaded.entry.clone());
        authorized
    }

    /// Whether the operation may let schemes change keys.
    ///
    /// # Errors
    /// Internal Server Error: it does not declare it.
    pub(crate) fn require_scheme_changes(&self) -> Result<()> {
        if self.spec.writes.lets_schemes_change_keys() {
            return Ok(());
        }
        tracing::error!(operation = ?self.spec.code, "a handler lets a scheme change keys and its operation does not declare it");
        Err(Error::server("the operation lets a scheme change keys and does not declare it"))
    }

    fn require_material(&self, needed: MaterialUse) -> Result<()> {
        if self.spec.material >= needed {
            return Ok(());
        }
        tracing::error!(operation = ?self.spec.code, "a handler asks for key material that its operation does not declare");
        Err(Error::server("the operation asked for key material and does not declare it"))
    }

    /// Whose stream this item may open or take.
    fn stream_owner(&self, target: Option<&Authorized>) -> Result<StreamOwner> {
        // What is counted runs again when another count was faster, and a stream cannot go back.
        if self.message.is_metered() {
            return Err(Error::denied("a ticket with Usage Limits is not good for an operation in parts"));
        }
        match self.state.within {
            Within::Message => {}
            Within::Undo => return Err(batch::no_undo("a part of an operation cannot be undone")),
            Within::Job => {
                return Err(Error::unsupported(
                    "a part of an operation cannot be processed asynchronously; leave out Asynchronous Indicator",
                ));
            }
        }
        Ok(StreamOwner {
            user: self.message.principal().user.clone(),
            namespace: self.message.store.namespace().clone(),
            key: target.map(|target| target.id().clone()),
            operation: self.spec.code.0,
        })
    }

    async fn create_for(&mut self, owner: Arc<str>, object: NewObject) -> Result<ObjectId> {
        self.check_may_create()?;
        self.hold_to_rules(&object).await?;
        if let Some(id) = &object.id {
            self.check_free(id).await?;
        }
        let mut record = new_object::record(self.message, object, &mut *self.random)?;
        record.owner = owner;
        let id = record.id.clone();
        self.log.created.push(id.clone());
        self.unit.create(record);
        Ok(id)
    }

    /// An operation that is for everybody makes objects for those alone who may make some, and whose credentials allow
    /// Create.
    fn check_may_create(&self) -> Result<()> {
        if !self.message.principal().creator {
            return Err(Error::denied("you may not make objects on this server"));
        }
        let restriction = self.message.principal().restriction.as_ref();
        if self.spec.access == Access::Authenticated
            && restriction.is_some_and(|restriction| !restriction.allows(OperationCode::CREATE))
        {
            return Err(Error::denied("these credentials do not allow to create objects"));
        }
        Ok(())
    }

    /// Asks the rules that plugins have for new objects.
    async fn hold_to_rules(&mut self, object: &NewObject) -> Result<()> {
        for rule in self.message.engine.registry.new_object_rules() {
            rule.check(&mut Context::new(self), object).await?;
        }
        Ok(())
    }

    /// Checks that a chosen identifier is free, also for objects that the caller may not see.
    async fn check_free(&self, id: &ObjectId) -> Result<()> {
        if self.load_id(id).await?.is_none() {
            return Ok(());
        }
        Err(Error::new(
            ResultReason::OBJECT_ALREADY_EXISTS,
            ErrorClass::Conflict,
            format!("an object with the identifier {id} exists"),
        ))
    }
}

/// Parses a key for a scheme.
pub(crate) fn parse(scheme: &SchemeEntry, record: &Record, material: &Material) -> Result<PreparedKey> {
    let facts = &record.key_facts();
    match scheme.scheme {
        Scheme::Cipher(cipher) => cipher.prepare(facts, material).map(PreparedKey::Cipher),
        Scheme::Wrap(wrap) => wrap.prepare(facts, material).map(PreparedKey::Wrap),
        Scheme::Mac(mac) => mac.prepare(facts, material).map(PreparedKey::Mac),
        Scheme::Sign(sign) => sign.prepare(facts, material).map(PreparedKey::Sign),
        Scheme::Encapsulate(kem) => kem.prepare(facts, material).map(PreparedKey::Encapsulate),
        Scheme::Generate(_)
        | Scheme::GeneratePair(_)
        | Scheme::GenerateFrom(_)
        | Scheme::Rekey(_)
        | Scheme::Digest(_)
        | Scheme::Derive(..)
        | Scheme::Split(..)
        | Scheme::Formats(_)
        | Scheme::Certificates(..)
        | Scheme::Container(_)
        | Scheme::Purpose(_) => Err(Error::server(format!("{} prepares no keys", scheme.name))),
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
        if let [only] = self.roles.as_slice() {
            return if *only == role { &self.admitted } else { &[] };
        }
        let Some(first) = self.roles.iter().position(|known| *known == role) else { return &[] };
        // Targets of a role stand together.
        let (_, rest) = self.roles.split_at(first);
        let count = rest.iter().take_while(|known| **known == role).count();
        self.admitted.get(first..first + count).unwrap_or_default()
    }

    fn load(&mut self, target: Target) -> BoxFuture<'_, Result<Vec<Authorized>>> {
        Box::pin(async move {
            let found = resolve::one_target(self, &target).await?;
            let mut admitted = Vec::with_capacity(found.len());
            for (loaded, asked) in found {
                let authorized = self.admit(&target, &loaded, &asked);
                admitted.push(authorized.map_err(|error| resolve::in_role(target.role, error))?);
                self.noted.push(loaded.entry.record.id.clone());
                // Reachable by identity, though not by role.
                self.entries.push(loaded.entry);
            }
            Ok(admitted)
        })
    }

    fn search(&mut self, filter: Filter, page: Page) -> BoxFuture<'_, Result<Found>> {
        Box::pin(async move {
            self.searches = true;
            let Matches { loaded, total, last } = self.find(self.searchable(filter), page).await?;
            let objects: Vec<Authorized> = loaded
                .into_iter()
                .map(|loaded| {
                    let record = &loaded.entry.record;
                    let state = record.state_dates().at(self.message.now);
                    Authorized::engine_only(record.clone(), loaded.entry.revision, state)
                })
                .collect();
            if self.admitted.is_empty() {
                self.found.extend(objects.iter().map(Authorized::for_answer));
            }
            Ok(Found { objects, total, last })
        })
    }

    fn locate(&mut self, filter: Filter, page: Page) -> BoxFuture<'_, Result<FoundIds>> {
        Box::pin(async move {
            self.searches = true;
            let mut filter = self.searchable(filter);
            let states = self.limits.visible_states;
            if states != StateSet::ALL {
                filter = filter.and(Filter::State { any_of: states, at: self.message.now });
            }
            if self.unit.is_empty() {
                return self.message.store.locate(&filter, &page).await;
            }
            let Matches { loaded, total, .. } = self.find_over_pending(&filter, &page).await?;
            let ids = loaded.into_iter().map(|loaded| loaded.entry.record.id.clone()).collect();
            Ok(FoundIds { ids, total })
        })
    }

    fn locate_everywhere(&mut self, filter: Filter, page: Page) -> BoxFuture<'_, Result<FoundIds>> {
        Box::pin(async move {
            if self.spec.access != Access::Operator {
                return Err(Error::server("an operation that is not for operators searches everywhere"));
            }
            self.searches = true;
            let filter = match &self.message.principal().restriction {
                Some(restriction) => filter.and(restriction.objects(self.spec.code)),
                None => filter,
            };
            let Matches { loaded, total, .. } = self.find(filter, page).await?;
            let ids = loaded.into_iter().map(|loaded| loaded.entry.record.id.clone()).collect();
            Ok(FoundIds { ids, total })
        })
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
        Box::pin(async move {
            self.require_material(MaterialUse::Use)?;
            let record = self.entry_of(target)?.record.clone();
            if record.is_wrapped() {
                return stored_wrapped::material(self, &record).await;
            }
            Material::of(&record.object)
        })
    }

    fn reveal(&mut self, target: &Authorized, protection: Protection) -> Result<ManagedObject> {
        self.require_material(MaterialUse::Reveal)?;
        let record = &self.entry_of(target)?.record;
        let attributes = &record.attributes;
        if attributes.one::<kinds::Extractable>() == Some(false) {
            return Err(Error::new(
                ResultReason::NOT_EXTRACTABLE,
                ErrorClass::State,
                "the object must not leave the server: Extractable is false",
            ));
        }
        let sensitive = attributes.one::<kinds::Sensitive>() == Some(true);
        let leaves_in_plain = match protection {
            Protection::Plain => !record.is_encrypted(),
            Protection::Wrapped => false,
            Protection::Unwrapped => true,
        };
        if sensitive && leaves_in_plain {
            return Err(Error::new(
                ResultReason::SENSITIVE,
                ErrorClass::State,
                "the object is Sensitive: ask for it with a Key Wrapping Specification",
            ));
        }
        Ok(record.object.clone())
    }

    fn prepared<'a>(
        &'a mut self,
        target: &'a Authorized,
        capability: Capability,
        parameters: &'a CryptographicParameters,
    ) -> BoxFuture<'a, Result<PreparedKey>> {
        let entry = match self.require_material(MaterialUse::Use).and_then(|()| self.entry_of(target)) {
            Ok(entry) => entry,
            Err(error) => return Box::pin(ready(Err(error))),
        };
        if !entry.record.is_wrapped() {
            // The usual case, at once: the future of the other one is large.
            match stored_wrapped::prepared_at_once(self, entry, capability, parameters, target.purpose()) {
                Ok(Some(key)) => return Box::pin(ready(Ok(key))),
                Err(error) => return Box::pin(ready(Err(error))),
                Ok(None) => {}
            }
        }
        let entry = entry.clone();
        Box::pin(async move {
            if !entry.record.is_wrapped() {
                return stored_wrapped::prepare(self, &entry, capability, parameters, target.purpose()).await;
            }
            // Not kept: revoking the wrapping key must end the use of what it wraps.
            let scheme = self.scheme_of(&entry, capability, parameters, target.purpose())?;
            let material = stored_wrapped::material(self, &entry.record).await?;
            stored_wrapped::parsed(self, scheme, &entry.record, material).await
        })
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
        Box::pin(async move {
            let predecessor = self.entry_of(target)?.record.clone();
            let stored = self.message.store.grants(&GrantQuery::Object(predecessor.id.clone())).await?;
            let grants = self.unit.all_grants(&predecessor.id, stored);
            let id = self.create_for(predecessor.owner.clone(), object).await?;
            for grant in grants {
                self.unit.change_grant(Grant { object: id.clone(), ..grant }, true);
            }
            Ok(id)
        })
    }

    fn replace<'a>(&'a mut self, target: &'a Authorized, object: NewObject) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.hold_to_rules(&object).await?;
            let new = NewObject { id: Some(target.id().clone()), ..object };
            let mut record = new_object::record(self.message, new, &mut *self.random)?;
            record.owner = target.owner().clone();
            *self.edit(target, Effect::Update)? = record;
            Ok(())
        })
    }

    fn edit(&mut self, target: &Authorized, effect: Effect) -> Result<&mut Record> {
        let entry = self.entry_of(target)?.clone();
        self.log.changed.push((target.id().clone(), effect));
        let now = self.message.now;
        let pending = self.unit.edit(&entry);
        if effect == Effect::Purge {
            pending.purged = true;
        }
        // A state that time has changed is written with the next change.
        if has_state(pending.record.object.object_type()) {
            let state = pending.record.state_dates().at(now);
            pending.record.attributes.put::<kinds::State>(state);
        }
        pending.record.attributes.put::<kinds::LastChangeDate>(now);
        Ok(&mut pending.record)
    }

    fn dependents<'a>(
        &'a mut self,
        of: &'a Authorized,
        link: LinkType,
    ) -> BoxFuture<'a, Result<Vec<Authorized>>> {
        Box::pin(dependents::of(self, of, link))
    }

    fn named_by_scheme(&mut self, target: &Authorized) -> Result<()> {
        self.require_scheme_changes()?;
        let entry = self.entry_of(target)?.clone();
        self.log.named_by_scheme.insert(entry.record.id.clone());
        self.unit.rely_on(entry);
        Ok(())
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
        let object = self.entry_of(target)?.record.id.clone();
        self.log.granted.push(object.clone());
        let rights = self.log.rights.get_or_insert_default();
        rights.subjects.push(subject.to_string());
        rights.operations.extend_from_slice(operations);
        for operation in operations {
            let grant = Grant { object: object.clone(), subject: subject.clone(), operation: *operation };
            self.unit.change_grant(grant, give);
        }
        Ok(())
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
        let owner = self.stream_owner(target)?;
        self.message.engine.streams.open(owner, stream, &mut *self.random)
    }

    fn put_back_stream(
        &mut self,
        target: Option<&Authorized>,
        correlation: &[u8],
        stream: Stream,
    ) -> Result<()> {
        let owner = self.stream_owner(target)?;
        self.message.engine.streams.put_back(owner, correlation, stream);
        Ok(())
    }

    fn take_stream(&mut self, target: Option<&Authorized>, correlation: &[u8]) -> Result<Stream> {
        let owner = self.stream_owner(target)?;
        self.message.engine.streams.take(&owner, correlation)
    }
}
