//! Which objects an operation touches, and with what right.

use std::fmt;
use std::hash::{Hash, Hasher};

use claviger_kmip::identifier::UniqueIdentifier;
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::tables::enumerations::{ObjectType, OperationCode, State};
use claviger_kmip::tables::masks::CryptographicUsageMask;

/// What an object is to an operation. A handler finds its targets by role.
#[derive(Clone, Copy, Debug, Eq)]
pub struct Role(pub &'static str);

impl PartialEq for Role {
    fn eq(&self, other: &Self) -> bool {
        // Mostly the same text at the same place, which need not be read.
        std::ptr::eq(self.0, other.0) || self.0 == other.0
    }
}

impl Hash for Role {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Role {
    /// The object that the operation is about.
    pub const SUBJECT: Self = Self("subject");
    /// The key that wraps or unwraps it.
    pub const WRAPPING_KEY: Self = Self("wrapping key");
    /// The key that makes or verifies the MAC or the signature of a wrapped key.
    pub const AUTHENTICATION_KEY: Self = Self("MAC or signature key");
    /// Its counterpart or parent, reached by a link.
    pub const LINKED: Self = Self("linked object");
}

/// What the caller must be to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Right {
    /// Its owner, or holder of a grant for this operation (or for one that implies it, as configured).
    Operation(OperationCode),
    /// Its owner.
    Owner,
    /// Its owner, or holder of any grant.
    Any,
    /// Its owner, or an operator.
    OwnerOrOperator,
}

/// How many objects one target may resolve to when the client names a selector, not an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// As the dialect says for the operation.
    Dialect,
    /// Exactly one.
    One,
    /// The first usable one.
    First,
    /// All of them, at least one.
    All,
}

/// One object, or one selection of objects, that an operation touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// What it is to the operation.
    pub role: Role,
    /// What the client called it; nothing means the ID Placeholder.
    pub id: Option<UniqueIdentifier>,
    /// What the caller must be to it.
    pub right: Right,
    /// Effective states in which the operation is allowed.
    pub states: StateSet,
    /// Effective states in which objects go along that belong to this one: those that name it as their parent, and its other
    /// half. It counts where the [dialect](crate::dialect::Dialect::expand) has the operation reach the children, or
    /// [says so](crate::dialect::Dialect::names_along) of all objects.
    pub along: StateSet,
    /// Object types on which the operation is defined; empty means all.
    pub types: &'static [ObjectType],
    /// Bits that the Cryptographic Usage Mask must hold. With what the use [consumes](Self::consumes) they also tell which
    /// date counts: a use that takes from the Usage Limits protects, and Protect Stop Date ends it; one that does not, and
    /// is no bit of protection, processes, and Process Start Date begins it.
    pub usage: CryptographicUsageMask,
    /// Bits of which the Cryptographic Usage Mask must hold at least one; none means that it does not matter.
    pub any_usage: CryptographicUsageMask,
    /// Whether the operation is allowed on an archived object; others demand that it is recovered first.
    pub archived: bool,
    /// What the operation takes from the object's Usage Limits, in bytes and in uses of one object each.
    pub consumes: Option<Consumption>,
    /// How many objects it may be.
    pub cardinality: Cardinality,
}

/// What one use of a key takes from its Usage Limits (KMIP 2.1 section 4.59), by the limit's unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consumption {
    /// Bytes, when the unit is Byte.
    pub bytes: u64,
    /// Objects, when the unit is Object.
    pub objects: u64,
}

/// What a key is used for (KMIP 2.1 section 3.22 tells it by the states of the key).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Protecting something new: encrypting, signing, wrapping, deriving.
    Protect,
    /// Processing what is protected already: decrypting, verifying, unwrapping.
    Process,
}

impl Target {
    /// What the object is for. Keys that are active and no others protect; those that are deactivated go on processing.
    pub fn purpose(&self) -> Purpose {
        if self.states.contains(State::DEACTIVATED) { Purpose::Process } else { Purpose::Protect }
    }

    /// The object that an operation is about, in any state but destroyed, of any type.
    pub fn subject(id: Option<UniqueIdentifier>, right: OperationCode) -> Self {
        Self {
            role: Role::SUBJECT,
            id,
            right: Right::Operation(right),
            states: StateSet::NOT_DESTROYED,
            along: StateSet::NOT_DESTROYED,
            types: &[],
            usage: CryptographicUsageMask(0),
            any_usage: CryptographicUsageMask(0),
            archived: false,
            consumes: None,
            cardinality: Cardinality::Dialect,
        }
    }

    /// The same target in another role.
    pub fn role(mut self, role: Role) -> Self {
        self.role = role;
        self
    }

    /// The same target, for its owner alone.
    pub fn owner_only(mut self) -> Self {
        self.right = Right::Owner;
        self
    }

    /// The same target, for its owner or an operator.
    pub fn owner_or_operator(mut self) -> Self {
        self.right = Right::OwnerOrOperator;
        self
    }

    /// The same target with other states, for what goes along with it, too.
    pub fn states(mut self, states: StateSet) -> Self {
        self.states = states;
        self.along = states;
        self
    }

    /// The same target with other states for what goes along with it.
    pub fn along(mut self, states: StateSet) -> Self {
        self.along = states;
        self
    }

    /// The same target with types.
    pub fn types(mut self, types: &'static [ObjectType]) -> Self {
        self.types = types;
        self
    }

    /// The same target with usage bits.
    pub fn usage(mut self, usage: CryptographicUsageMask) -> Self {
        self.usage = usage;
        self
    }

    /// The same target with usage bits of which one is enough.
    pub fn any_usage(mut self, usage: CryptographicUsageMask) -> Self {
        self.any_usage = usage;
        self
    }

    /// The same target, archived or not.
    pub fn also_archived(mut self) -> Self {
        self.archived = true;
        self
    }

    /// The same target with what it takes from the usage limits: one object, and this many bytes. Bytes that are known
    /// only when the handler runs are taken by [`Context::consume_bytes`](crate::context::Context::consume_bytes).
    pub fn consumes(mut self, bytes: usize) -> Self {
        self.consumes = Some(Consumption { bytes: bytes as u64, objects: 1 });
        self
    }

    /// The same target with a cardinality that the dialect does not change.
    pub fn cardinality(mut self, cardinality: Cardinality) -> Self {
        self.cardinality = cardinality;
        self
    }
}

/// All targets of an operation, in the order in which they are resolved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Targets(Vec<Target>);

impl Targets {
    /// No object.
    pub fn none() -> Self {
        Self::default()
    }

    /// One target.
    pub fn one(target: Target) -> Self {
        Self(vec![target])
    }

    /// The same targets and one more.
    pub fn and(mut self, target: Target) -> Self {
        self.0.push(target);
        self
    }

    /// The targets.
    pub fn iter(&self) -> std::slice::Iter<'_, Target> {
        self.0.iter()
    }
}

impl FromIterator<Target> for Targets {
    fn from_iter<I: IntoIterator<Item = Target>>(targets: I) -> Self {
        Self(targets.into_iter().collect())
    }
}

impl IntoIterator for Targets {
    type Item = Target;
    type IntoIter = std::vec::IntoIter<Target>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
