//! Making the tables and bringing those of an older version up to date, by one server at a time.

use std::time::Duration;

use claviger_plugin_sdk::upkeep::LayoutVersions;
use claviger_plugin_sdk::{Error, Result};
use tokio::time::Instant;

use super::connection::Connection;
use super::failure::{failed, unusable};
use super::pool::Pool;
use super::{mysql, postgresql};
use crate::search::{Dialect, Statement};

/// Every table with its columns, the version's first.
const TABLES: &[(&str, &str)] = &[
    ("schema", "version"),
    ("object", "seq, id, revision, owner, type, state, activation, deactivation, archived, usage_left"),
    ("content", "object, body"),
    ("scalar", "object, attribute, field, value, instance, number, found"),
    ("permission", "object, subject_kind, subject, operation, subject_name"),
    ("name", "owner, name, object, long_owner, long_name"),
    ("document", "kind, id, revision, expires, body"),
    ("commit", "token, at"),
];

/// How long to wait for a server that makes the tables.
const PATIENCE: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_millis(100);

/// Brings the database to this server's version; with `clear`, Claviger's tables are dropped first.
///
/// # Errors
/// It is newer than this server, its tables are somebody else's, or they cannot be made.
pub(super) async fn migrate(pool: &Pool, clear: bool) -> Result<()> {
    migrate_with(pool, clear, migrations(pool)).await?;
    check(&mut pool.connection().await.map_err(failed)?).await
}

fn migrations(pool: &Pool) -> &'static [&'static str] {
    match pool.dialect() {
        Dialect::Mysql => mysql::MIGRATIONS,
        _ => postgresql::MIGRATIONS,
    }
}

/// The version of the tables, and that which this build makes; changes nothing.
///
/// # Errors
/// The database cannot be read, or its tables are somebody else's.
pub(super) async fn versions(pool: &Pool) -> Result<LayoutVersions> {
    let known = migrations(pool).len() as u64;
    let mut connection = pool.connection().await.map_err(unusable)?;
    let stored = match is_made(&mut connection).await? {
        true => read_version(&mut connection).await?,
        false => None,
    };
    let stored = stored.map(u64::try_from).transpose().map_err(|_| without_version())?;
    Ok(LayoutVersions { stored, known })
}

/// The refusal of a database that a newer server wrote.
pub(super) fn newer(stored: u64, known: u64) -> Error {
    Error::storage(format!(
        "the database has version {stored} and this server knows {known}: start the newer server again, or restore a \
         backup from before the upgrade"
    ))
}

fn without_version() -> Error {
    Error::storage("the database does not tell its version: restore it from a backup")
}

/// As [`migrate`], with these steps and without looking at what came of them.
pub(super) async fn migrate_with(pool: &Pool, clear: bool, migrations: &[&str]) -> Result<()> {
    // It is closed when it is dropped, and so gives its lock back however this ends.
    let mut connection = pool.connection().await.map_err(unusable)?.closing();
    lock(&mut connection).await?;
    let result = migrate_locked(&mut connection, clear, migrations).await;
    let unlock = match connection.dialect() {
        Dialect::Mysql => mysql::UNLOCK,
        _ => postgresql::UNLOCK,
    };
    let unlocked = connection.run(unlock).await.map_err(failed);
    result.and(unlocked)
}

