//! Reading records, grants and documents.

use claviger_plugin_sdk::filter::{Cursor, Filter, Page};
use claviger_plugin_sdk::kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::record::{ObjectId, Revision};
use claviger_plugin_sdk::store::{
    Document, DocumentPage, FoundIds, FoundPage, Grant, GrantQuery, Stored, Subject,
};
use rusqlite::types::{ToSqlOutput, Type, Value, ValueRef};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, Rows, ToSql};

use super::readers::Read;
use crate::search::{
    self, Argument, Dialect, Driver, Parameter, Statement, Wanted, read_subject, stored_subject,
};

/// See [`ObjectStore::get`](claviger_plugin_sdk::store::ObjectStore::get).
pub(super) fn get(connection: &Connection, ids: &[ObjectId], subjects: &[Subject]) -> Read<Vec<Stored>> {
    let sql = "SELECT o.seq, o.id, o.revision, o.usage_left, c.body
               FROM object o CROSS JOIN content c ON c.object = o.seq WHERE o.id = ?";
    let mut statement = connection.prepare_cached(sql)?;
    let mut records = Vec::with_capacity(ids.len());
    for id in ids {
        let found = statement.query_row([id.as_str()], |row| record(row, Some(id))).optional()?;
        if let Some((place, mut stored)) = found {
            stored.grants = grants_held(connection, place, id, subjects)?;
            records.push(stored);
        }
    }
    Ok(records)
}

/// See [`ObjectStore::find`](claviger_plugin_sdk::store::ObjectStore::find).
pub(super) fn find(
    connection: &Connection,
    filter: &Filter,
    page: &Page,
    subjects: &[Subject],
) -> Read<FoundPage> {
    let driver = choose(connection, filter)?;
    let mut found = FoundPage::default();
    let mut select = Statement::new(Dialect::Sqlite);
    search::select(&mut select, &driver, filter, page, Wanted::Record);
    let mut statement = connection.prepare_cached(&select.sql)?;
    let mut rows = bound(&mut statement, &select)?;
    while let Some(row) = rows.next()? {
        let (place, mut stored) = record(row, None)?;
        stored.grants = grants_held(connection, place, &stored.id, subjects)?;
        found.last = Some(Cursor(place));
        found.records.push(stored);
    }
    found.total = total(connection, &driver, filter, page)?;
    Ok(found)
}

/// See [`ObjectStore::locate`](claviger_plugin_sdk::store::ObjectStore::locate).
pub(super) fn locate(connection: &Connection, filter: &Filter, page: &Page) -> Read<FoundIds> {
    let driver = choose(connection, filter)?;
    let mut ids = Vec::new();
    let mut select = Statement::new(Dialect::Sqlite);
    search::select(&mut select, &driver, filter, page, Wanted::Identifier);
    let mut statement = connection.prepare_cached(&select.sql)?;
    let mut rows = bound(&mut statement, &select)?;
    while let Some(row) = rows.next()? {
        ids.push(object_id(row, 1)?);
    }
    Ok(FoundIds { ids, total: total(connection, &driver, filter, page)? })
}

/// See [`ObjectStore::grants`](claviger_plugin_sdk::store::ObjectStore::grants).
pub(super) fn grants(connection: &Connection, query: &GrantQuery) -> Read<Vec<Grant>> {
    const COLUMNS: &str = "SELECT o.id, p.subject_kind, p.subject, p.operation FROM permission p";
    let mut grants = Vec::new();
    let mut gather = |mut rows: Rows<'_>| -> Read<()> {
        while let Some(row) = rows.next()? {
            grants.push(grant(row, 1, object_id(row, 0)?)?);
        }
        Ok(())
    };
    match query {
        GrantQuery::Object(id) => {
            let sql = format!("{COLUMNS} CROSS JOIN object o WHERE o.id = ? AND p.object = o.seq");
            gather(connection.prepare_cached(&sql)?.query([id.as_str()])?)?;
        }
        GrantQuery::Subjects(subjects) => {
            let sql = format!(
                "{COLUMNS} CROSS JOIN object o ON o.seq = p.object WHERE p.subject_kind = ? AND p.subject = ?"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            for subject in subjects {
                gather(statement.query(stored_subject(subject))?)?;
            }
        }
    }
    grants.sort_unstable();
    grants.dedup();
    Ok(grants)
}

/// See [`ObjectStore::document`](claviger_plugin_sdk::store::ObjectStore::document).
pub(super) fn document(connection: &Connection, kind: &str, id: &str, now: i64) -> Read<Option<Document>> {
    let sql = "SELECT revision, expires, body FROM document
               WHERE kind = ? AND id = ? AND (expires IS NULL OR expires >= ?)";
    connection.prepare_cached(sql)?.query_row((kind, id, now), document_of).optional()
}

/// See [`ObjectStore::documents`](claviger_plugin_sdk::store::ObjectStore::documents).
pub(super) fn documents(
    connection: &Connection,
    kind: &str,
    page: &DocumentPage,
    now: i64,
) -> Read<Vec<(String, Document)>> {
    let sql = "SELECT revision, expires, body, id FROM document
               WHERE kind = ? AND id > ? AND (expires IS NULL OR expires >= ?) ORDER BY id LIMIT ?";
    // No name sorts before the empty one; it can be none, since a name is never empty.
    let after = page.after.as_deref().unwrap_or_default();
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((kind, after, now, limit), |row| Ok((row.get(3)?, document_of(row)?)))?;
    rows.collect()
}

