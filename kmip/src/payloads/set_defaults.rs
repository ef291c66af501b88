//! Set Defaults (KMIP 2.1 section 6.1.53).

use super::query::DefaultsInformation;
use crate::structure;

structure! {
    /// What the server is to assume where a client says nothing, from now on. The answer has no fields.
    pub struct SetDefaultsRequest {
        /// The defaults, in place of those before; none at all if absent.
        defaults_information: Option<DefaultsInformation> = DEFAULTS_INFORMATION,
    }
}
