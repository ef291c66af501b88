//! What an operator who has the token of a database does with it beside the server.

use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::upkeep::{LayoutVersions, Snapshot, StoreUpkeep};
use claviger_plugin_sdk::{BoxFuture, Result};

use super::SqliteEncFactory;
use super::folder::proves;
use super::opened::wrong_secret;
use super::token::Token;
use crate::sqlite::connection::DatabaseFile;
use crate::sqlite::snapshot::SqliteSnapshot;
use crate::sqlite::{folder_of, schema, upkeep};

impl StoreUpkeep for SqliteEncFactory {
    /// Those of the database whose token the settings give.
    fn versions<'a>(&'a self, settings: &'a Settings) -> BoxFuture<'a, Result<LayoutVersions>> {
        Box::pin(async {
            let file = meant(settings, &ConnectionFacts::internal())?;
            let stored = schema::stored_version(&file.open_for_reading()?)?;
            Ok(LayoutVersions { stored, known: schema::known_version() })
        })
    }

    fn snapshot<'a>(
        &'a self,
        settings: &'a Settings,
        facts: &'a ConnectionFacts,
    ) -> BoxFuture<'a, Result<Box<dyn Snapshot>>> {
        Box::pin(async move {
            let reading = upkeep::checked(&meant(settings, facts)?)?;
            Ok(Box::new(SqliteSnapshot::take(reading)?) as Box<dyn Snapshot>)
        })
    }
}

/// The database whose token the settings give, or else the facts.
fn meant(settings: &Settings, facts: &ConnectionFacts) -> Result<DatabaseFile> {
    let token = match Token::configured(settings)? {
        Some(token) => token,
        None => Token::brought(facts)?,
    };
    let folder = folder_of(settings)?;
    match proves(&folder, token.group, &token.key)? {
        true => Ok(DatabaseFile::encrypted(folder.join(token.group.file_name()), token.key)),
        false => Err(wrong_secret()),
    }
}
