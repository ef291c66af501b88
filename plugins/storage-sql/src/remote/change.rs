//! Writing a change set: one transaction, tried again when another was in its way, and looked for when the answer to
//! its commit was lost.
//!
//! Objects that a change is about are locked first, in the order of their identifiers, so that two changes seldom wait
//! for each other in a circle; the database ends such a circle, and then one of the two runs again. Under the locks
//! the revisions are compared, and nobody can change them until the commit.

mod claims;
mod documents;
mod objects;
mod permissions;
mod rewrites;
pub(super) mod scalar_rows;
mod usage;

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use claviger_plugin_sdk::Error;
use claviger_plugin_sdk::record::{ObjectId, Revision};
use claviger_plugin_sdk::store::{ApplyError, ChangeSet};
use tokio::time::Instant;

use super::connection::{Changed, Connection, Row};
use super::failure::{failed, is_broken, is_contention, is_doubtful};
use super::pool::Pool;
use super::statements::{Batch, now};
use crate::search::{Argument, Dialect, Statement};

/// How often a change is written again after others were in its way; then the engine runs the request again.
const ATTEMPTS: u32 = 8;

/// See [`ObjectStore::apply`](claviger_plugin_sdk::store::ObjectStore::apply).
pub(super) async fn apply(pool: &Pool, change: &ChangeSet) -> Result<(), ApplyError> {
    let deadline = Instant::now() + pool.patience();
    let mut connection = match pool.connection().await {
        Err(error) if is_broken(&error) => working(pool, deadline).await?,
        connection => connection.map_err(|error| ApplyError::Failed(failed(error)))?,
    };
    for attempt in 1.. {
        let token = token();
        let cause = match write(&mut connection, change, &token).await {
            Ok(()) => return Ok(()),
            Err(Trouble::Refused(error)) => {
                connection.roll_back().await;
                return Err(error);
            }
            Err(Trouble::Before(cause)) => cause,
            // A database that answers with an error has taken the transaction back.
            Err(Trouble::AtCommit(cause)) if !is_broken(&cause) && !is_doubtful(&cause) => cause,
            Err(Trouble::AtCommit(cause)) => {
                // The database ends a transaction whose connection is closed.
                drop(connection);
                match is_there(pool, &token, deadline).await {
                    Ok(true) => return Ok(()),
                    Ok(false) if Instant::now() < deadline => {
                        connection = working(pool, deadline).await?;
                        continue;
                    }
                    Ok(false) => return Err(ApplyError::Failed(failed(cause))),
                    Err(error) => return Err(ApplyError::Failed(unknown(cause, &error))),
                }
            }
        };
        if is_contention(&cause) {
            connection.roll_back().await;
            if attempt >= ATTEMPTS || Instant::now() >= deadline {
                return Err(ApplyError::Conflict);
            }
            tokio::time::sleep(pause(attempt)).await;
        } else if is_broken(&cause) && Instant::now() < deadline {
            // Nothing is written without a commit.
            drop(connection);
            connection = working(pool, deadline).await?;
        } else {
            connection.roll_back().await;
            return Err(ApplyError::Failed(failed(cause)));
        }
    }
    Err(ApplyError::Conflict)
}

/// Why a change was not written, or may not have been.
enum Trouble {
    /// It must not be written.
    Refused(ApplyError),
    /// The database failed before the commit, so nothing is written.
    Before(sqlx::Error),
    /// The database failed to answer the commit.
    AtCommit(sqlx::Error),
}

impl From<sqlx::Error> for Trouble {
    fn from(cause: sqlx::Error) -> Self {
        Self::Before(cause)
    }
}

impl From<ApplyError> for Trouble {
    fn from(error: ApplyError) -> Self {
        Self::Refused(error)
    }
}

async fn write(connection: &mut Connection, change: &ChangeSet, token: &str) -> Result<(), Trouble> {
    connection.begin(token).await?;
    let mut writing = Writing { dialect: connection.dialect(), connection, known: HashMap::new() };
    writing.lock(change).await?;
    writing.check(&change.unchanged)?;
    writing.purge(&change.purges).await?;
    writing.put(change).await?;
    writing.claim(&change.claims).await?;
    writing.grant(&change.grants).await?;
    writing.revoke(&change.revocations).await?;
    writing.consume(&change.consumptions).await?;
    writing.put_documents(&change.documents).await?;
    writing.rewrite(&change.rewrites).await?;
    connection.commit().await.map_err(Trouble::AtCommit)
}

/// A transaction, with what it knows of the objects that it has locked or written.
struct Writing<'c> {
    dialect: Dialect,
    connection: &'c mut Connection,
    known: HashMap<ObjectId, Known>,
}

