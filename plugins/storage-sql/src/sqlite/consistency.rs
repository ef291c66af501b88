//! Whether what finds objects agrees with them.

use std::collections::BTreeSet;

use claviger_plugin_sdk::filter::Index;
use claviger_plugin_sdk::record::ObjectId;
use rusqlite::{Connection, OptionalExtension};

use super::index_rows;
use super::readers::Read;
use crate::search::faults::{Columns, Fault, NOT_AN_OBJECT};
use crate::search::scalars::{self, Scalar};

/// What finds an object and should not, or should and does not.
pub(super) fn of_object(connection: &Connection, id: &ObjectId, expected: &Index) -> Read<Vec<String>> {
    let sql = "SELECT o.owner, o.type, o.state, o.activation, o.deactivation, o.archived, c.scalars, o.seq
               FROM object o LEFT JOIN content c ON c.object = o.seq WHERE o.id = ?";
    let found = connection.prepare_cached(sql)?.query_row([id.as_str()], |row| {
        let columns = Columns {
            owner: row.get_ref(0)?.as_str()? == &*expected.owner,
            object_type: row.get(1)?,
            state: row.get(2)?,
            activation: row.get(3)?,
            deactivation: row.get(4)?,
            archived: row.get(5)?,
        };
        Ok((columns, row.get::<_, Option<Vec<u8>>>(6)?, row.get::<_, i64>(7)?))
    });
    let Some((columns, stored, place)) = found.optional()? else {
        return Ok(vec![NOT_AN_OBJECT.to_owned()]);
    };
    let mut faults = columns.faults(expected);
    let stored = stored.unwrap_or_default();
    let (stored, wanted): (BTreeSet<Scalar<'_>>, BTreeSet<Scalar<'_>>) =
        (scalars::decode(&stored).collect(), scalars::of(expected).collect());
    faults.extend(wanted.difference(&stored).map(|scalar| Fault::Unsearched.of(scalar.attribute)));
    faults.extend(stored.difference(&wanted).map(|scalar| Fault::Foreign.of(scalar.attribute)));
    for scalar in wanted.iter().filter(|scalar| scalar.has_row()) {
        if !index_rows::has(connection, place, scalar)? {
            faults.push(Fault::Unindexed.of(scalar.attribute));
        }
    }
    Ok(faults)
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
