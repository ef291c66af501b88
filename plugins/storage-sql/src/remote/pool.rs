//! The connections to a database server, and what becomes of a read when one of them breaks.

use std::future::ready;
use std::time::Duration;

use claviger_plugin_sdk::Result;
use sqlx::pool::{PoolConnection, PoolOptions};
use sqlx::{Database, Executor, MySqlPool, PgPool};
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Limits;
use super::connection::{Connection, Link, Row};
use super::demotion::Demotion;
use super::failure::{failed, is_broken, silence, unusable};
use crate::search::{Dialect, Statement};

/// A pool of connections, made when they are needed.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    connections: Connections,
    /// One connection of its own for questions about health, which must not wait behind requests.
    health: Connections,
    demotion: Demotion,
    patience: Duration,
    /// The threads on which it was opened.
    home: Handle,
}

/// The pool of a kind of database.
#[derive(Clone, Debug)]
pub(super) enum Connections {
    /// PostgreSQL's.
    Postgresql(PgPool),
    /// MySQL's and MariaDB's.
    Mysql(MySqlPool),
}

/// How long a connection that nobody uses stays open.
const IDLE: Duration = Duration::from_secs(600);
/// How long any connection does.
const LIFETIME: Duration = Duration::from_secs(3600);

/// Connections to a database, in each of which the session begins with some SQL. They belong to the threads that call
/// this.
///
/// # Errors
/// The database cannot be reached, or refuses.
pub(super) async fn connect<D: Database>(
    kind: fn(sqlx::Pool<D>) -> Connections,
    options: <D::Connection as sqlx::Connection>::Options,
    session: &'static str,
    limits: Limits,
) -> Result<Pool>
where
    for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
{
    let (demotion, patience) = (Demotion::default(), limits.patience);
    let noted = demotion.clone();
    let pools = PoolOptions::new()
        .acquire_timeout(limits.patience)
        .idle_timeout(IDLE)
        .max_lifetime(LIFETIME)
        .test_before_acquire(false)
        .before_acquire(move |_, made| Box::pin(ready(Ok(!noted.is_within(made.age)))))
        .after_connect(move |connection: &mut D::Connection, _| {
            Box::pin(async move { connection.execute(session).await.map(drop) })
        });
    let health = pools.clone().max_connections(1).connect_lazy_with(options.clone());
    let requests = pools.max_connections(limits.connections.saturating_sub(1).max(1));
    let requests = requests.connect_with(options).await.map_err(unusable)?;
    let (connections, health) = (kind(requests), kind(health));
    Ok(Pool { connections, health, demotion, patience, home: Handle::current() })
}

/// Between two looks whether the database answers again.
const PAUSE: Duration = Duration::from_millis(50);

impl Pool {
    /// How the database speaks.
    pub(super) fn dialect(&self) -> Dialect {
        match self.connections {
            Connections::Postgresql(_) => Dialect::Postgresql,
            Connections::Mysql(_) => Dialect::Mysql,
        }
    }

    /// How long an answer may take.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }

    /// A connection, which may turn out to be broken when it is used: asking first would cost as much as reading.
    pub(super) async fn connection(&self) -> sqlx::Result<Connection> {
        self.connection_of(&self.connections).await
    }

    /// As [`connection`](Self::connection), of those for questions about health.
    pub(super) async fn health_connection(&self) -> sqlx::Result<Connection> {
        self.connection_of(&self.health).await
    }

    async fn connection_of(&self, connections: &Connections) -> sqlx::Result<Connection> {
        let link = match connections {
            Connections::Postgresql(pool) => Link::Postgresql(self.acquire(pool).await?),
            Connections::Mysql(pool) => Link::Mysql(self.acquire(pool).await?),
        };
        Ok(Connection::new(link, self.patience, self.demotion.clone()))
    }

    /// A connection of the pool. One that is made belongs to the pool's own threads, whoever wants it first: threads that
    /// give way to others, such as those of large requests, must not be the ones that hear of the database's answers to
    /// everybody.
    async fn acquire<D: Database>(&self, pool: &sqlx::Pool<D>) -> sqlx::Result<PoolConnection<D>> {
        if Handle::current().id() == self.home.id() {
            return pool.acquire().await;
        }
        // This way nobody looks whether the connection was made before the database became a replica.
        if !self.demotion.is_within(LIFETIME)
            && let Some(connection) = pool.try_acquire()
        {
            return Ok(connection);
        }
        let pool = pool.clone();
        // It ends with whoever waits for it.
        let mut acquiring = JoinSet::new();
        acquiring.spawn_on(async move { pool.acquire().await }, &self.home);
        match acquiring.join_next().await {
            Some(Ok(acquired)) => acquired,
            _ => Err(sqlx::Error::PoolClosed),
        }
    }

    /// A connection on which the database was just seen to answer. Waits for a database that is starting again.
    pub(super) async fn working_connection(&self, deadline: Instant) -> sqlx::Result<Connection> {
        loop {
            match self.connection().await {
                Ok(mut connection) => {
                    if connection.is_alive().await {
                        return Ok(connection);
                    }
                }
                Err(error) if is_broken(&error) => {}
                Err(error) => return Err(error),
            }
            if Instant::now() >= deadline {
                return Err(silence());
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Reads rows; again on another connection if one breaks, for as long as an answer may take.
    ///
    /// # Errors
    /// The storage fails.
    pub(super) async fn rows(&self, statement: &Statement<'_>) -> Result<Vec<Row>> {
        let deadline = Instant::now() + self.patience;
        let mut read = match self.connection().await {
            Ok(mut connection) => connection.rows(statement).await,
            Err(error) => Err(error),
        };
        while let Err(error) = &read
            && is_broken(error)
            && Instant::now() < deadline
        {
            tracing::debug!(%error, "reading again after the connection to the database was lost");
            read = match self.working_connection(deadline).await {
                Ok(mut connection) => connection.rows(statement).await,
                Err(error) => Err(error),
            };
        }
        read.map_err(failed)
    }
}
