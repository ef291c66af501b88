//! One SQL condition for each kind of filter, tested on an object `o`. Each is true or false, never unknown, so
//! that `NOT` means what it says.

use claviger_plugin_sdk::filter::{Compare, FieldTest, Filter};
use claviger_plugin_sdk::kmip::Tag;
use claviger_plugin_sdk::kmip::lifecycle::StateSet;
use claviger_plugin_sdk::kmip::tables::enumerations::{OperationCode, State};
use claviger_plugin_sdk::store::Subject;

use super::scalars::{OWN_VALUE, TAGS};
use super::statement::{Parameter, Statement};

/// Adds the condition.
pub(super) fn condition<'f>(to: &mut Statement<'f>, filter: &'f Filter) {
    match filter {
        Filter::All(parts) => list(to, parts, " AND ", "1 = 1"),
        Filter::Any(parts) => list(to, parts, " OR ", "1 = 0"),
        Filter::Not(part) => {
            to.push("NOT ");
            condition(to, part);
        }
        Filter::Id(id) => {
            to.push("o.id = ").text(id.as_str());
        }
        Filter::Type(types) if types.is_empty() => {
            to.push("1 = 0");
        }
        Filter::Type(types) => {
            to.push("o.type IN (").join(types, ", ", |to, one| {
                to.number(one.0);
            });
            to.push(")");
        }
        Filter::Attribute { tag, tests } => attribute(to, *tag, tests),
        Filter::Tag(tag) => {
            to.push("EXISTS (SELECT 1 FROM ");
            to.dialect().finders(to, "i");
            to.push(" WHERE i.attribute = ").number(TAGS).push(" AND i.field = ").number(OWN_VALUE);
            to.push(" AND i.value = ").value(Parameter::Text(tag)).push(" AND i.object = o.seq");
            let end = to.dialect().on_each();
            to.push(end).push(")");
        }
        Filter::Owner(owner) => {
            to.push("o.owner = ").name(owner);
        }
        Filter::VisibleTo { subjects, operations } => visible_to(to, subjects, operations.as_deref()),
        Filter::State { any_of, at } => state(to, *any_of, at.0),
        Filter::StorageStatus(mask) => {
            to.push("(CASE WHEN o.state IN (5, 6) THEN 4 WHEN o.archived <> 0 THEN 2 ELSE 1 END) & ");
            to.number(*mask).push(" <> 0");
        }
    }
}

/// Adds `owner = …` for the users among the subjects; false if there is none.
pub(super) fn owned<'f>(to: &mut Statement<'f>, subjects: &'f [Subject]) {
    let mut users = users(subjects);
    match (users.next(), users.next()) {
        (None, _) => {
            to.push("1 = 0");
        }
        (Some(only), None) => {
            to.push("o.owner = ").name(only);
        }
        (Some(first), Some(second)) => {
            to.push("o.owner IN (").join([first, second].into_iter().chain(users), ", ", |to, user| {
                to.name(user);
            });
            to.push(")");
        }
    }
}

/// Adds a condition on a row `p` of permissions: one of the subjects and operations.
pub(crate) fn permitted<'f>(
    to: &mut Statement<'f>,
    subjects: &'f [Subject],
    operations: Option<&'f [OperationCode]>,
) {
    if subjects.is_empty() || operations.is_some_and(<[OperationCode]>::is_empty) {
        to.push("1 = 0");
        return;
    }
    to.push("(").join(subjects, " OR ", |to, subject| {
        let (kind, name) = stored_subject(subject);
        to.push("(p.subject_kind = ").number(kind);
        to.push(" AND p.subject = ").name(name).push(")");
    });
    to.push(")");
    if let Some(operations) = operations {
        to.push(" AND p.operation IN (").join(operations, ", ", |to, operation| {
            to.number(operation.0);
        });
        to.push(")");
    }
}

/// The users among the subjects.
pub(super) fn users(subjects: &[Subject]) -> impl Iterator<Item = &str> {
    subjects.iter().filter_map(|subject| match subject {
        Subject::User(name) => Some(&**name),
        Subject::Group(_) | Subject::Everyone => None,
    })
}

/// How a subject is stored: its kind and its name.
pub(crate) fn stored_subject(subject: &Subject) -> (i64, &str) {
    match subject {
        Subject::User(name) => (1, name),
        Subject::Group(name) => (2, name),
        Subject::Everyone => (3, ""),
    }
}

/// Reads what [`stored_subject`] gave.
pub(crate) fn read_subject(kind: i64, name: &str) -> Option<Subject> {
    match kind {
        1 => Some(Subject::User(name.into())),
        2 => Some(Subject::Group(name.into())),
        3 => Some(Subject::Everyone),
        _ => None,
    }
}

fn list<'f>(to: &mut Statement<'f>, parts: &'f [Filter], separator: &str, empty: &str) {
    to.push("(");
    if parts.is_empty() {
        to.push(empty);
    }
    to.join(parts, separator, condition).push(")");
}

