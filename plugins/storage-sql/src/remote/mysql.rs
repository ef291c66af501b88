//! MySQL and MariaDB: how they are reached, what each session sets, and their tables.

use claviger_plugin_sdk::{Error, Result};
use sqlx::ConnectOptions;
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};

use super::address::{Address, Form, TlsParameters};
use super::failure::failed;
use super::pool::{Connections, Pool, connect};
use super::{Limits, PREPARED, warn_about_transport};
use crate::search::{Dialect, Statement};

/// What its URL is like.
pub(super) const FORM: Form = Form {
    store: "mysql",
    schemes: &["mysql", "mariadb"],
    example: "mysql://USER:PASSWORD@HOST:3306/DATABASE",
    tls: TlsParameters {
        mode: "ssl-mode",
        modes: &["DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"],
        authority: "ssl-ca",
        certificate: "ssl-cert",
        key: "ssl-key",
    },
    others: &[],
};

/// Seconds since 1970, by the database's clock.
pub(super) const NOW: &str = "UNIX_TIMESTAMP()";

/// Opens a pool.
///
/// # Errors
/// Invalid Field: the settings are wrong. Internal Server Error: the database cannot be used.
pub(super) async fn open(address: &Address, limits: Limits) -> Result<Pool> {
    let mode = match address.tls.mode {
        "DISABLED" => MySqlSslMode::Disabled,
        "REQUIRED" if address.tls.authority.is_some() => MySqlSslMode::VerifyCa,
        "REQUIRED" => MySqlSslMode::Required,
        "VERIFY_CA" => MySqlSslMode::VerifyCa,
        "VERIFY_IDENTITY" => MySqlSslMode::VerifyIdentity,
        _ => MySqlSslMode::Preferred,
    };
    warn_about_transport(address, matches!(mode, MySqlSslMode::VerifyCa | MySqlSslMode::VerifyIdentity));
    let mut options = MySqlConnectOptions::new()
        .username(&address.user)
        .database(&address.database)
        .port(address.port.unwrap_or(3306))
        .ssl_mode(mode)
        .pipes_as_concat(false)
        .statement_cache_capacity(PREPARED)
        .disable_statement_logging();
    if let Some(password) = &address.password {
        options = options.password(password);
    }
    options = if address.host.starts_with('/') {
        options.socket(&address.host)
    } else {
        options.host(&address.host)
    };
    if let Some(pem) = &address.tls.authority {
        options = options.ssl_ca_from_pem(pem.clone());
    }
    if let Some((certificate, key)) = &address.tls.identity {
        options = options.ssl_client_cert_from_pem(certificate).ssl_client_key_from_pem(key);
    }
    let pool = connect(Connections::Mysql, options, SESSION, limits).await?;
    check(&pool).await?;
    Ok(pool)
}

/// 1 where the database may only be read, whatever this account may do in spite of that. MariaDB 12 has words for it.
pub(super) const READ_ONLY: &str =
    "CAST(CONCAT(@@global.read_only) NOT IN ('0', 'OFF') OR @@global.innodb_read_only AS SIGNED)";

/// What every session sets. Values that do not fit are errors and not cut; conditions on an object are tested on it
/// and not turned into joins; and a session whose server vanished must not
/// keep locks. What stands in `/*M! … */` is for MariaDB alone.
const SESSION: &str = "
SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION';
SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED;
SET SESSION innodb_lock_wait_timeout = 10;
SET SESSION wait_timeout = 1200 /*M!, SESSION idle_write_transaction_timeout = 60 */;
SET SESSION optimizer_switch = 'semijoin=off' /*M!, SESSION optimizer_switch = 'exists_to_in=off' */;
";

/// That the database is new enough, and that what it acknowledges is on disk.
async fn check(pool: &Pool) -> Result<()> {
    let mut select = Statement::new(Dialect::Mysql);
    select.push(
        "SELECT CAST(VERSION() AS BINARY), CAST(@@innodb_flush_log_at_trx_commit AS SIGNED), \
         CAST(@@log_bin AS SIGNED), CAST(@@sync_binlog AS SIGNED), CAST(@@binlog_format AS BINARY)",
    );
    let rows = pool.rows(&select).await?;
    let Some(row) = rows.first() else { return Ok(()) };
    let number = |column| row.number(column).map_err(failed);
    let version = row.text(0).map_err(failed)?;
    let oldest = if version.contains("MariaDB") { (10, 5) } else { (8, 0) };
    if number_of(version).is_some_and(|version| version < oldest) {
        return Err(Error::storage("the database is older than MySQL 8.0 or MariaDB 10.5: upgrade it"));
    }
    let logs = number(2)? == 1;
    if logs && row.text(4).map_err(failed)? == "STATEMENT" {
        return Err(Error::storage(
            "the database runs with binlog_format = STATEMENT, with which it refuses what this server writes: set ROW",
        ));
    }
    if number(1)? != 1 {
        tracing::warn!(
            "the database runs with innodb_flush_log_at_trx_commit other than 1: keys that were acknowledged are LOST \
             when it crashes"
        );
    }
    if logs && number(3)? != 1 {
        tracing::warn!(
            "the database runs with sync_binlog other than 1: keys that were acknowledged can be LOST on its replicas, \
             and in it, when it crashes"
        );
    }
    Ok(())
}

