//! The rows of what is indexed of an object: tags, and scalars of attributes.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use claviger_plugin_sdk::filter::Index;

use crate::remote::statements::{Batch, Column, list, or_update, values};
use crate::search::scalars::{self, Scalar};
use crate::search::{Dialect, Parameter, stored_value};

/// Rows that one statement writes; MySQL takes so many values.
const AT_ONCE: usize = 1000;

/// Rows that MySQL is told to leave when the others go; beyond that all go and are written anew.
const LISTED: usize = 10_000;

/// Attribute, field, value and instance, which make a row, and what else is in it.
pub(in crate::remote) type Key = (i64, i64, Vec<u8>, i64);

/// What else is in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::remote) struct Rest {
    /// The value, if it is a number.
    pub(in crate::remote) number: Option<i64>,
    /// Whether the row finds the object. One of those that differ by instance alone does.
    pub(in crate::remote) found: bool,
}

/// Adds the rows of new objects.
pub(super) fn insert<'f>(batch: &mut Batch<'f>, objects: impl Iterator<Item = (i64, &'f Index)>) {
    let rows: Vec<(i64, (Key, Rest))> =
        objects.flat_map(|(place, index)| rows(index).into_iter().map(move |row| (place, row))).collect();
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let some: Vec<_> = rows.by_ref().take(AT_ONCE).collect();
        batch.add(|to| {
            to.push("INSERT INTO ").table("scalar");
            to.push(" (object, attribute, field, value, instance, number, found) ");
            values(to, columns(some));
        });
    }
}

/// Makes the rows of an object those of the index; rows that stay are not touched, unless another instance had found
/// the object, or there are very many of them.
pub(super) fn replace<'f>(batch: &mut Batch<'f>, place: i64, index: &'f Index) {
    let rows = rows(index);
    batch.add(|to| {
        to.push("DELETE FROM ").table("scalar").push(" WHERE object = ").number(place);
        // MySQL takes four values for each of them, and runs the statements of a batch one after the other.
        let are_listed = to.dialect() != Dialect::Mysql || rows.len() <= LISTED;
        if !rows.is_empty() && are_listed {
            to.push(" AND (attribute, field, value, instance) NOT IN ");
            list(to, keys(&rows));
        }
    });
    let mut rows = rows.into_iter().map(|row| (place, row)).peekable();
    while rows.peek().is_some() {
        let some: Vec<_> = rows.by_ref().take(AT_ONCE).collect();
        batch.add(|to| {
            to.push("INSERT INTO ").table("scalar");
            to.push(" (object, attribute, field, value, instance, number, found) ");
            values(to, columns(some));
            or_update(to, "(object, attribute, field, value, instance)", "found");
        });
    }
}

/// The rows of an index, each once.
pub(in crate::remote) fn rows(index: &Index) -> BTreeMap<Key, Rest> {
    let mut rows = BTreeMap::new();
    let mut finders = BTreeSet::new();
    // In order of instances, so that the same one finds the object after every change that leaves it.
    let mut scalars: Vec<Scalar<'_>> = scalars::of(index).collect();
    scalars.sort_unstable_by_key(|scalar| scalar.instance);
    for scalar in scalars {
        let number = if let Parameter::Integer(n) = scalar.value { Some(n) } else { None };
        let value = stored_value(scalar.value);
        let found = scalar.has_row() && finders.insert((scalar.attribute, scalar.field, value.clone()));
        let key = (scalar.attribute, scalar.field, value, scalar.instance);
        rows.entry(key).or_insert(Rest { number, found });
    }
    rows
}

fn columns<'f>(rows: Vec<(i64, (Key, Rest))>) -> Vec<Column<'f>> {
    let mut numbers: [Vec<Option<i64>>; 6] = Default::default();
    let mut bytes = Vec::with_capacity(rows.len());
    for (place, ((attribute, field, value, instance), rest)) in rows {
        let row =
            [Some(place), Some(attribute), Some(field), Some(instance), rest.number, Some(rest.found.into())];
        numbers.iter_mut().zip(row).for_each(|(column, number)| column.push(number));
        bytes.push(Cow::Owned(value));
    }
    let [places, attributes, fields, instances, scalars, found] = numbers.map(Column::Numbers);
    vec![places, attributes, fields, Column::Bytes(bytes), instances, scalars, found]
}

/// What tells rows of one object apart.
fn keys<'f>(rows: &BTreeMap<Key, Rest>) -> Vec<Column<'f>> {
    let column = |of: &dyn Fn(&Key) -> i64| Column::Numbers(rows.keys().map(|key| Some(of(key))).collect());
    vec![
        column(&|key| key.0),
        column(&|key| key.1),
        Column::Bytes(rows.keys().map(|key| Cow::Owned(key.2.clone())).collect()),
        column(&|key| key.3),
    ]
}
