//! Operations: what a third party adds most often.

use claviger_kmip::field::{Structure, TtlvValue};
use claviger_kmip::payload::{Form, Payload};
use claviger_kmip::tables::enumerations::OperationCode;
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{Tag, Ttlv, Value};
use futures_util::TryFutureExt as _;

use crate::BoxFuture;
use crate::context::Context;
use crate::error::Result;
use crate::target::Targets;

/// One operation of KMIP or of a vendor.
///
/// `SPEC` says once and for all what the operation may do; the engine checks it before and after `run`, so a
/// handler never tests a right, a state or a version itself. Register it with
/// [`register_operation!`](crate::register_operation).
///
/// ```
/// use claviger_plugin_sdk::prelude::*;
///
/// structure! {
///     /// Nothing to say.
///     pub struct EchoRequest {
///         /// What to send back.
///         data: ByteString = DATA,
///     }
/// }
///
/// /// Sends back what it gets.
/// pub struct Echo;
///
/// impl Operation for Echo {
///     type Request = EchoRequest;
///     type Response = EchoRequest;
///     const NAME: &'static str = "Echo";
///     const SPEC: OperationSpec = OperationSpec {
///         code: OperationCode(0x8000_00EC),
///         since: ProtocolVersion::V1_0,
///         access: Access::Authenticated,
///         material: MaterialUse::None,
///         writes: Writes::Nothing,
///         placeholder: Placeholder::Keep,
///         undo: Undo::NothingToUndo,
///     };
///     fn targets(_: &EchoRequest) -> Targets {
///         Targets::none()
///     }
///     async fn run(&self, _: &mut Context<'_>, request: EchoRequest) -> Result<EchoRequest> {
///         Ok(request)
///     }
/// }
/// register_operation!(Echo);
/// # fn main() {}
/// ```
pub trait Operation: Send + Sync + 'static {
    /// The request payload.
    type Request: Structure + Send + 'static;
    /// The response payload.
    type Response: TtlvValue + Send + 'static;

    /// The name as KMIP writes it without spaces, such as `GetAttributes`.
    const NAME: &'static str;
    /// What the operation may do.
    const SPEC: OperationSpec;

    /// Which objects the request touches. Pure: it sees the request alone.
    fn targets(request: &Self::Request) -> Targets;

    /// A request about this object as it is mostly made, for whoever asks beforehand what he may do: its targets are looked at
    /// and nothing is done. `None` if there is none.
    ///
    /// The default names the object and says nothing else. Operations that need more, or have another place for the
    /// identifier, say so here.
    fn about(object: &str) -> Option<Self::Request> {
        let id = Ttlv::new(Tag::UNIQUE_IDENTIFIER, Value::TextString(object.to_owned()));
        let has_place = Self::Request::FIELDS.contains(&id.tag);
        has_place.then(|| Self::Request::from_value(Tag::REQUEST_PAYLOAD, Value::Structure(vec![id])).ok())?
    }

    /// Does the work. All targets are admitted when this is called.
    ///
    /// It may be called again from the start when another writer was faster, so it has no effect but through
    /// the context.
    ///
    /// # Errors
    /// Whatever the operation's error table says; the item fails and none of its effects is written.
    fn run(
        &self,
        cx: &mut Context<'_>,
        request: Self::Request,
    ) -> impl Future<Output = Result<Self::Response>> + Send;
}

/// What an operation may do. A literal without `Default`: a decision that is left out does not compile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationSpec {
    /// Its code; vendors use 0x8XXXXXXX.
    pub code: OperationCode,
    /// The first version of the protocol that has it.
    pub since: ProtocolVersion,
    /// Who may call it.
    pub access: Access,
    /// What it does with key material.
    pub material: MaterialUse,
    /// What it writes.
    pub writes: Writes,
    /// What it does to the ID Placeholder.
    pub placeholder: Placeholder,
    /// Whether an Undo batch can take it back.
    pub undo: Undo,
}

impl OperationSpec {
    /// Whether the operation does no more than tell what is known about objects: it sees no key material and writes
    /// nothing. Operators may call it on all objects.
    pub fn reads_metadata(&self) -> bool {
        self.material == MaterialUse::None && self.writes == Writes::Nothing
    }
}

/// Who may call an operation at all; rights on objects are declared by its targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone, authenticated or not.
    Anyone,
    /// Any authenticated user.
    Authenticated,
    /// Any authenticated user whom the configuration lets create objects.
    Creator,
    /// Operators alone.
    Operator,
}

