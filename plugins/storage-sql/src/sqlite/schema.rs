//! The tables, and how a database of an older version gets them.

use claviger_plugin_sdk::{Error, Result};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::failed;

/// What each version adds to the one before; the first makes the tables. An entry is never changed once released.
const MIGRATIONS: &[&str] = &[VERSION_1];

/// `seq` is the place in the order: higher is newer. What a search looks at is apart from the content, so that many
/// objects share a page that stays in memory. `scalars` has all that is indexed of an object, and `indexed` a row
/// for each of its values that tells objects apart; [`scalars`](crate::search::scalars) says which.
const VERSION_1: &str = "
CREATE TABLE object (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    revision INTEGER NOT NULL,
    owner TEXT NOT NULL,
    type INTEGER NOT NULL,
    state INTEGER NOT NULL,
    activation INTEGER,
    deactivation INTEGER,
    archived INTEGER NOT NULL,
    usage_left INTEGER
) STRICT;
CREATE INDEX object_by_owner ON object (owner, seq, type, state, activation, deactivation, archived);

CREATE TABLE content (
    object INTEGER PRIMARY KEY,
    scalars BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE indexed (
    attribute INTEGER NOT NULL,
    field INTEGER NOT NULL,
    value ANY NOT NULL,
    object INTEGER NOT NULL,
    PRIMARY KEY (attribute, field, value, object)
) STRICT, WITHOUT ROWID;

CREATE TABLE permission (
    object INTEGER NOT NULL,
    subject_kind INTEGER NOT NULL,
    subject TEXT NOT NULL,
    operation INTEGER NOT NULL,
    PRIMARY KEY (object, subject_kind, subject, operation)
) STRICT, WITHOUT ROWID;
CREATE INDEX permission_by_subject ON permission (subject_kind, subject, operation, object);

CREATE TABLE name (
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    object INTEGER NOT NULL,
    PRIMARY KEY (owner, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX name_by_object ON name (object);

CREATE TABLE document (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    expires INTEGER,
    body BLOB NOT NULL,
    PRIMARY KEY (kind, id)
) STRICT;
CREATE INDEX document_by_expiry ON document (expires) WHERE expires IS NOT NULL;
";

/// Brings the database to this server's version, in one transaction.
///
/// # Errors
/// It is newer than this server, or it is something else.
pub(super) fn migrate(connection: &mut Connection) -> Result<()> {
    migrate_with(connection, MIGRATIONS)
}

fn migrate_with(connection: &mut Connection, migrations: &[&str]) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
    let version = version(&transaction)?;
    if version > migrations.len() {
        return Err(newer(version as u64, migrations.len() as u64));
    }
    if version == migrations.len() {
        return Ok(());
    }
    for migration in migrations.iter().skip(version) {
        transaction.execute_batch(migration).map_err(failed)?;
    }
    transaction
        .execute(
            "UPDATE schema_version SET version = ?",
            [i64::try_from(migrations.len()).unwrap_or(i64::MAX)],
        )
        .map_err(failed)?;
    check(&transaction)?;
    transaction.commit().map_err(failed)?;
    tracing::info!(from = version, to = migrations.len(), "database migrated");
    Ok(())
}

/// The version that this server writes.
pub(super) fn known_version() -> u64 {
    MIGRATIONS.len() as u64
}

/// The version of the database, which is not touched; `None` if it is empty.
///
/// # Errors
/// It is something else, or does not tell its version.
pub(super) fn stored_version(connection: &Connection) -> Result<Option<u64>> {
    let count = |sql| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(failed);
    if count("SELECT count(*) FROM sqlite_schema WHERE name = 'schema_version'")? == 0 {
        if count("SELECT count(*) FROM sqlite_schema")? > 0 {
            return Err(Error::storage(
                "the database below --sqlite-path is not Claviger's: name another folder",
            ));
        }
        return Ok(None);
    }
    let version = connection
        .query_row("SELECT version FROM schema_version", [], |row| row.get::<_, i64>(0))
        .optional()
        .map_err(failed)?;
    let version = version.and_then(|version| u64::try_from(version).ok()).map(Some);
    version.ok_or_else(|| Error::storage("the database does not tell its version: restore it from a backup"))
}

/// Why a newer database is refused.
pub(super) fn newer(stored: u64, known: u64) -> Error {
    Error::storage(format!(
        "the database has version {stored} and this server knows {known}: start the newer server again, or restore a \
         backup from before the upgrade"
    ))
}

/// The version of the database; an empty one gets version 0.
fn version(connection: &Connection) -> Result<usize> {
    if let Some(version) = stored_version(connection)? {
        return Ok(usize::try_from(version).unwrap_or(usize::MAX));
    }
    let create = "CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT;
                  INSERT INTO schema_version VALUES (0);";
    connection.execute_batch(create).map_err(failed)?;
    Ok(0)
}

/// That a migration left the database whole.
fn check(connection: &Connection) -> Result<()> {
    let answer: String =
        connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
    if answer == "ok" {
        return Ok(());
    }
    Err(Error::storage(
        "the migrated database is damaged, so it was left as it was: restore it from a backup",
    )
    .because(answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty() -> Connection {
        Connection::open_in_memory().unwrap()
    }

    #[test]
    fn an_empty_database_gets_every_version_once() {
        let mut connection = empty();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
        assert_eq!(version(&connection).unwrap(), MIGRATIONS.len());
    }

    #[test]
    fn an_older_database_gets_what_it_lacks_and_keeps_what_it_has() {
        let mut connection = empty();
        migrate_with(&mut connection, &["CREATE TABLE a (x); INSERT INTO a VALUES (1);"]).unwrap();
        migrate_with(&mut connection, &["not run again", "ALTER TABLE a ADD COLUMN y DEFAULT 2;"]).unwrap();
        let row = connection.query_row("SELECT x, y FROM a", [], |row| Ok((row.get(0)?, row.get(1)?)));
        assert_eq!(row.unwrap(), (1, 2));
        assert_eq!(version(&connection).unwrap(), 2);
    }

    #[test]
    fn a_failing_migration_changes_nothing() {
        let mut connection = empty();
        migrate_with(&mut connection, &["CREATE TABLE a (x);"]).unwrap();
        let broken = ["", "DROP TABLE a;", "no SQL"];
        assert_eq!(migrate_with(&mut connection, &broken).unwrap_err().message(), "the storage failed");
        assert_eq!(version(&connection).unwrap(), 1);
        connection.execute("INSERT INTO a VALUES (1)", []).unwrap();
    }

    #[test]
    fn a_database_of_a_newer_version_is_refused() {
        let mut connection = empty();
        migrate_with(&mut connection, &["", "", ""]).unwrap();
        let error = migrate_with(&mut connection, &["", ""]).unwrap_err();
        assert_eq!(
            error.message(),
            "the database has version 3 and this server knows 2: start the newer server again, or restore a backup \
             from before the upgrade"
        );
    }

    #[test]
    fn a_database_of_something_else_is_refused() {
        let mut connection = empty();
        connection.execute_batch("CREATE TABLE theirs (x)").unwrap();
        let error = migrate(&mut connection).unwrap_err();
        assert_eq!(
            error.message(),
            "the database below --sqlite-path is not Claviger's: name another folder"
        );
    }
}