fn visible_to<'f>(to: &mut Statement<'f>, subjects: &'f [Subject], operations: Option<&'f [OperationCode]>) {
    to.push("(");
    owned(to, subjects);
    to.push(" OR EXISTS (SELECT 1 FROM ").table("permission").push(" p WHERE p.object = o.seq AND ");
    permitted(to, subjects, operations);
    let end = to.dialect().on_each();
    to.push(end).push("))");
}

/// How `has` compares a value with its two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i64)]
pub(crate) enum Comparison {
    /// It is the first operand.
    Equal = 1,
    /// It is a number from the first operand to the second.
    Between = 2,
    /// It is a number with all bits of the first operand.
    HasBits = 3,
}

/// Whether one instance of the attribute passes every test.
fn attribute<'f>(to: &mut Statement<'f>, tag: Tag, tests: &'f [FieldTest]) {
    if to.dialect().is_server() { rows_have(to, tag, tests) } else { has(to, tag, tests) }
}

/// `has(scalars, attribute, {field, comparison, operand, operand} …)`, which this crate defines for SQLite.
fn has<'f>(to: &mut Statement<'f>, tag: Tag, tests: &'f [FieldTest]) {
    to.push("has((SELECT c.scalars FROM content c WHERE c.object = o.seq), ").number(tag.0);
    for test in tests {
        let (comparison, one, other) = match &test.compare {
            Compare::Equal(value) => (Comparison::Equal, value.into(), 0),
            Compare::Between(low, high) => (Comparison::Between, Parameter::Integer(*low), *high),
            Compare::HasBits(bits) => (Comparison::HasBits, Parameter::Integer(*bits), 0),
        };
        to.push(", ").number(field_of(test)).push(", ").number(comparison as i64);
        to.push(", ").value(one).push(", ").number(other);
    }
    to.push(")");
}

/// A row of the object that passes the first test and, for each other test, a row of the same instance.
fn rows_have<'f>(to: &mut Statement<'f>, tag: Tag, tests: &'f [FieldTest]) {
    to.push("EXISTS (SELECT 1 FROM ").table("scalar").push(" c WHERE c.object = o.seq AND c.attribute = ");
    to.number(tag.0);
    if let Some((first, others)) = tests.split_first() {
        row_passes(to, "c", first);
        for other in others {
            to.push(" AND EXISTS (SELECT 1 FROM ").table("scalar").push(" d WHERE d.object = o.seq");
            to.push(" AND d.attribute = ").number(tag.0).push(" AND d.instance = c.instance");
            row_passes(to, "d", other);
            to.push(")");
        }
    }
    let end = to.dialect().on_each();
    to.push(end).push(")");
}

/// Adds that a row passes a test. `number` is absent where the value is none, and what is unknown finds no row.
fn row_passes<'f>(to: &mut Statement<'f>, row: &str, test: &'f FieldTest) {
    to.push(" AND ").push(row).push(".field = ").number(field_of(test)).push(" AND ");
    match &test.compare {
        Compare::Equal(value) => to.push(row).push(".value = ").value(value.into()),
        Compare::Between(low, high) => to
            .push(row)
            .push(".number >= ")
            .number(*low)
            .push(" AND ")
            .push(row)
            .push(".number <= ")
            .number(*high),
        // None of the bits is missing; MySQL takes numbers of bits for unsigned, so that only zero is safe to compare.
        Compare::HasBits(bits) => to.push("(~").push(row).push(".number & ").number(*bits).push(") = 0"),
    };
}

fn field_of(test: &FieldTest) -> i64 {
    test.field.map_or(OWN_VALUE, |field| i64::from(field.0))
}

/// [`StateDates::at`](claviger_plugin_sdk::kmip::lifecycle::StateDates::at) as conditions on the stored state and
/// its dates.
fn state(to: &mut Statement<'_>, any_of: StateSet, at: i64) {
    to.push("(1 = 0");
    for state in any_of.iter() {
        to.push(" OR ");
        match state {
            State::PRE_ACTIVE => {
                to.push("(o.state = 1 AND (o.activation IS NULL OR o.activation > ").number(at).push("))");
            }
            State::ACTIVE => {
                to.push("(");
                reached_active(to, at);
                to.push(" AND (o.deactivation IS NULL OR o.deactivation > ").number(at).push("))");
            }
            State::DEACTIVATED => {
                to.push("(o.state = 3 OR (");
                reached_active(to, at);
                to.push(" AND o.deactivation IS NOT NULL AND o.deactivation <= ").number(at).push("))");
            }
            other => {
                to.push("o.state = ").number(other.0);
            }
        }
    }
    to.push(")");
}

fn reached_active(to: &mut Statement<'_>, at: i64) {
    to.push("(o.state = 2 OR (o.state = 1 AND o.activation IS NOT NULL AND o.activation <= ").number(at);
    to.push("))");
}
