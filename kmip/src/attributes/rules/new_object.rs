//! The attributes of objects that are being made, and of templates for them.

use super::dates::check_dates;
use super::usage_limits::limits_of;
use super::{
    RuleViolation, applicable, check_value, is_server_vendor, known, read_only, single_valued, violation,
};
use crate::attributes::{
    AttributeKey, AttributeRule, AttributeTable, Attributes, Instance, Occurs, Source, UsageLimits,
    Visibility,
};
use crate::tables::enumerations::{ObjectType, ResultReason};

/// How an object comes into being.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Making {
    /// The server generates it: Create, Create Key Pair, Derive Key, Certify and the re-key family.
    Generated,
    /// The client hands it over: Register.
    Registered,
    /// The client hands it over with its history: Import. Who sets an attribute initially is not enforced (KMIP 2.1
    /// section 6.1.25).
    Imported,
}

/// Checks the attributes that a request gives an object that is being made. The server's own attributes pass: only the
/// server can have put them there, since no wire form lets a client send them.
///
/// # Errors
/// Invalid Attribute (unknown, or not for this type of object), Invalid Attribute Value, Attribute Read Only, Attribute
/// Single Valued.
pub fn check_new_object(
    table: &AttributeTable,
    making: Making,
    object_type: ObjectType,
    attributes: &Attributes,
) -> Result<(), RuleViolation> {
    let mut previous = None;
    for instance in attributes {
        let key = instance.key();
        if table.rule(key.tag()).is_some_and(|rule| rule.visibility == Visibility::ServerOnly) {
            continue;
        }
        let rule = applicable(table, key, object_type)?;
        match making {
            Making::Imported => check_imported(rule, instance)?,
            Making::Generated | Making::Registered => check_given(rule, instance)?,
        }
        if rule.occurs == Occurs::Once && previous == Some(instance.tag) {
            return Err(single_valued(key));
        }
        previous = Some(instance.tag);
    }
    match making {
        Making::Imported => Ok(()),
        Making::Generated | Making::Registered => check_dates(attributes, |_| true),
    }
}

/// Checks the attributes that a template holds for objects that are made with it: those that a client may give a new
/// object, whatever its type (KMIP 1.4 section 2.2.6).
///
/// # Errors
/// As [`check_new_object`].
pub fn check_template(table: &AttributeTable, attributes: &Attributes) -> Result<(), RuleViolation> {
    let mut previous = None;
    for instance in attributes {
        let key = instance.key();
        let rule = known(table, key)?;
        check_given(rule, instance)?;
        if rule.occurs == Occurs::Once && previous == Some(instance.tag) {
            return Err(single_valued(key));
        }
        previous = Some(instance.tag);
    }
    Ok(())
}

/// Checks an attribute that a client gives a new object.
fn check_given(rule: &AttributeRule, instance: &Instance) -> Result<(), RuleViolation> {
    check_value(rule, &instance.value)?;
    if !client_may_give_at_birth(rule, instance.key()) {
        return Err(read_only(ResultReason::ATTRIBUTE_READ_ONLY, instance.key()));
    }
    // A Count is ignored (section 4.59).
    limits_of(instance.tag, &instance.value).map(|_| ())
}

/// Checks an attribute of an object that comes with its history: Usage Limits may be used in part, and cannot have more
/// left than there was.
fn check_imported(rule: &AttributeRule, instance: &Instance) -> Result<(), RuleViolation> {
    check_value(rule, &instance.value)?;
    match limits_of(instance.tag, &instance.value)? {
        Some(UsageLimits { total, count: Some(count), .. }) if !(0..=total).contains(&count) => {
            Err(violation(
                ResultReason::INVALID_ATTRIBUTE_VALUE,
                "Usage Limits: the Count must be from 0 to the Total".into(),
            ))
        }
        _ => Ok(()),
    }
}

fn client_may_give_at_birth(rule: &AttributeRule, key: AttributeKey<'_>) -> bool {
    rule.source != Source::Server && !is_server_vendor(key)
}
