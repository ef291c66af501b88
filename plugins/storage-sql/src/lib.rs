//! Stores in SQL databases: `sqlite`.
//!
//! What the databases share is the layout of the tables and the translation of filters into conditions
//! ([`search`]); what each has of its own, such as connections, the shape of a write and the schema's text, is in
//! the module of its name.

mod search;
pub mod sqlite;

use claviger_plugin_sdk::settings::{Setting, SettingKind};
use claviger_plugin_sdk::{plugin, register_store};

use sqlite::SqliteFactory;

plugin! {
    summary: "Stores in SQL databases: sqlite.",
    settings: &[Setting {
        flag: "sqlite-path",
        variable: "KMS_SQLITE_PATH",
        variable_aliases: &[],
        section: "storage",
        kind: SettingKind::Path,
        default: Some("./sqlite-data"),
        help: "The folder of the SQLite database. It is made if it does not exist, for the server's user alone.",
    }],
}

register_store!(SqliteFactory);