/// Whether the database answers.
pub(super) fn health(connection: &Connection) -> Read<()> {
    connection.prepare_cached("SELECT version FROM schema_version")?.query_row([], |_| Ok(()))
}

/// A document, from a row of revision, expiry and body.
fn document_of(row: &Row<'_>) -> Read<Document> {
    Ok(Document {
        revision: Revision(revision(row, 0)?),
        expires: row.get(1)?,
        body: row.get::<_, Vec<u8>>(2)?.into(),
    })
}

/// How many objects match, if the page asks.
fn total<'f>(
    connection: &Connection,
    driver: &Driver<'f>,
    filter: &'f Filter,
    page: &Page,
) -> Read<Option<u64>> {
    if !page.count {
        return Ok(None);
    }
    let total = number(connection, &search::count(Dialect::Sqlite, driver, filter))?;
    Ok(u64::try_from(total).ok())
}

/// How many objects are few; where no condition gives so few, the second number counts.
const FEW: [i64; 2] = [64, 1024];

/// The condition that gives few objects drives the search: the first that does, in the order of promise.
fn choose<'f>(connection: &Connection, filter: &'f Filter) -> Read<Driver<'f>> {
    let mut candidates = search::candidates(filter);
    if candidates.len() > 1 {
        for few in FEW {
            for (position, candidate) in candidates.iter().enumerate() {
                let probe = || search::probe(Dialect::Sqlite, std::slice::from_ref(candidate), few);
                if candidate.is_unique() || number(connection, &probe())? < few {
                    return Ok(candidates.swap_remove(position));
                }
            }
        }
    }
    Ok(if candidates.is_empty() { Driver::all() } else { candidates.swap_remove(0) })
}

fn number(connection: &Connection, statement: &Statement<'_>) -> Read<i64> {
    let mut prepared = connection.prepare_cached(&statement.sql)?;
    match bound(&mut prepared, statement)?.next()? {
        Some(row) => row.get(0),
        None => Ok(0),
    }
}

fn bound<'s>(prepared: &'s mut CachedStatement<'_>, statement: &Statement<'_>) -> Read<Rows<'s>> {
    for (position, argument) in statement.arguments.iter().enumerate() {
        prepared.raw_bind_parameter(position + 1, argument)?;
    }
    Ok(prepared.raw_query())
}

impl ToSql for Argument<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::One(parameter) => parameter.to_sql(),
            Self::Optional(number) => number.to_sql(),
            Self::Own(bytes) => Ok(ToSqlOutput::Borrowed(ValueRef::Blob(bytes))),
            Self::Numbers(_) | Self::Lists(_) => {
                Err(rusqlite::Error::ToSqlConversionFailure("SQLite has no arrays".into()))
            }
        }
    }
}

impl ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Integer(n) => ToSqlOutput::Owned(Value::Integer(*n)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

/// A record and its place, from a row of place, identifier, revision, uses left and body.
fn record(row: &Row<'_>, known: Option<&ObjectId>) -> Read<(i64, Stored)> {
    let id = match known {
        Some(id) => id.clone(),
        None => object_id(row, 1)?,
    };
    let stored = Stored {
        id,
        revision: Revision(revision(row, 2)?),
        body: row.get_ref(4)?.as_blob()?.into(),
        usage_left: row.get(3)?,
        grants: Vec::new(),
    };
    Ok((row.get(0)?, stored))
}

fn grants_held(
    connection: &Connection,
    place: i64,
    object: &ObjectId,
    subjects: &[Subject],
) -> Read<Vec<Grant>> {
    let mut grants = Vec::new();
    let sql = "SELECT operation FROM permission WHERE object = ? AND subject_kind = ? AND subject = ?";
    for subject in subjects {
        let (kind, name) = stored_subject(subject);
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query((place, kind, name))?;
        while let Some(row) = rows.next()? {
            let operation = OperationCode(row.get(0)?);
            grants.push(Grant { object: object.clone(), subject: subject.clone(), operation });
        }
    }
    grants.sort_unstable();
    Ok(grants)
}

/// A grant on an object, from a row that has kind and name of its subject, and its operation, from this column on.
pub(super) fn grant(row: &Row<'_>, column: usize, object: ObjectId) -> Read<Grant> {
    let operation = OperationCode(row.get(column + 2)?);
    Ok(Grant { object, subject: subject(row, column)?, operation })
}

fn subject(row: &Row<'_>, column: usize) -> Read<Subject> {
    let kind = row.get(column)?;
    read_subject(kind, row.get_ref(column + 1)?.as_str()?)
        .ok_or(rusqlite::Error::IntegralValueOutOfRange(column, kind))
}

/// The identifier in a column.
pub(super) fn object_id(row: &Row<'_>, column: usize) -> Read<ObjectId> {
    ObjectId::new(row.get_ref(column)?.as_str()?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error)))
}

/// The revision in a column.
pub(super) fn revision(row: &Row<'_>, column: usize) -> Read<u64> {
    let n: i64 = row.get(column)?;
    u64::try_from(n).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, n))
}
