//! What Redis must be to keep keys: a single primary that writes each change to its disk before it answers.

use std::collections::BTreeMap;

use claviger_plugin_sdk::{Error, Result};
use redis::{ErrorKind, ServerErrorKind, cmd};

use crate::connection::{Connection, failed};

/// Looks at how Redis is set up. What loses keys only when something breaks is a warning in the log.
///
/// # Errors
/// It is a cluster or a replica.
pub(crate) async fn check(connection: &Connection) -> Result<()> {
    match connection.once::<String>(&cmd("INFO")).await {
        Ok(information) => refuse_wrong_kinds(&information)?,
        Err(_) => tracing::warn!(
            "whether this Redis is a cluster or a replica cannot be read (its user needs the right +info): neither works"
        ),
    }
    let mut settings = BTreeMap::new();
    for name in ["appendonly", "appendfsync", "no-appendfsync-on-rewrite", "maxmemory", "maxmemory-policy"] {
        match connection.once::<BTreeMap<String, String>>(cmd("CONFIG").arg("GET").arg(name)).await {
            Ok(found) => settings.extend(found),
            Err(_) => {
                tracing::warn!(
                    "the durability of this Redis cannot be read (its user needs the right +config|get): make sure that \
                     it runs with `appendonly yes`, `appendfsync always`, `no-appendfsync-on-rewrite no` and \
                     `maxmemory-policy noeviction`, or KEYS MAY BE LOST when it stops"
                );
                return Ok(());
            }
        }
    }
    for warning in warnings(&settings) {
        tracing::warn!("{warning}");
    }
    Ok(())
}

/// Whether this is still the primary. The connection to a Redis that has become a replica is left for one to whatever is
/// at the address by now.
///
/// # Errors
/// That is a replica, too. Redis fails.
pub(crate) async fn leave_replica(connection: &Connection) -> Result<()> {
    if !leads_to_replica(connection).await? {
        return Ok(());
    }
    connection.leave("this one is a replica");
    if !leads_to_replica(connection).await? {
        return Ok(());
    }
    Err(Error::storage("the storage takes no writes: it is a replica"))
}

async fn leads_to_replica(connection: &Connection) -> Result<bool> {
    match connection.once::<String>(cmd("INFO").arg("replication")).await {
        Ok(information) => Ok(is_replica(&information)),
        // That the user may not ask was said at the start.
        Err(cause) if cause.kind() == ErrorKind::Server(ServerErrorKind::NoPerm) => Ok(false),
        Err(cause) => Err(failed(cause)),
    }
}

fn is_replica(information: &str) -> bool {
    says(information, "role:slave")
}

fn says(information: &str, line: &str) -> bool {
    information.lines().any(|other| other.trim() == line)
}

fn refuse_wrong_kinds(information: &str) -> Result<()> {
    if says(information, "cluster_enabled:1") {
        return Err(Error::invalid(
            "the Redis of --database-url is a cluster, which cannot change several keys in one step: use a single \
             Redis, with replicas if you like",
        ));
    }
    if is_replica(information) {
        return Err(Error::invalid(
            "the Redis of --database-url is a replica and takes no writes: name its primary",
        ));
    }
    Ok(())
}

/// What is wrong with the settings of a Redis.
fn warnings(settings: &BTreeMap<String, String>) -> Vec<String> {
    let is = |name: &str, value: &str| settings.get(name).is_some_and(|found| found == value);
    let mut warnings = Vec::new();
    if !is("appendonly", "yes") {
        warnings.push(
            "KEYS MAY BE LOST: this Redis does not write changes to its disk; set `appendonly yes` and \
             `appendfsync always`"
                .to_owned(),
        );
    } else if !is("appendfsync", "always") {
        let fsync = settings.get("appendfsync").map_or("?", String::as_str);
        warnings.push(format!(
            "KEYS MAY BE LOST: this Redis answers before a change is on its disk (`appendfsync {fsync}`); set \
             `appendfsync always`"
        ));
    }
    if is("appendonly", "yes") && is("no-appendfsync-on-rewrite", "yes") {
        warnings.push(
            "KEYS MAY BE LOST: this Redis answers before a change is on its disk while it rewrites its append-only file; \
             set `no-appendfsync-on-rewrite no`"
                .to_owned(),
        );
    }
    let evicts = settings.get("maxmemory-policy").is_some_and(|policy| policy != "noeviction");
    if evicts && !is("maxmemory", "0") {
        warnings.push(
            "KEYS MAY BE LOST: this Redis removes keys when its memory is full; set `maxmemory-policy noeviction`"
                .to_owned(),
        );
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(settings: &[(&str, &str)]) -> usize {
        warnings(&settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
            .len()
    }

    #[test]
    fn a_redis_that_may_lose_keys_is_warned_of() {
        let good = [("appendonly", "yes"), ("appendfsync", "always"), ("maxmemory-policy", "noeviction")];
        assert_eq!(of(&good), 0);
        assert_eq!(of(&[("appendonly", "no"), ("appendfsync", "always")]), 1);
        assert_eq!(of(&[("appendonly", "yes"), ("appendfsync", "everysec")]), 1);
        let rewriting = |value| [&good[..], &[("no-appendfsync-on-rewrite", value)]].concat();
        assert_eq!((of(&rewriting("yes")), of(&rewriting("no"))), (1, 0));
        let evicting = [("maxmemory", "1000"), ("maxmemory-policy", "allkeys-lru")];
        assert_eq!(of(&[&good[..2], &evicting].concat()), 1);
        assert_eq!(of(&[&good[..2], &[("maxmemory", "0"), evicting[1]]].concat()), 0);
    }

    #[test]
    fn clusters_and_replicas_are_refused() {
        assert!(refuse_wrong_kinds("# Cluster\r\ncluster_enabled:0\r\nrole:master\r\n").is_ok());
        assert!(refuse_wrong_kinds("# Cluster\r\ncluster_enabled:1\r\n").is_err());
        assert!(refuse_wrong_kinds("# Replication\r\nrole:slave\r\n").is_err());
    }
}
