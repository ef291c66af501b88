//! The rows that find an object: one for each tag and each value that tells objects apart.

use std::collections::BTreeSet;

use claviger_plugin_sdk::filter::Index;
use rusqlite::{Connection, Result};

use crate::search::Parameter;
use crate::search::scalars::{self, Scalar};

/// Writes the rows of a new object.
pub(super) fn insert(connection: &Connection, object: i64, index: &Index) -> Result<()> {
    insert_rows(connection, object, &rows(scalars::of(index)).into_iter().collect::<Vec<_>>())
}

/// Makes the rows of an object, which had these scalars before, those of the index; rows that stay are not touched.
pub(super) fn replace(connection: &Connection, object: i64, before: &[u8], index: &Index) -> Result<()> {
    let (stale, wanted) = (rows(scalars::decode(before)), rows(scalars::of(index)));
    delete_rows(connection, object, stale.difference(&wanted))?;
    insert_rows(connection, object, &wanted.difference(&stale).copied().collect::<Vec<_>>())
}

/// Removes the rows of an object that had these scalars.
pub(super) fn remove(connection: &Connection, object: i64, before: &[u8]) -> Result<()> {
    delete_rows(connection, object, &rows(scalars::decode(before)))
}

/// Whether the row of a scalar is there.
pub(super) fn has(connection: &Connection, object: i64, scalar: &Scalar<'_>) -> Result<bool> {
    let sql = "SELECT 1 FROM indexed WHERE attribute = ? AND field = ? AND value = ? AND object = ?";
    connection.prepare_cached(sql)?.exists((scalar.attribute, scalar.field, scalar.value, object))
}

/// Attribute, field and value.
type IndexRow<'i> = (i64, i64, Parameter<'i>);

/// The rows, each once: several instances may have the same value.
fn rows<'i>(scalars: impl Iterator<Item = Scalar<'i>>) -> BTreeSet<IndexRow<'i>> {
    scalars.filter(Scalar::has_row).map(|scalar| (scalar.attribute, scalar.field, scalar.value)).collect()
}

/// How many rows one statement writes at most; each number of rows is a statement that stays prepared.
const ROWS: usize = 16;

fn insert_rows(connection: &Connection, object: i64, rows: &[IndexRow<'_>]) -> Result<()> {
    for rows in rows.chunks(ROWS) {
        let mut sql = String::from("INSERT INTO indexed (object, attribute, field, value) VALUES ");
        sql.push_str(&vec!["(?1, ?, ?, ?)"; rows.len()].join(", "));
        let mut statement = connection.prepare_cached(&sql)?;
        statement.raw_bind_parameter(1, object)?;
        for (position, (attribute, field, value)) in rows.iter().enumerate() {
            let first = 2 + 3 * position;
            statement.raw_bind_parameter(first, attribute)?;
            statement.raw_bind_parameter(first + 1, field)?;
            statement.raw_bind_parameter(first + 2, value)?;
        }
        statement.raw_execute()?;
    }
    Ok(())
}

fn delete_rows<'r>(
    connection: &Connection,
    object: i64,
    rows: impl IntoIterator<Item = &'r IndexRow<'r>>,
) -> Result<()> {
    let sql = "DELETE FROM indexed WHERE attribute = ? AND field = ? AND value = ? AND object = ?";
    let mut delete = connection.prepare_cached(sql)?;
    for (attribute, field, value) in rows {
        delete.execute((attribute, field, value, object))?;
    }
    Ok(())
}
