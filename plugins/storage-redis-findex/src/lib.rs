//! The store `redis-findex`: Redis, in which nothing can be read without the master password.
//!
//! Records, grants, names and documents are encrypted ([`sealed`]) and lie under names that are keyed hashes
//! ([`layout`]). Findex lists which objects have a tag, an owner, a right or a value of an attribute ([`index`]), so
//! that Redis sees neither. What is written is written by one script, if nothing has moved since it was planned
//! ([`transaction`]); the index is written before, so it has too much at times and never too little ([`change`]).
//! A search evaluates its filter on the decrypted records ([`search`]).

mod change;
mod clean_up;
mod connection;
mod database;
mod document;
mod durability;
mod encoding;
mod factory;
mod header;
mod index;
mod keys;
mod layout;
mod object;
mod plan;
mod rights;
mod rotation;
mod sealed;
mod search;
mod snapshot;
mod store;
mod transaction;
mod upkeep;

#[cfg(test)]
mod tests;

use claviger_plugin_sdk::settings::{
    DATABASE_CA_FILE, DATABASE_CLIENT_CERT_FILE, DATABASE_CLIENT_KEY_FILE, DATABASE_URL, Setting, SettingKind,
};
use claviger_plugin_sdk::{plugin, register_store};

use factory::RedisFactory;

plugin! {
    summary: "The store redis-findex: Redis with encrypted values and Findex indexes.",
    settings: &[
        DATABASE_URL,
        DATABASE_CA_FILE,
        DATABASE_CLIENT_CERT_FILE,
        DATABASE_CLIENT_KEY_FILE,
        Setting {
            flag: "redis-master-password",
            variable: "KMS_REDIS_MASTER_PASSWORD",
            variable_aliases: &[],
            section: "storage",
            kind: SettingKind::Secret,
            default: None,
            help: "Password from which all keys of a Redis database are derived: without it nothing in it can be \
                   read, ever; @FILE reads it from a file",
        },
        Setting {
            flag: "redis-findex-label",
            variable: "KMS_REDIS_FINDEX_LABEL",
            variable_aliases: &[],
            section: "storage",
            kind: SettingKind::Text,
            default: Some(""),
            help: "Public label of the index in Redis; starting with another one builds the index anew under other \
                   keys",
        },
        Setting {
            flag: "redis-key-prefix",
            variable: "KMS_REDIS_KEY_PREFIX",
            variable_aliases: &[],
            section: "storage",
            kind: SettingKind::Text,
            default: Some("claviger"),
            help: "What the names of all keys in Redis begin with; letters, digits, - and _",
        },
    ],
}

register_store!(RedisFactory);
