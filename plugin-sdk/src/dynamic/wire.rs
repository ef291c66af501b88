//! What travels through the C table, as TTLV structures. Safe code on both sides reads and writes it.

use claviger_kmip::codec::{binary, limits::Limits};
use claviger_kmip::field::{DateTime, TtlvValue};
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::tables::enumerations::{ObjectType, OperationCode, ResultReason, State};
use claviger_kmip::tables::masks::CryptographicUsageMask;
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{ByteString, Tag, Ttlv, Value, structure};

use crate::context::Effect;
use crate::error::{Error, ErrorClass, Result};
use crate::operation::{Access, MaterialUse, OperationSpec, Placeholder, Undo, Writes};
use crate::target::{Cardinality, Consumption, Right, Role, Target};

/// The tag around everything that crosses the border.
const ENVELOPE: Tag = Tag::MESSAGE_EXTENSION;

/// Encodes a structure for the border.
pub fn encode(value: impl TtlvValue) -> Vec<u8> {
    binary::encode(&Ttlv::new(ENVELOPE, value.into_value()))
}

/// Decodes what came over the border.
///
/// # Errors
/// Internal Server Error: the other side sent something else.
pub fn decode<T: TtlvValue>(bytes: &[u8]) -> Result<T> {
    let broken = || Error::server("a loaded plugin and the server do not understand one another");
    let tree = binary::decode(bytes, &Limits::default()).map_err(|error| broken().because(error))?;
    T::from_value(tree.tag, tree.value).map_err(|error| broken().because(error))
}

structure! {
    /// What a library brings.
    pub struct Library {
        /// The plugin's crate.
        name: String = VENDOR_IDENTIFICATION,
        /// Its version.
        version: String = SERVER_VERSION,
        /// Its plugin API.
        api: ProtocolVersion = PROTOCOL_VERSION,
        /// Its licence.
        licence: String = COMMENT,
        /// What it brings, in one line.
        summary: String = DESCRIPTION,
        /// Its operations; their place is their number.
        operations: Vec<Operation> = BATCH_ITEM,
    }
}

structure! {
    /// One operation of a library.
    pub struct Operation {
        /// Its name.
        name: String = NAME_VALUE,
        /// Its code.
        code: OperationCode = OPERATION,
        /// The first protocol version that has it.
        since: ProtocolVersion = PROTOCOL_VERSION,
        /// Access, material, writes, placeholder and undo, as numbers in this order.
        spec: ByteString = DATA,
        /// The tags of its request.
        fields: Vec<i32> = TAG,
    }
}

/// A closed choice as a number on the wire: its place in the list.
trait Choice: Copy + PartialEq + 'static {
    const ALL: &'static [Self];

    fn number(self) -> u8 {
        Self::ALL
            .iter()
            .position(|known| *known == self)
            .and_then(|place| u8::try_from(place).ok())
            .unwrap_or(u8::MAX)
    }

    fn of(number: u8) -> Result<Self> {
        Self::ALL
            .get(usize::from(number))
            .copied()
            .ok_or_else(|| Error::server("a loaded plugin declares something that this server does not know"))
    }
}

impl Choice for Access {
    const ALL: &'static [Self] = &[Self::Anyone, Self::Authenticated, Self::Creator, Self::Operator];
}

impl Choice for MaterialUse {
    const ALL: &'static [Self] = &[Self::None, Self::Use, Self::Reveal];
}

impl Choice for Writes {
    const ALL: &'static [Self] = &[
        Self::Nothing,
        Self::NewObjects,
        Self::Targets,
        Self::NewObjectsAndTargets,
        Self::Grants,
        Self::DeclaredByScheme,
        Self::Documents,
        Self::NewObjectsAndDocuments,
        Self::TargetsAndDeclaredByScheme,
    ];
}

impl Choice for Placeholder {
    const ALL: &'static [Self] = &[Self::Keep, Self::Set, Self::SetIfOne];
}

impl Choice for Undo {
    const ALL: &'static [Self] =
        &[Self::NothingToUndo, Self::ByNotWriting, Self::Impossible, Self::UnlessInParts];
}

impl Choice for Cardinality {
    const ALL: &'static [Self] = &[Self::Dialect, Self::One, Self::First, Self::All];
}

impl Choice for Effect {
    const ALL: &'static [Self] = &[Self::Update, Self::Transition, Self::Destroy, Self::Purge];
}

impl Choice for Role {
    const ALL: &'static [Self] = &[Self::SUBJECT, Self::WRAPPING_KEY, Self::LINKED];
}

impl Operation {
    /// Describes an operation.
    pub fn new(name: &str, spec: &OperationSpec, fields: &[Tag]) -> Self {
        Self {
            name: name.to_owned(),
            code: spec.code,
            since: spec.since,
            spec: vec![
                spec.access.number(),
                spec.material.number(),
                spec.writes.number(),
                spec.placeholder.number(),
                spec.undo.number(),
            ]
            .into(),
            fields: fields.iter().filter_map(|tag| i32::try_from(tag.0).ok()).collect(),
        }
    }

