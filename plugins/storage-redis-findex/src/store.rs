//! The store: reading objects, grants and documents; the rest is elsewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use claviger_plugin_sdk::filter::{Cursor, Filter, Page};
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::store::{
    ApplyError, ChangeSet, Document, DocumentPage, FoundIds, FoundPage, Grant, GrantQuery, ObjectStore,
    StoreProperties, Stored, Subject,
};
use claviger_plugin_sdk::{BoxFuture, Error, Result};
use redis::cmd;

use crate::clean_up::CleanUp;
use crate::connection::failed;
use crate::database::{AT_ONCE, Database, Opening};
use crate::document::{Named, decode, is_current};
use crate::keys::Mac;
use crate::layout::{document_name, kind_name};
use crate::sealed::{self, Kind};
use crate::transaction::Transaction;
use crate::{change, durability, search};

/// A Redis database as a store.
pub(crate) struct RedisStore {
    namespace: Arc<str>,
    pub(crate) db: Arc<Database>,
    pub(crate) clean_up: CleanUp,
}

impl RedisStore {
    /// Opens the database.
    ///
    /// # Errors
    /// As those of [`Database::open`].
    pub(crate) async fn open(opening: Opening<'_>) -> Result<Self> {
        let db = Arc::new(Database::open(opening).await?);
        let clean_up = CleanUp::start(db.clone());
        Ok(Self { namespace: "redis-findex".into(), db, clean_up })
    }

    async fn documents_of(&self, kind: &str, page: &DocumentPage) -> Result<Vec<(String, Document)>> {
        let (db, now) = (&self.db, now());
        let of_kind = db.layout.documents(&kind_name(&db.keys, kind));
        let members: Vec<Vec<u8>> = db.connection.query(cmd("SMEMBERS").arg(&of_kind)).await?;
        let names: Vec<Mac> = members.iter().map(|member| Mac::read(member)).collect::<Result<_>>()?;
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        // Of all names, the first behind the page's beginning.
        let mut first: BTreeMap<String, Document> = BTreeMap::new();
        let mut gone = Vec::new();
        for some in names.chunks(AT_ONCE) {
            let mut read = cmd("MGET");
            some.iter().for_each(|name| {
                read.arg(db.layout.document(name));
            });
            let values: Vec<Option<Vec<u8>>> = db.connection.query(&read).await?;
            for (name, value) in some.iter().zip(values) {
                let Some(value) = value else {
                    gone.push(*name);
                    continue;
                };
                let Named { id, document, .. } =
                    decode(&sealed::open(&db.keys, Kind::Document, name, value)?)?;
                if is_current(&document, now) && page.after.as_ref().is_none_or(|after| id > *after) {
                    first.insert(id, document);
                    if first.len() > limit {
                        first.pop_last();
                    }
                }
            }
        }
        self.forget(&of_kind, &gone).await?;
        Ok(first.into_iter().collect())
    }

    /// Takes documents that Redis has removed when their time was over out of the list of their kind.
    async fn forget(&self, of_kind: &[u8], gone: &[Mac]) -> Result<()> {
        for some in gone.chunks(AT_ONCE) {
            let mut transaction = Transaction::new();
            for name in some {
                transaction.check(self.db.layout.document(name), vec![]);
                transaction.remove(of_kind.to_vec(), &name.0);
            }
            // If one of them is there again, another time.
            transaction.run(&self.db.connection, &self.db.layout).await?;
        }
        Ok(())
    }
}

impl ObjectStore for RedisStore {
    fn namespace(&self) -> &Arc<str> {
        &self.namespace
    }

    fn properties(&self) -> StoreProperties {
        StoreProperties { sole_writer: false }
    }

