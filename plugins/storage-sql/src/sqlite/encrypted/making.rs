//! Making a database: under another name until it is whole, so that a crash leaves nothing that looks like one.

use std::path::PathBuf;

use claviger_plugin_sdk::{Error, Result};

use super::folder::Folder;
use super::token::Token;
use crate::sqlite::connection::{self, DatabaseFile};
use crate::sqlite::{AtPath, schema};

/// A database that was made. Dropping it deletes it, unless it is kept.
pub(super) struct Made(Option<PathBuf>);

impl Made {
    /// Leaves the database where it is.
    pub(super) fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        if let Some(path) = self.0.take()
            && let Err(error) = connection::remove(&path)
        {
            tracing::error!(?error, "a database that nobody has the token of is left behind");
        }
    }
}

/// Makes an empty database, which is on disk when this returns.
///
/// # Errors
/// The storage fails, or the random generator repeats itself.
pub(super) fn make(folder: &Folder, token: Token) -> Result<Made> {
    let (unfinished, database) = (folder.unfinished(token.group), folder.database(token.group));
    connection::make_new_file(&unfinished)?;
    let making = Made(Some(unfinished.clone()));
    let file = DatabaseFile::encrypted(unfinished.clone(), token.key);
    let mut connection = file.open_for_writing()?;
    schema::migrate(&mut connection)?;
    connection.close().map_err(|(_, cause)| crate::sqlite::failed(cause))?;
    if database.exists() {
        return Err(Error::storage("a new database has the name of another one"));
    }
    std::fs::rename(&unfinished, &database).map_err(|cause| {
        Error::storage("the database below --sqlite-path cannot be written")
            .because(AtPath::new(&unfinished, cause))
    })?;
    making.keep();
    let made = Made(Some(database));
    folder.sync()?;
    Ok(made)
}
