//! What the failures of a database server mean.

use std::io::ErrorKind;

use claviger_plugin_sdk::Error;

/// Whether the connection cannot be used any more, or the database is just stopping or starting.
pub(super) fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed => {
            true
        }
        // SQLSTATE 08: connection exception; 57P01 to 57P05: the session or the server was stopped, or is starting.
        // MySQL: 1053 stops, 1927 and 3032 the connection was killed, 4031 it was idle.
        sqlx::Error::Database(_) => match code(error).as_str() {
            state if state.starts_with("08") || state.starts_with("57P0") || state == "25P03" => true,
            number => matches!(number, "1053" | "1927" | "3032" | "4031"),
        },
        _ => false,
    }
}

/// Whether the database only lets itself be read: it is a replica, or another became the primary in its place.
pub(super) fn is_read_only(error: &sqlx::Error) -> bool {
    // PostgreSQL: a transaction that only reads, as all are on a standby. MySQL: --read-only, such a transaction, and
    // InnoDB that only reads.
    matches!(code(error).as_str(), "25006" | "1290" | "1792" | "1836")
}

/// Whether another transaction was in the way, so that running again may help. Nothing was written.
pub(super) fn is_contention(error: &sqlx::Error) -> bool {
    // PostgreSQL: serialization failure, deadlock, lock not available. MySQL: lock wait timeout, deadlock, and what
    // Galera and MariaDB say when a row was changed since it was read.
    matches!(code(error).as_str(), "40001" | "40P01" | "55P03" | "1205" | "1213" | "1020")
}

/// Whether a database that answers does not know itself what became of a commit: MySQL's "got error during COMMIT".
pub(super) fn is_doubtful(error: &sqlx::Error) -> bool {
    code(error) == "1180"
}

/// Whether a row is there already, on MySQL.
pub(super) fn is_duplicate(error: &sqlx::Error) -> bool {
    code(error) == "1062"
}

/// An answer that did not come in time.
pub(super) fn silence() -> sqlx::Error {
    sqlx::Error::Io(ErrorKind::TimedOut.into())
}

/// The failure that a client sees when the database fails; the log has the cause.
pub(super) fn failed(cause: sqlx::Error) -> Error {
    Error::storage(meaning(&cause)).because(cause)
}

fn meaning(cause: &sqlx::Error) -> &'static str {
    if let sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed = cause {
        return "the storage does not answer; try again";
    }
    if let sqlx::Error::Encode(_) = cause {
        return "the search has too many conditions for the storage";
    }
    if is_read_only(cause) {
        return "the storage may only be read; nothing was written";
    }
    match code(cause).as_str() {
        // Class 53: insufficient resources; 53100: disk full. MySQL: table full, disk full, no memory for a row.
        "53100" | "1021" | "1114" => "the storage is full; nothing was written",
        "53300" | "1040" | "1203" => "the storage has too many connections; try again",
        "42501" | "1044" | "1142" => "the server may not write to its storage",
        "1153" | "54000" => "the object is too large for the storage; nothing was written",
        "XX001" | "XX002" | "1194" | "1712" => "the storage is damaged; restore it from a backup",
        "57014" => "the storage was stopped while it worked; try again",
        _ if is_broken(cause) => "the connection to the storage was lost; try again",
        _ => "the storage failed",
    }
}

/// Why the server cannot start with this database.
pub(super) fn unusable(cause: sqlx::Error) -> Error {
    let message = match code(&cause).as_str() {
        "28P01" | "28000" | "1045" | "1698" => {
            "the database refuses the user, the password or the certificate of --database-url"
        }
        "3D000" | "1049" => {
            "the database that --database-url names does not exist: create it, or name another one"
        }
        "1044" | "42501" | "1142" | "3F000" => {
            "the user of --database-url may not make tables in the database: grant it the right to"
        }
        "53300" | "1040" | "1203" => {
            "the database has no connection left: raise its limit, or lower --database-connections"
        }
        _ => match &cause {
            _ if is_of_tls(&cause) => {
                "no secure connection to the database of --database-url: its certificate is not trusted, is for \
                 another name, or it speaks no TLS"
            }
            sqlx::Error::Configuration(_) => {
                "the certificates for the database cannot be used: name PEM files, and the key that belongs to the \
                 certificate"
            }
            sqlx::Error::Io(_) | sqlx::Error::PoolTimedOut => {
                "the database of --database-url cannot be reached: check host and port, and that it runs"
            }
            _ => return failed(cause),
        },
    };
    Error::storage(message).because(cause)
}

/// Whether the connection failed because the database did not prove who it is, or this server did not.
fn is_of_tls(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Tls(_) => true,
        // The handshake runs as the connection is first read.
        sqlx::Error::Io(error) => error.kind() == ErrorKind::InvalidData,
        _ => false,
    }
}

/// PostgreSQL's SQLSTATE, or MySQL's number; empty if the failure is not the database's.
fn code(error: &sqlx::Error) -> String {
    let sqlx::Error::Database(error) = error else { return String::new() };
    if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
        return error.number().to_string();
    }
    error.code().unwrap_or_default().into_owned()
}
