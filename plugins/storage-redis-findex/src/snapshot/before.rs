//! What writers keep for a snapshot: values as they were before they were written first.

use std::sync::LazyLock;

use claviger_plugin_sdk::{Error, Result};
use redis::{Script, cmd};
use tokio::runtime::Handle;

use crate::connection::{Connection, failed};
use crate::database::Database;
use crate::keys::random;
use crate::layout::Layout;

/// Seconds after which a snapshot that nobody reads is given up.
const LEASE: u32 = 600;
/// The field that tells that a snapshot is there, whatever was written since.
const BEGUN: &[u8] = b"begun";

/// A snapshot that has announced itself. Dropping it ends it.
pub(super) struct Before {
    id: String,
    connection: Connection,
    layout: Layout,
}

impl Before {
    /// Announces a snapshot; gives the number of objects then.
    ///
    /// # Errors
    /// Redis fails.
    pub(super) async fn begin(db: &Database) -> Result<(Self, u64)> {
        let id = format!("{:016x}", u64::from_be_bytes(random()?));
        let (connection, layout) = (db.connection.clone(), db.layout.clone());
        let mut call = BEGIN.prepare_invoke();
        call.key(layout.snapshots())
            .key(layout.before(&id))
            .key(layout.places())
            .arg(&id)
            .arg(LEASE)
            .arg(BEGUN);
        let objects: i64 = db.connection.script(&call).await.map_err(failed)?;
        Ok((Self { id, connection, layout }, objects.unsigned_abs()))
    }

    /// Objects that were there and have gone, by their place.
    pub(super) fn places(&self, db: &Database) -> Vec<u8> {
        db.layout.places_before(&self.id)
    }

    /// Values as they were.
    ///
    /// # Errors
    /// The snapshot was given up, or Redis fails.
    pub(super) async fn values(&self, db: &Database, keys: Vec<Vec<u8>>) -> Result<Vec<Option<Vec<u8>>>> {
        let before = db.layout.before(&self.id);
        db.connection.query::<i64>(cmd("EXPIRE").arg(&before).arg(LEASE)).await?;
        if keys.is_empty() {
            return Ok(vec![]);
        }
        let now: Vec<Option<Vec<u8>>> = db.connection.query(cmd("MGET").arg(&keys)).await?;
        let mut kept = cmd("HMGET");
        kept.arg(&before).arg(BEGUN).arg(&keys);
        let mut kept: Vec<Option<Vec<u8>>> = db.connection.query(&kept).await?;
        if kept.is_empty() || kept.remove(0).is_none() {
            return Err(Error::storage(
                "the snapshot of the storage was not read for ten minutes and is gone: begin again",
            ));
        }
        let then = kept.into_iter().zip(now).map(|(kept, now)| match kept {
            Some(absent) if absent.is_empty() => None,
            Some(kept) => Some(kept),
            None => now,
        });
        Ok(then.collect())
    }

    /// The keys of what was written since.
    ///
    /// # Errors
    /// Redis fails.
    pub(super) async fn written(&self, db: &Database) -> Result<Vec<Vec<u8>>> {
        db.connection.query(cmd("HKEYS").arg(db.layout.before(&self.id))).await
    }
}

impl Drop for Before {
    fn drop(&mut self) {
        let (connection, layout, id) = (self.connection.clone(), self.layout.clone(), self.id.clone());
        // Without a runtime the lease ends it.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(async move {
                let mut forget = cmd("SREM");
                let _ = connection.query::<i64>(forget.arg(layout.snapshots()).arg(&id)).await;
                let mut remove = cmd("UNLINK");
                let kept = [layout.before(&id), layout.places_before(&id)];
                let _ = connection.query::<i64>(remove.arg(&kept)).await;
            });
        }
    }
}

static BEGIN: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[3], '1')
redis.call('EXPIRE', KEYS[2], ARGV[2])
return redis.call('ZCARD', KEYS[3])
",
    )
});
