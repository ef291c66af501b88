//! Expected reasons are those of the error tables in KMIP 2.1 section 6.1, states those of section 4.

use super::*;
use crate::attributes::{CurrentAttribute, NewAttribute, UsageLimits, VendorAttribute};
use crate::field::TtlvValue as _;
use crate::tables::enumerations::{AdjustmentType, UsageLimitsUnit};
use crate::ttlv::Ttlv;

const NOW: DateTime = DateTime(1000);

fn table() -> &'static AttributeTable {
    AttributeTable::standard()
}

fn text(value: &str) -> Value {
    Value::TextString(value.into())
}

fn name(value: &str) -> NewAttribute {
    let fields =
        vec![Ttlv::new(Tag::NAME_VALUE, text(value)), Ttlv::new(Tag::NAME_TYPE, Value::Enumeration(1))];
    NewAttribute { tag: Tag::NAME, value: Value::Structure(fields) }
}

fn new(tag: Tag, value: Value) -> NewAttribute {
    NewAttribute { tag, value }
}

fn custom(vendor: &str, name: &str, value: &str) -> NewAttribute {
    new(Tag::ATTRIBUTE, VendorAttribute::value_of(vendor, name, text(value)))
}

fn object(attributes: &Attributes, state: State) -> Subject<'_> {
    Subject { object_type: ObjectType::SYMMETRIC_KEY, state, attributes, now: NOW }
}

fn with(instances: &[NewAttribute]) -> Attributes {
    let mut attributes = Attributes::new();
    for instance in instances {
        attributes.add(instance.tag, instance.value.clone());
    }
    attributes
}

fn reason<T: std::fmt::Debug>(result: Result<T, RuleViolation>) -> ResultReason {
    result.unwrap_err().reason
}

fn created_with(instances: &[NewAttribute]) -> Result<(), RuleViolation> {
    check_new_object(table(), Making::Generated, ObjectType::SYMMETRIC_KEY, &with(instances))
}

#[test]
fn a_request_may_propose_what_the_server_sets_when_it_makes_an_object() {
    let proposed = [
        new(Tag::CRYPTOGRAPHIC_ALGORITHM, Value::Enumeration(3)),
        new(Tag::CRYPTOGRAPHIC_LENGTH, Value::Integer(256)),
        new(Tag::KEY_FORMAT_TYPE, Value::Enumeration(1)),
    ];
    assert_eq!(created_with(&proposed), Ok(()));
    let attributes = Attributes::new();
    for attribute in &proposed {
        let added = check_add(table(), object(&attributes, State::ACTIVE), attribute);
        assert_eq!(reason(added), ResultReason::READ_ONLY_ATTRIBUTE);
    }
}

#[test]
fn a_request_cannot_give_what_only_the_server_sets_except_in_import() {
    let state = [new(Tag::STATE, Value::Enumeration(2))];
    assert_eq!(reason(created_with(&state)), ResultReason::ATTRIBUTE_READ_ONLY);
    let imported = check_new_object(table(), Making::Imported, ObjectType::SYMMETRIC_KEY, &with(&state));
    assert_eq!(imported, Ok(()));
}

#[test]
fn a_single_valued_attribute_is_given_once() {
    let twice = [new(Tag::COMMENT, text("a")), new(Tag::COMMENT, text("b"))];
    assert_eq!(reason(created_with(&twice)), ResultReason::ATTRIBUTE_SINGLE_VALUED);
    let attributes = with(&twice[..1]);
    let added = check_add(table(), object(&attributes, State::ACTIVE), &twice[1]);
    assert_eq!(reason(added), ResultReason::ATTRIBUTE_SINGLE_VALUED);
}

#[test]
fn an_attribute_of_other_objects_or_of_none_is_invalid() {
    let attributes = Attributes::new();
    let subject = object(&attributes, State::ACTIVE);
    for tag in [Tag::CERTIFICATE_TYPE, Tag::BATCH_COUNT] {
        let added = check_add(table(), subject, &new(tag, Value::Enumeration(1)));
        assert_eq!(reason(added), ResultReason::INVALID_ATTRIBUTE);
    }
}

#[test]
fn a_value_of_another_shape_is_invalid() {
    let length = [new(Tag::CRYPTOGRAPHIC_LENGTH, text("256"))];
    assert_eq!(reason(created_with(&length)), ResultReason::INVALID_ATTRIBUTE_VALUE);
    let nameless = [new(Tag::NAME, Value::Structure(vec![Ttlv::new(Tag::NAME_TYPE, Value::Enumeration(1))]))];
    assert_eq!(reason(created_with(&nameless)), ResultReason::INVALID_ATTRIBUTE_VALUE);
    assert_eq!(reason(created_with(&[custom("no spaces", "n", "v")])), ResultReason::INVALID_ATTRIBUTE_VALUE);
}

