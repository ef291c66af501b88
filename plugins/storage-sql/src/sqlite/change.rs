//! Applying a change set inside a transaction, in the order that [`ChangeSet`] documents.

use claviger_plugin_sdk::record::{ObjectId, Revision};
use claviger_plugin_sdk::store::{
    ApplyError, ChangeSet, DocumentPut, Grant, NameClaims, Put, Rewrite, Rewritten, UsageLeft,
};
use rusqlite::{Connection, OptionalExtension, Params};

use super::{failed, index_rows};
use crate::search::{scalars, stored_subject};

/// Applies the change; on an error, the caller takes back what was written.
pub(super) fn apply(connection: &Connection, change: &ChangeSet, now: i64) -> Result<(), ApplyError> {
    let mut writing = Writing { connection, written: Vec::new() };
    for (id, revision) in &change.unchanged {
        writing.check(id, *revision)?;
    }
    for (id, revision) in &change.purges {
        writing.purge(id, *revision)?;
    }
    for put in &change.puts {
        writing.put(put, change.first_revision(&put.id))?;
    }
    writing.claim(&change.claims)?;
    for grant in &change.grants {
        writing.grant(grant)?;
    }
    for grant in &change.revocations {
        writing.revoke(grant)?;
    }
    for (id, uses) in &change.consumptions {
        writing.consume(id, *uses)?;
    }
    for put in &change.documents {
        writing.put_document(put, now)?;
    }
    for rewrite in &change.rewrites {
        writing.rewrite(rewrite, now)?;
    }
    Ok(())
}

struct Writing<'c> {
    connection: &'c Connection,
    /// The objects that this change wrote, with their place and whether they are new.
    written: Vec<(ObjectId, i64, bool)>,
}

