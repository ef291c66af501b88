//! What a handler can reach.

mod documents;
mod endpoint;
mod jobs;
mod tickets;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::future::ready;
use std::sync::Arc;

use claviger_kmip::ByteString;
use claviger_kmip::attributes::Attributes;
use claviger_kmip::field::DateTime;
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::objects::{CryptographicParameters, KeyValue, ManagedObject, PlainKeyValue};
use claviger_kmip::tables::enumerations::{AttestationType, LinkType, ObjectType, OperationCode, State};
use claviger_kmip::version::ProtocolVersion;
use futures_util::future::Either;

use crate::BoxFuture;
use crate::audit::Detail;
use crate::authentication::Principal;
use crate::error::{Error, Result};
use crate::explanation::{AskedAbout, Explanation};
use crate::filter::{Cursor, Filter, Page};
use crate::plugin::Catalogue;
use crate::random::RandomSource;
use crate::record::{KeyFacts, Material, ObjectId, Record, Revision};
use crate::scheme::{Capability, Cost, PreparedKey, Scheme};
use crate::store::{Document, DocumentPage, DocumentPut, FoundIds, Grant, Subject};
use crate::target::{Cardinality, Consumption, Purpose, Right, Role, Target};

pub use jobs::{Job, JobEnd, Jobs};
pub use tickets::{TicketTerms, Tickets};

/// A handler's only reach: its targets, the principal, the time, randomness, schemes, and effects that are
/// recorded and written together when the item succeeds.
pub struct Context<'h> {
    host: &'h mut dyn Host,
}

impl<'h> Context<'h> {
    /// Wraps what the engine (or the testkit) offers.
    pub fn new(host: &'h mut dyn Host) -> Self {
        Self { host }
    }

    /// Who calls.
    pub fn principal(&self) -> &Principal {
        self.host.principal()
    }

    /// The time of the message; the same for all of its items.
    pub fn now(&self) -> DateTime {
        self.host.now()
    }

    /// The version that the client speaks. Payloads are 2.1 whatever it is.
    pub fn version(&self) -> ProtocolVersion {
        self.host.version()
    }

    /// Bounds that the operator configured.
    pub fn limits(&self) -> &OperationLimits {
        self.host.limits()
    }

    /// What is registered in this server.
    pub fn catalogue(&self) -> &dyn Catalogue {
        self.host.catalogue()
    }

    /// The same, to be taken along to the pool of heavy work.
    pub fn shared_catalogue(&self) -> Arc<dyn Catalogue> {
        self.host.shared_catalogue()
    }

    /// The attestations that this server can check.
    pub fn attestation_types(&self) -> Vec<AttestationType> {
        self.host.attestation_types()
    }

    /// Random bytes.
    pub fn rng(&mut self) -> &mut dyn RandomSource {
        self.host.rng()
    }

    /// The one object of a role.
    ///
    /// # Errors
    /// Internal Server Error: the operation did not declare such a target, or it resolved to several objects.
    pub fn target(&self, role: Role) -> Result<Authorized> {
        match self.host.targets(role) {
            [only] => Ok(only.clone()),
            _ => Err(Error::server("an operation uses a target that it did not declare as one object")),
        }
    }

    /// The one object that the operation is about.
    ///
    /// # Errors
    /// As [`Context::target`].
    pub fn subject(&self) -> Result<Authorized> {
        self.target(Role::SUBJECT)
    }

    /// All objects of a role.
    pub fn targets(&self, role: Role) -> Vec<Authorized> {
        self.host.targets(role).to_vec()
    }

    /// Resolves and admits further objects, by the same rules as declared targets.
    ///
    /// # Errors
    /// As for a declared target.
    pub async fn load(&mut self, target: Target) -> Result<Vec<Authorized>> {
        self.host.load(target).await
    }

    /// Resolves and admits one further object.
    ///
    /// # Errors
    /// As [`Context::load`].
    pub async fn load_one(&mut self, target: Target) -> Result<Authorized> {
        let found = self.host.load(target.cardinality(Cardinality::One)).await?;
        found.into_iter().next().ok_or_else(|| Error::server("a target resolved to no object"))
    }

