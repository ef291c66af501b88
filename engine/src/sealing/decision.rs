//! What is to become of a store, decided when it is first used: from the document of keys that it has, and the server keys
//! that this server was given.
//!
//! The document leads and the settings of a single server follow, so that servers with different settings on one storage
//! do not work against each other: a key that was replaced is never taken again, and one change is ended before another
//! way is taken.

use claviger_plugin_sdk::error::{Error, Result};
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::store::ObjectStore;

use super::keys::{Keys, PlainKey, refuse_without_keys};
use super::ring::{Ring, data_key};
use super::{DATA_KEY, ServerKey, Shared};
use crate::document;

/// The data keys of a store, after what the options ask for was begun.
///
/// # Errors
/// See [`Sealing::prepare`](super::Sealing::prepare).
pub(super) async fn decided(shared: &Shared, store: &dyn ObjectStore) -> Result<Ring> {
    loop {
        let ring = match Keys::read(store).await? {
            Some(read) => Ring::open(&shared.options, read.content, read.revision, None).await?,
            None => {
                refuse_without_keys(store).await?;
                Ring::of_plain(Keys::new(&mut *(shared.options.random)()))
            }
        };
        let changed = match wanted(shared, &ring.keys) {
            Wanted::AsItIs => return Ok(ring),
            Wanted::Sealed(server_key) => sealed(shared, store, &ring, server_key).await?,
            Wanted::Plain => unsealed(shared, &ring)?,
        };
        if document::write(store, vec![changed.put(ring.revision)]).await? {
            announce(shared, &ring.keys);
        }
        // Written by this server or a faster one, it is read again.
    }
}

/// What is to be done with a store.
enum Wanted<'k> {
    /// Nothing new.
    AsItIs,
    /// It is to be sealed under a data key that is wrapped under this server key.
    Sealed(&'k dyn ServerKey),
    /// The seal is to be taken off.
    Plain,
}

fn wanted<'k>(shared: &'k Shared, keys: &Keys) -> Wanted<'k> {
    let options = &shared.options;
    if options.unseal {
        return if keys.current.is_some() { Wanted::Plain } else { Wanted::AsItIs };
    }
    let Some(given) = options.current.as_deref() else { return Wanted::AsItIs };
    match keys.server_key() {
        Some(current) if current == given.name() => Wanted::AsItIs,
        Some(current) if keys.replaced.iter().any(|name| name == given.name()) => {
            tracing::warn!(
                given = given.name(),
                current,
                "the storage was given another server key since: this server's settings are out of date"
            );
            Wanted::AsItIs
        }
        None if !keys.is_finished => {
            tracing::warn!(
                given = given.name(),
                "the seal is being taken off the storage; start again when that is done to seal it"
            );
            Wanted::AsItIs
        }
        _ => Wanted::Sealed(given),
    }
}

/// The document with a new data key. The earlier ones are wrapped under the new server key, too: the one that they were
/// wrapped under is not needed any more from here on.
async fn sealed(
    shared: &Shared,
    store: &dyn ObjectStore,
    ring: &Ring,
    server_key: &dyn ServerKey,
) -> Result<Keys> {
    let before = &ring.keys;
    let is_new = ring.revision.is_none() && store.properties().sole_writer && is_empty(store).await?;
    let mut keys = Keys {
        keys: Vec::new(),
        is_finished: is_new,
        admits_plain: before.admits_plain && !is_new,
        decided: shared.now(),
        ..before.clone()
    };
    for key in &before.keys {
        // When all contents are under one key nothing needs the others.
        if !before.is_finished || Some(key.number) == before.current {
            let context = before.context(key.number);
            let bytes =
                shared.options.server_key(&key.server_key)?.unwrap_key(&key.wrapped, &context).await?;
            keys.add(&PlainKey { number: key.number, bytes }, server_key).await?;
        }
    }
    let number = before.latest().unwrap_or(0).checked_add(1);
    let number = number.ok_or_else(|| Error::server("the storage has had too many data keys"))?;
    let bytes = (shared.options.random)().bytes(DATA_KEY);
    let latest = PlainKey { number, bytes };
    keys.add(&latest, server_key).await?;
    keys.current = Some(number);
    let replaced = before.keys.iter().map(|key| key.server_key.clone());
    keys.replaced.extend(replaced);
    keys.replaced.sort_unstable();
    keys.replaced.dedup();
    keys.replaced.retain(|name| name != server_key.name());
    let latest = data_key(shared.options.cipher, &latest.bytes)?;
    keys.prove(&*latest, &mut *(shared.options.random)())?;
    Ok(keys)
}

/// The document with contents to be plain.
fn unsealed(shared: &Shared, ring: &Ring) -> Result<Keys> {
    let mut keys = Keys {
        current: None,
        is_finished: false,
        admits_plain: true,
        decided: shared.now(),
        ..ring.keys.clone()
    };
    ring.prove(&mut keys, &mut *(shared.options.random)())?;
    Ok(keys)
}

async fn is_empty(store: &dyn ObjectStore) -> Result<bool> {
    let objects = store.locate(&Filter::All(Vec::new()), &Page::first(1)).await?;
    Ok(objects.ids.is_empty() && store.document_kinds().await?.is_empty())
}

fn announce(shared: &Shared, before: &Keys) {
    match (&shared.options.current, before.server_key()) {
        _ if shared.options.unseal => tracing::info!("the seal is taken off what the storage holds"),
        (Some(given), None) => tracing::info!(under = given.name(), "what the storage holds is sealed"),
        (Some(given), Some(earlier)) => {
            tracing::info!(
                under = given.name(),
                instead_of = earlier,
                "what the storage holds is sealed anew"
            );
        }
        (None, _) => {}
    }
}
