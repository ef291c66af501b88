//! Adjust Attribute (KMIP 2.1 section 6.1.3).

use crate::attributes::AttributeReference;
use crate::identifier::UniqueIdentifier;
use crate::structure;
use crate::tables::enumerations::AdjustmentType;
use crate::ttlv::Value;

structure! {
    /// Which attribute to adjust, and how.
    pub struct AdjustAttributeRequest {
        /// The object; the ID Placeholder if absent.
        unique_identifier: Option<UniqueIdentifier> = UNIQUE_IDENTIFIER,
        /// The attribute; it must be single-valued on the object, or absent.
        attribute_reference: AttributeReference = ATTRIBUTE_REFERENCE,
        /// Increment, decrement or negate.
        adjustment_type: AdjustmentType = ADJUSTMENT_TYPE,
        /// By how much, in the attribute's own type; by 1 if absent.
        adjustment_value: Option<Value> = ADJUSTMENT_VALUE,
    }
}

structure! {
    /// The attribute was adjusted.
    pub struct AdjustAttributeResponse {
        /// The object.
        unique_identifier: String = UNIQUE_IDENTIFIER,
    }
}
