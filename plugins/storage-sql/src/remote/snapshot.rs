//! One state of a database, read in one transaction from beginning to end while servers go on writing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use claviger_plugin_sdk::filter::Index;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::{Document, Grant, NameClaims};
use claviger_plugin_sdk::upkeep::{KeptDocument, KeptObject, Snapshot, SnapshotCounts};
use claviger_plugin_sdk::{BoxFuture, Result};

use super::change::scalar_rows::{self, Key, Rest};
use super::connection::{Connection, Row};
use super::failure::failed;
use super::pool::Pool;
use super::read::{damaged, document_of, grant, object_id, revision};
use super::statements::{among, now};
use super::{mysql, postgresql};
use crate::search::faults::{Columns, Fault, NOT_AN_OBJECT};
use crate::search::{Dialect, Statement, stored_name};

/// A transaction that reads. Its connection ends with it.
pub(super) struct RemoteSnapshot {
    connection: Connection,
    taken: i64,
    /// The place of the last object that was given.
    place: i64,
    /// Kind and name of the last document that was given.
    document: Option<(String, String)>,
}

impl RemoteSnapshot {
    /// Takes it.
    ///
    /// # Errors
    /// The storage fails.
    pub(super) async fn take(pool: &Pool) -> Result<Self> {
        let mut connection = pool.connection().await.map_err(failed)?.closing();
        let begin = match connection.dialect() {
            Dialect::Mysql => mysql::BEGIN_SNAPSHOT,
            _ => postgresql::BEGIN_SNAPSHOT,
        };
        connection.run(begin).await.map_err(failed)?;
        let mut snapshot = Self { connection, taken: 0, place: i64::MIN, document: None };
        let clock = now(snapshot.connection.dialect());
        snapshot.taken = snapshot
            .number(|to| {
                to.push("SELECT ").push(clock);
            })
            .await?;
        Ok(snapshot)
    }