/// Waits for the lock, under which one server at a time makes tables.
async fn lock(connection: &mut Connection) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let mut told = false;
    let try_lock = match connection.dialect() {
        Dialect::Mysql => mysql::TRY_LOCK,
        _ => postgresql::TRY_LOCK,
    };
    while number(connection, |to| {
        to.push(try_lock);
    })
    .await?
        != Some(1)
    {
        if Instant::now() >= deadline {
            return Err(Error::storage(
                "another server has been changing the tables of the database for five minutes: see whether it hangs",
            ));
        }
        if !told {
            tracing::info!("waiting for another server that makes the tables of the database");
            told = true;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

async fn migrate_locked(connection: &mut Connection, clear: bool, migrations: &[&str]) -> Result<()> {
    if clear {
        // The version's last: without it, those that an interruption leaves would be taken for somebody else's.
        let tables: Vec<String> = TABLES.iter().rev().map(|(table, _)| format!("claviger_{table}")).collect();
        connection.run(format!("DROP TABLE IF EXISTS {}", tables.join(", "))).await.map_err(failed)?;
    }
    let version = version(connection).await?;
    let known = migrations.len();
    if version > known {
        return Err(newer(version as u64, known as u64));
    }
    if version == known {
        return Ok(());
    }
    // PostgreSQL does all or nothing; MySQL commits each statement, and does them again if it was interrupted.
    let steps: Vec<&str> =
        migrations.iter().skip(version).map(|step| step.trim_end().trim_end_matches(';')).collect();
    let steps = format!("{}; UPDATE claviger_schema SET version = {known};", steps.join(";"));
    let steps = match connection.dialect() {
        Dialect::Mysql => steps,
        _ => format!("BEGIN; {steps} COMMIT"),
    };
    let result = connection.run_for(PATIENCE, steps).await;
    if result.is_err() && connection.dialect() != Dialect::Mysql {
        connection.roll_back().await;
    }
    result.map_err(unusable)?;
    tracing::info!(from = version, to = known, "database migrated");
    Ok(())
}

/// The version of the database; an empty one has version 0.
async fn version(connection: &mut Connection) -> Result<usize> {
    if !is_made(connection).await? {
        connection.run("CREATE TABLE claviger_schema (version BIGINT NOT NULL)").await.map_err(unusable)?;
    }
    let version = match read_version(connection).await? {
        Some(version) => version,
        // An empty table is one that somebody was interrupted in making.
        None => {
            connection.run("INSERT INTO claviger_schema (version) VALUES (0)").await.map_err(failed)?;
            0
        }
    };
    usize::try_from(version).map_err(|_| without_version())
}

/// Whether there is the table that tells the version.
async fn is_made(connection: &mut Connection) -> Result<bool> {
    if count(connection, "= 'claviger_schema'").await? > 0 {
        return Ok(true);
    }
    if count(connection, "LIKE 'claviger!_%' ESCAPE '!'").await? > 0 {
        return Err(Error::storage(
            "the database of --database-url has tables that are called as Claviger's and are not: name another database",
        ));
    }
    Ok(false)
}

async fn read_version(connection: &mut Connection) -> Result<Option<i64>> {
    let read = |to: &mut Statement<'_>| {
        to.push("SELECT version FROM claviger_schema");
    };
    number(connection, read).await
}

/// How many tables of the connection's schema have such names.
async fn count(connection: &mut Connection, names: &str) -> Result<i64> {
    let sql = match connection.dialect() {
        Dialect::Mysql => mysql::COUNT_TABLES,
        _ => postgresql::COUNT_TABLES,
    };
    let count = number(connection, |to| {
        to.push(sql).push(names);
    });
    Ok(count.await?.unwrap_or(0))
}

async fn number(connection: &mut Connection, write: impl FnOnce(&mut Statement<'_>)) -> Result<Option<i64>> {
    let mut statement = Statement::new(connection.dialect());
    write(&mut statement);
    let rows = connection.rows(&statement).await.map_err(failed)?;
    rows.first().map(|row| row.number(0)).transpose().map_err(failed)
}

/// That the tables are those that this server works with.
async fn check(connection: &mut Connection) -> Result<()> {
    for (table, columns) in TABLES {
        let mut select = Statement::new(connection.dialect());
        select.push("SELECT ").push(columns).push(" FROM ").table(table).push(" WHERE 1 = 0");
        connection.rows(&select).await.map_err(|cause| {
            Error::storage("the tables of the database are not as they should be: restore it from a backup")
                .because(cause)
        })?;
    }
    if connection.dialect() == Dialect::Mysql && count(connection, NOT_SAFE).await? > 0 {
        return Err(Error::storage(
            "the tables of the database are not InnoDB's, and so no transaction protects them: restore it from a backup",
        ));
    }
    Ok(())
}

/// Tables that know no transactions.
const NOT_SAFE: &str = "LIKE 'claviger!_%' ESCAPE '!' AND engine <> 'InnoDB'";