impl Writing<'_> {
    /// Runs a statement; returns how many rows it changed.
    fn execute(&self, sql: &str, parameters: impl Params) -> Result<usize, ApplyError> {
        let run = || self.connection.prepare_cached(sql)?.execute(parameters);
        run().map_err(storage)
    }

    /// Runs a statement that returns one number or none.
    fn number(&self, sql: &str, parameters: impl Params) -> Result<Option<i64>, ApplyError> {
        let run = || self.connection.prepare_cached(sql)?.query_row(parameters, |row| row.get(0)).optional();
        run().map_err(storage)
    }

    /// The place of an object and whether it is new.
    fn existing(&self, id: &ObjectId) -> Result<(i64, bool), ApplyError> {
        if let Some((_, place, new)) = self.written.iter().find(|(written, ..)| written == id) {
            return Ok((*place, *new));
        }
        let place = self.number("SELECT seq FROM object WHERE id = ?", [id.as_str()])?;
        Ok((place.ok_or(ApplyError::Conflict)?, false))
    }

    fn check(&self, id: &ObjectId, revision: Revision) -> Result<(), ApplyError> {
        let current = self.number("SELECT revision FROM object WHERE id = ?", [id.as_str()])?;
        if current.is_some() && current == stored(revision) { Ok(()) } else { Err(ApplyError::Conflict) }
    }

    fn purge(&self, id: &ObjectId, revision: Revision) -> Result<(), ApplyError> {
        let (place, scalars) = self.indexed(id, revision)?;
        self.execute("DELETE FROM object WHERE seq = ?", [place])?;
        self.execute("DELETE FROM content WHERE object = ?", [place])?;
        index_rows::remove(self.connection, place, &scalars).map_err(storage)?;
        self.execute("DELETE FROM permission WHERE object = ?", [place])?;
        self.release_names(place)
    }

    fn put(&mut self, put: &Put, first: Revision) -> Result<(), ApplyError> {
        let (place, new) = match put.expected {
            None => (self.insert(put, first)?, true),
            Some(expected) => (self.update(put, expected)?, false),
        };
        self.written.push((put.id.clone(), place, new));
        Ok(())
    }

    /// The place of an object of this revision, with its scalars.
    fn indexed(&self, id: &ObjectId, revision: Revision) -> Result<(i64, Vec<u8>), ApplyError> {
        let read = || {
            let sql = "SELECT o.seq, c.scalars FROM object o CROSS JOIN content c ON c.object = o.seq
                       WHERE o.id = ? AND o.revision = ?";
            let mut statement = self.connection.prepare_cached(sql)?;
            let parameters = (id.as_str(), stored(revision));
            statement.query_row(parameters, |row| Ok((row.get(0)?, row.get(1)?))).optional()
        };
        read().map_err(storage)?.ok_or(ApplyError::Conflict)
    }

    fn insert(&self, put: &Put, first: Revision) -> Result<i64, ApplyError> {
        let sql = "INSERT INTO object
                       (id, revision, owner, type, state, activation, deactivation, archived, usage_left)
                   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
        let usage_left = match put.usage_left {
            UsageLeft::Set(left) => left,
            UsageLeft::Keep => None,
        };
        let (index, dates) = (&put.index, &put.index.dates);
        let inserted = self.execute(
            sql,
            (
                put.id.as_str(),
                stored(first),
                &*index.owner,
                index.object_type.0,
                dates.stored.0,
                dates.activation.map(|date| date.0),
                dates.deactivation.map(|date| date.0),
                index.archived,
                usage_left,
            ),
        )?;
        if inserted == 0 {
            return Err(ApplyError::Exists(put.id.clone()));
        }
        let place = self.connection.last_insert_rowid();
        let sql = "INSERT INTO content (object, scalars, body) VALUES (?, ?, ?)";
        self.execute(sql, (place, scalars::encode(index), &*put.body))?;
        index_rows::insert(self.connection, place, index).map_err(storage)?;
        Ok(place)
    }

    fn update(&self, put: &Put, expected: Revision) -> Result<i64, ApplyError> {
        let sql = "UPDATE object
                   SET revision = revision + 1, owner = ?, type = ?, state = ?, activation = ?, deactivation = ?,
                       archived = ?, usage_left = CASE WHEN ? THEN ? ELSE usage_left END
                   WHERE seq = ?";
        let (sets, usage_left) = match put.usage_left {
            UsageLeft::Set(left) => (true, left),
            UsageLeft::Keep => (false, None),
        };
        let (index, dates) = (&put.index, &put.index.dates);
        let (place, before) = self.indexed(&put.id, expected)?;
        self.execute(
            sql,
            (
                &*index.owner,
                index.object_type.0,
                dates.stored.0,
                dates.activation.map(|date| date.0),
                dates.deactivation.map(|date| date.0),
                index.archived,
                sets,
                usage_left,
                place,
            ),
        )?;
        let sql = "UPDATE content SET scalars = ?, body = ? WHERE object = ?";
        self.execute(sql, (scalars::encode(index), &*put.body, place))?;
        index_rows::replace(self.connection, place, &before, index).map_err(storage)?;
        Ok(place)
    }

    fn claim(&self, claims: &[NameClaims]) -> Result<(), ApplyError> {
        for claim in claims {
            let (place, new) = self.existing(&claim.object)?;
            if !new {
                self.release_names(place)?;
            }
        }
        for claim in claims {
            let (place, _) = self.existing(&claim.object)?;
            for name in &claim.names {
                let sql = "INSERT INTO name (owner, name, object) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
                if self.execute(sql, (&*claim.owner, name, place))? == 0 {
                    let sql = "SELECT object FROM name WHERE owner = ? AND name = ?";
                    if self.number(sql, (&*claim.owner, name))? != Some(place) {
                        return Err(ApplyError::NameTaken(name.clone()));
                    }
                }
            }
        }
        Ok(())
    }

    fn release_names(&self, place: i64) -> Result<(), ApplyError> {
        self.execute("DELETE FROM name WHERE object = ?", [place]).map(drop)
    }

    fn grant(&self, grant: &Grant) -> Result<(), ApplyError> {
        let (place, _) = self.existing(&grant.object)?;
        let (kind, name) = stored_subject(&grant.subject);
        let sql = "INSERT INTO permission (object, subject_kind, subject, operation) VALUES (?, ?, ?, ?)
                   ON CONFLICT DO NOTHING";
        self.execute(sql, (place, kind, name, grant.operation.0)).map(drop)
    }

    fn revoke(&self, grant: &Grant) -> Result<(), ApplyError> {
        let place = match self.existing(&grant.object) {
            Err(ApplyError::Conflict) => return Ok(()),
            other => other?.0,
        };
        let (kind, name) = stored_subject(&grant.subject);
        let sql = "DELETE FROM permission
                   WHERE object = ? AND subject_kind = ? AND subject = ? AND operation = ?";
        self.execute(sql, (place, kind, name, grant.operation.0)).map(drop)
    }

    fn consume(&self, id: &ObjectId, uses: u64) -> Result<(), ApplyError> {
        // More than the column can hold is more than any limit.
        let uses = i64::try_from(uses).ok();
        let sql = "UPDATE object SET usage_left = usage_left - ?1 WHERE id = ?2 AND usage_left >= ?1";
        if self.execute(sql, (uses, id.as_str()))? > 0 {
            return Ok(());
        }
        let sql = "SELECT usage_left IS NOT NULL FROM object WHERE id = ?";
        match self.number(sql, [id.as_str()])? {
            None => Err(ApplyError::Conflict),
            Some(0) => Ok(()),
            Some(_) => Err(ApplyError::UsageExceeded(id.clone())),
        }
    }

    fn put_document(&self, put: &DocumentPut, now: i64) -> Result<(), ApplyError> {
        self.execute("DELETE FROM document WHERE expires < ?", [now])?;
        let sql = "SELECT revision FROM document WHERE kind = ? AND id = ?";
        let current = self.number(sql, (&put.kind, &put.id))?;
        if current != put.expected.and_then(stored) || current.is_some() != put.expected.is_some() {
            return Err(ApplyError::Conflict);
        }
        match &put.content {
            Some((body, expires)) => {
                let sql = "INSERT OR REPLACE INTO document (kind, id, revision, expires, body)
                           VALUES (?, ?, ?, ?, ?)";
                let revision = current.unwrap_or(0) + 1;
                self.execute(sql, (&put.kind, &put.id, revision, expires, &**body)).map(drop)
            }
            None => {
                let sql = "DELETE FROM document WHERE kind = ? AND id = ?";
                self.execute(sql, (&put.kind, &put.id)).map(drop)
            }
        }
    }

    fn rewrite(&self, rewrite: &Rewrite, now: i64) -> Result<(), ApplyError> {
        let (from, to) = (&*rewrite.from, &*rewrite.to);
        let rewritten = match &rewrite.of {
            Rewritten::Record(id) => {
                let (place, _) = self.existing(id)?;
                self.execute("UPDATE content SET body = ? WHERE object = ? AND body = ?", (to, place, from))?
            }
            Rewritten::Document { kind, id } => {
                let sql = "UPDATE document SET body = ?
                           WHERE kind = ? AND id = ? AND body = ? AND (expires IS NULL OR expires >= ?)";
                self.execute(sql, (to, kind, id, from, now))?
            }
        };
        if rewritten == 1 { Ok(()) } else { Err(ApplyError::Conflict) }
    }
}

/// A revision as its column holds it; nothing if no record can have it.
fn stored(revision: Revision) -> Option<i64> {
    i64::try_from(revision.0).ok()
}

fn storage(cause: rusqlite::Error) -> ApplyError {
    ApplyError::Failed(failed(cause))
}
