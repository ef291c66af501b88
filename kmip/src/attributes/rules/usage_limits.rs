//! Usage Limits, of which clients set the Total and the Unit and the server keeps the Count (KMIP 2.1 section 4.59).

use super::{RuleViolation, invalid_value, violation};
use crate::attributes::UsageLimits;
use crate::field::TtlvValue as _;
use crate::tables::enumerations::ResultReason;
use crate::ttlv::{Tag, Value};

/// The value that the server keeps for one that a client gives: Usage Limits get their Count, which is the Total as long
/// as nothing was allocated (KMIP 2.1 section 4.59); every other value stays as it is.
pub fn completed(tag: Tag, value: Value) -> Value {
    if tag != Tag::USAGE_LIMITS {
        return value;
    }
    match UsageLimits::from_value(tag, value.clone()) {
        Ok(limits) => UsageLimits { count: limits.count.or(Some(limits.total)), ..limits }.into_value(),
        Err(_) => value,
    }
}

/// A client sets the Total and the Unit of Usage Limits; a Count can only repeat the Total (KMIP 2.1 section 4.59).
pub(super) fn check_new_limits(tag: Tag, value: &Value) -> Result<(), RuleViolation> {
    match limits_of(tag, value)? {
        Some(UsageLimits { total, count: Some(count), .. }) if count != total => Err(violation(
            ResultReason::INVALID_ATTRIBUTE_VALUE,
            "Usage Limits: the Count, which the server keeps, must be left out or equal the Total".into(),
        )),
        _ => Ok(()),
    }
}

/// The Usage Limits that an attribute holds, if it is that one.
pub(super) fn limits_of(tag: Tag, value: &Value) -> Result<Option<UsageLimits>, RuleViolation> {
    if tag != Tag::USAGE_LIMITS {
        return Ok(None);
    }
    let limits = UsageLimits::from_value(tag, value.clone()).map_err(|error| invalid_value(&error))?;
    if limits.total < 0 {
        return Err(violation(
            ResultReason::INVALID_ATTRIBUTE_VALUE,
            "Usage Limits: the Total must not be negative".into(),
        ));
    }
    Ok(Some(limits))
}
