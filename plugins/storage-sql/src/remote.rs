//! Databases that are servers of their own, and that several Claviger servers share: PostgreSQL, MySQL and MariaDB.
//!
//! They have one store. It reads with one statement, so that a record and its grants are of one moment ([`read`]),
//! and writes a change set in one transaction ([`change`]). What the two kinds say differently is in [`postgresql`],
//! [`mysql`], [`statements`] and the dialect of a search.
//!
//! An object's place in the order is the number that the database gives out when it is inserted. It never changes, so
//! pages neither skip nor repeat an object that was there when the first of them was read: each begins below the last
//! place of the one before. Of two servers, the one with the lower number may commit later; such an object appears on
//! later pages or not at all, as any that comes while somebody pages.

mod address;
mod change;
mod connection;
mod demotion;
mod failure;
mod health;
mod mysql;
mod pool;
mod postgresql;
mod read;
mod schema;
mod snapshot;
mod statements;
mod upkeep;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::record::ObjectId;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::{
    ApplyError, ChangeSet, Document, DocumentPage, FoundIds, FoundPage, Grant, GrantQuery, ObjectStore,
    StoreFactory, StoreProperties, StoreSource, Stored, Subject,
};
use claviger_plugin_sdk::upkeep::StoreUpkeep;
use claviger_plugin_sdk::{BoxFuture, Error, Result};

use address::{Address, Form};
use pool::Pool;

use crate::search::{Dialect, Statement};

/// Opens the store `postgresql`.
pub struct PostgresqlFactory;

/// Opens the store `mysql`, for MySQL and MariaDB.
pub struct MysqlFactory;

impl StoreFactory for PostgresqlFactory {
    fn name(&self) -> &'static str {
        postgresql::FORM.store
    }

    fn start<'a>(
        &'a self,
        settings: &'a Settings,
        clear: bool,
    ) -> BoxFuture<'a, Result<Arc<dyn StoreSource>>> {
        Box::pin(start(settings, clear, &postgresql::FORM))
    }

    fn upkeep(&self) -> Option<&dyn StoreUpkeep> {
        Some(self)
    }
}

impl StoreFactory for MysqlFactory {
    fn name(&self) -> &'static str {
        mysql::FORM.store
    }

    fn start<'a>(
        &'a self,
        settings: &'a Settings,
        clear: bool,
    ) -> BoxFuture<'a, Result<Arc<dyn StoreSource>>> {
        Box::pin(start(settings, clear, &mysql::FORM))
    }

    fn upkeep(&self) -> Option<&dyn StoreUpkeep> {
        Some(self)
    }
}

async fn start(settings: &Settings, clear: bool, form: &Form) -> Result<Arc<dyn StoreSource>> {
    Ok(Arc::new(RemoteStore::open(settings, clear, form).await?))
}

/// Opens connections to the database that the settings name.
///
/// # Errors
/// The settings are wrong, or the database cannot be reached.
async fn connect(settings: &Settings, form: &Form) -> Result<Pool> {
    let address = Address::of(settings, form)?;
    let limits = Limits::of(settings)?;
    match form.store {
        "mysql" => mysql::open(&address, limits).await,
        _ => postgresql::open(&address, limits).await,
    }
}

/// How much of the database a server takes.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Connections.
    connections: u32,
    /// How long to wait for a connection, and for an answer.
    patience: Duration,
}

impl Limits {
    fn of(settings: &Settings) -> Result<Self> {
        let number = |flag, default| Ok::<_, Error>(settings.number(flag)?.unwrap_or(default));
        let connections = u32::try_from(number("database-connections", 20)?).unwrap_or(u32::MAX);
        let seconds = u64::try_from(number("database-timeout", 30)?).unwrap_or(1);
        Ok(Self { connections: connections.max(2), patience: Duration::from_secs(seconds.max(1)) })
    }
}

/// Statements that a connection keeps prepared; searches have few shapes, and changes some more.
const PREPARED: usize = 256;
/// Seconds between two sweeps of what has expired.
const BETWEEN_SWEEPS: i64 = 60;
/// How much one statement of a sweep removes at most: the limit that is written in each.
const SWEPT_AT_ONCE: u64 = 10_000;

/// A database as a store; cloning gives another handle of it.
#[derive(Clone)]
struct RemoteStore {
    namespace: Arc<str>,
    pool: Pool,
    started: Instant,
    /// When to sweep next, in seconds since the start.
    next_sweep: Arc<AtomicI64>,
}