/// What an operation does with key material.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MaterialUse {
    /// It sees none.
    None,
    /// It uses keys on the server; no key leaves it.
    Use,
    /// It hands out keys.
    Reveal,
}

/// What an operation writes. The engine compares it with what the handler did and fails the item on a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// Nothing.
    Nothing,
    /// New objects.
    NewObjects,
    /// Its targets.
    Targets,
    /// New objects and its targets.
    NewObjectsAndTargets,
    /// Grants on its targets.
    Grants,
    /// New objects, and what the chosen scheme changes with them: the objects that it named before it ran.
    DeclaredByScheme,
    /// New objects, its targets, and what the chosen scheme changes with them.
    TargetsAndDeclaredByScheme,
    /// Documents: what the server keeps and is no object.
    Documents,
    /// New objects and documents.
    NewObjectsAndDocuments,
}

impl Writes {
    /// Whether a scheme may change keys beside the new objects and the targets.
    pub fn lets_schemes_change_keys(self) -> bool {
        matches!(self, Self::DeclaredByScheme | Self::TargetsAndDeclaredByScheme)
    }
}

/// What a successful operation does to the ID Placeholder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placeholder {
    /// Leaves it.
    Keep,
    /// Sets it to the first identifier of the response.
    Set,
    /// Sets it if the response holds one identifier, empties it if it holds more or none (Locate).
    SetIfOne,
}

/// Whether an Undo batch can take the operation back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undo {
    /// It writes nothing.
    NothingToUndo,
    /// Its writes are simply not committed.
    ByNotWriting,
    /// It writes nothing. Yet what it begins in parts stays open, so a part of it is refused in an Undo batch of more
    /// than one item.
    UnlessInParts,
    /// It cannot be taken back, so it is refused in an Undo batch of more than one item.
    Impossible,
}

/// An operation whose payload is decoded and whose targets are known, ready to run once.
pub struct Prepared {
    /// The objects that it touches.
    pub targets: Targets,
    /// The rest of the work.
    pub run: Box<dyn Run>,
}

/// The work of a prepared operation.
pub trait Run: Send {
    /// Runs it and gives the response payload in a form; a tree will do for any.
    fn run<'a>(self: Box<Self>, cx: &'a mut Context<'_>, form: Form) -> BoxFuture<'a, Result<Payload>>;
}

/// The object-safe twin of [`Operation`], made by the registration macro. A dynamic plugin's entries implement it
/// with a spec that is read at run time.
pub trait ErasedOperation: Send + Sync {
    /// Its name.
    fn name(&self) -> &str;
    /// What it may do.
    fn spec(&self) -> &OperationSpec;
    /// The tags that its request may hold.
    fn request_fields(&self) -> &[Tag];
    /// Decodes the payload.
    ///
    /// # Errors
    /// The payload is not that of this operation.
    fn prepare(&'static self, payload: Payload) -> Result<Prepared>;
    /// What a request about this object touches, as it is mostly made; `None` if that cannot be said.
    fn targets_about(&'static self, object: &str) -> Option<Targets>;
}

impl<O: Operation> ErasedOperation for O {
    fn name(&self) -> &str {
        O::NAME
    }

    fn spec(&self) -> &OperationSpec {
        &O::SPEC
    }

    fn request_fields(&self) -> &[Tag] {
        O::Request::FIELDS
    }

    fn prepare(&'static self, payload: Payload) -> Result<Prepared> {
        let request: O::Request = payload.decode()?;
        Ok(Prepared { targets: O::targets(&request), run: Box::new(TypedRun { operation: self, request }) })
    }

    fn targets_about(&'static self, object: &str) -> Option<Targets> {
        O::about(object).map(|request| O::targets(&request))
    }
}

struct TypedRun<O: Operation> {
    operation: &'static O,
    request: O::Request,
}

impl<O: Operation> Run for TypedRun<O> {
    fn run<'a>(self: Box<Self>, cx: &'a mut Context<'_>, form: Form) -> BoxFuture<'a, Result<Payload>> {
        let Self { operation, request } = *self;
        // Not an async block: it would hold the operation's future twice, as what it captures and as what it awaits.
        Box::pin(operation.run(cx, request).map_ok(move |response| Payload::of(response, form)))
    }
}

/// Registers an operation at link time. The argument is a unit struct or a constant that implements
/// [`Operation`](crate::operation::Operation).
#[macro_export]
macro_rules! register_operation {
    ($operation:path) => {
        $crate::inventory::submit! {
            $crate::plugin::Entry::new(
                env!("CARGO_PKG_NAME"),
                $crate::plugin::EntryKind::Operation(&$operation),
            )
        }
    };
}
