//! What an operator who has the token of a database does with it beside the server.

use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::upkeep::{LayoutVersions, Snapshot, StoreUpkeep};
use claviger_plugin_sdk::{BoxFuture, Error, Result};

use super::SqliteEncFactory;
use super::token::Token;
use crate::sqlite::connection::DatabaseFile;
use crate::sqlite::snapshot::SqliteSnapshot;
use crate::sqlite::{folder_of, schema, upkeep};

impl StoreUpkeep for SqliteEncFactory {
    /// The storage as a whole has no version: each database is brought up to date when it is opened.
    fn versions<'a>(&'a self, _: &'a Settings) -> BoxFuture<'a, Result<LayoutVersions>> {
        Box::pin(async { Ok(LayoutVersions { stored: None, known: schema::known_version() }) })
    }

    fn snapshot<'a>(
        &'a self,
        settings: &'a Settings,
        facts: &'a ConnectionFacts,
    ) -> BoxFuture<'a, Result<Box<dyn Snapshot>>> {
        Box::pin(async move {
            let token = Token::brought(facts)?;
            let path = folder_of(settings)?.join(token.group.file_name());
            if !path.exists() {
                return Err(Error::server("there is no database of this group below --sqlite-path"));
            }
            let reading = upkeep::checked(&DatabaseFile::encrypted(path, token.key))?;
            Ok(Box::new(SqliteSnapshot::take(reading)?) as Box<dyn Snapshot>)
        })
    }
}
