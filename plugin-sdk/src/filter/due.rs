//! Objects that the server has to look after when a time has come. Each has a value in text among its indexed values, by
//! which a store finds it without looking at other objects: dates alone have no index.

use claviger_kmip::Tag;
use claviger_kmip::attributes::kinds;
use claviger_kmip::field::{DateTime, Interval};
use claviger_kmip::lifecycle::StateSet;

use super::{Compare, FieldTest, Filter, IndexValue, IndexedValue};
use crate::record::Record;

/// The field of Rotate Automatic that marks what is to be rotated, and that which holds the time. The attribute has no
/// fields, so no client asks for them.
const TO_ROTATE: Tag = Tag::ROTATE_LATEST;
const ROTATION_TIME: Tag = Tag::ROTATE_DATE;
/// The field of Destroy Date that marks what is left of an object.
const REMAINS: Tag = Tag::STATE;
const YES: &str = "yes";

impl Filter {
    /// Objects whose automatic rotation is due: the Rotate Interval has passed since the Initial Date (KMIP 2.1 section
    /// 4.51). What was replaced or destroyed is not among them.
    pub fn rotation_due(now: DateTime) -> Self {
        let time = Compare::Between(i64::MIN, now.0);
        Self::Attribute {
            tag: Tag::ROTATE_AUTOMATIC,
            tests: vec![is(TO_ROTATE), FieldTest { field: Some(ROTATION_TIME), compare: time }],
        }
    }

    /// What is left of objects that were destroyed at this time or before.
    pub fn destroyed_until(time: DateTime) -> Self {
        let time = Compare::Between(i64::MIN, time.0);
        Self::Attribute {
            tag: Tag::DESTROY_DATE,
            tests: vec![is(REMAINS), FieldTest { field: None, compare: time }],
        }
    }
}

fn is(mark: Tag) -> FieldTest {
    FieldTest { field: Some(mark), compare: Compare::Equal(IndexValue::Text(YES.to_owned())) }
}

/// The values by which the object is found when its time has come.
pub(super) fn values(record: &Record) -> Vec<IndexedValue> {
    let value = |tag, field, value| IndexedValue { tag, field: Some(field), instance: 0, value };
    let yes = || IndexValue::Text(YES.to_owned());
    if StateSet::DESTROYED.contains(record.state_dates().stored) {
        let is_dated = record.attributes.contains(Tag::DESTROY_DATE);
        return if is_dated { vec![value(Tag::DESTROY_DATE, REMAINS, yes())] } else { Vec::new() };
    }
    let Some(time) = rotation_time(record) else { return Vec::new() };
    vec![
        value(Tag::ROTATE_AUTOMATIC, TO_ROTATE, yes()),
        value(Tag::ROTATE_AUTOMATIC, ROTATION_TIME, IndexValue::Integer(time)),
    ]
}

fn rotation_time(record: &Record) -> Option<i64> {
    let attributes = &record.attributes;
    let is_automatic = attributes.one::<kinds::RotateAutomatic>() == Some(true);
    let is_latest = attributes.one::<kinds::RotateLatest>() != Some(false);
    let Interval(interval) = attributes.one::<kinds::RotateInterval>().filter(|interval| interval.0 > 0)?;
    let DateTime(initial) = attributes.one::<kinds::InitialDate>()?;
    (is_automatic && is_latest).then_some(initial.saturating_add(interval.into()))
}

#[cfg(test)]
mod tests {
    use claviger_kmip::attributes::Attributes;
    use claviger_kmip::tables::enumerations::{OperationCode, State};

    use super::super::{Grants, Index};
    use super::*;
    use crate::store::Subject;
    use crate::testkit::RecordBuilder;

    struct NoGrants;

    impl Grants for NoGrants {
        fn holds(&self, _: &Subject, _: Option<&[OperationCode]>) -> bool {
            false
        }
    }

    fn rotating() -> Record {
        let mut record = RecordBuilder::new("k").build();
        record.attributes.put::<kinds::InitialDate>(DateTime(100));
        record.attributes.put::<kinds::RotateAutomatic>(true);
        record.attributes.put::<kinds::RotateInterval>(Interval(10));
        record
    }

    fn meets(record: &Record, filter: &Filter) -> bool {
        filter.matches(&record.id, &Index::of(record), &NoGrants)
    }

    fn is_due(edit: impl FnOnce(&mut Attributes), now: i64) -> bool {
        let mut record = rotating();
        edit(&mut record.attributes);
        meets(&record, &Filter::rotation_due(DateTime(now)))
    }

    #[test]
    fn rotation_is_due_when_the_interval_has_passed_since_the_initial_date() {
        assert!(!is_due(|_| {}, 109));
        assert!(is_due(|_| {}, 110));
    }

    #[test]
    fn what_is_replaced_or_destroyed_or_not_automatic_is_not_rotated() {
        assert!(is_due(|a| a.put::<kinds::RotateLatest>(true), 110));
        assert!(!is_due(|a| a.put::<kinds::RotateLatest>(false), 110));
        assert!(!is_due(|a| a.put::<kinds::RotateAutomatic>(false), 110));
        assert!(!is_due(|a| a.put::<kinds::RotateInterval>(Interval(0)), 110));
        assert!(!is_due(|a| a.put::<kinds::State>(State::DESTROYED), 110));
    }

    #[test]
    fn remains_are_found_by_their_destroy_date() {
        let mut record = rotating();
        record.attributes.put::<kinds::DestroyDate>(DateTime(200));
        assert!(!meets(&record, &Filter::destroyed_until(DateTime(200))));
        record.attributes.put::<kinds::State>(State::DESTROYED_COMPROMISED);
        assert!(meets(&record, &Filter::destroyed_until(DateTime(200))));
        assert!(!meets(&record, &Filter::destroyed_until(DateTime(199))));
    }
}