/// An object that nobody else can change before the commit.
#[derive(Clone, Copy)]
struct Known {
    place: i64,
    revision: Revision,
    /// Whether this change made it, so that nothing belongs to it yet.
    is_new: bool,
}

impl Writing<'_> {
    fn statement<'f>(&self) -> Statement<'f> {
        Statement::new(self.dialect)
    }

    fn batch<'f>(&self) -> Batch<'f> {
        Batch::new(self.dialect)
    }

    async fn rows(&mut self, statement: &Statement<'_>) -> Result<Vec<Row>, Trouble> {
        Ok(self.connection.rows(statement).await?)
    }

    async fn execute(&mut self, statement: &Statement<'_>) -> Result<Changed, Trouble> {
        Ok(self.connection.execute(statement).await?)
    }

    async fn run(&mut self, batch: Batch<'_>) -> Result<(), Trouble> {
        for statement in batch.into_statements() {
            self.connection.execute(&statement).await?;
        }
        Ok(())
    }

    /// The place of an object that must be there.
    fn existing(&self, id: &ObjectId) -> Result<i64, Trouble> {
        Ok(self.known.get(id).ok_or(ApplyError::Conflict)?.place)
    }

    /// The place of an object that must have a revision.
    fn at(&self, id: &ObjectId, revision: Revision) -> Result<i64, Trouble> {
        match self.known.get(id) {
            Some(known) if known.revision == revision => Ok(known.place),
            _ => Err(ApplyError::Conflict.into()),
        }
    }
}

/// Whether the transaction that began with a token was committed. If it is still running, this waits for its end; if
/// it is not, it can never be committed any more, since the token is taken.
pub(super) async fn is_there(pool: &Pool, token: &str, deadline: Instant) -> Result<bool, Error> {
    loop {
        let mut connection = pool.working_connection(deadline).await.map_err(failed)?;
        match look(&mut connection, token).await {
            Ok(Some(committed)) => return Ok(committed),
            Ok(None) => return Err(Error::storage("the token of a change is gone")),
            Err(error) if (is_broken(&error) || is_contention(&error)) && Instant::now() < deadline => {}
            Err(error) => return Err(failed(error)),
        }
    }
}

/// Takes a token unless it is there, and then reads who brought it: a commit, or an earlier look whose answer was lost.
async fn look(connection: &mut Connection, token: &str) -> sqlx::Result<Option<bool>> {
    if take_token(connection, token).await? {
        return Ok(Some(false));
    }
    let mut statement = Statement::new(connection.dialect());
    statement
        .push("SELECT at FROM ")
        .table("commit")
        .push(" WHERE token = ")
        .bind(Argument::Own(bytes_of(token)));
    let rows = connection.rows(&statement).await?;
    let at = rows.first().map(|row| row.number(0)).transpose()?;
    Ok(at.map(|at| at >= 0))
}

/// Takes a token, unless it is there. The time of one that is taken is negative, as that of no commit is.
pub(super) async fn take_token(connection: &mut Connection, token: &str) -> sqlx::Result<bool> {
    let mut statement = Statement::new(connection.dialect());
    statement.push("INSERT INTO ").table("commit").push(" (token, at) VALUES (");
    statement.bind(Argument::Own(bytes_of(token))).push(", -").push(now(connection.dialect())).push(")");
    if connection.dialect() != Dialect::Mysql {
        statement.push(" ON CONFLICT DO NOTHING");
    }
    match connection.execute(&statement).await {
        Ok(changed) => Ok(changed.rows > 0),
        Err(error) if super::failure::is_duplicate(&error) => Ok(false),
        Err(error) => Err(error),
    }
}

fn bytes_of(token: &str) -> Vec<u8> {
    let digits = token.as_bytes().chunks(2);
    digits.filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

async fn working(pool: &Pool, deadline: Instant) -> Result<Connection, ApplyError> {
    pool.working_connection(deadline).await.map_err(|error| ApplyError::Failed(failed(error)))
}

/// What the caller is told when nobody knows whether the change was written.
fn unknown(cause: sqlx::Error, of_looking: &Error) -> Error {
    tracing::error!(?of_looking, "whether a change was written is not known");
    Error::storage(
        "the connection to the storage was lost while the change was written: it may have been written or not; look \
         before you try again",
    )
    .because(cause)
}

/// 128 bits that no other change has, in hexadecimal digits. They are no secret.
pub(super) fn token() -> String {
    let half = || RandomState::new().hash_one(Instant::now().elapsed());
    format!("{:016x}{:016x}", half(), half())
}

/// Before the next attempt: longer each time, and by chance, so that two that met do not meet again.
fn pause(attempt: u32) -> Duration {
    let chance = RandomState::new().hash_one(attempt) % 1000;
    Duration::from_micros(1000 + chance * u64::from(1_u32 << attempt.min(6)))
}
