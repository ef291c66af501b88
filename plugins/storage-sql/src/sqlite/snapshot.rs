//! One state of a database, read in a transaction of its own. It holds back the checkpoints of the log, and nothing else:
//! the server goes on writing.

use claviger_plugin_sdk::filter::Index;
use claviger_plugin_sdk::record::{ObjectId, Revision};
use claviger_plugin_sdk::store::{Document, Grant, NameClaims};
use claviger_plugin_sdk::upkeep::{KeptDocument, KeptObject, Snapshot, SnapshotCounts};
use claviger_plugin_sdk::{BoxFuture, Result};
use rusqlite::{Connection, OptionalExtension, Row};

use super::readers::Read;
use super::{consistency, failed, now, query};

/// One state of a database.
pub(super) struct SqliteSnapshot {
    connection: Connection,
    taken: i64,
    /// The place of the last object that was given.
    place: i64,
    /// Kind and name of the last document that was given.
    document: (String, String),
}

impl SqliteSnapshot {
    /// Takes it with this connection.
    ///
    /// # Errors
    /// The storage fails.
    pub(super) fn take(connection: Connection) -> Result<Self> {
        // The first read decides which state the transaction sees.
        let begin = || connection.execute_batch("BEGIN; SELECT version FROM schema_version;");
        begin().map_err(failed)?;
        Ok(Self { connection, taken: now(), place: i64::MIN, document: (String::new(), String::new()) })
    }

    fn counted(&self) -> Read<SnapshotCounts> {
        let objects =
            self.connection.query_row("SELECT count(*) FROM object", [], |row| row.get::<_, i64>(0))?;
        let sql = "SELECT count(*) FROM document WHERE expires IS NULL OR expires >= ?";
        let documents = self.connection.query_row(sql, [self.taken], |row| row.get::<_, i64>(0))?;
        Ok(SnapshotCounts { objects: objects.unsigned_abs(), documents: documents.unsigned_abs() })
    }

    fn next_objects(&mut self, limit: usize) -> Read<Vec<KeptObject>> {
        let sql = "SELECT o.seq, o.id, o.revision, o.usage_left, c.body
                   FROM object o LEFT JOIN content c ON c.object = o.seq WHERE o.seq > ? ORDER BY o.seq LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query((self.place, bounded(limit)))?;
        let (mut objects, mut last) = (Vec::new(), self.place);
        while let Some(row) = rows.next()? {
            let (place, object) = self.object_of(row)?;
            last = place;
            objects.push(object);
        }
        drop(rows);
        drop(statement);
        self.place = last;
        Ok(objects)
    }

    fn named(&self, id: &ObjectId) -> Read<Option<KeptObject>> {
        let sql = "SELECT o.seq, o.id, o.revision, o.usage_left, c.body
                   FROM object o LEFT JOIN content c ON c.object = o.seq WHERE o.id = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.query_row([id.as_str()], |row| self.object_of(row).map(|(_, object)| object)).optional()
    }

    /// An object from a row of place, identifier, revision, uses left and body. One whose body is lost has an empty one,
    /// which nobody can read: it is found out where it is looked at.
    fn object_of(&self, row: &Row<'_>) -> Read<(i64, KeptObject)> {
        let (place, id) = (row.get(0)?, query::object_id(row, 1)?);
        let object = KeptObject {
            revision: Revision(query::revision(row, 2)?),
            usage_left: row.get(3)?,
            body: row.get_ref(4)?.as_blob_or_null()?.unwrap_or_default().into(),
            grants: self.grants(place, &id)?,
            claims: self.claims(place, &id)?,
            id,
        };
        Ok((place, object))
    }

    fn grants(&self, place: i64, id: &ObjectId) -> Read<Vec<Grant>> {
        let sql = "SELECT subject_kind, subject, operation FROM permission WHERE object = ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([place], |row| query::grant(row, 0, id.clone()))?;
        let mut grants = rows.collect::<Read<Vec<Grant>>>()?;
        grants.sort_unstable();
        Ok(grants)
    }

