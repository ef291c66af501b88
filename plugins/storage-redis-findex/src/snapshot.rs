//! One state of a database, which servers go on writing to.
//!
//! Redis knows no transaction that reads for long. So a snapshot announces itself, and from then on every write keeps what
//! it overwrites, in the same step: see [`transaction`](crate::transaction). The snapshot reads what is there now, and
//! then what was kept, which counts. One that is not read for ten minutes is given up.

mod before;
mod consistency;
mod documents;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{SystemTime, UNIX_EPOCH};

use claviger_plugin_sdk::filter::Index;
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::{Document, Grant, NameClaims};
use claviger_plugin_sdk::upkeep::{KeptDocument, KeptObject, Snapshot, SnapshotCounts};
use claviger_plugin_sdk::{BoxFuture, Error, Result};
use redis::cmd;

use crate::database::{AT_ONCE, Database, Fetched, open_object};
use crate::document::is_current;
use crate::index::Entry;
use crate::keys::Mac;
use crate::layout::document_name;
use crate::object::Whole;
use crate::search::placed;
use before::Before;
use consistency::Lists;
use documents::Documents;

/// One state of a database.
pub(crate) struct RedisSnapshot {
    db: Database,
    before: Before,
    /// Seconds since 1970 when it was taken.
    taken: i64,
    /// How many objects there were.
    objects: u64,
    /// The place of the last object that was given.
    place: i64,
    documents: Option<Documents>,
    lists: Lists,
}

impl RedisSnapshot {
    /// Takes it.
    ///
    /// # Errors
    /// Redis fails.
    pub(crate) async fn take(db: Database) -> Result<Self> {
        let (before, objects) = Before::begin(&db).await?;
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let taken = i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
        let lists = Lists::default();
        Ok(Self { db, before, taken, objects, place: i64::MIN, documents: None, lists })
    }

    async fn next_objects(&mut self, limit: usize) -> Result<Vec<KeptObject>> {
        let limit = limit.clamp(1, AT_ONCE);
        loop {
            let entries = self.entries_behind(limit).await?;
            let Some(last) = entries.last() else { return Ok(vec![]) };
            let last = last.place;
            let names: Vec<Mac> = entries.iter().map(|entry| entry.object).collect();
            let fetched = self.fetch(&names).await?;
            self.place = last;
            // One that was written since, or in another place then, was not there.
            let objects: Vec<KeptObject> = fetched
                .into_iter()
                .zip(entries)
                .filter_map(|(fetched, entry)| {
                    fetched.whole.filter(|whole| whole.object.place == entry.place)
                })
                .map(kept)
                .collect();
            if !objects.is_empty() {
                return Ok(objects);
            }
        }
    }

    /// The next objects that are there now, or were when the snapshot was taken, oldest first.
    async fn entries_behind(&self, limit: usize) -> Result<Vec<Entry>> {
        let mut entries = BTreeSet::new();
        // First what is there, then what has gone: what goes meanwhile is in one of them.
        for places in [self.db.layout.places(), self.before.places(&self.db)] {
            let mut range = cmd("ZRANGEBYSCORE");
            let from = if self.place == i64::MIN { "-inf".to_owned() } else { format!("({}", self.place) };
            range.arg(places).arg(from).arg("+inf").arg("WITHSCORES").arg("LIMIT").arg(0).arg(limit);
            let found: Vec<(Vec<u8>, f64)> = self.db.connection.query(&range).await?;
            entries.extend(placed(found)?);
        }
        Ok(entries.into_iter().take(limit).collect())
    }

    /// Objects as they were, one for each name.
    async fn fetch(&self, names: &[Mac]) -> Result<Vec<Fetched>> {
        let layout = &self.db.layout;
        let mut fetched = Vec::with_capacity(names.len());
        for some in names.chunks(AT_ONCE) {
            let keys = some.iter().flat_map(|name| [layout.object(name), layout.side(name)]).collect();
            let mut values = self.before.values(&self.db, keys).await?.into_iter();
            for name in some {
                let (object, side) = (values.next().flatten(), values.next().flatten());
                fetched.push(open_object(&self.db.keys, name, object, side)?);
            }
        }
        Ok(fetched)
    }

