//! Key material, for operations that declare that they use or reveal it.

use std::future::ready;

use claviger_kmip::attributes::kinds;
use claviger_kmip::objects::{CryptographicParameters, ManagedObject};
use claviger_kmip::tables::enumerations::ResultReason;
use claviger_plugin_sdk::BoxFuture;
use claviger_plugin_sdk::context::{Authorized, Protection};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::operation::MaterialUse;
use claviger_plugin_sdk::record::Material;
use claviger_plugin_sdk::scheme::{Capability, PreparedKey};

use super::ItemHost;
use crate::pipeline::stored_wrapped;

/// The plain material of a key, to be used on the server.
pub(super) async fn of(host: &mut ItemHost<'_, '_>, target: &Authorized) -> Result<Material> {
    host.require_material(MaterialUse::Use)?;
    let record = host.entry_of(target)?.record.clone();
    if record.is_wrapped() {
        return stored_wrapped::material(host, &record).await;
    }
    Material::of(&record.object)
}

/// An object with its material, to be handed to the client.
pub(super) fn reveal(
    host: &ItemHost<'_, '_>,
    target: &Authorized,
    protection: Protection,
) -> Result<ManagedObject> {
    host.require_material(MaterialUse::Reveal)?;
    let record = &host.entry_of(target)?.record;
    let attributes = &record.attributes;
    if attributes.one::<kinds::Extractable>() == Some(false) {
        return Err(Error::new(
            ResultReason::NOT_EXTRACTABLE,
            ErrorClass::State,
            "the object must not leave the server: Extractable is false",
        ));
    }
    let sensitive = attributes.one::<kinds::Sensitive>() == Some(true);
    let leaves_in_plain = match protection {
        Protection::Plain => !record.is_encrypted(),
        Protection::Wrapped => false,
        Protection::Unwrapped => true,
    };
    if sensitive && leaves_in_plain {
        return Err(Error::new(
            ResultReason::SENSITIVE,
            ErrorClass::State,
            "the object is Sensitive: ask for it with a Key Wrapping Specification",
        ));
    }
    Ok(record.object.clone())
}

/// The parsed key for a capability, without a future of its own where it is there at once.
pub(super) fn prepared<'a>(
    host: &'a mut ItemHost<'_, '_>,
    target: &'a Authorized,
    capability: Capability,
    parameters: &'a CryptographicParameters,
) -> BoxFuture<'a, Result<PreparedKey>> {
    let entry = match host.require_material(MaterialUse::Use).and_then(|()| host.entry_of(target)) {
        Ok(entry) => entry,
        Err(error) => return Box::pin(ready(Err(error))),
    };
    if !entry.record.is_wrapped() {
        // The usual case, at once: the future of the other one is large.
        match stored_wrapped::prepared_at_once(host, entry, capability, parameters, target.purpose()) {
            Ok(Some(key)) => return Box::pin(ready(Ok(key))),
            Err(error) => return Box::pin(ready(Err(error))),
            Ok(None) => {}
        }
    }
    let entry = entry.clone();
    Box::pin(async move {
        if !entry.record.is_wrapped() {
            return stored_wrapped::prepare(host, &entry, capability, parameters, target.purpose()).await;
        }
        // Not kept: revoking the wrapping key must end the use of what it wraps.
        let scheme = host.scheme_of(&entry, capability, parameters, target.purpose())?;
        let material = stored_wrapped::material(host, &entry.record).await?;
        stored_wrapped::parsed(host, scheme, &entry.record, material).await
    })
}

impl ItemHost<'_, '_> {
    fn require_material(&self, needed: MaterialUse) -> Result<()> {
        if self.spec.material >= needed {
            return Ok(());
        }
        tracing::error!(operation = ?self.spec.code, "a handler asks for key material that its operation does not declare");
        Err(Error::server("the operation asked for key material and does not declare it"))
    }
}
