//! What clients may do with attributes: the generic rules on top of the table.
//!
//! Every function is pure. It says what the request comes to or why it must be refused, with the result reason that the
//! error tables of KMIP 2.1 section 6.1 give the operation. That a Name is unique on the whole server is for the store
//! to see.

mod adjust;
mod change;
mod dates;
mod new_object;
mod usage_limits;

use super::reference::{AttributeKey, AttributeReference};
use super::rule::{AttributeRule, Visibility};
use super::set::Attributes;
use super::table::AttributeTable;
use crate::field::{DateTime, DecodeError};
use crate::tables::enumerations::{ObjectType, ResultReason, State};
use crate::ttlv::{Tag, Value};

pub use adjust::check_adjust;
pub use change::{DeleteEffect, SetEffect, check_add, check_delete, check_modify, check_set};
pub use dates::check_dates;
pub use new_object::{Making, check_new_object, check_template};
pub use usage_limits::completed;

/// The vendor identification of attributes that only the server makes: those called `y-…` in 1.x (KMIP 1.4
/// section 3.39).
pub const SERVER_VENDOR: &str = "y";

/// Why a request about attributes is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RuleViolation {
    /// The result reason to answer with.
    pub reason: ResultReason,
    /// What is wrong and what to do, for the client to read.
    pub message: String,
}

/// The object whose attributes a request is about.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// Its type.
    pub object_type: ObjectType,
    /// Its effective state.
    pub state: State,
    /// Its attributes.
    pub attributes: &'a Attributes,
    /// The time.
    pub now: DateTime,
}

/// Checks the attributes that a request searches for: that each is known, visible, and of its
/// type. Structures may lack fields; those that are there are compared.
///
/// # Errors
/// Invalid Attribute, Invalid Attribute Value.
pub fn check_search(table: &AttributeTable, attributes: &Attributes) -> Result<(), RuleViolation> {
    attributes.iter().try_for_each(|instance| {
        let rule = known(table, instance.key())?;
        rule.shape.check_partial(rule.tag, &instance.value).map_err(|error| invalid_value(&error))
    })
}

/// Checks that an attribute that a request asks for is known and visible.
///
/// # Errors
/// Invalid Attribute.
pub fn check_reference(table: &AttributeTable, reference: &AttributeReference) -> Result<(), RuleViolation> {
    known(table, reference.key()).map(|_| ())
}

fn known<'t>(table: &'t AttributeTable, key: AttributeKey<'_>) -> Result<&'t AttributeRule, RuleViolation> {
    table.rule(key.tag()).filter(|rule| rule.visibility == Visibility::Wire).ok_or_else(|| {
        violation(
            ResultReason::INVALID_ATTRIBUTE,
            format!("{key} is not an attribute that this server knows"),
        )
    })
}

fn applicable<'t>(
    table: &'t AttributeTable,
    key: AttributeKey<'_>,
    object_type: ObjectType,
) -> Result<&'t AttributeRule, RuleViolation> {
    let rule = known(table, key)?;
    if rule.applies_to(object_type) {
        return Ok(rule);
    }
    Err(violation(ResultReason::INVALID_ATTRIBUTE, format!("{key} does not apply to a {object_type:?}")))
}

fn check_value(rule: &AttributeRule, value: &Value) -> Result<(), RuleViolation> {
    rule.shape.check(rule.tag, value).map_err(|error| invalid_value(&error))?;
    if rule.tag != Tag::ATTRIBUTE {
        return Ok(());
    }
    match AttributeKey::of(rule.tag, value) {
        AttributeKey::Vendor { vendor, name } if is_vendor_identification(vendor) && !name.is_empty() => Ok(()),
        _ => Err(violation(
            ResultReason::INVALID_ATTRIBUTE_VALUE,
            "a vendor attribute needs a Vendor Identification of letters, digits, underscores and periods, and an \
             Attribute Name"
                .into(),
        )),
    }
}

/// Section 4.60: usage limited to alphanumeric, underscore and period.
fn is_vendor_identification(vendor: &str) -> bool {
    !vendor.is_empty() && vendor.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.')
}

fn is_server_vendor(key: AttributeKey<'_>) -> bool {
    matches!(key, AttributeKey::Vendor { vendor: SERVER_VENDOR, .. })
}

fn invalid_value(error: &DecodeError) -> RuleViolation {
    violation(ResultReason::INVALID_ATTRIBUTE_VALUE, error.to_string())
}

fn not_found(key: AttributeKey<'_>) -> RuleViolation {
    violation(ResultReason::ATTRIBUTE_NOT_FOUND, format!("the object has no {key}"))
}

fn read_only(reason: ResultReason, key: AttributeKey<'_>) -> RuleViolation {
    violation(
        reason,
        format!("{key} is set by the server and cannot be set, changed or deleted by a request"),
    )
}

fn single_valued(key: AttributeKey<'_>) -> RuleViolation {
    violation(ResultReason::ATTRIBUTE_SINGLE_VALUED, format!("{key} can have one value only"))
}

fn violation(reason: ResultReason, message: String) -> RuleViolation {
    RuleViolation { reason, message }
}

#[cfg(test)]
mod tests;
