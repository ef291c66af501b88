//! What clients may do with attributes: the generic rules on top of the table.
//!
//! Every function is pure. It says what the request comes to or why it must be refused, with the result reason that the
//! error tables of KMIP 2.1 section 6.1 give the operation. That a Name is unique on the whole server is for the store
//! to see.

mod adjust;

use super::reference::{AttributeKey, AttributeReference, CurrentAttribute, NewAttribute};
use super::rule::{AttributeRule, ClientMay, Occurs, Presence, Source, Visibility};
use super::set::{Attributes, Instance};
use super::structures::{UsageLimits, VendorAttribute};
use super::table::AttributeTable;
use crate::field::{DateTime, DecodeError, TtlvValue};
use crate::tables::enumerations::{AdjustmentType, ObjectType, ResultReason, State};
use crate::ttlv::{Tag, Value};

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
fn check_changed_dates(subject: Subject<'_>, new: &NewAttribute) -> Result<(), RuleViolation> {
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

/// Checks Adjust Attribute and says what the attribute is set to, and how (KMIP 2.1 section 6.1.3). What the object does
/// not have counts as 0 or false, if the attribute has such values.
///
/// # Errors
/// Unsupported Attribute (unknown, or not for this type of object), Multi Valued Attribute, Invalid Data Type (the value
/// cannot be adjusted so, or not by such a value), Numeric Range, Item Not Found (there is no value, and none to start
/// from), and those of [`check_set`].
pub fn check_adjust(
    table: &AttributeTable,
    subject: Subject<'_>,
    reference: &AttributeReference,
    adjustment: AdjustmentType,
    by: Option<&Value>,
) -> Result<(NewAttribute, SetEffect), RuleViolation> {
    let key = reference.key();
    let rule = applicable(table, key, subject.object_type)
        .map_err(|refused| violation(ResultReason::UNSUPPORTED_ATTRIBUTE, refused.message))?;
    if key == AttributeKey::Tagged(Tag::ATTRIBUTE) {
        return Err(violation(
            ResultReason::MULTI_VALUED_ATTRIBUTE,
            "name a vendor attribute by its vendor and name".into(),
        ));
    }
    let index = only_instance(subject.attributes, key, ResultReason::MULTI_VALUED_ATTRIBUTE)?;
    let current = index.and_then(|index| subject.attributes.get_index(key, index));
    let value = match (key, current) {
        (AttributeKey::Vendor { vendor, name }, Some(_)) => {
            let current = subject.attributes.vendor(vendor, name).ok_or_else(|| not_found(key))?;
            VendorAttribute::value_of(vendor, name, adjust::adjusted(key, current, adjustment, by)?)
        }
        (AttributeKey::Tagged(_), Some(current)) => adjust::adjusted(key, current, adjustment, by)?,
        (_, None) => adjust::adjusted(key, &adjust::start(rule, key)?, adjustment, by)?,
    };
    let new = NewAttribute { tag: key.tag(), value };
    check_set(table, subject, &new).map(|effect| (new, effect))
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

fn client_may_give_at_birth(rule: &AttributeRule, key: AttributeKey<'_>) -> bool {
    rule.source != Source::Server && !is_server_vendor(key)
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
fn only_instance(
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

/// A client sets the Total and the Unit of Usage Limits; a Count can only repeat the Total (KMIP 2.1 section 4.59).
fn check_new_limits(tag: Tag, value: &Value) -> Result<(), RuleViolation> {
    match limits_of(tag, value)? {
        Some(UsageLimits { total, count: Some(count), .. }) if count != total => Err(violation(
            ResultReason::INVALID_ATTRIBUTE_VALUE,
            "Usage Limits: the Count, which the server keeps, must be left out or equal the Total".into(),
        )),
        _ => Ok(()),
    }
}

/// The Usage Limits that an attribute holds, if it is that one.
fn limits_of(tag: Tag, value: &Value) -> Result<Option<UsageLimits>, RuleViolation> {
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
