//! Purge.

use crate::field::DateTime;
use crate::structure;

structure! {
    /// Which remains of destroyed objects are to go, whoever owned them.
    pub struct PurgeRequest {
        /// Those of objects that were destroyed at this time or before.
        destroy_date: DateTime = DESTROY_DATE,
        /// How many at most; as many as the server removes at once if absent.
        maximum_items: Option<i32> = MAXIMUM_ITEMS,
    }
}

structure! {
    /// The remains are gone.
    pub struct PurgeResponse {
        /// Of how many objects. There may be more when it is as many as were asked for.
        located_items: i32 = LOCATED_ITEMS,
    }
}
