//! Keys that are stored wrapped: their material for use on the server.
//!
//! The keys that wrap it are admitted for the object's owner, one level deep; they themselves are never handed out.

use std::sync::Arc;

use claviger_kmip::attributes::kinds;
use claviger_kmip::identifier::UniqueIdentifier;
use claviger_kmip::objects::{CryptographicParameters, KeyBlock, KeyInformation};
use claviger_kmip::tables::enumerations::{LinkType, ObjectType, OperationCode, ResultReason};
use claviger_plugin_sdk::authentication::Principal;
use claviger_plugin_sdk::context::{Context, Host as _};
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::filter::{Filter, Page};
use claviger_plugin_sdk::record::{Material, ObjectId, Record};
use claviger_plugin_sdk::scheme::{Capability, Cost, PreparedKey, Scheme, SchemeEntry};
use claviger_plugin_sdk::target::{Purpose, Target};
use claviger_plugin_sdk::wrapped_key::{self, NamedKeys, UsableKey, WrappingKeys};

use super::admission::{self, Question};
use super::host::ItemHost;
use super::notes::NoNotes;
use super::resolve::{in_role, subjects_of};
use crate::object_cache::{Entry, Loaded};

/// Unwraps the material of a record, into the format that its key block states. A key that was wrapped several times is
/// unwrapped as often.
///
/// # Errors
/// Wrapping Object Not Found, Wrapping Object Destroyed, what admission says, Cryptographic Failure. Key Format Type Not
/// Supported: it is a symmetric key whose encoding only its owner knows.
pub(crate) async fn material(host: &mut ItemHost<'_, '_>, record: &Record) -> Result<Material> {
    let block = record.object.key_block().cloned();
    let mut block = block.ok_or_else(|| absent("the server does not hold the value of this key"))?;
    for _ in 0..wrapped_key::MOST_WRAPPINGS {
        unwrap(host, record, &mut block).await?;
        if block.key_wrapping_data.is_none() {
            return of_unwrapped(record, block);
        }
    }
    Err(wrapped_key::wrapped_too_often())
}

/// What a plain key of this type and format allows to use.
fn of_unwrapped(record: &Record, block: KeyBlock) -> Result<Material> {
    let mut object = record.object.clone();
    if let Some(wrapped) = object.key_block_mut() {
        *wrapped = block;
    }
    Material::of(&object)
}

/// Takes the outermost wrapping off.
async fn unwrap(host: &mut ItemHost<'_, '_>, record: &Record, block: &mut KeyBlock) -> Result<()> {
    let value = block.wrapped().cloned();
    let value = value.ok_or_else(|| absent("the server does not hold the value of this key"))?;
    let Some(data) = block.key_wrapping_data.clone() else {
        return Err(absent("the key is stored wrapped and does not say how"));
    };
    if data.encryption_key_information.is_none() && data.mac_signature_key_information.is_none() {
        return Err(absent("the key is stored wrapped and does not say by which key"));
    }
    let named = NamedKeys::of_data(&data)?;
    let mut keys = WrappingKeys::default();
    if let Some(information) = named.encryption {
        let key = unwrapping_key(host, record, information).await?;
        keys.encryption = Some(usable(host, &key, Capability::Wrap, information).await?);
    }
    if let Some(information) = named.authentication {
        let key = verifying_key(host, record, information).await?;
        let capability = wrapped_key::authentication_of(type_of(&key));
        keys.authentication = Some(usable(host, &key, capability, information).await?);
    }
    let plain = Context::new(host).compute(keys.cost(), move |_| keys.unwrap(&data, &value)).await?;
    let registry = &host.message().engine.registry;
    wrapped_key::restore(&**registry, record.object.object_type(), block, &record.attributes, plain)
}

fn absent(why: &'static str) -> Error {
    Error::new(ResultReason::KEY_VALUE_NOT_PRESENT, ErrorClass::State, why)
}

fn not_found() -> Error {
    Error::new(
        ResultReason::WRAPPING_OBJECT_NOT_FOUND,
        ErrorClass::NotFound,
        "the key that wraps the stored key is not there for its owner",
    )
}

/// The key that unwraps what the named one wrapped: that one, or the private key that it links to.
async fn unwrapping_key(
    host: &mut ItemHost<'_, '_>,
    wrapped: &Record,
    information: &KeyInformation,
) -> Result<Loaded> {
    let mut id = named_id(&information.unique_identifier)?;
    let mut loaded = of_owner(host, wrapped, &id).await?;
    // From a certificate to its public key to its private key, and no further.
    for _ in 0..2 {
        let towards = wrapped_key::towards_unwrapping(type_of(&loaded));
        if towards.is_empty() {
            break;
        }
        id = match linked(&loaded.entry.record, towards) {
            Some(id) => id,
            None => leading_back(host, wrapped, &loaded).await?,
        };
        loaded = of_owner(host, wrapped, &id).await?;
    }
    admitted(host, wrapped, wrapped_key::to_unwrap(id.as_str().into()), id, loaded)
}

async fn verifying_key(
    host: &mut ItemHost<'_, '_>,
    wrapped: &Record,
    information: &KeyInformation,
) -> Result<Loaded> {
    let id = named_id(&information.unique_identifier)?;
    let loaded = of_owner(host, wrapped, &id).await?;
    admitted(host, wrapped, wrapped_key::to_verify(id.as_str().into()), id, loaded)
}

