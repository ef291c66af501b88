//! An operation of a loaded library, as the pipeline sees it.

use std::collections::HashSet;
use std::ffi::c_void;
use std::sync::Mutex;

use claviger_kmip::attributes::{Attributes, kinds};
use claviger_kmip::field::TtlvValue;
use claviger_kmip::objects::ManagedObject;
use claviger_kmip::payload::{Form, Payload};
use claviger_kmip::tables::enumerations::{ObjectType, State};
use claviger_kmip::{Tag, Ttlv, Value};
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::context::{Authorized, Context, Effect, NewObject};
use claviger_plugin_sdk::dynamic::abi::{Bytes, Callback, PluginTable};
use claviger_plugin_sdk::dynamic::wire;
use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::operation::{ErasedOperation, OperationSpec, Prepared, Run};
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::target::{Role, Targets};
use tokio::sync::mpsc::unbounded_channel;

use super::host_link::{Event, HOST, HostLink, outcome, over};

/// One operation of a library.
pub(super) struct LoadedOperation {
    table: &'static PluginTable,
    number: usize,
    name: String,
    spec: OperationSpec,
    fields: Vec<Tag>,
}

impl LoadedOperation {
    pub(super) fn new(
        table: &'static PluginTable,
        number: usize,
        described: wire::Operation,
    ) -> Result<Self> {
        let spec = described.to_spec()?;
        let fields = described.fields.iter().filter_map(|tag| u32::try_from(*tag).ok().map(Tag)).collect();
        Ok(Self { table, number, name: described.name, spec, fields })
    }
}

impl ErasedOperation for LoadedOperation {
    fn name(&self) -> &str {
        &self.name
    }

    fn spec(&self) -> &OperationSpec {
        &self.spec
    }

    fn request_fields(&self) -> &[Tag] {
        &self.fields
    }

    #[allow(unsafe_code)]
    fn prepare(&'static self, payload: Payload) -> Result<Prepared> {
        let mut encoded = Vec::new();
        payload.write(Tag::REQUEST_PAYLOAD, &mut encoded);
        let mut handle = std::ptr::null_mut();
        let targets = call(|user, result| {
            // SAFETY: the table is valid; payload and handle live until the call returns, and `call` gives a callback
            // with the pointer that belongs to it.
            unsafe { (self.table.prepare)(self.number, Bytes::lend(&encoded), &raw mut handle, user, result) }
        })?;
        let run = LoadedRun { table: self.table, handle: Handle(handle) };
        let targets: wire::PreparedTargets = wire::decode(&targets)?;
        let targets: Result<Targets> =
            targets.targets.into_iter().map(|target| target.into_target(intern)).collect();
        Ok(Prepared { targets: targets?, run: Box::new(run) })
    }

    fn targets_about(&'static self, object: &str) -> Option<Targets> {
        let id = Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString(object.to_owned()));
        let has_place = self.fields.contains(&id.tag);
        // What was prepared and is not run is abandoned.
        has_place
            .then(|| self.prepare(Value::Structure(vec![id]).into()).ok())?
            .map(|prepared| prepared.targets)
    }
}

/// Makes a call that answers before it returns.
#[allow(unsafe_code)]
pub(super) fn call(make: impl FnOnce(*mut c_void, Callback)) -> Result<Vec<u8>> {
    unsafe extern "C" fn take(user: *mut c_void, status: u32, bytes: Bytes) {
        // SAFETY: `user` points to the slot of the call below, which has not returned.
        let slot = unsafe { &mut *user.cast::<Option<Result<Vec<u8>>>>() };
        // SAFETY: the plugin lends the bytes for the length of this call.
        *slot = Some(outcome(status, unsafe { bytes.to_vec() }));
    }
    let mut slot: Option<Result<Vec<u8>>> = None;
    make((&raw mut slot).cast(), take);
    slot.unwrap_or_else(|| Err(Error::server("a loaded plugin gave no answer")))
}

/// The few lists of object types that operations declare, kept for ever.
fn intern(types: Vec<ObjectType>) -> &'static [ObjectType] {
    static KNOWN: Mutex<Option<HashSet<&'static [ObjectType]>>> = Mutex::new(None);
    let mut known = KNOWN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let known = known.get_or_insert_default();
    match known.get(types.as_slice()) {
        Some(types) => types,
        None => {
            let types: &'static [ObjectType] = Box::leak(types.into_boxed_slice());
            known.insert(types);
            types
        }
    }
}

/// A prepared operation inside the library.
struct Handle(*mut c_void);

// SAFETY: a handle may be run or abandoned from any thread (see `PluginTable`).
#[allow(unsafe_code)]
unsafe impl Send for Handle {}

struct LoadedRun {
    table: &'static PluginTable,
    handle: Handle,
}

impl Drop for LoadedRun {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        if !self.handle.0.is_null() {
            // SAFETY: the handle comes from `prepare` and was not run.
            unsafe { (self.table.abandon)(self.handle.0) }
        }
    }
}

