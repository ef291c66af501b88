//! Claviger's own operations on key encapsulation mechanisms, one file each. KMIP has none.
//!
//! Whoever may encrypt with a public key may encapsulate with it, and whoever may decrypt with a private key may
//! decapsulate. The keys need the usage Key Agreement. The new key names the one that it comes from as its Derivation Base
//! Object.

mod decapsulate;
mod encapsulate;

use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::attributes::rules::Making;
use claviger_plugin_sdk::kmip::payloads::ProtectionStorageMasks;
use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;

use crate::born::Newborn;
use crate::{generated, links, wrapping};

/// Keeps a shared secret as a symmetric key.
///
/// # Errors
/// Invalid Field: the attributes ask for another length than the secret has. What completing the key says.
async fn keep(
    cx: &mut Context<'_>,
    key: &Authorized,
    secret: ByteString,
    attributes: Attributes,
    storage: Option<ProtectionStorageMasks>,
) -> Result<ObjectId> {
    let object = generated::of_bytes(cx.catalogue(), ObjectType::SYMMETRIC_KEY, secret, &attributes)?;
    let proposed = generated::proposed_identifier(&attributes)?;
    let newborn = Newborn { making: Making::Generated, object, attributes, storage };
    let mut new = newborn.complete(cx.catalogue(), cx.now())?;
    links::add(&mut new.attributes, LinkType::DERIVATION_BASE_OBJECT_LINK, key.id());
    new.id = proposed;
    let new = wrapping::wrap_new(cx, Role::WRAPPING_KEY, new).await?;
    cx.create(new).await
}