    async fn rows<'f>(&mut self, write: impl FnOnce(&mut Statement<'f>)) -> Result<Vec<Row>> {
        let mut statement = Statement::new(self.connection.dialect());
        write(&mut statement);
        self.connection.rows(&statement).await.map_err(failed)
    }

    async fn number<'f>(&mut self, write: impl FnOnce(&mut Statement<'f>)) -> Result<i64> {
        self.rows(write).await?.first().map_or(Ok(0), |row| row.number(0)).map_err(failed)
    }

    async fn next_objects(&mut self, limit: usize) -> Result<Vec<KeptObject>> {
        let after = self.place;
        let rows = self
            .rows(|to| {
                select_objects(to);
                to.push(" WHERE o.seq > ").number(after);
                to.push(" ORDER BY o.seq LIMIT ").number(bounded(limit));
            })
            .await?;
        if let Some(last) = rows.last() {
            self.place = last.number(0).map_err(failed)?;
        }
        self.objects_of(rows).await
    }

    async fn named(&mut self, id: &ObjectId) -> Result<Option<KeptObject>> {
        let rows = self
            .rows(|to| {
                select_objects(to);
                to.push(" WHERE o.id = ").text(id.as_str());
            })
            .await?;
        Ok(self.objects_of(rows).await?.into_iter().find(|kept| kept.id == *id))
    }

    /// The objects of rows that [`select_objects`] gives, ordered by place.
    async fn objects_of(&mut self, rows: Vec<Row>) -> Result<Vec<KeptObject>> {
        let places =
            rows.iter().map(|row| row.number(0)).collect::<sqlx::Result<Vec<_>>>().map_err(failed)?;
        let (Some(first), Some(last)) = (places.first().copied(), places.last().copied()) else {
            return Ok(Vec::new());
        };
        let mut grants = self.grants(first, last).await?;
        let mut claims = self.claims(first, last).await?;
        rows.iter()
            .zip(places)
            .map(|(row, place)| {
                let id = object_id(row, 1)?;
                let mut grants = grants
                    .remove(&place)
                    .unwrap_or_default()
                    .iter()
                    .map(|row| grant(row, id.clone(), 1))
                    .collect::<Result<Vec<Grant>>>()?;
                grants.sort_unstable();
                Ok(KeptObject {
                    revision: revision(row, 2)?,
                    usage_left: row.optional(3).map_err(failed)?,
                    // A body that is lost is found out where it is looked at.
                    body: row.optional_bytes(4).map_err(failed)?.unwrap_or_default().into(),
                    grants,
                    claims: claimed(&id, claims.remove(&place).unwrap_or_default()),
                    id,
                })
            })
            .collect()
    }

    /// Rows of place, subject's kind, its name and operation, by place.
    async fn grants(&mut self, first: i64, last: i64) -> Result<HashMap<i64, Vec<Row>>> {
        let rows = self
            .rows(|to| {
                to.push("SELECT object, subject_kind, subject_name, operation FROM ").table("permission");
                to.push(" WHERE object >= ").number(first).push(" AND object <= ").number(last);
            })
            .await?;
        let mut grants: HashMap<i64, Vec<Row>> = HashMap::new();
        for row in rows {
            grants.entry(row.number(0).map_err(failed)?).or_default().push(row);
        }
        Ok(grants)
    }

    /// Owners with the names that are claimed, by place.
    async fn claims(&mut self, first: i64, last: i64) -> Result<HashMap<i64, Claims>> {
        let rows = self
            .rows(|to| {
                to.push("SELECT object, owner, long_owner, name, long_name FROM ").table("name");
                to.push(" WHERE object >= ").number(first).push(" AND object <= ").number(last);
            })
            .await?;
        let mut claims: HashMap<i64, Claims> = HashMap::new();
        for row in rows {
            let (owner, name) = (whole(&row, 1)?, whole(&row, 3)?);
            let of_object = claims.entry(row.number(0).map_err(failed)?).or_default();
            of_object.entry(owner).or_default().insert(name);
        }
        Ok(claims)
    }

    async fn next_documents(&mut self, limit: usize) -> Result<Vec<KeptDocument>> {
        let (taken, after) = (self.taken, self.document.clone());
        let rows = self
            .rows(|to| {
                to.push("SELECT revision, expires, body, kind, id FROM ").table("document");
                to.push(" WHERE (expires IS NULL OR expires >= ").number(taken).push(")");
                if let Some((kind, id)) = &after {
                    to.push(" AND (kind > ").text(kind).push(" OR kind = ").text(kind);
                    to.push(" AND id > ").text(id).push(")");
                }
                to.push(" ORDER BY kind, id LIMIT ").number(bounded(limit));
            })
            .await?;
        let mut documents = Vec::with_capacity(rows.len());
        for row in &rows {
            let text =
                |column| Ok::<_, claviger_plugin_sdk::Error>(row.text(column).map_err(failed)?.to_owned());
            documents.push(KeptDocument { kind: text(3)?, id: text(4)?, document: document_of(row)? });
        }
        if let Some(last) = documents.last() {
            self.document = Some((last.kind.clone(), last.id.clone()));
        }
        Ok(documents)
    }

    async fn missing(&mut self, ids: &[ObjectId]) -> Result<Vec<ObjectId>> {
        let mut missing: Vec<ObjectId> = Vec::new();
        for ids in ids.chunks(1000) {
            let rows = self
                .rows(|to| {
                    to.push("SELECT id FROM ").table("object").push(" WHERE id ");
                    among(to, ids.iter().map(ObjectId::as_str));
                })
                .await?;
            let there = rows.iter().map(|row| object_id(row, 0)).collect::<Result<BTreeSet<_>>>()?;
            missing.extend(ids.iter().filter(|id| !there.contains(id)).cloned());
        }
        Ok(missing)
    }

    async fn faults_of(&mut self, id: &ObjectId, expected: &Index) -> Result<Vec<String>> {
        let rows = self
            .rows(|to| {
                to.push("SELECT seq, owner, type, state, activation, deactivation, archived FROM ")
                    .table("object");
                to.push(" WHERE id = ").text(id.as_str());
            })
            .await?;
        let Some(row) = rows.first() else { return Ok(vec![NOT_AN_OBJECT.to_owned()]) };
        let place = row.number(0).map_err(failed)?;
        let mut faults = columns_of(row, expected).map_err(failed)?.faults(expected);
        let rows = self
            .rows(|to| {
                to.push("SELECT attribute, field, value, instance, number, found FROM ").table("scalar");
                to.push(" WHERE object = ").number(place);
            })
            .await?;
        let stored = rows.iter().map(scalar_of).collect::<sqlx::Result<BTreeMap<_, _>>>().map_err(failed)?;
        let wanted = scalar_rows::rows(expected);
        for (key, rest) in &wanted {
            match stored.get(key) {
                Some(own) if own == rest => {}
                Some(own) if own.number == rest.number => faults.push(Fault::Unindexed.of(key.0)),
                _ => faults.push(Fault::Unsearched.of(key.0)),
            }
        }
        let not_its = stored.keys().filter(|key| !wanted.contains_key(key));
        faults.extend(not_its.map(|key| Fault::Foreign.of(key.0)));
        Ok(faults)
    }

    async fn strays(&mut self) -> Result<Vec<String>> {
        let mut faults = Vec::new();
        let lost = self
            .number(|to| {
                to.push("SELECT count(*) FROM ").table("object").push(" o LEFT JOIN ").table("content");
                to.push(" c ON c.object = o.seq WHERE c.object IS NULL");
            })
            .await?;
        if lost > 0 {
            faults.push(format!("{lost} objects without content"));
        }
        for (table, what) in STRAYS {
            let count = self
                .number(|to| {
                    to.push("SELECT count(*) FROM ").table(table).push(" s LEFT JOIN ").table("object");
                    to.push(" o ON o.seq = s.object WHERE o.seq IS NULL");
                })
                .await?;
            if count > 0 {
                faults.push(format!("{count} {what}"));
            }
        }
        Ok(faults)
    }
}

