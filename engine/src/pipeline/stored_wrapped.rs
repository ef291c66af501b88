//! Keys that are stored wrapped: their material for use on the server.
//!
//! The wrapping key is admitted for the object's owner, one level deep; the wrapping key itself is never handed out.

use std::sync::Arc;

use claviger_kmip::codec::{binary, limits::Limits};
use claviger_kmip::field::TtlvValue;
use claviger_kmip::identifier::UniqueIdentifier;
use claviger_kmip::lifecycle::StateSet;
use claviger_kmip::objects::{
    CryptographicParameters, KeyBlock, KeyInformation, KeyWrappingData, PlainKeyValue,
};
use claviger_kmip::tables::enumerations::{EncodingOption, OperationCode, ResultReason, WrappingMethod};
use claviger_kmip::tables::masks::CryptographicUsageMask;
use claviger_kmip::{Tag, Value};
use claviger_plugin_sdk::authentication::Principal;
use claviger_plugin_sdk::error::{Error, ErrorClass, Result};
use claviger_plugin_sdk::record::{Material, ObjectId, Record};
use claviger_plugin_sdk::scheme::{Capability, PreparedKey};
use claviger_plugin_sdk::target::{Role, Target};

use super::admission;
use super::host::ItemHost;
use super::resolve::{in_role, subjects_of};
use crate::object_cache::Entry;

/// Unwraps the material of a record.
///
/// # Errors
/// Wrapping Object Not Found, Wrapping Object Destroyed, what admission says, Cryptographic Failure.
pub(crate) async fn material(host: &mut ItemHost<'_, '_>, record: &Record) -> Result<Material> {
    let (block, data, wrapped) = parts(record)?;
    let information = data
        .encryption_key_information
        .as_ref()
        .ok_or_else(|| absent("the key is stored wrapped and does not say by which key"))?;
    let key = wrapping_key(host, record, information).await?;
    let parameters = information.cryptographic_parameters.clone().unwrap_or(CryptographicParameters::NONE);
    let plain = key.unwrap(wrapped, &parameters, data.iv_counter_nonce.as_deref())?;
    match data.encoding_option {
        Some(EncodingOption::NO_ENCODING) => {
            Ok(Material::new(block.key_format_type, Value::ByteString(plain)))
        }
        _ => {
            let tree = binary::decode(&plain, &Limits::default())
                .map_err(|_| Error::cryptographic("the unwrapped bytes are no TTLV Key Value"))?;
            let value = PlainKeyValue::from_value(Tag::KEY_VALUE, tree.value)?;
            Ok(Material::new(block.key_format_type, value.key_material))
        }
    }
}

fn parts(record: &Record) -> Result<(&KeyBlock, &KeyWrappingData, &[u8])> {
    let block = record.object.key_block();
    let data = block.and_then(|block| block.key_wrapping_data.as_ref());
    match (block, data, block.and_then(KeyBlock::wrapped)) {
        (Some(block), Some(data), Some(wrapped)) if data.wrapping_method == WrappingMethod::ENCRYPT => {
            Ok((block, data, wrapped))
        }
        (Some(_), Some(_), Some(_)) => {
            Err(Error::unsupported("the key is stored wrapped with a method other than Encrypt"))
        }
        _ => Err(absent("the server does not hold the value of this key")),
    }
}

fn absent(why: &'static str) -> Error {
    Error::new(ResultReason::KEY_VALUE_NOT_PRESENT, ErrorClass::State, why)
}

async fn wrapping_key(
    host: &mut ItemHost<'_, '_>,
    wrapped: &Record,
    information: &KeyInformation,
) -> Result<Arc<dyn claviger_plugin_sdk::scheme::WrapKey>> {
    let not_found = || {
        Error::new(
            ResultReason::WRAPPING_OBJECT_NOT_FOUND,
            ErrorClass::NotFound,
            "the key that wraps the stored key is not there for its owner",
        )
    };
    let UniqueIdentifier::Text(text) = &information.unique_identifier else { return Err(not_found()) };
    let id = ObjectId::new(text).map_err(|_| not_found())?;
    if id == wrapped.id {
        return Err(Error::state("the key is wrapped by itself"));
    }
    let owner = Principal::user(&wrapped.owner, None);
    let loaded = host.load_for(&id, &subjects_of(&wrapped.owner)).await?.ok_or_else(not_found)?;
    if loaded.entry.record.is_wrapped() {
        return Err(Error::unsupported("the wrapping key is stored wrapped, too; one level is supported"));
    }
    let target = Target::subject(Some(information.unique_identifier.clone()), OperationCode::GET)
        .role(Role::WRAPPING_KEY)
        .states(StateSet::PROCESSING)
        .usage(CryptographicUsageMask::UNWRAP_KEY);
    admission::admit(host.message(), &owner, OperationCode::GET, &target, &loaded, 0, text)
        .map_err(|error| in_role(target.role, error))?;
    host.note_object(id);
    let parameters = information.cryptographic_parameters.clone().unwrap_or(CryptographicParameters::NONE);
    match prepare(host, &loaded.entry, Capability::Wrap, &parameters)? {
        PreparedKey::Wrap(key) => Ok(key),
        _ => Err(Error::server("a wrapping scheme prepared a key for something else")),
    }
}

/// The parsed key of an entry whose material is plain, from the entry if it was parsed before.
///
/// # Errors
/// Unsupported Cryptographic Parameters: no scheme claims the key; what the scheme says of the material.
pub(crate) fn prepare(
    host: &ItemHost<'_, '_>,
    entry: &Arc<Entry>,
    capability: Capability,
    parameters: &CryptographicParameters,
) -> Result<PreparedKey> {
    let scheme = host.scheme_of(entry, capability, parameters)?;
    if let Some(key) = entry.prepared(scheme) {
        return Ok(key);
    }
    let key = super::host::parse(scheme, &entry.record, &Material::of(&entry.record.object)?)?;
    entry.keep(scheme, key.clone());
    Ok(key)
}
