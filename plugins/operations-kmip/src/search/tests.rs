//! Expected values: the matching rules of KMIP 2.1 section 6.1.28.

use claviger_plugin_sdk::kmip::attributes::{Link, Name, UsageLimits, VendorAttribute, kinds};
use claviger_plugin_sdk::kmip::tables::enumerations::{LinkType, NameType, UsageLimitsUnit};
use claviger_plugin_sdk::record::KeyFacts;

use super::*;

const NOW: DateTime = DateTime(1000);

fn located(edit: impl FnOnce(&mut Attributes)) -> Result<Vec<Filter>> {
    let mut attributes = Attributes::new();
    edit(&mut attributes);
    match filter(&attributes, NOW, &[&Labels])? {
        Filter::All(conditions) => Ok(conditions),
        other => panic!("not a conjunction: {other:?}"),
    }
}

fn scalar(tag: Tag, compare: Compare) -> Filter {
    Filter::Attribute { tag, tests: vec![FieldTest { field: None, compare }] }
}

fn field(tag: Tag, compare: Compare) -> FieldTest {
    FieldTest { field: Some(tag), compare }
}

fn text(value: &str) -> Compare {
    Compare::Equal(IndexValue::Text(value.into()))
}

fn number(value: i64) -> Compare {
    Compare::Equal(IndexValue::Integer(value))
}

/// Reads the vendor attribute `label` of the vendor `test` as one tag.
struct Labels;

impl TagPolicy for Labels {
    fn name(&self) -> &'static str {
        "labels"
    }
    fn user_tags(&self, attributes: &Attributes) -> Result<Option<Vec<String>>> {
        Ok(attributes.vendor("test", "label").and_then(|value| match value {
            Value::TextString(text) => Some(vec![text.clone()]),
            _ => None,
        }))
    }
    fn check_user_tag(&self, _: &str) -> Result<()> {
        Ok(())
    }
    fn system_tags(&self, _: &KeyFacts<'_>) -> Option<Vec<String>> {
        None
    }
}

#[test]
fn no_attribute_means_every_object() {
    assert_eq!(located(|_| ()).unwrap(), []);
}

#[test]
fn one_date_is_a_time_and_two_are_a_range_in_any_order() {
    let one = located(|attributes| attributes.put::<kinds::InitialDate>(DateTime(5))).unwrap();
    assert_eq!(one, [scalar(Tag::INITIAL_DATE, number(5))]);
    let two = located(|attributes| {
        attributes.push::<kinds::InitialDate>(DateTime(9));
        attributes.push::<kinds::InitialDate>(DateTime(5));
    });
    assert_eq!(two.unwrap(), [scalar(Tag::INITIAL_DATE, Compare::Between(5, 9))]);
    let three = located(|attributes| {
        (0..3).for_each(|day| {
            attributes.push::<kinds::InitialDate>(DateTime(day));
        })
    });
    assert_eq!(three.unwrap_err().reason(), ResultReason::INVALID_FIELD);
}

#[test]
fn the_largest_date_means_that_the_object_has_none() {
    let found = located(|attributes| attributes.put::<kinds::DeactivationDate>(DateTime(i64::MAX))).unwrap();
    let exists = Filter::Attribute { tag: Tag::DEACTIVATION_DATE, tests: vec![] };
    assert_eq!(found, [Filter::Not(Box::new(exists))]);
}

#[test]
fn a_usage_mask_means_at_least_these_bits() {
    let found = located(|attributes| attributes.put::<kinds::CryptographicUsageMask>(0xC)).unwrap();
    assert_eq!(found, [scalar(Tag::CRYPTOGRAPHIC_USAGE_MASK, Compare::HasBits(0xC))]);
}

#[test]
fn usage_limits_mean_as_much_or_more() {
    let limits = UsageLimits { total: 10, count: Some(4), unit: UsageLimitsUnit::OBJECT };
    let found = located(|attributes| attributes.put::<kinds::UsageLimits>(limits)).unwrap();
    let tests = vec![
        field(Tag::USAGE_LIMITS_TOTAL, Compare::Between(10, i64::MAX)),
        field(Tag::USAGE_LIMITS_COUNT, Compare::Between(4, i64::MAX)),
        field(Tag::USAGE_LIMITS_UNIT, number(2)),
    ];
    assert_eq!(found, [Filter::Attribute { tag: Tag::USAGE_LIMITS, tests }]);
}

#[test]
fn a_structure_is_compared_by_the_fields_that_are_given() {
    let link = Link { link_type: LinkType::PARENT_LINK, linked_object_identifier: "id".into() };
    let Value::Structure(mut fields) = link.into_value() else { panic!("a Link is a structure") };
    fields.remove(0);
    let found = located(|attributes| {
        attributes.add(Tag::LINK, Value::Structure(fields));
    })
    .unwrap();
    let tests = vec![field(Tag::LINKED_OBJECT_IDENTIFIER, text("id"))];
    assert_eq!(found, [Filter::Attribute { tag: Tag::LINK, tests }]);
}

#[test]
fn type_state_and_identifier_have_conditions_of_their_own() {
    let found = located(|attributes| {
        attributes.put::<kinds::ObjectType>(ObjectType::SECRET_DATA);
        attributes.put::<kinds::State>(State::ACTIVE);
        attributes.put::<kinds::UniqueIdentifier>("one".into());
    });
    let found = found.unwrap();
    assert!(found.contains(&Filter::Type(vec![ObjectType::SECRET_DATA])));
    assert!(found.contains(&Filter::State { any_of: StateSet::ACTIVE, at: NOW }));
    assert!(found.contains(&Filter::Id(ObjectId::new("one").unwrap())));
}

#[test]
fn each_name_must_be_one_of_the_object() {
    let name = |value: &str| Name { value: value.into(), name_type: NameType::UNINTERPRETED_TEXT_STRING };
    let found = located(|attributes| {
        attributes.push::<kinds::Name>(name("a"));
        attributes.push::<kinds::Name>(name("b"));
    });
    assert_eq!(found.unwrap().len(), 2);
}

#[test]
fn vendor_attributes_are_tags_where_a_policy_reads_them_and_values_otherwise() {
    let vendor = |name: &str| VendorAttribute::value_of("test", name, Value::TextString("blue".into()));
    let tagged = located(|attributes| {
        attributes.add(Tag::ATTRIBUTE, vendor("label"));
    })
    .unwrap();
    assert_eq!(tagged, [Filter::All(vec![Filter::Tag("blue".into())])]);
    let plain = located(|attributes| {
        attributes.add(Tag::ATTRIBUTE, vendor("colour"));
    })
    .unwrap();
    let tests = vec![
        field(Tag::VENDOR_IDENTIFICATION, text("test")),
        field(Tag::ATTRIBUTE_NAME, text("colour")),
        field(Tag::ATTRIBUTE_VALUE, text("blue")),
    ];
    assert_eq!(plain, [Filter::Attribute { tag: Tag::ATTRIBUTE, tests }]);
}
