//! One connection to a database server, and what it answers.

use std::borrow::Cow;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Connection as _, Database, Encode, MySql, Postgres, Row as _, Type};

use super::demotion::Demotion;
use super::failure::{is_broken, is_read_only, silence};
use super::statements::now;
use crate::search::{Argument, Dialect, Parameter, Statement};

/// A connection out of the pool. One that is in the middle of a transaction, or that failed, is closed when it is
/// dropped and not used again.
pub(super) struct Connection {
    link: Link,
    /// How long an answer may take.
    patience: Duration,
    /// Whether nobody may use it after this.
    spoiled: bool,
    /// Whether it is in a transaction, of which nobody knows that it has ended.
    in_transaction: bool,
    /// Where it is noted that the database is no primary.
    demotion: Demotion,
}

/// The connection of a kind of database.
pub(super) enum Link {
    /// PostgreSQL's.
    Postgresql(PoolConnection<Postgres>),
    /// MySQL's or MariaDB's.
    Mysql(PoolConnection<MySql>),
}

impl Connection {
    /// A connection of which answers may take so long, and where to note that its database is no primary.
    pub(super) fn new(link: Link, patience: Duration, demotion: Demotion) -> Self {
        Self { link, patience, spoiled: false, in_transaction: false, demotion }
    }

    /// The same connection, closed when it is dropped.
    pub(super) fn closing(mut self) -> Self {
        self.spoiled = true;
        self
    }

    /// The same connection, of which answers may take so long at most.
    pub(super) fn within(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How the database speaks.
    pub(super) fn dialect(&self) -> Dialect {
        match self.link {
            Link::Postgresql(_) => Dialect::Postgresql,
            Link::Mysql(_) => Dialect::Mysql,
        }
    }

    /// Runs a statement; its rows.
    pub(super) async fn rows(&mut self, statement: &Statement<'_>) -> sqlx::Result<Vec<Row>> {
        let sql = AssertSqlSafe(statement.sql.clone());
        let patience = self.patience;
        let work = async {
            Ok(match &mut self.link {
                Link::Postgresql(connection) => {
                    let query = arguments_of_postgresql(sqlx::query(sql), statement)?;
                    let rows = query.fetch_all(&mut **connection).await?;
                    rows.into_iter().map(Row::Postgresql).collect()
                }
                Link::Mysql(connection) => {
                    let query = arguments_of_mysql(sqlx::query(sql), statement)?;
                    let rows = query.fetch_all(&mut **connection).await?;
                    rows.into_iter().map(Row::Mysql).collect()
                }
            })
        };
        let result = in_time(patience, work).await;
        self.note(result)
    }

    /// Runs a statement; how many rows it changed, and the last number that it gave out on MySQL.
    pub(super) async fn execute(&mut self, statement: &Statement<'_>) -> sqlx::Result<Changed> {
        let sql = AssertSqlSafe(statement.sql.clone());
        let patience = self.patience;
        let work = async {
            Ok(match &mut self.link {
                Link::Postgresql(connection) => {
                    let query = arguments_of_postgresql(sqlx::query(sql), statement)?;
                    let done = query.execute(&mut **connection).await?;
                    Changed { rows: done.rows_affected(), last: 0 }
                }
                Link::Mysql(connection) => {
                    let query = arguments_of_mysql(sqlx::query(sql), statement)?;
                    let done = query.execute(&mut **connection).await?;
                    Changed { rows: done.rows_affected(), last: done.last_insert_id() }
                }
            })
        };
        let result = in_time(patience, work).await;
        self.note(result)
    }

    /// Runs text of this crate's own, perhaps of several statements.
    pub(super) async fn run(&mut self, sql: impl Into<String>) -> sqlx::Result<()> {
        self.run_for(self.patience, sql).await
    }

    /// As [`run`](Self::run), for what may take longer.
    pub(super) async fn run_for(&mut self, patience: Duration, sql: impl Into<String>) -> sqlx::Result<()> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.into()));
        let work = async {
            match &mut self.link {
                Link::Postgresql(connection) => sql.execute(&mut **connection).await.map(drop),
                Link::Mysql(connection) => sql.execute(&mut **connection).await.map(drop),
            }
        };
        let result = in_time(patience, work).await;
        self.note(result)
    }

    /// Begins a transaction and keeps a token that is there when it is committed.
    pub(super) async fn begin(&mut self, token: &str) -> sqlx::Result<()> {
        // Whatever becomes of the transaction, the connection is used again only once it is known to have ended.
        self.in_transaction = true;
        let token = match &self.link {
            Link::Postgresql(_) => format!("'\\x{token}'"),
            Link::Mysql(_) => format!("x'{token}'"),
        };
        let now = now(self.dialect());
        self.run(format!("BEGIN; INSERT INTO claviger_commit (token, at) VALUES ({token}, {now})")).await
    }

    /// Ends a transaction.
    pub(super) async fn commit(&mut self) -> sqlx::Result<()> {
        self.run("COMMIT").await?;
        self.in_transaction = false;
        Ok(())
    }

    /// Takes back a transaction. If that fails, the connection goes and the transaction with it.
    pub(super) async fn roll_back(&mut self) {
        self.in_transaction = self.run("ROLLBACK").await.is_err();
    }

    /// Whether the database answers on this connection.
    pub(super) async fn is_alive(&mut self) -> bool {
        let patience = self.patience;
        let ping = async {
            match &mut self.link {
                Link::Postgresql(connection) => connection.ping().await,
                Link::Mysql(connection) => connection.ping().await,
            }
        };
        let result = in_time(patience, ping).await;
        self.note(result).is_ok()
    }

    /// Its database may only be read. Nobody uses it again, nor any other that was made before: they may lead to what was
    /// the primary then.
    pub(super) fn leads_to_no_primary(&mut self) {
        self.spoiled = true;
        self.demotion.note();
    }

    /// Nobody uses a connection again that broke, whose answer did not come in time, or that refuses every write.
    fn note<T>(&mut self, result: sqlx::Result<T>) -> sqlx::Result<T> {
        match &result {
            Err(error) if is_broken(error) => self.spoiled = true,
            Err(error) if is_read_only(error) => self.leads_to_no_primary(),
            _ => {}
        }
        result
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.spoiled || self.in_transaction {
            match &mut self.link {
                Link::Postgresql(connection) => connection.close_on_drop(),
                Link::Mysql(connection) => connection.close_on_drop(),
            }
        }
    }
}

