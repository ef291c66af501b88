//! Adding, modifying, setting and deleting attributes of an object that exists.

use super::dates::check_changed_dates;
use super::usage_limits::check_new_limits;
use super::{
    RuleViolation, Subject, applicable, check_value, is_server_vendor, known, not_found, read_only,
    single_valued, violation,
};
use crate::attributes::{
    AttributeKey, AttributeReference, AttributeRule, AttributeTable, Attributes, ClientMay, CurrentAttribute,
    NewAttribute, Occurs, Presence, Source, UsageLimits,
};
use crate::field::{DateTime, TtlvValue as _};
use crate::tables::enumerations::{ResultReason, State};
use crate::ttlv::{Tag, Value};

/// What Set Attribute comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetEffect {
    /// The attribute is added.
    Add,
    /// The instance with this index takes the value.
    Replace(u32),
}

/// What Delete Attribute removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeleteEffect {
    /// The instance with this index.
    One(AttributeReference, u32),
    /// All instances.
    All(AttributeReference),
}

/// Checks Add Attribute (KMIP 2.1 section 6.1.2).
///
/// # Errors
/// Invalid Attribute, Invalid Attribute Value, Read Only Attribute, Attribute Single Valued, Non Unique Name Attribute
/// (the object has this Name already).
pub fn check_add(
    table: &AttributeTable,
    subject: Subject<'_>,
    new: &NewAttribute,
) -> Result<(), RuleViolation> {
    let key = new.key();
    let rule = applicable(table, key, subject.object_type)?;
    check_value(rule, &new.value)?;
    if !client_may_give_later(rule, key) {
        return Err(read_only(ResultReason::READ_ONLY_ATTRIBUTE, key));
    }
    if rule.occurs == Occurs::Once && subject.attributes.contains(key) {
        return Err(single_valued(key));
    }
    check_name(subject, new, None)?;
    check_changed_dates(subject, new)?;
    check_new_limits(new.tag, &new.value)
}

/// Checks Modify Attribute and says which instance it changes (KMIP 2.1 section 6.1.34).
///
/// # Errors
/// Attribute Not Found, Attribute Instance Not Found (also if several instances exist and the request does not say
/// which), Attribute Read Only, Wrong Key Lifecycle State, Invalid Attribute, Invalid Attribute Value, Non Unique Name
/// Attribute.
pub fn check_modify(
    table: &AttributeTable,
    subject: Subject<'_>,
    current: Option<&CurrentAttribute>,
    new: &NewAttribute,
) -> Result<u32, RuleViolation> {
    let key = new.key();
    let rule = known(table, key)?;
    check_value(rule, &new.value)?;
    if rule.modify == ClientMay::Never || is_server_vendor(key) {
        return Err(read_only(ResultReason::ATTRIBUTE_READ_ONLY, key));
    }
    if current.is_some_and(|current| current.key() != key) {
        return Err(violation(
            ResultReason::INVALID_ATTRIBUTE,
            format!("Current Attribute is not the attribute that New Attribute sets, {key}"),
        ));
    }
    let index = match current {
        Some(current) => selected(subject.attributes, current)?,
        None => only_instance(subject.attributes, key, ResultReason::ATTRIBUTE_INSTANCE_NOT_FOUND)?
            .ok_or_else(|| not_found(key))?,
    };
    check_when(rule.modify, subject, key, index, ResultReason::ATTRIBUTE_READ_ONLY)?;
    check_name(subject, new, Some(index))?;
    check_changed_dates(subject, new)?;
    check_new_limits(new.tag, &new.value)?;
    Ok(index)
}

/// Checks Set Attribute and says what it comes to (KMIP 2.1 section 6.1.51).
///
/// # Errors
/// Multi Valued Attribute, Read Only Attribute, Wrong Key Lifecycle State, Invalid Attribute, Invalid Attribute Value,
/// Non Unique Name Attribute.
pub fn check_set(
    table: &AttributeTable,
    subject: Subject<'_>,
    new: &NewAttribute,
) -> Result<SetEffect, RuleViolation> {
    let key = new.key();
    let Some(index) = only_instance(subject.attributes, key, ResultReason::MULTI_VALUED_ATTRIBUTE)? else {
        return check_add(table, subject, new).map(|()| SetEffect::Add);
    };
    let rule = applicable(table, key, subject.object_type)?;
    check_value(rule, &new.value)?;
    if rule.modify == ClientMay::Never || is_server_vendor(key) {
        return Err(read_only(ResultReason::READ_ONLY_ATTRIBUTE, key));
    }
    check_when(rule.modify, subject, key, index, ResultReason::READ_ONLY_ATTRIBUTE)?;
    check_name(subject, new, Some(index))?;
    check_changed_dates(subject, new)?;
    check_new_limits(new.tag, &new.value)?;
    Ok(SetEffect::Replace(index))
}

