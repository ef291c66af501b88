//! Validate (KMIP 2.1 section 6.1.57).

use crate::field::DateTime;
use crate::identifier::UniqueIdentifier;
use crate::objects::Certificate;
use crate::structure;
use crate::tables::enumerations::ValidityIndicator;

structure! {
    /// A chain of certificates to validate, in both lists together.
    pub struct ValidateRequest {
        /// A certificate of the client's.
        certificate: Vec<Certificate> = CERTIFICATE,
        /// A Certificate object.
        unique_identifier: Vec<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// When the whole chain has to be valid; now if absent.
        validity_date: Option<DateTime> = VALIDITY_DATE,
    }
}

structure! {
    /// Whether the chain is valid.
    pub struct ValidateResponse {
        /// Valid, invalid or unknown.
        validity_indicator: ValidityIndicator = VALIDITY_INDICATOR,
    }
}
