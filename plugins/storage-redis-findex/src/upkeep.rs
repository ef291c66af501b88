//! What an operator does with a database beside the server.

use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::upkeep::{LayoutVersions, Snapshot, StoreUpkeep};
use claviger_plugin_sdk::{BoxFuture, Error, Result};

use crate::connection::Connection;
use crate::database::Database;
use crate::factory::{Paths, RedisFactory};
use crate::header;
use crate::layout::Layout;
use crate::snapshot::RedisSnapshot;

impl StoreUpkeep for RedisFactory {
    fn versions<'a>(&'a self, settings: &'a Settings) -> BoxFuture<'a, Result<LayoutVersions>> {
        Box::pin(async move {
            let paths = Paths::of(settings);
            let opening = paths.opening(settings, false)?;
            let connection = Connection::open(&opening.address).await?;
            let fields = header::read(&connection, &Layout::new(opening.prefix)?).await?;
            Ok(LayoutVersions { stored: header::version(&fields)?, known: header::KNOWN })
        })
    }

    fn snapshot<'a>(
        &'a self,
        settings: &'a Settings,
        _: &'a ConnectionFacts,
    ) -> BoxFuture<'a, Result<Box<dyn Snapshot>>> {
        Box::pin(async move {
            let paths = Paths::of(settings);
            let opening = paths.opening(settings, false)?;
            let db = Database::open_as_it_is(opening).await?;
            let db =
                db.ok_or_else(|| Error::storage("there is no database in this Redis, below this prefix"))?;
            Ok(Box::new(RedisSnapshot::take(db).await?) as Box<dyn Snapshot>)
        })
    }
}