    fn get<'a>(&'a self, ids: &'a [ObjectId], subjects: &'a [Subject]) -> BoxFuture<'a, Result<Vec<Stored>>> {
        Box::pin(async move {
            let names: Vec<Mac> = ids.iter().map(|id| self.db.object_name(id)).collect();
            let fetched = self.db.fetch(&names).await?;
            let found = fetched.into_iter().zip(ids).filter_map(|(fetched, id)| {
                // The name of another identifier would be a miracle; it would be no answer either.
                fetched.whole.filter(|whole| whole.object.id == *id)
            });
            Ok(found.map(|whole| whole.into_stored(subjects)).collect())
        })
    }

    fn find<'a>(
        &'a self,
        filter: &'a Filter,
        page: &'a Page,
        subjects: &'a [Subject],
    ) -> BoxFuture<'a, Result<FoundPage>> {
        Box::pin(async move {
            let found = search::find(&self.db, filter, page).await?;
            Ok(FoundPage {
                last: found.objects.last().map(|whole| Cursor(whole.object.place)),
                records: found.objects.into_iter().map(|whole| whole.into_stored(subjects)).collect(),
                total: found.total,
            })
        })
    }

    fn locate<'a>(&'a self, filter: &'a Filter, page: &'a Page) -> BoxFuture<'a, Result<FoundIds>> {
        Box::pin(async move {
            let found = search::find(&self.db, filter, page).await?;
            let ids = found.objects.into_iter().map(|whole| whole.object.id).collect();
            Ok(FoundIds { ids, total: found.total })
        })
    }

    fn grants<'a>(&'a self, query: &'a GrantQuery) -> BoxFuture<'a, Result<Vec<Grant>>> {
        Box::pin(async move {
            match query {
                GrantQuery::Object(id) => {
                    let fetched = self.db.fetch(&[self.db.object_name(id)]).await?;
                    let side = fetched.into_iter().find_map(|fetched| fetched.whole).map(|whole| whole.side);
                    let grants = side.map(|side| side.grants).unwrap_or_default().into_iter();
                    Ok(grants
                        .map(|(subject, operation)| Grant { object: id.clone(), subject, operation })
                        .collect())
                }
                GrantQuery::Subjects(subjects) => search::grants_of(&self.db, subjects).await,
            }
        })
    }

    fn document<'a>(&'a self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        Box::pin(async move {
            let (db, name) = (&self.db, document_name(&self.db.keys, kind, id));
            let value: Option<Vec<u8>> =
                db.connection.query(cmd("GET").arg(db.layout.document(&name))).await?;
            let Some(value) = value else { return Ok(None) };
            let Named { document, .. } = decode(&sealed::open(&db.keys, Kind::Document, &name, value)?)?;
            Ok(Some(document).filter(|document| is_current(document, now())))
        })
    }

    fn documents<'a>(
        &'a self,
        kind: &'a str,
        page: &'a DocumentPage,
    ) -> BoxFuture<'a, Result<Vec<(String, Document)>>> {
        Box::pin(self.documents_of(kind, page))
    }

    fn document_kinds(&self) -> BoxFuture<'_, Result<Vec<String>>> {
        Box::pin(async {
            let (keys, fields) = (&self.db.keys, self.db.layout.document_kinds());
            let kinds: Vec<(Vec<u8>, Vec<u8>)> = self.db.connection.query(cmd("HGETALL").arg(fields)).await?;
            let kind = |(name, sealed): (Vec<u8>, Vec<u8>)| {
                let plain = sealed::open(keys, Kind::Family, &Mac::read(&name)?, sealed)?;
                String::from_utf8(plain.to_vec()).map_err(|_| sealed::damaged())
            };
            let kinds: BTreeSet<String> = kinds.into_iter().map(kind).collect::<Result<_>>()?;
            Ok(kinds.into_iter().collect())
        })
    }

    fn apply(&self, change: ChangeSet) -> BoxFuture<'_, Result<(), ApplyError>> {
        Box::pin(async move {
            let stale = change::apply(&self.db, &change, now()).await?;
            self.clean_up.consider(stale);
            Ok(())
        })
    }

    fn health(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            let connection = &self.db.connection;
            let asked = async {
                durability::leave_replica(connection).await?;
                connection.once(cmd("GET").arg(self.db.layout.index())).await.map_err(failed)
            };
            // The library keeps a connection that was refused while it was made, such as one too many.
            let state = asked.await.inspect_err(|_| connection.leave("this one fails"))?;
            self.db.checked_state(state).map(drop)
        })
    }
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

/// The failure of a change that others were always quicker than.
pub(crate) fn contended() -> Error {
    Error::storage("others change the same objects all the time; try again")
}
