//! Reading records, grants and documents: one statement each, so that what belongs together is of one moment.

use std::collections::HashMap;

use claviger_plugin_sdk::filter::{Cursor, Filter, Page};
use claviger_plugin_sdk::kmip::tables::enumerations::OperationCode;
use claviger_plugin_sdk::record::{ObjectId, Revision};
use claviger_plugin_sdk::store::{
    Document, DocumentPage, FoundIds, FoundPage, Grant, GrantQuery, Stored, Subject,
};
use claviger_plugin_sdk::{Error, Result};

use super::connection::Row;
use super::failure::failed;
use super::pool::Pool;
use super::statements::{among, not_expired};
use crate::search::{self, Driver, Statement, Wanted, permitted, read_subject};

/// Identifiers that one statement asks for.
const AT_ONCE: usize = 1000;

/// See [`ObjectStore::get`](claviger_plugin_sdk::store::ObjectStore::get).
pub(super) async fn get(pool: &Pool, ids: &[ObjectId], subjects: &[Subject]) -> Result<Vec<Stored>> {
    let mut found = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(AT_ONCE) {
        let mut statement = Statement::new(pool.dialect());
        let texts = ids.iter().map(ObjectId::as_str);
        records_of(&mut statement, subjects, |to| {
            to.push("SELECT o.seq, o.id, o.revision, o.usage_left FROM ").table("object");
            to.push(" o WHERE o.id ");
            among(to, texts);
        });
        let rows = pool.rows(&statement).await?;
        for (_, stored) in records(&rows, !subjects.is_empty())? {
            found.insert(stored.id.clone(), stored);
        }
    }
    if let [only] = ids {
        return Ok(found.remove(only).into_iter().collect());
    }
    Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect())
}

/// See [`ObjectStore::find`](claviger_plugin_sdk::store::ObjectStore::find).
pub(super) async fn find(
    pool: &Pool,
    filter: &Filter,
    page: &Page,
    subjects: &[Subject],
) -> Result<FoundPage> {
    let driver = choose(pool, filter).await?;
    let mut statement = Statement::new(pool.dialect());
    records_of(&mut statement, subjects, |to| {
        search::select(to, &driver, filter, page, Wanted::Head);
    });
    let rows = pool.rows(&statement).await?;
    let found = records(&rows, !subjects.is_empty())?;
    Ok(FoundPage {
        last: found.last().map(|(place, _)| Cursor(*place)),
        records: found.into_iter().map(|(_, stored)| stored).collect(),
        total: total(pool, &driver, filter, page).await?,
    })
}

/// See [`ObjectStore::locate`](claviger_plugin_sdk::store::ObjectStore::locate).
pub(super) async fn locate(pool: &Pool, filter: &Filter, page: &Page) -> Result<FoundIds> {
    let driver = choose(pool, filter).await?;
    let mut statement = Statement::new(pool.dialect());
    search::select(&mut statement, &driver, filter, page, Wanted::Identifier);
    let rows = pool.rows(&statement).await?;
    Ok(FoundIds {
        ids: rows.iter().map(|row| object_id(row, 1)).collect::<Result<_>>()?,
        total: total(pool, &driver, filter, page).await?,
    })
}

/// See [`ObjectStore::grants`](claviger_plugin_sdk::store::ObjectStore::grants).
pub(super) async fn grants(pool: &Pool, query: &GrantQuery) -> Result<Vec<Grant>> {
    let mut statement = Statement::new(pool.dialect());
    statement.push("SELECT o.id, p.subject_kind, p.subject_name, p.operation FROM ").table("permission");
    statement.push(" p JOIN ").table("object").push(" o ON o.seq = p.object WHERE ");
    match query {
        GrantQuery::Object(id) => {
            statement.push("o.id = ").text(id.as_str());
        }
        GrantQuery::Subjects(subjects) => permitted(&mut statement, subjects, None),
    }
    let rows = pool.rows(&statement).await?;
    let mut grants = rows.iter().map(|row| grant(row, object_id(row, 0)?, 1)).collect::<Result<Vec<_>>>()?;
    grants.sort_unstable();
    Ok(grants)
}

/// See [`ObjectStore::document`](claviger_plugin_sdk::store::ObjectStore::document).
pub(super) async fn document(pool: &Pool, kind: &str, id: &str) -> Result<Option<Document>> {
    let mut statement = Statement::new(pool.dialect());
    statement.push("SELECT revision, expires, body FROM ").table("document");
    statement.push(" WHERE kind = ").text(kind).push(" AND id = ").text(id).push(" AND ");
    not_expired(&mut statement);
    pool.rows(&statement).await?.first().map(document_of).transpose()
}

/// See [`ObjectStore::documents`](claviger_plugin_sdk::store::ObjectStore::documents).
pub(super) async fn documents(
    pool: &Pool,
    kind: &str,
    page: &DocumentPage,
) -> Result<Vec<(String, Document)>> {
    let mut statement = Statement::new(pool.dialect());
    statement.push("SELECT revision, expires, body, id FROM ").table("document");
    statement.push(" WHERE kind = ").text(kind);
    if let Some(after) = &page.after {
        statement.push(" AND id > ").text(after);
    }
    statement.push(" AND ");
    not_expired(&mut statement);
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
    statement.push(" ORDER BY id LIMIT ").number(limit);
    let rows = pool.rows(&statement).await?;
    rows.iter().map(|row| Ok((row.text(3).map_err(failed)?.to_owned(), document_of(row)?))).collect()
}