/// Place, identifier, revision, uses left and body of objects.
fn select_objects(to: &mut Statement<'_>) {
    to.push("SELECT o.seq, o.id, o.revision, o.usage_left, c.body FROM ").table("object");
    to.push(" o LEFT JOIN ").table("content").push(" c ON c.object = o.seq");
}

/// Names by owner.
type Claims = BTreeMap<String, BTreeSet<String>>;

/// Tables whose rows belong to objects, and what those are that belong to none.
const STRAYS: [(&str, &str); 4] = [
    ("content", "contents of absent objects"),
    ("permission", "grants on absent objects"),
    ("name", "names claimed for absent objects"),
    ("scalar", "entries of the index for absent objects"),
];

fn claimed(object: &ObjectId, claims: Claims) -> Vec<NameClaims> {
    let claim = |(owner, names): (String, BTreeSet<String>)| NameClaims {
        object: object.clone(),
        owner: owner.into(),
        names: names.into_iter().collect(),
    };
    claims.into_iter().map(claim).collect()
}

/// A name that stands in two columns: where the second has something, the first has only its hash.
fn whole(row: &Row, column: usize) -> Result<String> {
    let long = row.text(column + 1).map_err(failed)?;
    let text = if long.is_empty() { row.text(column).map_err(damaged)? } else { long };
    Ok(text.to_owned())
}

fn columns_of(row: &Row, expected: &Index) -> sqlx::Result<Columns> {
    Ok(Columns {
        owner: row.bytes(1)? == stored_name(&expected.owner),
        object_type: row.number(2)?,
        state: row.number(3)?,
        activation: row.optional(4)?,
        deactivation: row.optional(5)?,
        archived: row.number(6)? != 0,
    })
}

fn scalar_of(row: &Row) -> sqlx::Result<(Key, Rest)> {
    let key = (row.number(0)?, row.number(1)?, row.bytes(2)?.to_vec(), row.number(3)?);
    Ok((key, Rest { number: row.optional(4)?, found: row.number(5)? == 1 }))
}

/// A limit as SQL takes it, at least one.
fn bounded(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX).max(1)
}

impl Snapshot for RemoteSnapshot {
    fn counts(&mut self) -> BoxFuture<'_, Result<SnapshotCounts>> {
        Box::pin(async {
            let taken = self.taken;
            let objects = self.number(|to| {
                to.push("SELECT count(*) FROM ").table("object");
            });
            let objects = objects.await?.unsigned_abs();
            let documents = self.number(|to| {
                to.push("SELECT count(*) FROM ").table("document");
                to.push(" WHERE expires IS NULL OR expires >= ").number(taken);
            });
            Ok(SnapshotCounts { objects, documents: documents.await?.unsigned_abs() })
        })
    }

    fn objects(&mut self, limit: usize) -> BoxFuture<'_, Result<Vec<KeptObject>>> {
        Box::pin(self.next_objects(limit))
    }

    fn object<'a>(&'a mut self, id: &'a ObjectId) -> BoxFuture<'a, Result<Option<KeptObject>>> {
        Box::pin(self.named(id))
    }

    fn documents(&mut self, limit: usize) -> BoxFuture<'_, Result<Vec<KeptDocument>>> {
        Box::pin(self.next_documents(limit))
    }

    fn document<'a>(&'a mut self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        Box::pin(async move {
            let taken = self.taken;
            let rows = self.rows(|to| {
                to.push("SELECT revision, expires, body FROM ").table("document");
                to.push(" WHERE kind = ").text(kind).push(" AND id = ").text(id);
                to.push(" AND (expires IS NULL OR expires >= ").number(taken).push(")");
            });
            rows.await?.first().map(document_of).transpose()
        })
    }

    fn absent<'a>(&'a mut self, ids: &'a [ObjectId]) -> BoxFuture<'a, Result<Vec<ObjectId>>> {
        Box::pin(self.missing(ids))
    }

    fn index_faults<'a>(
        &'a mut self,
        id: &'a ObjectId,
        expected: &'a Index,
    ) -> BoxFuture<'a, Result<Vec<String>>> {
        Box::pin(self.faults_of(id, expected))
    }

    fn faults(&mut self) -> BoxFuture<'_, Result<Vec<String>>> {
        Box::pin(self.strays())
    }
}
