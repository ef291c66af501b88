//! What an operator does with a database beside the servers.

use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::upkeep::{LayoutVersions, Snapshot, StoreUpkeep};
use claviger_plugin_sdk::{BoxFuture, Error, Result};

use super::address::Form;
use super::snapshot::RemoteSnapshot;
use super::{MysqlFactory, PostgresqlFactory, connect, mysql, postgresql, schema};

impl StoreUpkeep for PostgresqlFactory {
    fn versions<'a>(&'a self, settings: &'a Settings) -> BoxFuture<'a, Result<LayoutVersions>> {
        Box::pin(versions(settings, &postgresql::FORM))
    }

    fn snapshot<'a>(
        &'a self,
        settings: &'a Settings,
        _: &'a ConnectionFacts,
    ) -> BoxFuture<'a, Result<Box<dyn Snapshot>>> {
        Box::pin(snapshot(settings, &postgresql::FORM))
    }
}

impl StoreUpkeep for MysqlFactory {
    fn versions<'a>(&'a self, settings: &'a Settings) -> BoxFuture<'a, Result<LayoutVersions>> {
        Box::pin(versions(settings, &mysql::FORM))
    }

    fn snapshot<'a>(
        &'a self,
        settings: &'a Settings,
        _: &'a ConnectionFacts,
    ) -> BoxFuture<'a, Result<Box<dyn Snapshot>>> {
        Box::pin(snapshot(settings, &mysql::FORM))
    }
}

async fn versions(settings: &Settings, form: &Form) -> Result<LayoutVersions> {
    schema::versions(&connect(settings, form).await?).await
}

/// One state of the database, which servers may be using.
pub(super) async fn snapshot(settings: &Settings, form: &Form) -> Result<Box<dyn Snapshot>> {
    let pool = connect(settings, form).await?;
    let LayoutVersions { stored, known } = schema::versions(&pool).await?;
    match stored {
        Some(stored) if stored == known => Ok(Box::new(RemoteSnapshot::take(&pool).await?)),
        Some(stored) if stored > known => Err(schema::newer(stored, known)),
        Some(_) => Err(Error::storage(
            "the database is of an older version: run `claviger-server db migrate` with this build first",
        )),
        None => Err(Error::storage("the database of --database-url has no keys yet")),
    }
}