/// What a statement changed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Changed {
    /// How many rows.
    pub(super) rows: u64,
    /// The last number that it gave out, on MySQL.
    pub(super) last: u64,
}

/// One row of an answer. Columns are counted from 0.
pub(super) enum Row {
    /// PostgreSQL's.
    Postgresql(sqlx::postgres::PgRow),
    /// MySQL's.
    Mysql(sqlx::mysql::MySqlRow),
}

impl Row {
    /// A number.
    pub(super) fn number(&self, column: usize) -> sqlx::Result<i64> {
        match self {
            Self::Postgresql(row) => row.try_get(column),
            Self::Mysql(row) => row.try_get(column),
        }
    }

    /// A number, or nothing.
    pub(super) fn optional(&self, column: usize) -> sqlx::Result<Option<i64>> {
        match self {
            Self::Postgresql(row) => row.try_get(column),
            Self::Mysql(row) => row.try_get(column),
        }
    }

    /// Bytes.
    pub(super) fn bytes(&self, column: usize) -> sqlx::Result<&[u8]> {
        match self {
            Self::Postgresql(row) => row.try_get(column),
            Self::Mysql(row) => row.try_get(column),
        }
    }

    /// Bytes, or nothing.
    pub(super) fn optional_bytes(&self, column: usize) -> sqlx::Result<Option<&[u8]>> {
        match self {
            Self::Postgresql(row) => row.try_get(column),
            Self::Mysql(row) => row.try_get(column),
        }
    }

    /// Text that is kept as bytes.
    pub(super) fn text(&self, column: usize) -> sqlx::Result<&str> {
        std::str::from_utf8(self.bytes(column)?).map_err(|error| sqlx::Error::Decode(error.into()))
    }
}

type QueryOf<'q, D> = Query<'q, D, <D as Database>::Arguments>;

fn arguments_of_postgresql<'q>(
    query: QueryOf<'q, Postgres>,
    statement: &Statement<'_>,
) -> sqlx::Result<QueryOf<'q, Postgres>> {
    with_arguments(query, statement, |query, array| match array {
        Array::Numbers(numbers) => Ok(query.bind(numbers)),
        Array::Lists(lists) => Ok(query.bind(lists.iter().map(|list| &**list).collect::<Vec<&[u8]>>())),
    })
}

fn arguments_of_mysql<'q>(
    query: QueryOf<'q, MySql>,
    statement: &Statement<'_>,
) -> sqlx::Result<QueryOf<'q, MySql>> {
    with_arguments(query, statement, |_, _| Err(sqlx::Error::Encode("MySQL has no arrays".into())))
}

/// A value that PostgreSQL alone takes.
enum Array<'s, 'f> {
    Numbers(&'s [Option<i64>]),
    Lists(&'s [Cow<'f, [u8]>]),
}

fn with_arguments<'q, D: Database>(
    mut query: QueryOf<'q, D>,
    statement: &Statement<'_>,
    array: impl Fn(QueryOf<'q, D>, Array<'_, '_>) -> sqlx::Result<QueryOf<'q, D>>,
) -> sqlx::Result<QueryOf<'q, D>>
where
    for<'v> i64: Encode<'v, D> + Type<D>,
    for<'v> Option<i64>: Encode<'v, D> + Type<D>,
    for<'v> &'v [u8]: Encode<'v, D> + Type<D>,
{
    if statement.arguments.len() > MOST {
        return Err(too_many());
    }
    for argument in &statement.arguments {
        query = match argument {
            Argument::One(Parameter::Integer(n)) => query.bind(*n),
            Argument::One(Parameter::Text(text)) => query.bind(text.as_bytes()),
            Argument::One(Parameter::Bytes(bytes)) => query.bind(*bytes),
            Argument::Optional(number) => query.bind(*number),
            Argument::Own(bytes) => query.bind(bytes.as_slice()),
            Argument::Numbers(numbers) => array(query, Array::Numbers(numbers))?,
            Argument::Lists(lists) => array(query, Array::Lists(lists))?,
        };
    }
    Ok(query)
}

/// How many values both kinds of databases take for one statement.
const MOST: usize = 65_535;

fn too_many() -> sqlx::Error {
    sqlx::Error::Encode("a statement has more than 65535 values".into())
}

async fn in_time<T>(patience: Duration, work: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    tokio::time::timeout(patience, work).await.unwrap_or_else(|_| Err(silence()))
}
