//! Set Constraints (KMIP 2.1 section 6.1.52).

use super::constraints::Constraints;
use crate::structure;

structure! {
    /// What the server is to demand of new objects from now on. The answer has no fields.
    pub struct SetConstraintsRequest {
        /// The constraints, in place of those before.
        constraints: Constraints = CONSTRAINTS,
    }
}
