//! Locate (KMIP 2.1 section 6.1.28).

use crate::attributes::Attributes;
use crate::structure;
use crate::tables::enumerations::ObjectGroupMember;

structure! {
    /// What objects to find.
    pub struct LocateRequest {
        /// Identifiers that the answer may hold at most.
        maximum_items: Option<i32> = MAXIMUM_ITEMS,
        /// Matches to skip, from the newest.
        offset_items: Option<i32> = OFFSET_ITEMS,
        /// Whether to search on-line, archived and destroyed objects (section 12.3); on-line ones if absent.
        storage_status_mask: Option<i32> = STORAGE_STATUS_MASK,
        /// Which members of an Object Group to find.
        object_group_member: Option<ObjectGroupMember> = OBJECT_GROUP_MEMBER,
        /// The attributes that they must have; the specification demands the field, which some clients leave out when
        /// they ask for all objects.
        attributes: Option<Attributes> = ATTRIBUTES,
    }
}

structure! {
    /// What was found.
    pub struct LocateResponse {
        /// How many objects match in all.
        located_items: Option<i32> = LOCATED_ITEMS,
        /// Their identifiers, newest first.
        unique_identifier: Vec<String> = UNIQUE_IDENTIFIER,
    }
}
