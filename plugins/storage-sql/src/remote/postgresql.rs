//! PostgreSQL: how it is reached, what each session sets, and its tables.

use claviger_plugin_sdk::Result;
use sqlx::ConnectOptions;
use sqlx::postgres::{PgConnectOptions, PgSslMode};

use super::address::{Address, Form, TlsParameters};
use super::failure::failed;
use super::pool::{Connections, Pool, connect};
use super::{Limits, PREPARED, warn_about_transport};
use crate::search::{Dialect, Statement};

/// What its URL is like.
pub(super) const FORM: Form = Form {
    store: "postgresql",
    schemes: &["postgresql", "postgres"],
    example: "postgresql://USER:PASSWORD@HOST:5432/DATABASE",
    tls: TlsParameters {
        mode: "sslmode",
        modes: &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
        authority: "sslrootcert",
        certificate: "sslcert",
        key: "sslkey",
    },
    others: &["application_name", "options"],
};

/// Seconds since 1970, by the database's clock.
pub(super) const NOW: &str = "floor(extract(epoch FROM clock_timestamp()))::bigint";

/// Opens a pool.
///
/// # Errors
/// Invalid Field: the settings are wrong. Internal Server Error: the database cannot be used.
pub(super) async fn open(address: &Address, limits: Limits) -> Result<Pool> {
    let mode = match address.tls.mode {
        "disable" => PgSslMode::Disable,
        "allow" => PgSslMode::Allow,
        "require" if address.tls.authority.is_some() => PgSslMode::VerifyCa,
        "require" => PgSslMode::Require,
        "verify-ca" => PgSslMode::VerifyCa,
        "verify-full" => PgSslMode::VerifyFull,
        _ => PgSslMode::Prefer,
    };
    warn_about_transport(address, matches!(mode, PgSslMode::VerifyCa | PgSslMode::VerifyFull));
    let mut options = PgConnectOptions::new_without_pgpass()
        .username(&address.user)
        .password(address.password.as_deref().unwrap_or_default())
        .database(&address.database)
        .port(address.port.unwrap_or(5432))
        .application_name(address.other("application_name").unwrap_or("claviger"))
        .ssl_mode(mode)
        .statement_cache_capacity(PREPARED)
        .disable_statement_logging();
    options = if address.host.starts_with('/') {
        options.socket(&address.host)
    } else {
        options.host(&address.host)
    };
    if let Some(pem) = &address.tls.authority {
        options = options.ssl_root_cert_from_pem(pem.clone());
    }
    if let Some((certificate, key)) = &address.tls.identity {
        options = options.ssl_client_cert_from_pem(certificate).ssl_client_key_from_pem(key);
    }
    if let Some(text) = address.other("options") {
        options = options.options(session_options(text)?);
    }
    let pool = connect(Connections::Postgresql, options, SESSION, limits).await?;
    check(&pool).await?;
    Ok(pool)
}

/// 1 where the database may only be read: as a standby, or since it was set so.
pub(super) const READ_ONLY: &str = "(current_setting('transaction_read_only') = 'on')::int::bigint";

/// What every session sets. A session whose server vanished must not keep locks, short statements gain nothing from
/// being compiled, and a commit that was answered must survive.
const SESSION: &str = "
SET client_min_messages = warning;
SET default_transaction_isolation = 'read committed';
SET lock_timeout = '10s';
SET idle_in_transaction_session_timeout = '60s';
SET jit = off;
SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off';
";

/// The settings in libpq's form, `-c name=value`.
fn session_options(text: &str) -> Result<Vec<(String, String)>> {
    let wrong = || {
        claviger_plugin_sdk::Error::invalid(
            "options in --database-url has the form `-c NAME=VALUE`, such as options=-c%20search_path%3Dkeys",
        )
    };
    let text = format!(" {text}").replace(char::is_whitespace, " ");
    let mut parts = text.split(" -c");
    let before = parts.next().unwrap_or_default();
    let mut options = Vec::new();
    for part in parts {
        let (name, value) = part.trim().split_once('=').ok_or_else(wrong)?;
        options.push((name.trim().to_owned(), value.trim().to_owned()));
    }
    if options.is_empty() || !before.trim().is_empty() { Err(wrong()) } else { Ok(options) }
}

/// That the database is new enough, and that what it acknowledges is on disk.
async fn check(pool: &Pool) -> Result<()> {
    let mut select = Statement::new(Dialect::Postgresql);
    select.push(
        "SELECT current_setting('server_version_num')::bigint, (current_setting('fsync') = 'on')::int::bigint, \
         (current_setting('full_page_writes') = 'on')::int::bigint, (reset_val = 'off')::int::bigint \
         FROM pg_settings WHERE name = 'synchronous_commit'",
    );
    let rows = pool.rows(&select).await?;
    let Some(row) = rows.first() else { return Ok(()) };
    let number = |column| row.number(column).map_err(failed);
    if number(0)? < OLDEST {
        return Err(claviger_plugin_sdk::Error::storage(
            "the database is older than PostgreSQL 12: upgrade it",
        ));
    }
    if number(1)? == 0 {
        tracing::warn!(
            "PostgreSQL runs with fsync = off: keys that were acknowledged are LOST when it crashes"
        );
    }
    if number(2)? == 0 {
        tracing::warn!("PostgreSQL runs with full_page_writes = off: a crash can DAMAGE the keys in it");
    }
    if number(3)? == 1 {
        tracing::warn!(
            "PostgreSQL is set to synchronous_commit = off, which loses acknowledged keys in a crash; the sessions of \
             this server turn it on"
        );
    }
    Ok(())
}