    /// The documents, whose names are read when they are asked for first.
    async fn documents(&mut self) -> Result<&mut Documents> {
        if self.documents.is_none() {
            self.documents = Some(Documents::read(&self.db, &self.before, self.taken).await?);
        }
        self.documents.as_mut().ok_or_else(|| Error::storage("the documents of the storage cannot be read"))
    }
}

impl Snapshot for RedisSnapshot {
    fn counts(&mut self) -> BoxFuture<'_, Result<SnapshotCounts>> {
        Box::pin(async {
            let objects = self.objects;
            let documents = self.documents().await?.count();
            Ok(SnapshotCounts { objects, documents })
        })
    }

    fn objects(&mut self, limit: usize) -> BoxFuture<'_, Result<Vec<KeptObject>>> {
        Box::pin(self.next_objects(limit))
    }

    fn object<'a>(&'a mut self, id: &'a ObjectId) -> BoxFuture<'a, Result<Option<KeptObject>>> {
        Box::pin(async move {
            let fetched = self.fetch(&[self.db.object_name(id)]).await?.pop();
            Ok(fetched.and_then(|fetched| fetched.whole).map(kept))
        })
    }

    fn documents(&mut self, limit: usize) -> BoxFuture<'_, Result<Vec<KeptDocument>>> {
        Box::pin(async move {
            let names = self.documents().await?.next(limit.clamp(1, AT_ONCE));
            documents::read(&self.db, &self.before, names).await
        })
    }

    fn document<'a>(&'a mut self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        Box::pin(async move {
            let name = document_name(&self.db.keys, kind, id);
            let found = documents::read(&self.db, &self.before, vec![name]).await?.pop();
            Ok(found.map(|kept| kept.document).filter(|document| is_current(document, self.taken)))
        })
    }

    fn absent<'a>(&'a mut self, ids: &'a [ObjectId]) -> BoxFuture<'a, Result<Vec<ObjectId>>> {
        Box::pin(async move {
            let names: Vec<Mac> = ids.iter().map(|id| self.db.object_name(id)).collect();
            let fetched = self.fetch(&names).await?.into_iter().zip(ids);
            Ok(fetched.filter(|(fetched, _)| fetched.whole.is_none()).map(|(_, id)| id.clone()).collect())
        })
    }

    fn index_faults<'a>(
        &'a mut self,
        id: &'a ObjectId,
        expected: &'a Index,
    ) -> BoxFuture<'a, Result<Vec<String>>> {
        Box::pin(async move {
            let name = self.db.object_name(id);
            let Some(fetched) = self.fetch(&[name]).await?.pop() else { return Ok(vec![]) };
            consistency::of_object(&self.db, &mut self.lists, &name, fetched, expected).await
        })
    }

    fn faults(&mut self) -> BoxFuture<'_, Result<Vec<String>>> {
        Box::pin(consistency::of_database(&self.db))
    }
}

/// All that is kept about an object.
fn kept(whole: Whole) -> KeptObject {
    let Whole { object, side, .. } = whole;
    let grant = |(subject, operation)| Grant { object: object.id.clone(), subject, operation };
    let mut claims: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (owner, name) in side.claims {
        claims.entry(owner).or_default().push(name);
    }
    let claim = |(owner, names)| NameClaims { object: object.id.clone(), owner, names };
    KeptObject {
        revision: object.revision,
        body: object.body.clone(),
        usage_left: side.usage_left,
        grants: side.grants.into_iter().map(grant).collect(),
        claims: claims.into_iter().map(claim).collect(),
        id: object.id,
    }
}