#[test]
fn an_object_has_a_name_once() {
    let attributes = with(&[name("a"), name("b")]);
    let subject = object(&attributes, State::ACTIVE);
    assert_eq!(reason(check_add(table(), subject, &name("a"))), ResultReason::NON_UNIQUE_NAME_ATTRIBUTE);
    assert_eq!(check_add(table(), subject, &name("c")), Ok(()));
    let current = CurrentAttribute::Value { tag: Tag::NAME, value: name("b").value };
    let modified = check_modify(table(), subject, Some(&current), &name("a"));
    assert_eq!(reason(modified), ResultReason::NON_UNIQUE_NAME_ATTRIBUTE);
    assert_eq!(check_modify(table(), subject, Some(&current), &name("b")), Ok(1));
}

#[test]
fn modify_selects_by_value_by_index_or_the_only_instance() {
    let attributes = with(&[custom("x", "one", "1"), custom("x", "one", "2"), custom("x", "two", "3")]);
    let subject = object(&attributes, State::ACTIVE);
    let reference = AttributeReference::Vendor { vendor: "x".into(), name: "one".into() };
    let by_value = CurrentAttribute::Value { tag: Tag::ATTRIBUTE, value: custom("x", "one", "2").value };
    let by_index = CurrentAttribute::Instance { reference: reference.clone(), index: 1 };
    let absent = CurrentAttribute::Instance { reference, index: 7 };
    let value = custom("x", "one", "4");
    assert_eq!(check_modify(table(), subject, Some(&by_value), &value), Ok(1));
    assert_eq!(check_modify(table(), subject, Some(&by_index), &value), Ok(1));
    let not_found = ResultReason::ATTRIBUTE_INSTANCE_NOT_FOUND;
    assert_eq!(reason(check_modify(table(), subject, Some(&absent), &value)), not_found);
    assert_eq!(reason(check_modify(table(), subject, None, &value)), not_found);
    assert_eq!(check_modify(table(), subject, None, &custom("x", "two", "4")), Ok(0));
    let other = check_modify(table(), subject, None, &custom("x", "three", "4"));
    assert_eq!(reason(other), ResultReason::ATTRIBUTE_NOT_FOUND);
}

#[test]
fn a_read_only_attribute_is_refused_with_the_reason_of_the_operation() {
    let length = new(Tag::CRYPTOGRAPHIC_LENGTH, Value::Integer(128));
    let attributes = with(std::slice::from_ref(&length));
    let subject = object(&attributes, State::ACTIVE);
    let modified = check_modify(table(), subject, None, &length);
    assert_eq!(reason(modified), ResultReason::ATTRIBUTE_READ_ONLY);
    assert_eq!(reason(check_set(table(), subject, &length)), ResultReason::READ_ONLY_ATTRIBUTE);
    let reference = AttributeReference::Tagged(length.tag);
    let deleted = check_delete(table(), subject, None, Some(&reference));
    assert_eq!(reason(deleted), ResultReason::ATTRIBUTE_READ_ONLY);
}

#[test]
fn attributes_of_the_server_vendor_are_read_only() {
    let attributes = with(&[custom("y", "n", "1")]);
    let subject = object(&attributes, State::ACTIVE);
    assert_eq!(
        reason(check_add(table(), subject, &custom("y", "m", "1"))),
        ResultReason::READ_ONLY_ATTRIBUTE
    );
    let modified = check_modify(table(), subject, None, &custom("y", "n", "2"));
    assert_eq!(reason(modified), ResultReason::ATTRIBUTE_READ_ONLY);
}

#[test]
fn dates_can_be_moved_only_before_they_count() {
    let date = |tag, at| new(tag, Value::DateTime(at));
    let attributes = with(&[
        date(Tag::ACTIVATION_DATE, 10),
        date(Tag::PROCESS_START_DATE, 999),
        date(Tag::PROTECT_STOP_DATE, 1001),
        date(Tag::DEACTIVATION_DATE, 5000),
    ]);
    let to = |state, tag, at| {
        check_modify(table(), object(&attributes, state), None, &date(tag, at)).map_err(|error| error.reason)
    };
    let modify = |state, tag| to(state, tag, 2000);
    let wrong_state = Err(ResultReason::WRONG_KEY_LIFECYCLE_STATE);
    assert_eq!(to(State::PRE_ACTIVE, Tag::ACTIVATION_DATE, 999), Ok(0));
    assert_eq!(modify(State::ACTIVE, Tag::ACTIVATION_DATE), wrong_state);
    assert_eq!(modify(State::ACTIVE, Tag::DEACTIVATION_DATE), Ok(0));
    assert_eq!(modify(State::DEACTIVATED, Tag::DEACTIVATION_DATE), wrong_state);
    assert_eq!(modify(State::ACTIVE, Tag::PROTECT_STOP_DATE), Ok(0));
    assert_eq!(modify(State::ACTIVE, Tag::PROCESS_START_DATE), Err(ResultReason::ATTRIBUTE_READ_ONLY));
}

