//! What travels through the C table, as TTLV structures. Safe code on both sides reads and writes it.

mod choice;
mod failure;
mod target;

use claviger_kmip::codec::binary;
use claviger_kmip::codec::limits::Limits;
use claviger_kmip::field::{DateTime, TtlvValue};
use claviger_kmip::tables::enumerations::{OperationCode, State};
use claviger_kmip::version::ProtocolVersion;
use claviger_kmip::{ByteString, Tag, Ttlv, Value, structure};

use crate::context::Effect;
use crate::error::{Error, Result};
use crate::operation::{Access, MaterialUse, OperationSpec, Placeholder, Undo, Writes};
use crate::target::Role;

use choice::Choice as _;

pub use failure::Failure;
pub use target::{PreparedTargets, WireTarget};

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