/// See [`ObjectStore::document_kinds`](claviger_plugin_sdk::store::ObjectStore::document_kinds).
pub(super) async fn document_kinds(pool: &Pool) -> Result<Vec<String>> {
    let mut statement = Statement::new(pool.dialect());
    statement.push("SELECT DISTINCT kind FROM ").table("document").push(" ORDER BY kind");
    let rows = pool.rows(&statement).await?;
    rows.iter().map(|row| Ok(row.text(0).map_err(failed)?.to_owned())).collect()
}

/// Adds the body and the subjects' grants to what `select` selects: the heads of records. There is a row for each
/// grant, and one for a record without any.
fn records_of<'f>(to: &mut Statement<'f>, subjects: &'f [Subject], select: impl FnOnce(&mut Statement<'f>)) {
    to.push("SELECT m.seq, m.id, m.revision, m.usage_left, c.body");
    if !subjects.is_empty() {
        to.push(", p.subject_kind, p.subject_name, p.operation");
    }
    to.push(" FROM (");
    select(to);
    to.push(") m JOIN ").table("content").push(" c ON c.object = m.seq");
    if !subjects.is_empty() {
        to.push(" LEFT JOIN ").table("permission").push(" p ON p.object = m.seq AND ");
        permitted(to, subjects, None);
    }
    to.push(" ORDER BY m.seq DESC");
}

/// Records with their places, from rows of [`records_of`].
fn records(rows: &[Row], with_grants: bool) -> Result<Vec<(i64, Stored)>> {
    let mut records: Vec<(i64, Stored)> = Vec::with_capacity(rows.len());
    for row in rows {
        let place = row.number(0).map_err(failed)?;
        if records.last().is_none_or(|(last, _)| *last != place) {
            records.push((place, record(row)?));
        }
        if with_grants
            && row.optional(5).map_err(failed)?.is_some()
            && let Some((_, stored)) = records.last_mut()
        {
            let held = grant(row, stored.id.clone(), 5)?;
            stored.grants.push(held);
        }
    }
    records.iter_mut().for_each(|(_, stored)| stored.grants.sort_unstable());
    Ok(records)
}

fn record(row: &Row) -> Result<Stored> {
    Ok(Stored {
        id: object_id(row, 1)?,
        revision: revision(row, 2)?,
        usage_left: row.optional(3).map_err(failed)?,
        body: row.bytes(4).map_err(failed)?.into(),
        grants: Vec::new(),
    })
}

/// A grant on an object, from columns of the subject's kind, its name and the operation.
pub(super) fn grant(row: &Row, object: ObjectId, first: usize) -> Result<Grant> {
    let (kind, name) = (row.number(first).map_err(failed)?, row.text(first + 1).map_err(failed)?);
    let operation = u32::try_from(row.number(first + 2).map_err(failed)?).map_err(damaged)?;
    let subject = read_subject(kind, name).ok_or_else(|| damaged("no such kind of subject"))?;
    Ok(Grant { object, subject, operation: OperationCode(operation) })
}

pub(super) fn document_of(row: &Row) -> Result<Document> {
    Ok(Document {
        revision: revision(row, 0)?,
        expires: row.optional(1).map_err(failed)?,
        body: row.bytes(2).map_err(failed)?.into(),
    })
}

pub(super) fn object_id(row: &Row, column: usize) -> Result<ObjectId> {
    ObjectId::new(row.text(column).map_err(failed)?).map_err(damaged)
}

pub(super) fn revision(row: &Row, column: usize) -> Result<Revision> {
    u64::try_from(row.number(column).map_err(failed)?).map(Revision).map_err(damaged)
}

pub(super) fn damaged(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::storage("the storage is damaged; restore it from a backup").because(cause)
}

/// How many objects match, if the page asks.
async fn total<'f>(pool: &Pool, driver: &Driver<'f>, filter: &'f Filter, page: &Page) -> Result<Option<u64>> {
    if !page.count {
        return Ok(None);
    }
    let rows = pool.rows(&search::count(pool.dialect(), driver, filter)).await?;
    let count = rows.first().map_or(Ok(0), |row| row.number(0)).map_err(failed)?;
    Ok(u64::try_from(count).ok())
}

/// How many objects are few; where no condition gives so few, the second number counts.
const FEW: [i64; 2] = [64, 1024];

/// The condition that gives few objects drives the search: the first that does, in the order of promise. All are
/// counted in one statement, since asking costs more than counting.
pub(super) async fn choose<'f>(pool: &Pool, filter: &'f Filter) -> Result<Driver<'f>> {
    let mut candidates = search::candidates(filter);
    if candidates.first().is_none_or(Driver::is_unique) || candidates.len() == 1 {
        return Ok(if candidates.is_empty() { Driver::all() } else { candidates.swap_remove(0) });
    }
    let rows = pool.rows(&search::probe(pool.dialect(), &candidates, FEW[1])).await?;
    let counts: Vec<i64> = match rows.first() {
        Some(row) => (0..candidates.len()).map(|column| row.number(column)).collect::<sqlx::Result<_>>(),
        None => Ok(Vec::new()),
    }
    .map_err(failed)?;
    let best = FEW.iter().find_map(|few| counts.iter().position(|count| count < few));
    Ok(candidates.swap_remove(best.unwrap_or(0)))
}