    /// Finds objects that the principal may see, newest first, for the handler itself: also in states in which the
    /// client's dialect does not let them be used. [`Context::load`] admits what is to be used.
    ///
    /// # Errors
    /// The store fails.
    pub async fn search(&mut self, filter: Filter, page: Page) -> Result<Found> {
        self.host.search(filter, page).await
    }

    /// Finds what [`Context::search`] finds, as far as the client's dialect lets it be seen, and tells the identifiers
    /// only, which costs far less.
    ///
    /// # Errors
    /// The store fails.
    pub async fn locate(&mut self, filter: Filter, page: Page) -> Result<FoundIds> {
        self.host.locate(filter, page).await
    }

    /// Finds objects whoever owns them, newest first, and tells their identifiers; for operations that only operators may
    /// call.
    ///
    /// # Errors
    /// Internal Server Error: the spec lets others call the operation. The store fails.
    pub async fn locate_everywhere(&mut self, filter: Filter, page: Page) -> Result<FoundIds> {
        self.host.locate_everywhere(filter, page).await
    }

    /// The grants on an object, for its owner.
    ///
    /// # Errors
    /// The store fails.
    pub async fn grants(&mut self, query: GrantsOf<'_>) -> Result<Vec<Grant>> {
        self.host.grants(query).await
    }

    /// Takes bytes from the Usage Limits of an admitted object, beside those that its [`Target`] named: the bytes of what
    /// the handler has only made just now, such as a key that is to be wrapped. A ticket counts them, too, whatever counts
    /// the uses of the object.
    ///
    /// # Errors
    /// Usage Limit Exceeded.
    pub async fn consume_bytes(&mut self, target: &Authorized, bytes: usize) -> Result<()> {
        if bytes == 0 {
            return Ok(());
        }
        // The handler holds the object, so its right and state were seen to; what is left is what counts here.
        let again = Target {
            right: Right::Any,
            consumes: Some(Consumption { bytes: bytes as u64, objects: 0 }),
            ..Target::subject(Some(target.id().as_str().into()), OperationCode::GET_USAGE_ALLOCATION)
        };
        self.load_one(again).await.map(|_| ())
    }

    /// The plain material of a key, to be used on the server. A key that is stored wrapped is unwrapped for its
    /// owner.
    ///
    /// # Errors
    /// Internal Server Error: the operation's spec declares no use of material. Key Value Not Present, or what
    /// unwrapping says.
    pub async fn material(&mut self, target: &Authorized) -> Result<Material> {
        self.host.material(target).await
    }

    /// The object with its material as stored, to be handed to the client.
    ///
    /// # Errors
    /// Sensitive, Not Extractable: it must not leave the server like that. Internal Server Error: the spec does
    /// not declare it.
    pub fn reveal(&mut self, target: &Authorized) -> Result<ManagedObject> {
        self.host.reveal(target, Protection::Plain)
    }

    /// The object with its material, on its way into a wrapping: Sensitive objects may leave so.
    ///
    /// # Errors
    /// Not Extractable: it must not leave the server at all.
    pub fn reveal_for_wrapping(&mut self, target: &Authorized) -> Result<ManagedObject> {
        self.host.reveal(target, Protection::Wrapped)
    }

    /// The object in plain although it is stored wrapped: unwrapped for its owner, to be handed to the client.
    ///
    /// # Errors
    /// As [`Context::reveal`] and [`Context::material`].
    pub async fn reveal_unwrapped(&mut self, target: &Authorized) -> Result<ManagedObject> {
        let mut object = self.host.reveal(target, Protection::Unwrapped)?;
        let material = self.host.material(target).await?;
        if let Some(block) = object.key_block_mut() {
            let key_material = material.value().clone();
            block.key_format_type = material.format();
            block.key_value = Some(KeyValue::Plain(PlainKeyValue { key_material, attributes: None }));
            block.key_wrapping_data = None;
        }
        Ok(object)
    }

