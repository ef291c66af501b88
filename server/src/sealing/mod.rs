//! Sealing of what the storage holds under a server key: which keys the settings name, and the cipher.

mod data_key;
mod key_file;
#[cfg(test)]
#[cfg(feature = "storage-sql")]
mod tests;

use std::sync::Arc;

use claviger_engine::SystemClock;
use claviger_engine::sealing::{Sealing, SealingOptions, SealingPace, ServerKey, refuse_sealed};
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::StoreSource;

use crate::failure::Failure;
use crate::randomness::LibraryRandom;
use data_key::XaesKey;
use key_file::FileKey;

/// Which of two server keys the settings name.
#[derive(Clone, Copy)]
enum Role {
    /// Under which the storage is to be.
    Current,
    /// Under which it may be, too.
    Previous,
}

/// The storage behind the seal that the settings ask for, and the seal, if there is one.
///
/// # Errors
/// The settings name keys that cannot be read or do not go together, or the storage is sealed and they name none.
pub(crate) async fn over(
    source: Arc<dyn StoreSource>,
    settings: &Settings,
) -> Result<(Arc<dyn StoreSource>, Option<Sealing>), Failure> {
    let Some(options) = options(settings)? else {
        // Of a storage with many databases each tells when it is used.
        if source.databases().is_none() {
            let store = source.open(&ConnectionFacts::internal());
            let store = store.map_err(|error| Failure::from_error("database", &error))?;
            refuse_sealed(&*store).await.map_err(|error| {
                let failure = Failure::from_error("database", &error);
                Failure::new(format!("{failure}; give it by --server-key-file"))
            })?;
        }
        return Ok((source, None));
    };
    let sealing = Sealing::over(source, options);
    sealing.prepare().await.map_err(|error| Failure::from_error("sealing", &error))?;
    Ok((Arc::new(sealing.clone()), Some(sealing)))
}

/// What the settings ask for; nothing if they name no server key.
///
/// # Errors
/// They name keys that cannot be read or do not go together.
pub(crate) fn options(settings: &Settings) -> Result<Option<SealingOptions>, Failure> {
    let (current, other) = (server_key(settings, Role::Current)?, server_key(settings, Role::Previous)?);
    let unseal = settings.switch("server-key-unseal");
    match (&current, &other) {
        (None, None) if unseal => {
            return Err(Failure::usage("--server-key-unseal needs the key, by --server-key-previous-file"));
        }
        (Some(_), _) if unseal => {
            return Err(Failure::usage(
                "--server-key-unseal takes the seal off: give the key by --server-key-previous-file, and no other",
            ));
        }
        (Some(current), Some(other)) if current.name() == other.name() => {
            return Err(Failure::usage(format!(
                "the server key and the previous one are the same: `{}`",
                current.name()
            )));
        }
        (None, None) => return Ok(None),
        _ => {}
    }
    Ok(Some(SealingOptions {
        current,
        other,
        unseal,
        cipher: |key| Arc::new(XaesKey::new(key)),
        clock: Arc::new(SystemClock),
        random: Arc::new(|| Box::new(LibraryRandom)),
        pace: SealingPace::default(),
    }))
}

/// The server key of a role, if the settings name one.
fn server_key(settings: &Settings, role: Role) -> Result<Option<Arc<dyn ServerKey>>, Failure> {
    let flag = match role {
        Role::Current => "server-key-file",
        Role::Previous => "server-key-previous-file",
    };
    let Some(file) = settings.path(flag) else { return Ok(None) };
    FileKey::read(&file, flag).map(|key| Some(Arc::new(key) as Arc<dyn ServerKey>))
}