    /// The spec.
    ///
    /// # Errors
    /// Internal Server Error: it holds something that this side does not know.
    pub fn to_spec(&self) -> Result<OperationSpec> {
        let [access, material, writes, placeholder, undo] = *self.spec else {
            return Err(Error::server("a loaded plugin declares an operation incompletely"));
        };
        Ok(OperationSpec {
            code: self.code,
            since: self.since,
            access: Access::of(access)?,
            material: MaterialUse::of(material)?,
            writes: Writes::of(writes)?,
            placeholder: Placeholder::of(placeholder)?,
            undo: Undo::of(undo)?,
        })
    }
}

structure! {
    /// The targets of a prepared operation.
    pub struct PreparedTargets {
        /// In the order in which they are resolved.
        targets: Vec<WireTarget> = BATCH_ITEM,
    }
}

structure! {
    /// A target.
    pub struct WireTarget {
        /// Role and cardinality, as numbers.
        choices: ByteString = DATA,
        /// What the client called it.
        id: Option<claviger_kmip::identifier::UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// The operation whose grant is needed; absent for any grant.
        right: Option<OperationCode> = OPERATION,
        /// Whether only the owner may.
        owner_only: bool = CRITICALITY_INDICATOR,
        /// Whether operators may, too.
        or_operator: Option<bool> = BATCH_ORDER_OPTION,
        /// States in which it is allowed.
        states: Vec<State> = STATE,
        /// States in which others go along; absent if they are the same.
        along: Vec<State> = LINK_TYPE,
        /// Types on which it is defined.
        types: Vec<ObjectType> = OBJECT_TYPE,
        /// Usage bits that are needed.
        usage: i32 = CRYPTOGRAPHIC_USAGE_MASK,
        /// Usage bits of which one is needed; absent if it does not matter.
        any_usage: Option<i32> = PROTECTION_STORAGE_MASK,
        /// Whether an archived object is let through.
        archived: Option<bool> = REPLACE_EXISTING,
        /// Bytes that count against Usage Limits; absent when nothing counts.
        consumes: Option<i64> = USAGE_LIMITS_COUNT,
    }
}

impl From<Target> for WireTarget {
    fn from(target: Target) -> Self {
        Self {
            choices: vec![target.role.number(), target.cardinality.number()].into(),
            id: target.id,
            right: if let Right::Operation(operation) = target.right { Some(operation) } else { None },
            owner_only: matches!(target.right, Right::Owner | Right::OwnerOrOperator),
            or_operator: (target.right == Right::OwnerOrOperator).then_some(true),
            states: target.states.iter().collect(),
            along: match target.along == target.states {
                true => Vec::new(),
                false => target.along.iter().collect(),
            },
            types: target.types.to_vec(),
            usage: target.usage.0.cast_signed(),
            any_usage: (target.any_usage.0 != 0).then_some(target.any_usage.0.cast_signed()),
            archived: target.archived.then_some(true),
            consumes: target.consumes.map(|consumes| i64::try_from(consumes.bytes).unwrap_or(i64::MAX)),
        }
    }
}

impl WireTarget {
    /// The target. Its types are leaked: they are few, and the same ones come again and again.
    ///
    /// # Errors
    /// Internal Server Error: it holds something that this side does not know.
    pub fn into_target(self, types: impl FnOnce(Vec<ObjectType>) -> &'static [ObjectType]) -> Result<Target> {
        let [role, cardinality] = *self.choices else {
            return Err(Error::server("a loaded plugin declares a target incompletely"));
        };
        Ok(Target {
            role: Role::of(role)?,
            id: self.id,
            right: match (self.owner_only, self.right) {
                (true, _) if self.or_operator == Some(true) => Right::OwnerOrOperator,
                (true, _) => Right::Owner,
                (false, Some(operation)) => Right::Operation(operation),
                (false, None) => Right::Any,
            },
            states: StateSet::of(&self.states),
            along: StateSet::of(if self.along.is_empty() { &self.states } else { &self.along }),
            types: types(self.types),
            usage: CryptographicUsageMask(self.usage.cast_unsigned()),
            any_usage: CryptographicUsageMask(self.any_usage.unwrap_or(0).cast_unsigned()),
            archived: self.archived.unwrap_or(false),
            consumes: self
                .consumes
                .map(|bytes| Consumption { bytes: u64::try_from(bytes).unwrap_or(0), objects: 1 }),
            cardinality: Cardinality::of(cardinality)?,
        })
    }
}