/// Sections 4.40 and 4.41.
#[test]
fn processing_does_not_start_before_the_object_is_active_nor_protection_stop_after_it_is_deactivated() {
    let date = |tag, at| new(tag, Value::DateTime(at));
    let at_birth = |first, earlier, then, later| {
        let attributes = with(&[date(first, earlier), date(then, later)]);
        check_new_object(table(), Making::Generated, ObjectType::SYMMETRIC_KEY, &attributes)
            .map_err(|error| error.reason)
    };
    let wrong = Err(ResultReason::INVALID_ATTRIBUTE_VALUE);
    for (first, then) in
        [(Tag::ACTIVATION_DATE, Tag::PROCESS_START_DATE), (Tag::PROTECT_STOP_DATE, Tag::DEACTIVATION_DATE)]
    {
        assert_eq!(at_birth(first, 2000, then, 2000), Ok(()));
        assert_eq!(at_birth(first, 2001, then, 2000), wrong);
        let both = with(&[date(first, 2000), date(then, 3000)]);
        let subject = object(&both, State::PRE_ACTIVE);
        let modify = |tag, at| {
            check_modify(table(), subject, None, &date(tag, at)).map(|_| ()).map_err(|error| error.reason)
        };
        let set =
            |tag, at| check_set(table(), subject, &date(tag, at)).map(|_| ()).map_err(|error| error.reason);
        assert_eq!((modify(first, 3000), set(first, 3000)), (Ok(()), Ok(())));
        assert_eq!((modify(first, 3001), set(first, 3001)), (wrong, wrong));
        assert_eq!((modify(then, 1999), set(then, 1999)), (wrong, wrong));
        let one = with(&[date(then, 3000)]);
        let add = |at| {
            check_add(table(), object(&one, State::PRE_ACTIVE), &date(first, at))
                .map_err(|error| error.reason)
        };
        assert_eq!((add(3000), add(3001)), (Ok(()), wrong));
    }
}

#[test]
fn usage_limits_can_be_changed_until_some_are_allocated() {
    let limits = |total, count| {
        let limits = UsageLimits { total, count, unit: UsageLimitsUnit::BYTE };
        new(Tag::USAGE_LIMITS, limits.into_value())
    };
    let untouched = with(&[limits(100, Some(100))]);
    let used = with(&[limits(100, Some(60))]);
    let reference = AttributeReference::Tagged(Tag::USAGE_LIMITS);
    let change =
        |attributes| check_modify(table(), object(attributes, State::ACTIVE), None, &limits(200, None));
    assert_eq!(change(&untouched), Ok(0));
    assert_eq!(reason(change(&used)), ResultReason::ATTRIBUTE_READ_ONLY);
    let delete =
        |attributes| check_delete(table(), object(attributes, State::ACTIVE), None, Some(&reference));
    assert_eq!(delete(&untouched), Ok(DeleteEffect::All(reference.clone())));
    assert_eq!(reason(delete(&used)), ResultReason::ATTRIBUTE_READ_ONLY);
    let with_count = check_set(table(), object(&untouched, State::ACTIVE), &limits(200, Some(150)));
    assert_eq!(reason(with_count), ResultReason::INVALID_ATTRIBUTE_VALUE);
}

#[test]
fn usage_limits_are_kept_with_a_count_that_starts_at_the_total() {
    let limits = |count| UsageLimits { total: 1000, count, unit: UsageLimitsUnit::BYTE }.into_value();
    assert_eq!(completed(Tag::USAGE_LIMITS, limits(None)), limits(Some(1000)));
    assert_eq!(completed(Tag::USAGE_LIMITS, limits(Some(60))), limits(Some(60)));
    assert_eq!(completed(Tag::COMMENT, text("c")), text("c"));
}

#[test]
fn set_adds_replaces_or_is_refused_for_several_instances() {
    let attributes = with(&[new(Tag::COMMENT, text("a")), name("a"), name("b")]);
    let subject = object(&attributes, State::ACTIVE);
    assert_eq!(check_set(table(), subject, &new(Tag::COMMENT, text("b"))), Ok(SetEffect::Replace(0)));
    assert_eq!(check_set(table(), subject, &new(Tag::DESCRIPTION, text("b"))), Ok(SetEffect::Add));
    assert_eq!(reason(check_set(table(), subject, &name("c"))), ResultReason::MULTI_VALUED_ATTRIBUTE);
}