    fn claims(&self, place: i64, id: &ObjectId) -> Read<Vec<NameClaims>> {
        let sql = "SELECT owner, name FROM name WHERE object = ? ORDER BY owner, name";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([place])?;
        let mut claims: Vec<NameClaims> = Vec::new();
        while let Some(row) = rows.next()? {
            let (owner, name): (String, String) = (row.get(0)?, row.get(1)?);
            match claims.last_mut().filter(|claim| *claim.owner == owner) {
                Some(claim) => claim.names.push(name),
                None => {
                    claims.push(NameClaims { object: id.clone(), owner: owner.into(), names: vec![name] });
                }
            }
        }
        Ok(claims)
    }

    fn next_documents(&mut self, limit: usize) -> Read<Vec<KeptDocument>> {
        let sql = "SELECT kind, id, revision, expires, body FROM document
                   WHERE (kind, id) > (?, ?) AND (expires IS NULL OR expires >= ?) ORDER BY kind, id LIMIT ?";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (kind, id) = &self.document;
        let rows = statement.query_map((kind, id, self.taken, bounded(limit)), |row| {
            let document = Document {
                revision: Revision(query::revision(row, 2)?),
                expires: row.get(3)?,
                body: row.get::<_, Vec<u8>>(4)?.into(),
            };
            Ok(KeptDocument { kind: row.get(0)?, id: row.get(1)?, document })
        })?;
        let documents = rows.collect::<Read<Vec<KeptDocument>>>()?;
        drop(statement);
        if let Some(last) = documents.last() {
            self.document = (last.kind.clone(), last.id.clone());
        }
        Ok(documents)
    }

    fn missing(&self, ids: &[ObjectId]) -> Read<Vec<ObjectId>> {
        let mut statement = self.connection.prepare_cached("SELECT 1 FROM object WHERE id = ?")?;
        let mut missing = Vec::new();
        for id in ids {
            if statement.query_row([id.as_str()], |_| Ok(())).optional()?.is_none() {
                missing.push(id.clone());
            }
        }
        Ok(missing)
    }
}

/// A limit as SQL takes it, at least one.
fn bounded(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX).max(1)
}

impl Snapshot for SqliteSnapshot {
    fn counts(&mut self) -> BoxFuture<'_, Result<SnapshotCounts>> {
        let counts = self.counted().map_err(failed);
        Box::pin(async { counts })
    }

    fn objects(&mut self, limit: usize) -> BoxFuture<'_, Result<Vec<KeptObject>>> {
        Box::pin(async move { self.next_objects(limit).map_err(failed) })
    }

    fn object<'a>(&'a mut self, id: &'a ObjectId) -> BoxFuture<'a, Result<Option<KeptObject>>> {
        let object = self.named(id).map_err(failed);
        Box::pin(async { object })
    }

    fn documents(&mut self, limit: usize) -> BoxFuture<'_, Result<Vec<KeptDocument>>> {
        Box::pin(async move { self.next_documents(limit).map_err(failed) })
    }

    fn document<'a>(&'a mut self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        let document = query::document(&self.connection, kind, id, self.taken).map_err(failed);
        Box::pin(async { document })
    }

    fn absent<'a>(&'a mut self, ids: &'a [ObjectId]) -> BoxFuture<'a, Result<Vec<ObjectId>>> {
        let missing = self.missing(ids).map_err(failed);
        Box::pin(async { missing })
    }

    fn index_faults<'a>(
        &'a mut self,
        id: &'a ObjectId,
        expected: &'a Index,
    ) -> BoxFuture<'a, Result<Vec<String>>> {
        let faults = consistency::of_object(&self.connection, id, expected).map_err(failed);
        Box::pin(async { faults })
    }

    fn faults(&mut self) -> BoxFuture<'_, Result<Vec<String>>> {
        let faults = consistency::of_database(&self.connection).map_err(failed);
        Box::pin(async { faults })
    }
}
