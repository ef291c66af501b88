//! The rows that find an object: one for each tag and each scalar of each attribute.

use std::collections::BTreeSet;

use claviger_plugin_sdk::filter::Index;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result};

use crate::search::{OWN_VALUE, Parameter, TAGS};

/// Writes the rows of a new object.
pub(super) fn insert(connection: &Connection, object: i64, index: &Index) -> Result<()> {
    let rows: Vec<IndexRow<'_>> = rows(index).collect();
    insert_rows(connection, object, &rows)
}

/// Makes the rows of an object those of the index; rows that stay are not touched.
pub(super) fn replace(connection: &Connection, object: i64, index: &Index) -> Result<()> {
    let mut wanted: BTreeSet<IndexRow<'_>> = rows(index).collect();
    let mut stale: Vec<(i64, i64, i64, Value)> = Vec::new();
    let sql = "SELECT attribute, field, instance, value FROM indexed WHERE object = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let mut stored = statement.query([object])?;
    while let Some(row) = stored.next()? {
        let (attribute, field, instance, value) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get_ref(3)?);
        let kept = match value {
            ValueRef::Integer(n) => Some(Parameter::Integer(n)),
            ValueRef::Text(text) => std::str::from_utf8(text).ok().map(Parameter::Text),
            ValueRef::Blob(bytes) => Some(Parameter::Bytes(bytes)),
            ValueRef::Null | ValueRef::Real(_) => None,
        }
        .is_some_and(|value| take(&mut wanted, &IndexRow { attribute, field, instance, value }));
        if !kept {
            stale.push((attribute, field, instance, row.get(3)?));
        }
    }
    let sql = "DELETE FROM indexed
               WHERE object = ? AND attribute = ? AND field = ? AND instance = ? AND value = ?";
    let mut delete = connection.prepare_cached(sql)?;
    for (attribute, field, instance, value) in stale {
        delete.execute((object, attribute, field, instance, value))?;
    }
    let wanted: Vec<IndexRow<'_>> = wanted.into_iter().collect();
    insert_rows(connection, object, &wanted)
}

/// Removes the rows of an object.
pub(super) fn remove(connection: &Connection, object: i64) -> Result<()> {
    connection.prepare_cached("DELETE FROM indexed WHERE object = ?")?.execute([object]).map(drop)
}

/// How many rows one statement writes at most; each number of rows is a statement that stays prepared.
const ROWS: usize = 16;

fn insert_rows(connection: &Connection, object: i64, rows: &[IndexRow<'_>]) -> Result<()> {
    for rows in rows.chunks(ROWS) {
        // A structure may hold a field twice with one value, which is one row.
        let mut sql =
            String::from("INSERT OR IGNORE INTO indexed (object, attribute, field, instance, value) VALUES ");
        sql.push_str(&vec!["(?1, ?, ?, ?, ?)"; rows.len()].join(", "));
        let mut statement = connection.prepare_cached(&sql)?;
        statement.raw_bind_parameter(1, object)?;
        for (position, row) in rows.iter().enumerate() {
            let first = 2 + 4 * position;
            statement.raw_bind_parameter(first, row.attribute)?;
            statement.raw_bind_parameter(first + 1, row.field)?;
            statement.raw_bind_parameter(first + 2, row.instance)?;
            statement.raw_bind_parameter(first + 3, row.value)?;
        }
        statement.raw_execute()?;
    }
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct IndexRow<'i> {
    attribute: i64,
    field: i64,
    instance: i64,
    value: Parameter<'i>,
}

fn rows(index: &Index) -> impl Iterator<Item = IndexRow<'_>> {
    let tags = index.tags.iter().map(|tag| IndexRow {
        attribute: TAGS,
        field: OWN_VALUE,
        instance: 0,
        value: Parameter::Text(tag),
    });
    let attributes = index.attributes.iter().map(|value| IndexRow {
        attribute: value.tag.0.into(),
        field: value.field.map_or(OWN_VALUE, |field| field.0.into()),
        instance: value.instance.into(),
        value: (&value.value).into(),
    });
    tags.chain(attributes)
}

/// Removes a row from the set; whether it was there. Rows of another lifetime compare all the same.
fn take<'i>(wanted: &mut BTreeSet<IndexRow<'i>>, row: &IndexRow<'_>) -> bool {
    let found = wanted.iter().find(|wanted| *wanted == row).copied();
    found.is_some_and(|found| wanted.remove(&found))
}