fn named_id(identifier: &UniqueIdentifier) -> Result<ObjectId> {
    identifier.as_text().and_then(|text| ObjectId::new(text).ok()).ok_or_else(not_found)
}

fn linked(record: &Record, towards: &[LinkType]) -> Option<ObjectId> {
    let first = |link_type: &LinkType| {
        record.attributes.all::<kinds::Link>().find(|link| link.link_type == *link_type)
    };
    towards.iter().find_map(first).and_then(|link| named_id(&link.linked_object_identifier).ok())
}

/// A private key of the owner's that belongs to a certificate without links.
async fn leading_back(host: &ItemHost<'_, '_>, wrapped: &Record, loaded: &Loaded) -> Result<ObjectId> {
    let Record { id, attributes, .. } = &*loaded.entry.record;
    for filter in wrapped_key::leading_back(id, attributes) {
        let filter = filter.and(Filter::Owner(wrapped.owner.clone()));
        let found = host.message().store.locate(&filter, &Page::first(1)).await?.ids;
        if let Some(id) = found.into_iter().next() {
            return Ok(id);
        }
    }
    Err(not_found())
}

/// An object as the owner of the wrapped key sees it.
async fn of_owner(host: &ItemHost<'_, '_>, wrapped: &Record, id: &ObjectId) -> Result<Loaded> {
    if *id == wrapped.id {
        return Err(Error::state("the key is wrapped by itself"));
    }
    host.load_for(id, &subjects_of(&wrapped.owner)).await?.ok_or_else(not_found)
}

fn admitted(
    host: &mut ItemHost<'_, '_>,
    wrapped: &Record,
    target: Target,
    id: ObjectId,
    loaded: Loaded,
) -> Result<Loaded> {
    if loaded.entry.record.is_wrapped() {
        return Err(Error::unsupported("the wrapping key is stored wrapped, too; one level is supported"));
    }
    let owner = Principal::user(&wrapped.owner, None);
    let question = Question {
        principal: &owner,
        operation: OperationCode::GET,
        reads_metadata: false,
        target: &target,
        asked: id.as_str(),
        is_child: false,
    };
    admission::admit(host.message(), &question, &loaded, 0, &mut NoNotes)
        .map_err(|error| in_role(target.role, error))?;
    host.note_object(id);
    Ok(loaded)
}

fn type_of(loaded: &Loaded) -> ObjectType {
    loaded.entry.record.object.object_type()
}

async fn usable(
    host: &mut ItemHost<'_, '_>,
    loaded: &Loaded,
    capability: Capability,
    information: &KeyInformation,
) -> Result<UsableKey> {
    let parameters = wrapped_key::parameters(information, &loaded.entry.record.attributes);
    let key = prepare(host, &loaded.entry, capability, &parameters, Purpose::Process).await?;
    Ok(UsableKey { key, parameters })
}

/// The parsed key of an entry whose material is plain, from the entry if it was parsed before.
///
/// # Errors
/// Unsupported Cryptographic Parameters: no scheme claims the key; what the scheme says of the material.
pub(crate) async fn prepare(
    host: &mut ItemHost<'_, '_>,
    entry: &Arc<Entry>,
    capability: Capability,
    parameters: &CryptographicParameters,
    purpose: Purpose,
) -> Result<PreparedKey> {
    if let Some(key) = prepared_at_once(host, entry, capability, parameters, purpose)? {
        return Ok(key);
    }
    let scheme = host.scheme_of(entry, capability, parameters, purpose)?;
    let key = parsed(host, scheme, &entry.record, Material::of(&entry.record.object)?).await?;
    entry.keep(scheme, key.clone());
    Ok(key)
}

/// The same; nothing if the key has to be parsed and that takes long.
///
/// # Errors
/// As [`prepare`].
pub(crate) fn prepared_at_once(
    host: &ItemHost<'_, '_>,
    entry: &Arc<Entry>,
    capability: Capability,
    parameters: &CryptographicParameters,
    purpose: Purpose,
) -> Result<Option<PreparedKey>> {
    let scheme = host.scheme_of(entry, capability, parameters, purpose)?;
    if let Some(key) = entry.prepared(scheme) {
        return Ok(Some(key));
    }
    let material = Material::of(&entry.record.object)?;
    if cost_of(host, &entry.record, &material) != Cost::Light {
        return Ok(None);
    }
    let key = super::host::parse(scheme, &entry.record, &material)?;
    entry.keep(scheme, key.clone());
    Ok(Some(key))
}

/// A key, parsed for a scheme where there is time for that.
///
/// # Errors
/// What the scheme says of the material.
pub(crate) async fn parsed(
    host: &mut ItemHost<'_, '_>,
    scheme: &'static SchemeEntry,
    record: &Arc<Record>,
    material: Material,
) -> Result<PreparedKey> {
    let cost = cost_of(host, record, &material);
    let record = record.clone();
    Context::new(host).compute(cost, move |_| super::host::parse(scheme, &record, &material)).await
}

/// What parsing a key costs: what its encodings do.
fn cost_of(host: &ItemHost<'_, '_>, record: &Record, material: &Material) -> Cost {
    let (facts, none) = (record.key_facts(), CryptographicParameters::NONE);
    match host.catalogue().scheme(Capability::Formats, &facts, &none) {
        Some(Scheme::Formats(formats)) => formats.cost(&facts, material),
        _ => Cost::Light,
    }
}
