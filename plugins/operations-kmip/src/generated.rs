//! Symmetric keys and secret data that the server makes.

use claviger_plugin_sdk::kmip::attributes::rules::Making;
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{
    CryptographicParameters, Key, KeyBlock, KeyValue, ManagedObject, PlainKeyValue, SecretData,
};
use claviger_plugin_sdk::kmip::payloads::ProtectionStorageMasks;
use claviger_plugin_sdk::kmip::tables::enumerations::SecretDataType;
use claviger_plugin_sdk::plugin::Catalogue;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::{KeyFacts, ObjectId};
use claviger_plugin_sdk::scheme::{Capability, Scheme};

use crate::born::{self, Newborn};
use crate::defaults::{self, Origin};
use crate::wrapping;

/// Creates a symmetric key or secret data with these attributes and the defaults that are laid down; wrapped if they say
/// so, by the key that the operation declared.
///
/// # Errors
/// Invalid Object Type: it is to be something else. What its kind and scheme say of the attributes, and of wrapping.
pub(crate) async fn create(
    cx: &mut Context<'_>,
    object_type: ObjectType,
    mut attributes: Attributes,
    storage: Option<ProtectionStorageMasks>,
) -> Result<ObjectId> {
    defaults::complete(cx, object_type, Origin::Template, &mut attributes).await?;
    born::check_template(cx.catalogue(), object_type, &attributes)?;
    let object = match object_type {
        ObjectType::SYMMETRIC_KEY => symmetric_key(cx, &attributes)?,
        ObjectType::SECRET_DATA => {
            let length = byte_length(cx, &attributes)?;
            let bytes = cx.rng().bytes(length);
            of_bytes(cx.catalogue(), object_type, bytes, &attributes)?
        }
        other => return Err(not_made(other)),
    };
    let proposed = proposed_identifier(&attributes)?;
    let newborn = Newborn { making: Making::Generated, object, attributes, storage };
    let new = newborn.complete(cx.catalogue(), cx.now())?;
    let mut new = wrapping::wrap_new(cx, Role::WRAPPING_KEY, new).await?;
    new.id = proposed;
    cx.create(new).await
}

/// Has the scheme of the algorithm make a key, in the format that its template asks for.
///
/// # Errors
/// Unsupported Cryptographic Parameters: no scheme makes such keys. What the scheme says of the length.
pub(crate) fn symmetric_key(cx: &mut Context<'_>, template: &Attributes) -> Result<ManagedObject> {
    let facts = KeyFacts {
        object_type: ObjectType::SYMMETRIC_KEY,
        algorithm: template.one::<kinds::CryptographicAlgorithm>(),
        length: template.one::<kinds::CryptographicLength>(),
        format: template.one::<kinds::KeyFormatType>(),
        attributes: template,
    };
    let key_block = match cx.scheme(Capability::Generate, &facts, &CryptographicParameters::NONE)? {
        Scheme::Generate(scheme) => scheme.generate(template, cx.rng())?,
        _ => return Err(Error::server("a scheme that makes keys does something else")),
    };
    in_wanted_format(cx.catalogue(), ManagedObject::SymmetricKey(Key { key_block }), template)
}

/// A symmetric key or secret data of these bytes, in the format that its attributes ask for.
///
/// # Errors
/// Invalid Object Type: it is to be something else. Key Format Type Not Supported.
pub(crate) fn of_bytes(
    catalogue: &dyn Catalogue,
    object_type: ObjectType,
    bytes: ByteString,
    attributes: &Attributes,
) -> Result<ManagedObject> {
    let bits = i32::try_from(bytes.len().saturating_mul(8))
        .map_err(|_| Error::invalid("the new object would be too long"))?;
    let key_value = PlainKeyValue { key_material: Value::ByteString(bytes), attributes: None };
    let key_block = KeyBlock {
        key_format_type: KeyFormatType::RAW,
        key_compression_type: None,
        key_value: Some(KeyValue::Plain(key_value)),
        cryptographic_algorithm: attributes.one::<kinds::CryptographicAlgorithm>(),
        cryptographic_length: Some(bits),
        key_wrapping_data: None,
    };
    let object = match object_type {
        ObjectType::SYMMETRIC_KEY => ManagedObject::SymmetricKey(Key { key_block }),
        ObjectType::SECRET_DATA => {
            ManagedObject::SecretData(SecretData { secret_data_type: SecretDataType::SEED, key_block })
        }
        other => return Err(not_made(other)),
    };
    in_wanted_format(catalogue, object, attributes)
}

/// How many bytes the Cryptographic Length asks for.
///
/// # Errors
/// Invalid Field: it is absent, no multiple of 8, or more than this server makes at a time.
pub(crate) fn byte_length(cx: &Context<'_>, attributes: &Attributes) -> Result<usize> {
    let most = cx.limits().random_bytes;
    match attributes.one::<kinds::CryptographicLength>() {
        Some(bits) if bits > 0 && bits % 8 == 0 && bits / 8 <= most => {
            Ok(usize::try_from(bits / 8).unwrap_or_default())
        }
        _ => Err(Error::invalid(format!(
            "the Cryptographic Length is needed, in bits, a multiple of 8 and at most that of {most} bytes"
        ))),
    }
}

/// The identifier that a client proposes for a new object.
///
/// # Errors
/// Invalid Field: it can be none.
pub(crate) fn proposed_identifier(attributes: &Attributes) -> Result<Option<ObjectId>> {
    let identifier = attributes.one::<kinds::UniqueIdentifier>();
    identifier.as_ref().and_then(UniqueIdentifier::as_text).map(ObjectId::new).transpose()
}

/// The error for a type of which the server makes no objects.
pub(crate) fn not_made(object_type: ObjectType) -> Error {
    Error::invalid(format!("this operation does not make objects of type {object_type:?}"))
        .with_reason(ResultReason::INVALID_OBJECT_TYPE)
}

fn in_wanted_format(
    catalogue: &dyn Catalogue,
    mut object: ManagedObject,
    attributes: &Attributes,
) -> Result<ManagedObject> {
    let kind = born::kind(catalogue, object.object_type())?;
    if let (Some(block), Some(format)) = (object.key_block_mut(), attributes.one::<kinds::KeyFormatType>()) {
        kind.convert(catalogue, block, attributes, format.into())?;
    }
    Ok(object)
}