/// The major and minor number of a version.
fn number_of(version: &str) -> Option<(u32, u32)> {
    // MariaDB may hide its version behind one of MySQL, for old clients.
    let version = version.strip_prefix("5.5.5-").unwrap_or(version);
    let mut parts = version.split(['.', '-']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Begins to read one state of the database, for as long as it takes.
pub(super) const BEGIN_SNAPSHOT: &str = "SET SESSION wait_timeout = 86400; \
     SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";

/// Takes the lock under which tables are made, unless somebody has it. Names of locks are the whole server's.
pub(super) const TRY_LOCK: &str = "SELECT CAST(GET_LOCK(CONCAT('claviger ', MD5(DATABASE())), 0) AS SIGNED)";
/// Gives the lock back.
pub(super) const UNLOCK: &str = "SELECT RELEASE_LOCK(CONCAT('claviger ', MD5(DATABASE())))";
/// How many of Claviger's tables there are in the database, and how many of one name.
pub(super) const COUNT_TABLES: &str = "SELECT count(*) FROM information_schema.tables \
     WHERE table_schema = DATABASE() AND table_name ";

/// What each version adds to the one before; the first makes the tables. An entry is never changed once released. The
/// database commits each statement by itself, so every one must do no harm when it is run again.
pub(super) const MIGRATIONS: &[&str] = &[VERSION_1];

/// As PostgreSQL's tables. There are no partial indexes, so the flag is the index's first column.
const VERSION_1: &str = "
CREATE TABLE IF NOT EXISTS claviger_object (
    seq BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY,
    id VARBINARY(255) NOT NULL UNIQUE,
    revision BIGINT NOT NULL,
    owner VARBINARY(200) NOT NULL,
    type BIGINT NOT NULL,
    state BIGINT NOT NULL,
    activation BIGINT,
    deactivation BIGINT,
    archived BIGINT NOT NULL,
    usage_left BIGINT,
    INDEX claviger_object_by_owner (owner, seq)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS claviger_content (
    object BIGINT NOT NULL PRIMARY KEY,
    body LONGBLOB NOT NULL
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS claviger_scalar (
    object BIGINT NOT NULL,
    attribute BIGINT NOT NULL,
    field BIGINT NOT NULL,
    value VARBINARY(65) NOT NULL,
    instance BIGINT NOT NULL,
    number BIGINT,
    found BIGINT NOT NULL,
    PRIMARY KEY (object, attribute, field, value, instance),
    INDEX claviger_scalar_by_value (found, attribute, field, value, object)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS claviger_permission (
    object BIGINT NOT NULL,
    subject_kind BIGINT NOT NULL,
    subject VARBINARY(200) NOT NULL,
    operation BIGINT NOT NULL,
    subject_name MEDIUMBLOB NOT NULL,
    PRIMARY KEY (object, subject_kind, subject, operation),
    INDEX claviger_permission_by_subject (subject_kind, subject, operation, object)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS claviger_name (
    owner VARBINARY(200) NOT NULL,
    name VARBINARY(200) NOT NULL,
    object BIGINT NOT NULL,
    long_owner MEDIUMBLOB NOT NULL,
    long_name MEDIUMBLOB NOT NULL,
    PRIMARY KEY (owner, name),
    INDEX claviger_name_by_object (object)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS claviger_document (
    kind VARBINARY(255) NOT NULL,
    id VARBINARY(1000) NOT NULL,
    revision BIGINT NOT NULL,
    expires BIGINT,
    body LONGBLOB NOT NULL,
    PRIMARY KEY (kind, id),
    INDEX claviger_document_by_expiry (expires)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;

CREATE TABLE IF NOT EXISTS claviger_commit (
    token BINARY(16) NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    INDEX claviger_commit_by_time (at)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC;
";

/// Removes documents that have expired and tokens that nobody asks for any more; some at a time. The time of a token may
/// be negative.
pub(super) const SWEEP: &[&str] = &[
    "DELETE FROM claviger_document WHERE expires < UNIX_TIMESTAMP() LIMIT 10000",
    "DELETE FROM claviger_commit WHERE at > 600 - CAST(UNIX_TIMESTAMP() AS SIGNED) \
     AND at < UNIX_TIMESTAMP() - 600 LIMIT 10000",
];
