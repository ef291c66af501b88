//! Whether the database can be worked with: that it answers soon, and may be written.

use std::time::Duration;

use claviger_plugin_sdk::{Error, Result};

use super::failure::{failed, is_broken, silence};
use super::pool::Pool;
use super::{mysql, postgresql};
use crate::search::{Dialect, Statement};

/// See [`ObjectStore::health`](claviger_plugin_sdk::store::ObjectStore::health). Whoever asks sends clients elsewhere if it
/// is not well, and so a database that is busy with requests is well all the same.
pub(super) async fn health(pool: &Pool) -> Result<()> {
    let ask = async {
        match may_be_written(pool).await {
            // It may only be this connection that broke, or that leads to what was the primary.
            Ok(false) => may_be_written(pool).await,
            Err(error) if is_broken(&error) => may_be_written(pool).await,
            answer => answer,
        }
    };
    match tokio::time::timeout(2 * SOON, ask).await.unwrap_or_else(|_| Err(silence())) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::storage("the storage may only be read: it is not the primary")),
        Err(cause) => Err(failed(cause)),
    }
}

/// How long an answer about health may take.
const SOON: Duration = Duration::from_secs(2);

async fn may_be_written(pool: &Pool) -> sqlx::Result<bool> {
    let mut statement = Statement::new(pool.dialect());
    statement.push("SELECT ").push(read_only(pool)).push(", version FROM ").table("schema");
    let mut connection = pool.health_connection().await?.within(SOON);
    let rows = connection.rows(&statement).await?;
    let is_read_only = rows.first().map(|row| row.number(0)).transpose()? == Some(1);
    if is_read_only {
        connection.leads_to_no_primary();
    }
    Ok(!is_read_only)
}

/// Refuses a database that may only be read.
///
/// # Errors
/// It is one. The database fails.
pub(super) async fn refuse_replica(pool: &Pool) -> Result<()> {
    let mut statement = Statement::new(pool.dialect());
    statement.push("SELECT ").push(read_only(pool));
    match pool.rows(&statement).await?.first().map(|row| row.number(0)).transpose().map_err(failed)? {
        Some(1) => Err(Error::storage(
            "the database of --database-url may only be read, as a standby or a replica may: name the primary",
        )),
        _ => Ok(()),
    }
}

fn read_only(pool: &Pool) -> &'static str {
    match pool.dialect() {
        Dialect::Mysql => mysql::READ_ONLY,
        _ => postgresql::READ_ONLY,
    }
}
