//! Opens the store by its settings.

use std::path::PathBuf;
use std::sync::Arc;

use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::{ObjectStore, StoreFactory, StoreSource};
use claviger_plugin_sdk::upkeep::StoreUpkeep;
use claviger_plugin_sdk::{BoxFuture, Error, Result};
use zeroize::Zeroizing;

use crate::connection::Address;
use crate::database::Opening;
use crate::keys::PasswordCost;
use crate::store::RedisStore;

/// Opens the store `redis-findex`.
pub(crate) struct RedisFactory;

impl StoreFactory for RedisFactory {
    fn name(&self) -> &'static str {
        "redis-findex"
    }

    fn upkeep(&self) -> Option<&dyn StoreUpkeep> {
        Some(self)
    }

    fn start<'a>(
        &'a self,
        settings: &'a Settings,
        clear: bool,
    ) -> BoxFuture<'a, Result<Arc<dyn StoreSource>>> {
        Box::pin(async move {
            let paths = Paths::of(settings);
            let opening = paths.opening(settings, clear)?;
            let store = RedisStore::open(opening).await?;
            Ok(Arc::new(RedisSource { store: Arc::new(store) }) as Arc<dyn StoreSource>)
        })
    }
}

/// The files that settings name.
pub(crate) struct Paths {
    authorities: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl Paths {
    /// Those of the settings.
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            authorities: settings.path("database-ca-file"),
            certificate: settings.path("database-client-cert-file"),
            key: settings.path("database-client-key-file"),
        }
    }

    /// What opens the database that the settings name.
    ///
    /// # Errors
    /// Invalid Field: one is missing.
    pub(crate) fn opening<'a>(&'a self, settings: &'a Settings, clear: bool) -> Result<Opening<'a>> {
        let url = settings.text("database-url").ok_or_else(|| {
            Error::invalid("redis-findex needs --database-url, such as redis://USER:PASSWORD@HOST:6379/0")
        })?;
        let password = settings.text("redis-master-password").filter(|password| !password.is_empty());
        let password = password.ok_or_else(|| {
            Error::invalid("redis-findex needs --redis-master-password, from which all its keys are derived")
        })?;
        let identity = match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => Some((certificate.as_path(), key.as_path())),
            (None, None) => None,
            _ => {
                return Err(Error::invalid(
                    "--database-client-cert-file and --database-client-key-file go together",
                ));
            }
        };
        Ok(Opening {
            address: Address { url, authorities: self.authorities.as_deref(), identity },
            prefix: settings.text("redis-key-prefix").unwrap_or("claviger"),
            password: Zeroizing::new(password.to_owned()),
            label: settings.text("redis-findex-label").unwrap_or_default(),
            clear,
            cost: PasswordCost::FORMAT_1,
        })
    }
}

/// The one store of a server, for every message.
struct RedisSource {
    store: Arc<RedisStore>,
}

impl StoreSource for RedisSource {
    fn open(&self, _: &ConnectionFacts) -> Result<Arc<dyn ObjectStore>> {
        Ok(self.store.clone())
    }
}
