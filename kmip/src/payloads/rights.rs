//! Rights, and the lists that they consist of (KMIP 2.1 sections 7.34 and 7.35).

use super::query::ObjectGroups;
use crate::attributes::UsageLimits;
use crate::identifier::UniqueIdentifier;
use crate::structure;
use crate::tables::enumerations::OperationCode;

structure! {
    /// What the holder of a ticket may do: what at least one right allows (section 7.35).
    pub struct Rights {
        /// One right.
        right: Vec<Right> = RIGHT,
    }
}

structure! {
    /// A right to perform operations on objects; an absent field restricts nothing (section 7.34).
    pub struct Right {
        /// How much may be done.
        usage_limits: Option<UsageLimits> = USAGE_LIMITS,
        /// Which operations.
        operations: Option<Operations> = OPERATIONS,
        /// On which objects.
        objects: Option<Objects> = OBJECTS,
        /// On the objects of which groups.
        object_groups: Option<ObjectGroups> = OBJECT_GROUPS,
    }
}

structure! {
    /// Operations (section 7.25).
    pub struct Operations {
        /// One operation.
        operation: Vec<OperationCode> = OPERATION,
    }
}

structure! {
    /// Objects (section 7.21).
    pub struct Objects {
        /// One object.
        unique_identifier: Vec<UniqueIdentifier> = UNIQUE_IDENTIFIER,
    }
}