    /// The parsed key for a capability, from the engine's cache when the key was used before.
    ///
    /// # Errors
    /// Unsupported Cryptographic Parameters: no registered scheme claims the key with these parameters; and
    /// whatever [`Context::material`] says.
    pub fn prepared<'a>(
        &'a mut self,
        target: &'a Authorized,
        capability: Capability,
        parameters: &'a CryptographicParameters,
    ) -> BoxFuture<'a, Result<PreparedKey>> {
        self.host.prepared(target, capability, parameters)
    }

    /// The scheme for work that needs no parsed key: making, hashing, deriving, splitting, converting. The facts are
    /// those of the key to be made or worked on; for a hash function they tell nothing.
    ///
    /// # Errors
    /// Unsupported Cryptographic Parameters: no registered scheme claims it.
    pub fn scheme(
        &self,
        capability: Capability,
        facts: &KeyFacts<'_>,
        parameters: &CryptographicParameters,
    ) -> Result<&'static Scheme> {
        self.host.scheme(capability, facts, parameters)
    }

    /// What working through this many bytes of data costs.
    pub fn cost_of_data(&self, bytes: usize) -> Cost {
        if bytes < self.limits().heavy_from { Cost::Light } else { Cost::Heavy }
    }

    /// Runs cryptographic work: at once when it is light, on the bounded pool when it is heavy.
    ///
    /// # Errors
    /// What the work returns; Server Limit Exceeded when the pool's queue is full.
    pub fn compute<T, F>(
        &mut self,
        cost: Cost,
        work: F,
    ) -> impl Future<Output = Result<T>> + Send + use<'_, 'h, T, F>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn RandomSource) -> Result<T> + Send + 'static,
    {
        // Light work is done by the call: a future that holds it would be copied with every future around it.
        match cost {
            Cost::Light => Either::Left(ready(work(self.host.rng()))),
            Cost::Heavy => Either::Right(Box::pin(self.compute_heavy(work))),
        }
    }

    async fn compute_heavy<T, F>(&mut self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn RandomSource) -> Result<T> + Send + 'static,
    {
        let slot = Arc::new(std::sync::Mutex::new(None));
        let out = slot.clone();
        self.host
            .heavy(Box::new(move |rng| {
                let result = work(rng);
                *out.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(result);
            }))
            .await?;
        let result = slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        result.unwrap_or_else(|| Err(Error::server("cryptographic work did not finish")))
    }

    /// Records a new object. The engine gives it an identifier (unless it brings one), tags, Unique Identifier, Short
    /// Unique Identifier, Object Type, State by its dates, Initial Date and Last Change Date; the principal owns it.
    ///
    /// # Errors
    /// Object Already Exists, Non Unique Name Attribute, or a tag that a policy refuses.
    pub async fn create(&mut self, object: NewObject) -> Result<ObjectId> {
        self.host.create(object).await
    }

    /// Records a new object in the place of an existing one: as [`Context::create`], but it belongs to the owner of that
    /// one, and the grants on that one hold for it, too.
    ///
    /// # Errors
    /// As [`Context::create`].
    pub async fn create_in_place_of(&mut self, target: &Authorized, object: NewObject) -> Result<ObjectId> {
        self.host.create_in_place_of(target, object).await
    }

    /// Records a change of attributes. The engine sets Last Change Date.
    ///
    /// # Errors
    /// What `edit` returns.
    pub fn update(
        &mut self,
        target: &Authorized,
        edit: impl FnOnce(&mut Attributes) -> Result<()>,
    ) -> Result<()> {
        edit(&mut self.host.edit(target, Effect::Update)?.attributes)
    }

    /// Records a change of state, with the attributes that change with it.
    ///
    /// # Errors
    /// What `edit` returns.
    pub fn transition(
        &mut self,
        target: &Authorized,
        to: State,
        edit: impl FnOnce(&mut Attributes) -> Result<()>,
    ) -> Result<()> {
        let record = self.host.edit(target, Effect::Transition)?;
        record.attributes.put::<claviger_kmip::attributes::kinds::State>(to);
        edit(&mut record.attributes)
    }

    /// Records a destruction: the material goes, attributes stay, State becomes `to`.
    ///
    /// # Errors
    /// What `edit` returns.
    pub fn destroy(
        &mut self,
        target: &Authorized,
        to: State,
        edit: impl FnOnce(&mut Attributes) -> Result<()>,
    ) -> Result<()> {
        let record = self.host.edit(target, Effect::Destroy)?;
        crate::record::erase_material(&mut record.object);
        record.attributes.put::<claviger_kmip::attributes::kinds::State>(to);
        edit(&mut record.attributes)
    }

    /// The Pre-Active and Active objects of its algorithm that name an admitted one by a link of this type, whoever owns them:
    /// what a scheme changes together with that one. The caller was admitted for what they depend on. They count as named by the scheme.
    ///
    /// # Errors
    /// Internal Server Error: the spec does not let schemes change keys. Server Limit Exceeded: there are too many to
    /// change them at once. The store fails.
    pub async fn dependents(&mut self, of: &Authorized, link: LinkType) -> Result<Vec<Authorized>> {
        self.host.dependents(of, link).await
    }

    /// Notes that the chosen scheme named an object as one that it may change. The engine compares what is changed with it. Also
    /// if it is left as it is, nothing is written when somebody else has changed it meanwhile: the operation begins again.
    ///
    /// # Errors
    /// Internal Server Error: the spec does not let schemes change keys.
    pub fn named_by_scheme(&mut self, target: &Authorized) -> Result<()> {
        self.host.named_by_scheme(target)
    }

    /// Records what a scheme changed of a key, with the attributes that change with it. The engine sets Last Change Date.
    ///
    /// # Errors
    /// What `edit` returns.
    pub fn rekey(
        &mut self,
        target: &Authorized,
        edit: impl FnOnce(&mut ManagedObject, &mut Attributes) -> Result<()>,
    ) -> Result<()> {
        let record = self.host.edit(target, Effect::Rekey)?;
        edit(&mut record.object, &mut record.attributes)
    }

    /// Tells the client something beside the response payload, if the item succeeds: as its Result Message, where the
    /// client's form has one.
    ///
    /// # Errors
    /// Feature Not Supported: the handler is a loaded plugin's.
    pub fn remark(&mut self, text: String) -> Result<()> {
        self.host.remark(text)
    }

    /// Adds a fact to the audit record of the item, whatever becomes of it: what an operator will look for there and the
    /// record does not have, such as the number by which what is made can be revoked. The name is in lower case, its words
    /// joined by `_`; of the text 256 letters are kept. No secret, and nothing of an object's material.
    ///
    /// Different texts of one name are joined by `, `, as far as they have 1024 bytes together: of Bulk Data each piece adds its
    /// own. An item has 16 names at most, of 64 letters. What the handler of a loaded plugin adds is kept only if it
    /// succeeds.
    pub fn audit_detail(&mut self, name: impl Into<Cow<'static, str>>, text: impl Into<String>) {
        self.host.audit_detail(Detail { name: name.into(), text: text.into() });
    }

    /// Records the removal of an object without a trace.
    ///
    /// # Errors
    /// Internal Server Error: the spec does not declare writes to targets.
    pub fn purge(&mut self, target: &Authorized) -> Result<()> {
        self.host.edit(target, Effect::Purge).map(|_| ())
    }

    /// Records that an object has another owner from now on. The one who had it keeps no right on it but what is granted.
    ///
    /// # Errors
    /// Internal Server Error: the spec does not declare changes of rights.
    pub fn change_owner(&mut self, target: &Authorized, to: &str) -> Result<()> {
        self.host.edit(target, Effect::Owner)?.owner = to.into();
        Ok(())
    }

    /// Records the replacement of an object and its attributes; identifier and owner stay.
    ///
    /// # Errors
    /// As [`Context::create`].
    pub async fn replace(&mut self, target: &Authorized, object: NewObject) -> Result<()> {
        self.host.replace(target, object).await
    }

    /// Records grants on an object.
    ///
    /// # Errors
    /// Internal Server Error: the spec does not declare it.
    pub fn grant(
        &mut self,
        target: &Authorized,
        subject: Subject,
        operations: &[OperationCode],
    ) -> Result<()> {
        self.host.change_grants(target, subject, operations, true)
    }

    /// Records the end of grants on an object.
    ///
    /// # Errors
    /// Internal Server Error: the spec does not declare it.
    pub fn revoke_grant(
        &mut self,
        target: &Authorized,
        subject: Subject,
        operations: &[OperationCode],
    ) -> Result<()> {
        self.host.change_grants(target, subject, operations, false)
    }

    /// Whether somebody may call an operation on an object, and which rule says so, as things are now. Nothing is done.
    ///
    /// # Errors
    /// Operation Not Supported: it is not in this server. Feature Not Supported: what the operation needs of an object
    /// depends on more of its request.
    pub async fn explain(
        &mut self,
        target: &Authorized,
        about: &AskedAbout,
        operation: OperationCode,
    ) -> Result<Explanation> {
        self.host.explain(target, about, operation).await
    }

    /// Keeps a running multi-part operation for the next request of the same principal, and returns its
    /// correlation value.
    ///
    /// # Errors
    /// Server Limit Exceeded: too many streams are open.
    pub fn open_stream(&mut self, target: Option<&Authorized>, stream: Stream) -> Result<ByteString> {
        self.host.open_stream(target, stream)
    }

    /// Keeps what [`Context::take_stream`] gave, under the same correlation value as before.
    ///
    /// # Errors
    /// As [`Context::open_stream`], but for the number of streams.
    pub fn put_back_stream(
        &mut self,
        target: Option<&Authorized>,
        correlation: &[u8],
        stream: Stream,
    ) -> Result<()> {
        self.host.put_back_stream(target, correlation, stream)
    }

    /// Takes back a running multi-part operation. To go on, [put it back](Context::put_back_stream): a client may send one
    /// correlation value with all parts (KMIP 2.1 section 6.1).
    ///
    /// # Errors
    /// Invalid Correlation Value: there is none of this principal, key and kind on this server.
    pub fn take_stream(&mut self, target: Option<&Authorized>, correlation: &[u8]) -> Result<Stream> {
        self.host.take_stream(target, correlation)
    }
}

