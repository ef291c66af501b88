//! Get Constraints (KMIP 2.1 section 6.1.22). The request has no fields.

use super::constraints::Constraints;
use crate::structure;

structure! {
    /// What the server demands of new objects.
    pub struct GetConstraintsResponse {
        /// The constraints.
        constraints: Constraints = CONSTRAINTS,
    }
}