impl LoadedRun {
    /// Starts the operation; what it says arrives as events.
    #[allow(unsafe_code)]
    fn start(mut self, facts: &[u8], link: HostLink) {
        let handle = std::mem::replace(&mut self.handle.0, std::ptr::null_mut());
        let link = Box::into_raw(Box::new(link)).cast::<c_void>();
        // SAFETY: the handle is given away once; the facts live until the call returns; the link lives until `over` is
        // called with it.
        unsafe { (self.table.run)(handle, Bytes::lend(facts), &raw const HOST, link, link, over) }
    }
}

const ROLES: [Role; 3] = [Role::SUBJECT, Role::WRAPPING_KEY, Role::LINKED];

impl Run for LoadedRun {
    fn run<'a>(self: Box<Self>, cx: &'a mut Context<'_>, _: Form) -> BoxFuture<'a, Result<Payload>> {
        Box::pin(async move {
            let mut objects = Vec::new();
            let facts = wire::encode(facts(cx, &mut objects));
            let (events, mut said) = unbounded_channel();
            self.start(&facts, HostLink { events });
            while let Some(event) = said.recv().await {
                match event {
                    Event::Asked(question) => {
                        let answer = load(cx, &question.bytes, &mut objects).await;
                        question.answer(answer);
                    }
                    Event::Over(result) => {
                        return apply(cx, wire::decode(&result?)?, &objects).await.map(Payload::Tree);
                    }
                }
            }
            Err(Error::server("a loaded plugin gave no result"))
        })
    }
}

fn facts(cx: &Context<'_>, objects: &mut Vec<Authorized>) -> wire::Facts {
    let principal = cx.principal();
    let limits = cx.limits();
    let mut targets = Vec::new();
    for role in ROLES {
        for target in cx.targets(role) {
            targets.push(admitted(role, &target));
            objects.push(target);
        }
    }
    wire::Facts {
        user: principal.user.to_string(),
        groups: principal.groups.iter().map(ToString::to_string).collect(),
        proven_by: principal.proven_by.as_ref().map(ToString::to_string),
        now: cx.now(),
        version: cx.version(),
        limits: vec![
            limits.random_bytes.into(),
            limits.located_items.into(),
            i64::try_from(limits.heavy_from).unwrap_or(i64::MAX),
        ],
        targets,
    }
}

fn admitted(role: Role, target: &Authorized) -> wire::Admitted {
    wire::Admitted {
        role: wire::Admitted::role_of(role),
        record: target.without_material().to_bytes().into(),
        revision: i64::try_from(target.revision().0).unwrap_or(i64::MAX),
        state: target.state(),
    }
}

async fn load(cx: &mut Context<'_>, question: &[u8], objects: &mut Vec<Authorized>) -> Result<Vec<u8>> {
    let question: wire::Question = wire::decode(question)?;
    let target = question.load.into_target(intern)?;
    let role = target.role;
    let loaded = cx.load(target).await?;
    let answer = wire::Loaded { objects: loaded.iter().map(|object| admitted(role, object)).collect() };
    objects.extend(loaded);
    Ok(wire::encode(answer))
}

/// Records the effects of a run and returns its payload.
async fn apply(cx: &mut Context<'_>, result: wire::RunResult, objects: &[Authorized]) -> Result<Value> {
    for detail in result.details {
        cx.audit_detail(detail.name, detail.text);
    }
    for created in result.created {
        let Value::Structure(mut object) = created.object else { return Err(broken()) };
        let object = object.pop().ok_or_else(broken)?;
        cx.create(NewObject {
            id: Some(ObjectId::new(&created.id)?),
            object: ManagedObject::from_item(object)?,
            attributes: Attributes::from_value(Tag::ATTRIBUTES, created.attributes)?,
        })
        .await?;
    }
    for changed in result.changed {
        let effect = changed.to_effect()?;
        let target = objects.iter().find(|object| object.id().as_str() == changed.id).ok_or_else(broken)?;
        let attributes = Attributes::from_value(Tag::ATTRIBUTES, changed.attributes)?;
        change(cx, target, effect, attributes)?;
    }
    Ok(result.payload)
}

fn change(cx: &mut Context<'_>, target: &Authorized, effect: Effect, attributes: Attributes) -> Result<()> {
    let state = attributes.one::<kinds::State>().unwrap_or(State::PRE_ACTIVE);
    let replace = |known: &mut Attributes| {
        *known = attributes;
        Ok(())
    };
    match effect {
        Effect::Update => cx.update(target, replace),
        Effect::Transition => cx.transition(target, state, replace),
        Effect::Destroy => cx.destroy(target, state, replace),
        Effect::Purge => cx.purge(target),
        // What crosses the border tells no owner and holds no keys.
        Effect::Owner | Effect::Rekey => Err(broken()),
    }
}

fn broken() -> Error {
    Error::server("a loaded plugin recorded an effect that makes no sense")
}