/// A multi-part operation between two of its parts: what a scheme made, behind `Any` so that each operation keeps
/// its own type.
pub type Stream = Box<dyn std::any::Any + Send>;

/// Work for the pool of heavy work, given randomness of its own.
pub type HeavyWork = Box<dyn FnOnce(&mut dyn RandomSource) + Send>;

/// An object that the engine admitted for this item and principal. Only the engine makes one.
///
/// It shows everything but key material; that needs [`Context::material`] or [`Context::reveal`].
#[derive(Clone)]
pub struct Authorized {
    record: Arc<Record>,
    revision: Revision,
    state: State,
    purpose: Purpose,
    for_operator: bool,
}

impl Authorized {
    /// For the engine alone: states that admission let the object through.
    #[doc(hidden)]
    pub fn engine_only(record: Arc<Record>, revision: Revision, state: State) -> Self {
        Self { record, revision, state, purpose: Purpose::Protect, for_operator: false }
    }

    /// For the engine alone: whether it is about the object of this record.
    #[doc(hidden)]
    pub fn is_of(&self, record: &Arc<Record>) -> bool {
        Arc::ptr_eq(&self.record, record) || self.record.id == record.id
    }

    /// For the engine alone: what the object was admitted for.
    #[doc(hidden)]
    pub fn admitted_for(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    /// For the engine alone: the caller has no right on the object but that of an operator.
    #[doc(hidden)]
    pub fn admitted_for_operator(self, for_operator: bool) -> Self {
        Self { for_operator, ..self }
    }

    /// For the engine alone: what an answer may show of an object that was found, which is all but its value.
    #[doc(hidden)]
    pub fn for_answer(&self) -> Self {
        let mut record = Record::clone(&self.record);
        match &mut record.object {
            ManagedObject::OpaqueObject(object) => object.opaque_data_value = ByteString::default(),
            ManagedObject::Certificate(object) => object.certificate_value = ByteString::default(),
            ManagedObject::CertificateRequest(object) => {
                object.certificate_request_value = ByteString::default();
            }
            other => {
                if let Some(block) = other.key_block_mut() {
                    block.key_value = None;
                }
            }
        }
        Self { record: Arc::new(record), ..self.clone() }
    }

    /// Whether the caller may know of the object as an operator alone. He is told its attributes but for those from which
    /// what is secret could be guessed.
    pub fn is_for_operator(&self) -> bool {
        self.for_operator
    }

    /// What the object was admitted for.
    pub fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// The identifier.
    pub fn id(&self) -> &ObjectId {
        &self.record.id
    }

    /// The revision that was read.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The owner.
    pub fn owner(&self) -> &Arc<str> {
        &self.record.owner
    }

    /// The type.
    pub fn object_type(&self) -> ObjectType {
        self.record.object.object_type()
    }

    /// The effective state at the time of the message.
    pub fn state(&self) -> State {
        self.state
    }

    /// The attributes.
    pub fn attributes(&self) -> &Attributes {
        &self.record.attributes
    }

    /// User and system tags.
    pub fn tags(&self) -> &BTreeSet<String> {
        &self.record.tags
    }

    /// What selects a scheme.
    pub fn key_facts(&self) -> KeyFacts<'_> {
        self.record.key_facts()
    }

