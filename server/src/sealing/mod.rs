//! Sealing of what the storage holds under a server key: which keys the settings name, and the cipher.

mod data_key;
mod key_encryption_key;
mod key_file;
mod kmip_key;
mod pkcs12_key;
pub(crate) mod private_file;
#[cfg(test)]
#[cfg(feature = "storage-sql")]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use claviger_engine::SystemClock;
use claviger_engine::sealing::{Sealing, SealingOptions, SealingPace, ServerKey, refuse_sealed};
use claviger_plugin_sdk::authentication::ConnectionFacts;
use claviger_plugin_sdk::settings::Settings;
use claviger_plugin_sdk::store::StoreSource;

use crate::failure::Failure;
use crate::identity::IdentitySource;
use crate::peer::{Peer, host_and_port};
use crate::randomness::LibraryRandom;
use crate::start::number;
use data_key::XaesKey;
use key_file::FileKey;
use kmip_key::KmipKey;
use pkcs12_key::Pkcs12Key;

/// The flags that name a server key.
struct Flags {
    file: &'static str,
    pkcs12: &'static str,
    pkcs12_password: &'static str,
    kmip: &'static str,
    kmip_id: &'static str,
}

/// The key under which the storage is to be.
const CURRENT: Flags = Flags {
    file: "server-key-file",
    pkcs12: "server-key-p12-file",
    pkcs12_password: "server-key-p12-password",
    kmip: "server-key-kmip",
    kmip_id: "server-key-kmip-id",
};
/// The key under which it may be, too.
const PREVIOUS: Flags = Flags {
    file: "server-key-previous-file",
    pkcs12: "server-key-previous-p12-file",
    pkcs12_password: "server-key-previous-p12-password",
    kmip: "server-key-previous-kmip",
    kmip_id: "server-key-previous-kmip-id",
};

/// The storage behind the seal that the settings ask for, and the seal, if there is one.
///
/// # Errors
/// The settings name keys that cannot be read or do not go together, or the storage is sealed and they name none.
pub(crate) async fn over(
    source: Arc<dyn StoreSource>,
    settings: &Settings,
) -> Result<(Arc<dyn StoreSource>, Option<Sealing>), Failure> {
    let Some(options) = options(settings)? else {
        // Of a storage with many databases each is looked at when it is used, and refused then if it is sealed.
        if source.databases().is_some() {
            return Ok((Arc::new(Sealing::over(source, sealing_options(None, None, false))), None));
        }
        let store = source.open(&ConnectionFacts::internal());
        let store = store.map_err(|error| Failure::from_error("database", &error))?;
        refuse_sealed(&*store).await.map_err(|error| {
            let failure = Failure::from_error("database", &error);
            Failure::new(format!(
                "{failure}; give it by --server-key-file, --server-key-p12-file or --server-key-kmip"
            ))
        })?;
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
    let (current, other) = (server_key(settings, &CURRENT)?, server_key(settings, &PREVIOUS)?);
    let unseal = settings.switch("server-key-unseal");
    match (&current, &other) {
        (None, None) if unseal => {
            return Err(Failure::usage(
                "--server-key-unseal needs the key, by one of the flags --server-key-previous-…",
            ));
        }
        (Some(_), _) if unseal => {
            return Err(Failure::usage(
                "--server-key-unseal takes the seal off: give the key by a flag --server-key-previous-…, and no other",
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
    Ok(Some(sealing_options(current, other, unseal)))
}

fn sealing_options(
    current: Option<Arc<dyn ServerKey>>,
    other: Option<Arc<dyn ServerKey>>,
    unseal: bool,
) -> SealingOptions {
    SealingOptions {
        current,
        other,
        unseal,
        cipher: |key| Arc::new(XaesKey::new(key)),
        clock: Arc::new(SystemClock),
        random: Arc::new(|| Box::new(LibraryRandom)),
        pace: SealingPace::default(),
    }
}

/// The server key that the flags name, if they name one.
fn server_key(settings: &Settings, flags: &Flags) -> Result<Option<Arc<dyn ServerKey>>, Failure> {
    let given =
        [flags.file, flags.pkcs12, flags.kmip_id].into_iter().filter(|flag| settings.text(flag).is_some());
    let given: Vec<&str> = given.collect();
    let key: Arc<dyn ServerKey> = match *given {
        [] if settings.text(flags.kmip).is_some() => {
            return Err(Failure::usage(format!(
                "--{} needs --{}, which says which key there",
                flags.kmip, flags.kmip_id
            )));
        }
        [] => return Ok(None),
        [flag] if flag == flags.file => Arc::new(FileKey::read(&path(settings, flag), flag)?),
        [flag] if flag == flags.pkcs12 => {
            let password = settings.text(flags.pkcs12_password).unwrap_or_default();
            Arc::new(Pkcs12Key::read(&path(settings, flag), flag, password, flags.pkcs12_password)?)
        }
        [_] => Arc::new(kmip_key(settings, flags)?),
        [first, second, ..] => {
            return Err(Failure::usage(format!("give --{first} or --{second}, not both")));
        }
    };
    Ok(Some(key))
}

fn path(settings: &Settings, flag: &str) -> PathBuf {
    settings.path(flag).unwrap_or_default()
}

/// A key in another key server. The one for the previous key is the one for the current key, unless it is named.
fn kmip_key(settings: &Settings, flags: &Flags) -> Result<KmipKey, Failure> {
    let id = settings.text(flags.kmip_id).unwrap_or_default();
    let address = settings.text(flags.kmip).or_else(|| settings.text(CURRENT.kmip));
    let address = address.ok_or_else(|| {
        Failure::usage(format!("--{} needs --{}, which says where the key is", flags.kmip_id, flags.kmip))
    })?;
    let place = host_and_port(address)
        .ok_or_else(|| Failure::usage(format!("--{} takes HOST:PORT, not `{address}`", flags.kmip)))?;
    let authority = settings.path("server-key-kmip-authority").ok_or_else(|| {
        Failure::usage(format!(
            "--{} needs --server-key-kmip-authority, which says whose certificate that server has",
            flags.kmip
        ))
    })?;
    let certificates = settings.path("server-key-kmip-cert-file");
    let identity = match (certificates, settings.path("server-key-kmip-key-file")) {
        (Some(certificates), Some(key)) => Some(IdentitySource::Pem { certificates, key }),
        (None, None) => IdentitySource::from_settings(settings)?,
        _ => {
            return Err(Failure::usage(
                "--server-key-kmip-cert-file and --server-key-kmip-key-file are given together",
            ));
        }
    };
    let server = Peer::new(flags.kmip, place, authority, identity.map(Arc::new))?;
    let patience = Duration::from_secs(number(settings, "server-key-kmip-patience")?);
    Ok(KmipKey::new(id, address, server, patience))
}