/// Checks Delete Attribute and says what it removes (KMIP 2.1 section 6.1.13). The request names an instance or, by
/// reference, all of them; if it does both, the instance counts.
///
/// # Errors
/// Attribute Not Found, Attribute Instance Not Found, Attribute Read Only (also for what an object must always have),
/// Wrong Key Lifecycle State, Invalid Attribute, Invalid Message (neither is given).
pub fn check_delete(
    table: &AttributeTable,
    subject: Subject<'_>,
    current: Option<&CurrentAttribute>,
    reference: Option<&AttributeReference>,
) -> Result<DeleteEffect, RuleViolation> {
    let key =
        current.map(CurrentAttribute::key).or(reference.map(AttributeReference::key)).ok_or_else(|| {
            violation(
                ResultReason::INVALID_MESSAGE,
                "Delete Attribute needs a Current Attribute or an Attribute Reference".into(),
            )
        })?;
    let rule = known(table, key)?;
    if rule.delete == ClientMay::Never || rule.presence == Presence::Always || is_server_vendor(key) {
        return Err(read_only(ResultReason::ATTRIBUTE_READ_ONLY, key));
    }
    let index = match current {
        Some(current) => selected(subject.attributes, current)?,
        None => subject.attributes.instances(key).next().ok_or_else(|| not_found(key))?.index,
    };
    check_when(rule.delete, subject, key, index, ResultReason::ATTRIBUTE_READ_ONLY)?;
    Ok(match current {
        Some(_) => DeleteEffect::One(key.to_reference(), index),
        None => DeleteEffect::All(key.to_reference()),
    })
}

fn client_may_give_later(rule: &AttributeRule, key: AttributeKey<'_>) -> bool {
    matches!(rule.source, Source::Client | Source::Either) && !is_server_vendor(key)
}

/// The index of the instance that a Current Attribute selects.
fn selected(attributes: &Attributes, current: &CurrentAttribute) -> Result<u32, RuleViolation> {
    let key = current.key();
    if !attributes.contains(key) {
        return Err(not_found(key));
    }
    let found = attributes.instances(key).find(|instance| match current {
        CurrentAttribute::Value { value, .. } => instance.value == *value,
        CurrentAttribute::Instance { index, .. } => instance.index == *index,
    });
    found.map(|instance| instance.index).ok_or_else(|| {
        violation(
            ResultReason::ATTRIBUTE_INSTANCE_NOT_FOUND,
            match current {
                CurrentAttribute::Value { .. } => {
                    format!("the object has no instance of {key} with this value")
                }
                CurrentAttribute::Instance { index, .. } => {
                    format!("the object has no instance of {key} with the index {index}")
                }
            },
        )
    })
}

/// The index of the only instance, nothing if there is none; several are refused with this reason.
pub(super) fn only_instance(
    attributes: &Attributes,
    key: AttributeKey<'_>,
    several: ResultReason,
) -> Result<Option<u32>, RuleViolation> {
    let mut instances = attributes.instances(key);
    match (instances.next(), instances.next()) {
        (first, None) => Ok(first.map(|instance| instance.index)),
        (_, Some(_)) => Err(violation(
            several,
            format!("the object has several instances of {key}: say which one is meant"),
        )),
    }
}

/// Checks the condition under which an instance may be changed or deleted.
fn check_when(
    may: ClientMay,
    subject: Subject<'_>,
    key: AttributeKey<'_>,
    index: u32,
    read_only_reason: ResultReason,
) -> Result<(), RuleViolation> {
    let pre_active = subject.state == State::PRE_ACTIVE;
    let usable = pre_active || subject.state == State::ACTIVE;
    let current = subject.attributes.get_index(key, index);
    let wrong_state = |when: &str| {
        Err(violation(
            ResultReason::WRONG_KEY_LIFECYCLE_STATE,
            format!("{key} can be changed only while the object is {when}"),
        ))
    };
    match may {
        ClientMay::Always => Ok(()),
        ClientMay::Never => Err(read_only(read_only_reason, key)),
        ClientMay::WhilePreActive if !pre_active => wrong_state("Pre-Active"),
        ClientMay::WhileUsable | ClientMay::UntilReached if !usable => wrong_state("Pre-Active or Active"),
        ClientMay::WhilePreActive | ClientMay::WhileUsable => Ok(()),
        ClientMay::UntilReached => match current {
            Some(Value::DateTime(date)) if DateTime(*date) <= subject.now => Err(violation(
                read_only_reason,
                format!("{key} has been reached and can no longer be changed"),
            )),
            _ => Ok(()),
        },
        ClientMay::UntilAllocated => match current
            .cloned()
            .map(|value| UsageLimits::from_value(key.tag(), value))
        {
            Some(Ok(limits)) if limits.count.is_some_and(|count| count != limits.total) => Err(violation(
                read_only_reason,
                format!("{key} can no longer be changed, since part of them has been allocated"),
            )),
            _ => Ok(()),
        },
    }
}

/// An object does not have the same Name twice.
fn check_name(subject: Subject<'_>, new: &NewAttribute, replaced: Option<u32>) -> Result<(), RuleViolation> {
    let twice = new.tag == Tag::NAME
        && subject
            .attributes
            .instances(Tag::NAME)
            .any(|instance| instance.value == new.value && Some(instance.index) != replaced);
    if twice {
        return Err(violation(
            ResultReason::NON_UNIQUE_NAME_ATTRIBUTE,
            "the object has this Name already".into(),
        ));
    }
    Ok(())
}