    /// Whether the key is stored wrapped.
    pub fn is_wrapped(&self) -> bool {
        self.record.is_wrapped()
    }

    /// A copy of the record without its material.
    pub fn without_material(&self) -> Record {
        let mut record = Record::clone(&self.record);
        crate::record::erase_material(&mut record.object);
        record
    }
}

impl fmt::Debug for Authorized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authorized({}, {:?})", self.record.id, self.state)
    }
}

/// An object that is to be created.
#[derive(Clone, Debug)]
pub struct NewObject {
    /// The identifier that the client chose, if the operation lets it.
    pub id: Option<ObjectId>,
    /// The object.
    pub object: ManagedObject,
    /// Its attributes; user tags are read from them by the tag policies.
    pub attributes: Attributes,
}

/// What a search found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The page, newest first.
    pub objects: Vec<Authorized>,
    /// How many there are in all, when the page asked for it.
    pub total: Option<u64>,
    /// The place of the last of them, to go on from; nothing if none was found, or while the message has effects that are not
    /// written: then the next page has an offset.
    pub last: Option<Cursor>,
}

/// Whose grants are asked for.
#[derive(Clone, Copy, Debug)]
pub enum GrantsOf<'a> {
    /// All grants on an object.
    Object(&'a Authorized),
    /// All grants that the principal's subjects hold.
    Principal,
}

