//! The order in which the dates of an object stand.

use super::{RuleViolation, Subject, violation};
use crate::attributes::{Attributes, NewAttribute};
use crate::tables::enumerations::ResultReason;
use crate::ttlv::{Tag, Value};

/// Checks that the dates that a request gives are in order with the others of an object: Process Start Date does not
/// precede Activation Date (KMIP 2.1 section 4.40), and Protect Stop Date is not later than Deactivation Date (section
/// 4.41). Two dates that were there before may be out of order: Activate and Revoke move one past the other.
///
/// # Errors
/// Invalid Attribute Value.
pub fn check_dates(attributes: &Attributes, is_given: impl Fn(Tag) -> bool) -> Result<(), RuleViolation> {
    let date = |tag| match attributes.get(tag) {
        Some(Value::DateTime(date)) => Some(*date),
        _ => None,
    };
    for (first, then) in
        [(Tag::ACTIVATION_DATE, Tag::PROCESS_START_DATE), (Tag::PROTECT_STOP_DATE, Tag::DEACTIVATION_DATE)]
    {
        if (is_given(first) || is_given(then))
            && let (Some(earlier), Some(later)) = (date(first), date(then))
            && earlier > later
        {
            return Err(violation(
                ResultReason::INVALID_ATTRIBUTE_VALUE,
                format!("{then:?} must not be earlier than {first:?}"),
            ));
        }
    }
    Ok(())
}

/// Checks that a change of a date leaves them in order.
pub(super) fn check_changed_dates(subject: Subject<'_>, new: &NewAttribute) -> Result<(), RuleViolation> {
    const DATES: [Tag; 4] =
        [Tag::ACTIVATION_DATE, Tag::PROCESS_START_DATE, Tag::PROTECT_STOP_DATE, Tag::DEACTIVATION_DATE];
    if !DATES.contains(&new.tag) {
        return Ok(());
    }
    let mut changed = Attributes::new();
    for tag in DATES {
        if let Some(value) = subject.attributes.get(tag) {
            changed.set(tag, value.clone());
        }
    }
    changed.set(new.tag, new.value.clone());
    check_dates(&changed, |tag| tag == new.tag)
}
