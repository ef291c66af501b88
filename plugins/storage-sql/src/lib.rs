//! Stores in SQL databases: `sqlite`, `sqlite-enc` with an encrypted database for each group of users, `postgresql` and
//! `mysql`.
//!
//! What the databases share is the translation of filters into conditions ([`search`]). SQLite is a library in this
//! process, with one file and one writer; PostgreSQL, MySQL and MariaDB are servers that several of ours share, and
//! have one store with two dialects.

pub mod remote;
mod search;
pub mod sqlite;

use claviger_plugin_sdk::settings::{
    DATABASE_CA_FILE, DATABASE_CLIENT_CERT_FILE, DATABASE_CLIENT_KEY_FILE, DATABASE_URL, Setting, SettingKind,
};
use claviger_plugin_sdk::{plugin, register_store};

use remote::{MysqlFactory, PostgresqlFactory};
use sqlite::SqliteFactory;
use sqlite::encrypted::{self, SqliteEncFactory};

plugin! {
    summary: "Stores in SQL databases: sqlite, sqlite-enc, postgresql, mysql.",
    settings: &[
        Setting {
            flag: "sqlite-path",
            variable: "KMS_SQLITE_PATH",
            variable_aliases: &[],
            section: "storage",
            kind: SettingKind::Path,
            default: Some("./sqlite-data"),
            help: "The folder of the SQLite database, or of those of sqlite-enc, such as /var/lib/claviger. It is made if \
                   it does not exist, for the server's user alone.",
        },
        encrypted::MOST_SETTING,
        encrypted::IDLE_SETTING,
        encrypted::SECRET_SETTING,
        DATABASE_URL,
        DATABASE_CA_FILE,
        DATABASE_CLIENT_CERT_FILE,
        DATABASE_CLIENT_KEY_FILE,
        Setting {
            flag: "database-connections",
            variable: "KMS_DATABASE_CONNECTIONS",
            variable_aliases: &[],
            section: "storage",
            kind: SettingKind::Number(2, 10_000),
            default: Some("20"),
            help: "How many connections to PostgreSQL or MySQL this server has at most. One of them is for /health/ready alone, \
                   so that 2 leave one for requests, which then wait for each other",
        },
        Setting {
            flag: "database-timeout",
            variable: "KMS_DATABASE_TIMEOUT",
            variable_aliases: &[],
            section: "storage",
            kind: SettingKind::Number(1, 300),
            default: Some("30"),
            help: "Seconds to wait for a connection to PostgreSQL or MySQL, and for its answer",
        },
    ],
}

register_store!(SqliteFactory);
register_store!(SqliteEncFactory);
register_store!(PostgresqlFactory);
register_store!(MysqlFactory);