const OLDEST: i64 = 120_000;

/// Begins to read one state of the database, for as long as it takes.
pub(super) const BEGIN_SNAPSHOT: &str = "SET idle_in_transaction_session_timeout = 0; \
     BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT version FROM claviger_schema";

/// Takes the lock under which tables are made, unless somebody has it.
pub(super) const TRY_LOCK: &str = "SELECT pg_try_advisory_lock(4850186117341)::int::bigint";
/// Gives the lock back.
pub(super) const UNLOCK: &str = "SELECT pg_advisory_unlock(4850186117341)";
/// How many of Claviger's tables there are in the schema of the connection, and how many of one name.
pub(super) const COUNT_TABLES: &str = "SELECT count(*) FROM information_schema.tables \
     WHERE table_schema = current_schema() AND table_name ";

/// What each version adds to the one before; the first makes the tables. An entry is never changed once released.
pub(super) const MIGRATIONS: &[&str] = &[VERSION_1];

/// `seq` is the place in the order: higher is newer. Text that finds something is kept as bytes, so that it compares
/// byte by byte and may hold any letter; long values are kept as their hashes, so that each fits into an index. A
/// scalar that tells objects apart is `found` in an index.
const VERSION_1: &str = "
CREATE TABLE claviger_object (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id BYTEA NOT NULL UNIQUE,
    revision BIGINT NOT NULL,
    owner BYTEA NOT NULL,
    type BIGINT NOT NULL,
    state BIGINT NOT NULL,
    activation BIGINT,
    deactivation BIGINT,
    archived BIGINT NOT NULL,
    usage_left BIGINT
);
CREATE INDEX claviger_object_by_owner ON claviger_object (owner, seq);

CREATE TABLE claviger_content (
    object BIGINT PRIMARY KEY,
    body BYTEA NOT NULL
);

CREATE TABLE claviger_scalar (
    object BIGINT NOT NULL,
    attribute BIGINT NOT NULL,
    field BIGINT NOT NULL,
    value BYTEA NOT NULL,
    instance BIGINT NOT NULL,
    number BIGINT,
    found BIGINT NOT NULL,
    PRIMARY KEY (object, attribute, field, value, instance)
);
CREATE INDEX claviger_scalar_by_value ON claviger_scalar (attribute, field, value, object) WHERE found = 1;

CREATE TABLE claviger_permission (
    object BIGINT NOT NULL,
    subject_kind BIGINT NOT NULL,
    subject BYTEA NOT NULL,
    operation BIGINT NOT NULL,
    subject_name BYTEA NOT NULL,
    PRIMARY KEY (object, subject_kind, subject, operation)
);
CREATE INDEX claviger_permission_by_subject ON claviger_permission (subject_kind, subject, operation, object);

CREATE TABLE claviger_name (
    owner BYTEA NOT NULL,
    name BYTEA NOT NULL,
    object BIGINT NOT NULL,
    long_owner BYTEA NOT NULL,
    long_name BYTEA NOT NULL,
    PRIMARY KEY (owner, name)
);
CREATE INDEX claviger_name_by_object ON claviger_name (object);

CREATE TABLE claviger_document (
    kind BYTEA NOT NULL,
    id BYTEA NOT NULL,
    revision BIGINT NOT NULL,
    expires BIGINT,
    body BYTEA NOT NULL,
    PRIMARY KEY (kind, id)
);
CREATE INDEX claviger_document_by_expiry ON claviger_document (expires) WHERE expires IS NOT NULL;

CREATE TABLE claviger_commit (
    token BYTEA PRIMARY KEY,
    at BIGINT NOT NULL
);
CREATE INDEX claviger_commit_by_time ON claviger_commit (at);
";

/// Removes documents that have expired and tokens that nobody asks for any more; some at a time. The time of a token may
/// be negative.
pub(super) const SWEEP: &[&str] = &[
    "DELETE FROM claviger_document WHERE ctid = ANY(ARRAY(SELECT ctid FROM claviger_document \
     WHERE expires < floor(extract(epoch FROM clock_timestamp()))::bigint LIMIT 10000 FOR UPDATE SKIP LOCKED))",
    "DELETE FROM claviger_commit WHERE ctid = ANY(ARRAY(SELECT ctid FROM claviger_commit \
     WHERE at > 600 - floor(extract(epoch FROM now()))::bigint \
     AND at < floor(extract(epoch FROM now()))::bigint - 600 LIMIT 10000 FOR UPDATE SKIP LOCKED))",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_told_apart_by_minus_c_where_a_word_begins() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let options = session_options("-c search_path=abc-client,b-c  -cwork_mem=4MB").unwrap();
        assert_eq!(options, [pair("search_path", "abc-client,b-c"), pair("work_mem", "4MB")]);
        for bad in ["", "search_path=keys", "x -c a=b", "-c", "-c a"] {
            assert!(session_options(bad).is_err(), "{bad}");
        }
    }
}