structure! {
    /// What a running operation knows from the start.
    pub struct Facts {
        /// The user.
        user: String = USERNAME,
        /// The user's groups.
        groups: Vec<String> = OBJECT_GROUP,
        /// What proved the user.
        proven_by: Option<String> = COMMENT,
        /// The time of the message.
        now: DateTime = TIME_STAMP,
        /// The client's version.
        version: ProtocolVersion = PROTOCOL_VERSION,
        /// Bounds: random bytes, located items, bytes from which work is heavy.
        limits: Vec<i64> = USAGE_LIMITS_TOTAL,
        /// The admitted targets.
        targets: Vec<Admitted> = BATCH_ITEM,
    }
}

structure! {
    /// An admitted object, without its material.
    pub struct Admitted {
        /// Its role, as a number.
        role: ByteString = DATA,
        /// The encoded record.
        record: ByteString = OPAQUE_DATA_VALUE,
        /// Its revision.
        revision: i64 = USAGE_LIMITS_COUNT,
        /// Its effective state.
        state: State = STATE,
    }
}

impl Admitted {
    /// A role for the wire.
    pub fn role_of(role: Role) -> ByteString {
        vec![role.number()].into()
    }

    /// The role.
    ///
    /// # Errors
    /// Internal Server Error: it is none that this side knows.
    pub fn to_role(&self) -> Result<Role> {
        match *self.role {
            [number] => Role::of(number),
            _ => Err(Error::server("a loaded plugin was given a target without role")),
        }
    }
}

structure! {
    /// What an operation returned, and the effects that it recorded.
    pub struct RunResult {
        /// The response payload.
        payload: Value = RESPONSE_PAYLOAD,
        /// New objects, in order.
        created: Vec<Created> = BATCH_ITEM,
        /// Changed objects, in order.
        changed: Vec<Changed> = MESSAGE_EXTENSION,
        /// What it adds to its audit record.
        details: Vec<Detail> = COMMENT,
    }
}

structure! {
    /// A fact for the audit record.
    pub struct Detail {
        /// What it is.
        name: String = NAME,
        /// The fact.
        text: String = COMMENT,
    }
}

structure! {
    /// A new object.
    pub struct Created {
        /// Its identifier.
        id: String = UNIQUE_IDENTIFIER,
        /// Its attributes.
        attributes: Value = ATTRIBUTES,
        /// The object, in the structure of its type.
        object: Value = OBJECTS,
    }
}

structure! {
    /// A changed object.
    pub struct Changed {
        /// Its identifier.
        id: String = UNIQUE_IDENTIFIER,
        /// What was done to it, as a number.
        effect: ByteString = DATA,
        /// Its attributes from now on.
        attributes: Value = ATTRIBUTES,
    }
}

impl Changed {
    /// An effect for the wire.
    pub fn effect_of(effect: Effect) -> ByteString {
        vec![effect.number()].into()
    }

    /// The effect.
    ///
    /// # Errors
    /// Internal Server Error: it is none that this side knows.
    pub fn to_effect(&self) -> Result<Effect> {
        match *self.effect {
            [number] => Effect::of(number),
            _ => Err(Error::server("a loaded plugin changed an object without saying how")),
        }
    }
}

structure! {
    /// A question to the server. The answer to it is [`Loaded`].
    pub struct Question {
        /// The object that is to be resolved and admitted.
        load: WireTarget = BATCH_ITEM,
    }
}

structure! {
    /// Objects that the server resolved and admitted.
    pub struct Loaded {
        /// The objects.
        objects: Vec<Admitted> = BATCH_ITEM,
    }
}

structure! {
    /// A failure.
    pub struct Failure {
        /// The result reason.
        reason: ResultReason = RESULT_REASON,
        /// The class, as a number.
        class: ByteString = DATA,
        /// What the client is told.
        message: String = RESULT_MESSAGE,
        /// The response payload that goes with it.
        payload: Option<Value> = RESPONSE_PAYLOAD,
    }
}

impl Choice for ErrorClass {
    const ALL: &'static [Self] = &[
        Self::Malformed,
        Self::Request,
        Self::Unsupported,
        Self::NotFound,
        Self::Denied,
        Self::State,
        Self::Conflict,
        Self::Cryptographic,
        Self::Server,
        Self::Certificate,
        Self::Storage,
    ];
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            reason: error.reason(),
            class: vec![error.class().number()].into(),
            message: error.message().to_owned(),
            payload: error.payload().cloned(),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        let class = match *failure.class {
            [number] => ErrorClass::of(number).unwrap_or(ErrorClass::Server),
            _ => ErrorClass::Server,
        };
        let error = Self::new(failure.reason, class, failure.message);
        match failure.payload {
            Some(payload) => error.with_payload(payload),
            None => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_the_same_on_the_other_side() {
        let target = Target::subject(Some("key".into()), OperationCode::REVOKE).states(StateSet::ACTIVE);
        for target in [target.clone(), target.along(StateSet::ACTIVE.or(StateSet::PRE_ACTIVE))] {
            let sent: WireTarget = decode(&encode(WireTarget::from(target.clone()))).unwrap();
            assert_eq!(sent.into_target(|_| &[]).unwrap(), target);
        }
    }
}
