//! The filter that Locate's attributes mean (KMIP 2.1 section 6.1.28).

use claviger_plugin_sdk::filter::{Compare, FieldTest, Filter, IndexValue};
use claviger_plugin_sdk::kmip::attributes::{Attributes, Instance};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::tag_policy::TagPolicy;

/// The objects that have all of these attributes.
///
/// Scalars are equal; of a structure, the fields that are given, and a structure in it as a whole; a usage mask has the
/// bits, Usage Limits are as large or larger; one date is equal and two are a range, bounds included; the largest date
/// means that there is none. A vendor attribute in which a tag policy reads tags means objects with these tags.
///
/// # Errors
/// Invalid Field: more than two values of a date, a Unique Identifier that is no text. What a tag policy says.
pub(crate) fn filter(
    attributes: &Attributes,
    now: DateTime,
    policies: &[&'static dyn TagPolicy],
) -> Result<Filter> {
    let mut conditions = Vec::new();
    let mut rest = attributes.iter().peekable();
    while let Some(first) = rest.next() {
        match first.value {
            Value::DateTime(date) => {
                let mut dates = vec![date];
                while let Some(Instance { value: Value::DateTime(date), .. }) =
                    rest.next_if(|next| next.tag == first.tag)
                {
                    dates.push(*date);
                }
                conditions.push(of_dates(first.tag, &dates)?);
            }
            _ => conditions.push(of_instance(first, now, policies)?),
        }
    }
    Ok(Filter::All(conditions))
}

fn of_dates(tag: Tag, dates: &[i64]) -> Result<Filter> {
    let compare = match dates {
        [i64::MAX] => return Ok(Filter::Not(Box::new(Filter::Attribute { tag, tests: Vec::new() }))),
        [date] => Compare::Equal(IndexValue::Integer(*date)),
        [one, other] => Compare::Between(*one.min(other), *one.max(other)),
        _ => return Err(Error::invalid(format!("{tag:?} occurs once for a time or twice for a range"))),
    };
    Ok(Filter::Attribute { tag, tests: vec![FieldTest { field: None, compare }] })
}

fn of_instance(instance: &Instance, now: DateTime, policies: &[&'static dyn TagPolicy]) -> Result<Filter> {
    match (instance.tag, &instance.value) {
        (Tag::UNIQUE_IDENTIFIER, Value::TextString(text)) => Ok(ObjectId::new(text).map_or_else(
            // No object has such an identifier.
            |_| Filter::Any(Vec::new()),
            Filter::Id,
        )),
        (Tag::UNIQUE_IDENTIFIER, _) => {
            Err(Error::invalid("Locate compares Unique Identifiers that are text"))
        }
        (Tag::OBJECT_TYPE, Value::Enumeration(code)) => Ok(Filter::Type(vec![ObjectType(*code)])),
        (Tag::STATE, Value::Enumeration(code)) => {
            Ok(Filter::State { any_of: StateSet::of(&[State(*code)]), at: now })
        }
        (Tag::CRYPTOGRAPHIC_USAGE_MASK, Value::Integer(bits)) => {
            let compare = Compare::HasBits(i64::from(*bits));
            Ok(Filter::Attribute { tag: instance.tag, tests: vec![FieldTest { field: None, compare }] })
        }
        (Tag::USAGE_LIMITS, Value::Structure(fields)) => Ok(of_fields(instance.tag, fields, at_least)),
        (Tag::ATTRIBUTE, Value::Structure(fields)) => match tags(instance, policies)? {
            Some(tags) => Ok(Filter::All(tags.into_iter().map(Filter::Tag).collect())),
            None => Ok(of_fields(instance.tag, fields, equal)),
        },
        (_, Value::Structure(fields)) => Ok(of_fields(instance.tag, fields, equal)),
        (_, scalar) => {
            let compare = equal(scalar);
            Ok(Filter::Attribute { tag: instance.tag, tests: vec![FieldTest { field: None, compare }] })
        }
    }
}

/// The tags that a policy reads in this attribute alone; nothing if it carries none.
fn tags(instance: &Instance, policies: &[&'static dyn TagPolicy]) -> Result<Option<Vec<String>>> {
    let mut alone = Attributes::new();
    alone.add(instance.tag, instance.value.clone());
    for policy in policies {
        if let Some(tags) = policy.user_tags(&alone)? {
            return Ok(Some(tags));
        }
    }
    Ok(None)
}

fn of_fields(tag: Tag, fields: &[Ttlv], compare: fn(&Value) -> Compare) -> Filter {
    let test = |field: &Ttlv| FieldTest { field: Some(field.tag), compare: compare(&field.value) };
    Filter::Attribute { tag, tests: fields.iter().map(test).collect() }
}

fn equal(value: &Value) -> Compare {
    Compare::Equal(IndexValue::of(value))
}

fn at_least(value: &Value) -> Compare {
    match value {
        Value::LongInteger(least) => Compare::Between(*least, i64::MAX),
        other => equal(other),
    }
}

#[cfg(test)]
mod tests;
