//! `sqlite-enc`: a database for each group of users, encrypted by SQLCipher with a key that the server does not keep.
//!
//! Clients bring the key with every request, in the [`token`] that `POST /new_database` gave them ([`making`]). A
//! database is opened when its token comes, and closed when nobody has used it for a while or another one needs its place
//! ([`opened`]). Each is a [`SqliteStore`](super::SqliteStore) like the only one of `sqlite`, with its own connections, which alone have the
//! key.

mod folder;
mod group;
mod making;
mod opened;
mod token;
mod upkeep;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::{Duration, Instant};

use claviger_plugin_sdk::authentication::{ConnectionFacts, Transport};
use claviger_plugin_sdk::databases::Databases;
use claviger_plugin_sdk::kmip::ByteString;
use claviger_plugin_sdk::random::RandomSource;
use claviger_plugin_sdk::settings::{Setting, SettingKind, Settings};
use claviger_plugin_sdk::store::{ObjectStore, StoreFactory, StoreSource};
use claviger_plugin_sdk::upkeep::StoreUpkeep;
use claviger_plugin_sdk::{BoxFuture, Error, Result};
use tokio::sync::Semaphore;

use super::folder_of;
use folder::Folder;
use group::Group;
use opened::Opened;
use token::Token;

/// How many databases may be open.
const MOST: &str = "sqlite-enc-open";
/// How long a database stays open that nobody uses.
const IDLE: &str = "sqlite-enc-idle";
/// Which database is meant where no request says so.
const SECRET: &str = "database-secret";

/// The setting that says how many may be open.
pub(crate) const MOST_SETTING: Setting = Setting {
    flag: MOST,
    variable: "KMS_SQLITE_ENC_OPEN",
    variable_aliases: &[],
    section: "storage",
    kind: SettingKind::Number(1, 10_000),
    default: Some("100"),
    help: "Databases of sqlite-enc that are open at a time, such as 100; each takes five file descriptors or more and a \
           megabyte of memory. The one that was not used for longest makes room for another.",
};

/// The setting that says when one is closed.
pub(crate) const IDLE_SETTING: Setting = Setting {
    flag: IDLE,
    variable: "KMS_SQLITE_ENC_IDLE",
    variable_aliases: &[],
    section: "storage",
    kind: SettingKind::Number(1, 86_400),
    default: Some("600"),
    help: "Seconds after which a database of sqlite-enc is closed and its key forgotten, if no request has come for it, \
           such as 600.",
};

/// The setting that names a database by its token.
pub(crate) const SECRET_SETTING: Setting = Setting {
    flag: SECRET,
    variable: "KMS_DATABASE_SECRET",
    variable_aliases: &[],
    section: "storage",
    kind: SettingKind::Secret,
    default: None,
    help: "Token of the database of sqlite-enc that `db` commands read, fill, or with --clear-database empty; @FILE reads it \
           from a file, such as @token. A server needs none.",
};

/// Opens the storage `sqlite-enc`.
pub struct SqliteEncFactory;

impl StoreFactory for SqliteEncFactory {
    fn name(&self) -> &'static str {
        "sqlite-enc"
    }

    fn start<'a>(
        &'a self,
        settings: &'a Settings,
        clear: bool,
    ) -> BoxFuture<'a, Result<Arc<dyn StoreSource>>> {
        Box::pin(async move {
            let most = number(settings, MOST)?;
            let idle = Duration::from_secs(number(settings, IDLE)?);
            let own = Token::configured(settings)?;
            let folder = Folder::take(folder_of(settings)?, clear && own.is_none())?;
            let mut databases = EncryptedDatabases::new(folder, most, idle);
            if let Some(own) = own {
                databases.begin_with(own, clear)?;
            }
            databases.keep_closing();
            Ok(Arc::new(databases) as Arc<dyn StoreSource>)
        })
    }

    fn upkeep(&self) -> Option<&dyn StoreUpkeep> {
        Some(self)
    }
}

fn number<N: TryFrom<i64>>(settings: &Settings, flag: &str) -> Result<N> {
    let number = settings.number(flag)?.and_then(|number| N::try_from(number).ok());
    number.ok_or_else(|| Error::invalid(format!("--{flag} needs a number")))
}

/// All databases of a folder.
struct EncryptedDatabases {
    opened: Arc<Opened>,
    /// Databases that are made at once: each waits for the disk several times.
    making: Arc<Semaphore>,
    /// The database that is meant where no request says so.
    own: Option<Token>,
}

/// How many databases are made at once.
const MADE_AT_ONCE: usize = 2;

impl EncryptedDatabases {
    fn new(folder: Folder, most: usize, idle: Duration) -> Self {
        Self {
            opened: Arc::new(Opened::new(folder, most, idle)),
            making: Arc::new(Semaphore::new(MADE_AT_ONCE)),
            own: None,
        }
    }

    /// Takes a database for the one that is meant where no request says so; brings it up to date, or with `clear` makes it
    /// anew under its key.
    fn begin_with(&mut self, own: Token, clear: bool) -> Result<()> {
        drop(self.opened.open(own.again()?)?);
        if clear {
            self.opened.close_all();
            self.opened.folder().remove_database(own.group)?;
            making::make(self.opened.folder(), own.again()?)?.keep();
        }
        self.own = Some(own);
        Ok(())
    }

    /// Has databases closed that nobody uses, as long as this storage is there.
    fn keep_closing(&self) {
        let (opened, pause) = (Arc::downgrade(&self.opened), self.opened.looks_every());
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(pause).await;
                let Some(opened) = opened.upgrade() else { return };
                // Closing writes the log back.
                let closing = tokio::task::spawn_blocking(move || opened.close_idle(Instant::now()));
                if let Err(error) = closing.await {
                    tracing::error!(%error, "databases are not closed any more");
                    return;
                }
            }
        });
    }
}

impl StoreSource for EncryptedDatabases {
    fn open(&self, facts: &ConnectionFacts) -> Result<Arc<dyn ObjectStore>> {
        let token = match &self.own {
            Some(own) if facts.transport == Transport::Internal => own.again()?,
            _ => Token::brought(facts)?,
        };
        Ok(self.opened.open(token)?)
    }

    fn databases(&self) -> Option<&dyn Databases> {
        Some(self)
    }
}

impl Databases for EncryptedDatabases {
    fn create<'a>(&'a self, random: &'a mut dyn RandomSource) -> BoxFuture<'a, Result<ByteString>> {
        Box::pin(async {
            let token = Token::draw(random)?;
            let failed = || Error::storage("the database was not made");
            let turn = self.making.clone().acquire_owned().await.map_err(|error| failed().because(error))?;
            let (opened, text) = (self.opened.clone(), token.to_text());
            // What is made goes with the turn if nobody waits here any more: dropped before it is kept, it is deleted.
            let task = tokio::task::spawn_blocking(move || (making::make(opened.folder(), token), turn));
            let (made, _turn) = task.await.map_err(|error| failed().because(error))?;
            made?.keep();
            Ok(text)
        })
    }

    fn opened(&self) -> Vec<Arc<str>> {
        self.opened.groups().into_iter().map(|group| group.namespace().into()).collect()
    }

    fn opened_store(&self, namespace: &str) -> Option<Arc<dyn ObjectStore>> {
        Some(self.opened.store(Group::of_namespace(namespace)?)?)
    }

    fn health(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            self.opened.folder().health()?;
            for group in self.opened.groups() {
                if let Some(store) = self.opened.store(group) {
                    store.health().await?;
                }
            }
            Ok(())
        })
    }
}
