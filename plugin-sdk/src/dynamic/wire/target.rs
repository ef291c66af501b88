//! The targets of an operation.

use claviger_kmip::identifier::UniqueIdentifier;
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::tables::enumerations::{ObjectType, OperationCode, State};
use claviger_kmip::tables::masks::CryptographicUsageMask;
use claviger_kmip::{ByteString, structure};

use super::choice::Choice as _;
use crate::error::{Error, Result};
use crate::target::{Cardinality, Consumption, Right, Role, Target};

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
        id: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
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

#[cfg(test)]
mod tests {
    use super::super::{decode, encode};
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