/// How an object that leaves the server is protected on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// As stored.
    Plain,
    /// It is wrapped before it leaves.
    Wrapped,
    /// It is stored wrapped and leaves in plain.
    Unwrapped,
}

/// What a handler does to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Changes attributes.
    Update,
    /// Changes the state.
    Transition,
    /// Removes the material.
    Destroy,
    /// Removes the object.
    Purge,
    /// Gives the object to another owner.
    Owner,
    /// Changes the key, as a scheme says.
    Rekey,
}

/// Bounds of single operations.
#[derive(Clone, Debug)]
pub struct OperationLimits {
    /// Bytes that one RNG Retrieve may ask for.
    pub random_bytes: i32,
    /// Objects that one Locate answers with, when the client names no smaller number.
    pub located_items: i32,
    /// Bytes of data from which an operation counts as heavy.
    pub heavy_from: usize,
    /// States in which a dialect lets the operation use and locate objects; all, unless the dialect narrows.
    pub visible_states: StateSet,
}

/// What the engine does for a context. Handlers use [`Context`].
#[allow(missing_docs)] // each method is documented on `Context`
pub trait Host: Send {
    fn principal(&self) -> &Principal;
    fn now(&self) -> DateTime;
    fn version(&self) -> ProtocolVersion;
    fn limits(&self) -> &OperationLimits;
    fn catalogue(&self) -> &dyn Catalogue;
    fn shared_catalogue(&self) -> Arc<dyn Catalogue>;
    fn rng(&mut self) -> &mut dyn RandomSource;
    fn targets(&self, role: Role) -> &[Authorized];
    fn load(&mut self, target: Target) -> BoxFuture<'_, Result<Vec<Authorized>>>;
    fn search(&mut self, filter: Filter, page: Page) -> BoxFuture<'_, Result<Found>>;
    fn locate(&mut self, filter: Filter, page: Page) -> BoxFuture<'_, Result<FoundIds>>;
    fn locate_everywhere(&mut self, filter: Filter, page: Page) -> BoxFuture<'_, Result<FoundIds>>;
    fn grants<'a>(&'a mut self, query: GrantsOf<'a>) -> BoxFuture<'a, Result<Vec<Grant>>>;
    fn material<'a>(&'a mut self, target: &'a Authorized) -> BoxFuture<'a, Result<Material>>;
    fn reveal(&mut self, target: &Authorized, protection: Protection) -> Result<ManagedObject>;
    fn prepared<'a>(
        &'a mut self,
        target: &'a Authorized,
        capability: Capability,
        parameters: &'a CryptographicParameters,
    ) -> BoxFuture<'a, Result<PreparedKey>>;
    fn scheme(
        &self,
        capability: Capability,
        facts: &KeyFacts<'_>,
        parameters: &CryptographicParameters,
    ) -> Result<&'static Scheme>;
    fn heavy(&mut self, work: HeavyWork) -> BoxFuture<'_, Result<()>>;
    fn create(&mut self, object: NewObject) -> BoxFuture<'_, Result<ObjectId>>;
    fn create_in_place_of<'a>(
        &'a mut self,
        target: &'a Authorized,
        object: NewObject,
    ) -> BoxFuture<'a, Result<ObjectId>>;
    fn replace<'a>(&'a mut self, target: &'a Authorized, object: NewObject) -> BoxFuture<'a, Result<()>>;
    fn edit(&mut self, target: &Authorized, effect: Effect) -> Result<&mut Record>;
    fn dependents<'a>(
        &'a mut self,
        of: &'a Authorized,
        link: LinkType,
    ) -> BoxFuture<'a, Result<Vec<Authorized>>>;
    fn named_by_scheme(&mut self, target: &Authorized) -> Result<()>;
    fn remark(&mut self, text: String) -> Result<()>;
    fn audit_detail(&mut self, detail: Detail);
    fn change_grants(
        &mut self,
        target: &Authorized,
        subject: Subject,
        operations: &[OperationCode],
        give: bool,
    ) -> Result<()>;
    fn explain<'a>(
        &'a mut self,
        target: &'a Authorized,
        about: &'a AskedAbout,
        operation: OperationCode,
    ) -> BoxFuture<'a, Result<Explanation>>;
    fn document<'a>(&'a mut self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>>;
    fn documents<'a>(
        &'a mut self,
        kind: &'a str,
        page: &'a DocumentPage,
    ) -> BoxFuture<'a, Result<Vec<(String, Document)>>>;
    fn put_document(&mut self, put: DocumentPut) -> Result<()>;
    fn attestation_types(&self) -> Vec<AttestationType>;
    fn jobs(&mut self) -> Result<&mut dyn Jobs>;
    fn tickets(&mut self) -> Result<&mut dyn Tickets>;
    fn become_client(&mut self) -> Result<()>;
    fn open_stream(&mut self, target: Option<&Authorized>, stream: Stream) -> Result<ByteString>;
    fn take_stream(&mut self, target: Option<&Authorized>, correlation: &[u8]) -> Result<Stream>;
    fn put_back_stream(
        &mut self,
        target: Option<&Authorized>,
        correlation: &[u8],
        stream: Stream,
    ) -> Result<()>;
}

