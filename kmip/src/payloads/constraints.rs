//! Constraints on new objects (KMIP 2.1 sections 7.6 and 7.7).

use super::query::ObjectGroups;
use crate::attributes::Attributes;
use crate::structure;
use crate::tables::enumerations::ObjectType;

structure! {
    /// Constraints (section 7.7).
    pub struct Constraints {
        /// One constraint.
        constraint: Vec<Constraint> = CONSTRAINT,
    }
}

structure! {
    /// What is demanded of new objects (section 7.6).
    pub struct Constraint {
        /// Of which types; of all if absent.
        object_types: Option<ObjectTypes> = OBJECT_TYPES,
        /// In which groups; in all if absent.
        object_groups: Option<ObjectGroups> = OBJECT_GROUPS,
        /// Which attributes they must have.
        attributes: Option<Attributes> = ATTRIBUTES,
    }
}

structure! {
    /// Object types (section 7.24).
    pub struct ObjectTypes {
        /// One type.
        object_type: Vec<ObjectType> = OBJECT_TYPE,
    }
}