impl RemoteStore {
    /// Opens the database that the settings name and brings it up to date; with `clear`, all that it holds is deleted
    /// first.
    ///
    /// # Errors
    /// The settings are wrong, the database cannot be reached or used or may only be read, or a newer version wrote it.
    async fn open(settings: &Settings, clear: bool, form: &Form) -> Result<Self> {
        let pool = connect(settings, form).await?;
        health::refuse_replica(&pool).await?;
        schema::migrate(&pool, clear).await?;
        let (started, next_sweep) = (Instant::now(), Arc::new(AtomicI64::new(0)));
        Ok(Self { namespace: form.store.into(), pool, started, next_sweep })
    }

    /// Removes what has expired, if nobody did for a while.
    async fn sweep(&self) {
        let now = i64::try_from(self.started.elapsed().as_secs()).unwrap_or(i64::MAX);
        let due = self.next_sweep.load(Ordering::Relaxed);
        let next = now.saturating_add(BETWEEN_SWEEPS);
        if now < due
            || self.next_sweep.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_err()
        {
            return;
        }
        let statements = match self.pool.dialect() {
            Dialect::Mysql => mysql::SWEEP,
            _ => postgresql::SWEEP,
        };
        for statement in statements {
            if let Err(error) = self.sweep_with(statement).await {
                // It is done again a minute later, here or on another server.
                tracing::debug!(%error, "what has expired was not removed");
            }
        }
    }

    /// Runs a statement until it finds less than it may remove.
    async fn sweep_with(&self, sql: &str) -> sqlx::Result<()> {
        let mut statement = Statement::new(self.pool.dialect());
        statement.push(sql);
        while self.pool.connection().await?.execute(&statement).await?.rows >= SWEPT_AT_ONCE {}
        Ok(())
    }
}

impl ObjectStore for RemoteStore {
    fn namespace(&self) -> &Arc<str> {
        &self.namespace
    }

    fn properties(&self) -> StoreProperties {
        StoreProperties { sole_writer: false }
    }

    fn get<'a>(&'a self, ids: &'a [ObjectId], subjects: &'a [Subject]) -> BoxFuture<'a, Result<Vec<Stored>>> {
        Box::pin(read::get(&self.pool, ids, subjects))
    }

    fn find<'a>(
        &'a self,
        filter: &'a Filter,
        page: &'a Page,
        subjects: &'a [Subject],
    ) -> BoxFuture<'a, Result<FoundPage>> {
        Box::pin(read::find(&self.pool, filter, page, subjects))
    }

    fn locate<'a>(&'a self, filter: &'a Filter, page: &'a Page) -> BoxFuture<'a, Result<FoundIds>> {
        Box::pin(read::locate(&self.pool, filter, page))
    }

    fn grants<'a>(&'a self, query: &'a GrantQuery) -> BoxFuture<'a, Result<Vec<Grant>>> {
        Box::pin(read::grants(&self.pool, query))
    }

    fn document<'a>(&'a self, kind: &'a str, id: &'a str) -> BoxFuture<'a, Result<Option<Document>>> {
        Box::pin(read::document(&self.pool, kind, id))
    }

    fn documents<'a>(
        &'a self,
        kind: &'a str,
        page: &'a DocumentPage,
    ) -> BoxFuture<'a, Result<Vec<(String, Document)>>> {
        Box::pin(read::documents(&self.pool, kind, page))
    }

    fn document_kinds(&self) -> BoxFuture<'_, Result<Vec<String>>> {
        Box::pin(read::document_kinds(&self.pool))
    }

    /// The change goes on when nobody waits for it any more: a transaction that is dropped half-way would cost its
    /// connection, and one whose commit is on its way may be written or not.
    fn apply(&self, change: ChangeSet) -> BoxFuture<'_, Result<(), ApplyError>> {
        let store = self.clone();
        let (answer, answered) = tokio::sync::oneshot::channel();
        tokio::spawn(async move {
            // Nobody waits any more when the request was given up; its change is written all the same.
            let _ = answer.send(change::apply(&store.pool, &change).await);
            store.sweep().await;
        });
        Box::pin(async {
            answered
                .await
                .unwrap_or_else(|_| Err(ApplyError::Failed(Error::storage("the server is stopping"))))
        })
    }

    fn health(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(health::health(&self.pool))
    }
}

impl StoreSource for RemoteStore {
    fn open(&self, _: &ConnectionFacts) -> Result<Arc<dyn ObjectStore>> {
        Ok(Arc::new(self.clone()))
    }
}

/// Says loudly what others can do on the way to the database.
fn warn_about_transport(address: &Address, verified: bool) {
    if !verified && !address.is_local() {
        tracing::warn!(
            "the connection to the database does not check who it talks to, so somebody in between can read and change \
             every key: give --database-ca-file"
        );
    }
}