#[cfg(test)]
mod tests {
    use claviger_kmip::objects::{Certificate, OpaqueObject};
    use claviger_kmip::tables::enumerations::{CertificateType, OpaqueDataType};

    use super::*;
    use crate::testkit::RecordBuilder;

    #[test]
    fn what_is_kept_for_an_answer_has_the_attributes_of_an_object_and_not_its_value() {
        let value = || ByteString::from(vec![7; 100]);
        let objects = [
            RecordBuilder::new("key"),
            RecordBuilder::new("opaque").object(ManagedObject::OpaqueObject(OpaqueObject {
                opaque_data_type: OpaqueDataType(1),
                opaque_data_value: value(),
            })),
            RecordBuilder::new("certificate").object(ManagedObject::Certificate(Certificate {
                certificate_type: CertificateType::X_509,
                certificate_value: value(),
            })),
        ];
        for object in objects {
            let record = Arc::new(object.build());
            let has_value = |record: &Record| record.to_bytes().windows(32).any(|bytes| bytes == [7; 32]);
            assert!(has_value(&record), "{}", record.id);
            let found = Authorized::engine_only(record.clone(), Revision(1), State::ACTIVE);
            let kept = found.for_answer();
            assert!(!has_value(&kept.record), "{}", record.id);
            assert_eq!((kept.id(), kept.attributes()), (found.id(), found.attributes()));
            assert_eq!(kept.object_type(), found.object_type());
        }
    }
}