#[test]
fn delete_removes_one_instance_or_all() {
    let attributes = with(&[name("a"), name("b")]);
    let subject = object(&attributes, State::ACTIVE);
    let names = AttributeReference::Tagged(Tag::NAME);
    let one = CurrentAttribute::Value { tag: Tag::NAME, value: name("b").value };
    let deleted = check_delete(table(), subject, Some(&one), None);
    assert_eq!(deleted, Ok(DeleteEffect::One(names.clone(), 1)));
    assert_eq!(check_delete(table(), subject, None, Some(&names)), Ok(DeleteEffect::All(names)));
    let comment = AttributeReference::Tagged(Tag::COMMENT);
    let absent = check_delete(table(), subject, None, Some(&comment));
    assert_eq!(reason(absent), ResultReason::ATTRIBUTE_NOT_FOUND);
    assert_eq!(reason(check_delete(table(), subject, None, None)), ResultReason::INVALID_MESSAGE);
}

fn adjust(
    attributes: &Attributes,
    reference: &AttributeReference,
    adjustment: AdjustmentType,
) -> Result<(NewAttribute, SetEffect), RuleViolation> {
    check_adjust(table(), object(attributes, State::ACTIVE), reference, adjustment, None)
}

#[test]
fn an_adjusted_attribute_takes_its_new_value_or_starts_from_zero() {
    let generation = AttributeReference::Tagged(Tag::ROTATE_GENERATION);
    let added =
        adjust(&with(&[]), &AttributeReference::Tagged(Tag::ROTATE_OFFSET), AdjustmentType::INCREMENT);
    assert_eq!(added, Ok((new(Tag::ROTATE_OFFSET, Value::Interval(1)), SetEffect::Add)));
    let sensitive = AttributeReference::Tagged(Tag::SENSITIVE);
    let negated =
        adjust(&with(&[new(Tag::SENSITIVE, Value::Boolean(true))]), &sensitive, AdjustmentType::NEGATE);
    assert_eq!(negated, Ok((new(Tag::SENSITIVE, Value::Boolean(false)), SetEffect::Replace(0))));
    let count = |n: i32| new(Tag::ATTRIBUTE, VendorAttribute::value_of("x", "count", Value::Integer(n)));
    let reference = AttributeReference::Vendor { vendor: "x".into(), name: "count".into() };
    let counted = adjust(&with(&[count(41)]), &reference, AdjustmentType::INCREMENT);
    assert_eq!(counted, Ok((count(42), SetEffect::Replace(0))));
    assert_eq!(
        reason(adjust(&with(&[]), &generation, AdjustmentType::INCREMENT)),
        ResultReason::READ_ONLY_ATTRIBUTE
    );
}

#[test]
fn what_cannot_be_adjusted_is_refused_with_its_reason() {
    let by_one = |attributes: &[NewAttribute], reference: AttributeReference| {
        reason(adjust(&with(attributes), &reference, AdjustmentType::INCREMENT))
    };
    let tagged = AttributeReference::Tagged;
    let vendor = |name: &str| AttributeReference::Vendor { vendor: "x".into(), name: name.into() };
    assert_eq!(by_one(&[], tagged(Tag::BATCH_COUNT)), ResultReason::UNSUPPORTED_ATTRIBUTE);
    assert_eq!(by_one(&[], tagged(Tag::COMMENT)), ResultReason::ITEM_NOT_FOUND);
    assert_eq!(by_one(&[], tagged(Tag::DEACTIVATION_DATE)), ResultReason::ITEM_NOT_FOUND);
    assert_eq!(by_one(&[], vendor("absent")), ResultReason::ITEM_NOT_FOUND);
    assert_eq!(by_one(&[], tagged(Tag::ATTRIBUTE)), ResultReason::MULTI_VALUED_ATTRIBUTE);
    assert_eq!(
        by_one(&[new(Tag::COMMENT, text("a"))], tagged(Tag::COMMENT)),
        ResultReason::INVALID_DATA_TYPE
    );
    let groups = [new(Tag::OBJECT_GROUP, text("a")), new(Tag::OBJECT_GROUP, text("b"))];
    assert_eq!(by_one(&groups, tagged(Tag::OBJECT_GROUP)), ResultReason::MULTI_VALUED_ATTRIBUTE);
    let length = [new(Tag::CRYPTOGRAPHIC_LENGTH, Value::Integer(128))];
    assert_eq!(by_one(&length, tagged(Tag::CRYPTOGRAPHIC_LENGTH)), ResultReason::READ_ONLY_ATTRIBUTE);
    let activation = [new(Tag::ACTIVATION_DATE, Value::DateTime(5))];
    assert_eq!(by_one(&activation, tagged(Tag::ACTIVATION_DATE)), ResultReason::WRONG_KEY_LIFECYCLE_STATE);
}
