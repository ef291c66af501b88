//! Whether what finds objects agrees with them.

use std::collections::BTreeSet;

use claviger_plugin_sdk::filter::Index;
use claviger_plugin_sdk::kmip::Tag;
use claviger_plugin_sdk::record::ObjectId;
use rusqlite::{Connection, OptionalExtension};

use super::index_rows;
use super::readers::Read;
use crate::search::scalars::{self, Scalar, TAGS};

/// What a search looks at of an object: owner, type, state, its two dates, archived, and the scalars.
type Columns = (String, u32, u32, Option<i64>, Option<i64>, bool, Option<Vec<u8>>);

/// What finds an object and should not, or should and does not.
pub(super) fn of_object(connection: &Connection, id: &ObjectId, expected: &Index) -> Read<Vec<String>> {
    let sql = "SELECT o.owner, o.type, o.state, o.activation, o.deactivation, o.archived, c.scalars, o.seq
               FROM object o LEFT JOIN content c ON c.object = o.seq WHERE o.id = ?";
    let found = connection.prepare_cached(sql)?.query_row([id.as_str()], |row| {
        let columns: Columns =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?);
        Ok((columns, row.get::<_, i64>(7)?))
    });
    let Some((columns, place)) = found.optional()? else {
        return Ok(vec!["it is not in the table of objects".to_owned()]);
    };
    let mut faults = columns_that_differ(&columns, expected);
    let stored = columns.6.unwrap_or_default();
    let (stored, wanted): (BTreeSet<Scalar<'_>>, BTreeSet<Scalar<'_>>) =
        (scalars::decode(&stored).collect(), scalars::of(expected).collect());
    faults.extend(wanted.difference(&stored).map(|scalar| format!("{} is not searched for", named(scalar))));
    faults.extend(
        stored.difference(&wanted).map(|scalar| format!("{} finds it and it has none", named(scalar))),
    );
    for scalar in wanted.iter().filter(|scalar| scalar.has_row()) {
        if !index_rows::has(connection, place, scalar)? {
            faults.push(format!("{} is missing in the index", named(scalar)));
        }
    }
    Ok(faults)
}

fn columns_that_differ(columns: &Columns, expected: &Index) -> Vec<String> {
    let (owner, object_type, state, activation, deactivation, archived, _) = columns;
    let dates = &expected.dates;
    [
        (*owner != *expected.owner, "owner"),
        (*object_type != expected.object_type.0, "type"),
        (*state != dates.stored.0, "state"),
        (*activation != dates.activation.map(|date| date.0), "activation date"),
        (*deactivation != dates.deactivation.map(|date| date.0), "deactivation date"),
        (*archived != expected.archived, "archived status"),
    ]
    .into_iter()
    .filter(|(differs, _)| *differs)
    .map(|(_, what)| format!("it is found by another {what} than it has"))
    .collect()
}

/// What a scalar is of, without its value.
fn named(scalar: &Scalar<'_>) -> String {
    if scalar.attribute == TAGS {
        return "a tag".to_owned();
    }
    let tag = u32::try_from(scalar.attribute).map(Tag).unwrap_or(Tag(0));
    format!("an attribute {tag:?}")
}

/// What belongs to nothing, and damage to the file.
pub(super) fn of_database(connection: &Connection) -> Read<Vec<String>> {
    let mut faults = Vec::new();
    let mut check = connection.prepare("PRAGMA integrity_check(100)")?;
    let answers = check.query_map([], |row| row.get::<_, String>(0))?.collect::<Read<Vec<_>>>()?;
    faults.extend(
        answers.into_iter().filter(|answer| answer != "ok").map(|answer| format!("the file: {answer}")),
    );
    for (sql, what) in STRAYS {
        let count: i64 = connection.query_row(sql, [], |row| row.get(0))?;
        if count > 0 {
            faults.push(format!("{count} {what}"));
        }
    }
    Ok(faults)
}

const STRAYS: [(&str, &str); 6] = [
    (
        "SELECT count(*) FROM object o LEFT JOIN content c ON c.object = o.seq WHERE c.object IS NULL",
        "objects without content",
    ),
    (
        "SELECT count(*) FROM content c LEFT JOIN object o ON o.seq = c.object WHERE o.seq IS NULL",
        "contents of absent objects",
    ),
    (
        "SELECT count(*) FROM permission p LEFT JOIN object o ON o.seq = p.object WHERE o.seq IS NULL",
        "grants on absent objects",
    ),
    (
        "SELECT count(*) FROM name n LEFT JOIN object o ON o.seq = n.object WHERE o.seq IS NULL",
        "names claimed for absent objects",
    ),
    (
        "SELECT count(*) FROM indexed i LEFT JOIN object o ON o.seq = i.object WHERE o.seq IS NULL",
        "entries of the index for absent objects",
    ),
    (
        "SELECT count(*) FROM indexed i JOIN content c ON c.object = i.object
         WHERE NOT has(c.scalars, i.attribute, i.field, 1, i.value, 0)",
        "entries of the index for values that their objects do not have",
    ),
];
