//! Create (KMIP 2.1 section 6.1.8).
//!
//! A client may propose the Unique Identifier, and may have the new key kept wrapped: by the key that a Wrapping Key
//! Link among the attributes names.

use claviger_plugin_sdk::kmip::attributes::rules::Making;
use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::objects::{KeyBlock, KeyValue, ManagedObject, PlainKeyValue, SecretData};
use claviger_plugin_sdk::kmip::payloads::{CreateRequest, CreateResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::SecretDataType;
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::record::ObjectId;

use crate::born::{self, Newborn};
use crate::{generated, wrapping};

/// Makes a symmetric key or secret data.
struct Create;

register_operation!(Create);

impl Operation for Create {
    type Request = CreateRequest;
    type Response = CreateResponse;

    const NAME: &'static str = "Create";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::CREATE,
        since: ProtocolVersion::V1_0,
        access: Access::Creator,
        material: MaterialUse::Use,
        writes: Writes::NewObjects,
        placeholder: Placeholder::Set,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &CreateRequest) -> Targets {
        wrapping::by_link(&request.attributes).as_ref().map(wrapping::to_wrap).into_iter().collect()
    }

    async fn run(&self, cx: &mut Context<'_>, request: CreateRequest) -> Result<CreateResponse> {
        let CreateRequest { object_type, attributes, protection_storage_masks } = request;
        let kind = born::kind(cx.catalogue(), object_type)?;
        born::check_attributes(cx.catalogue(), Making::Generated, object_type, &attributes)?;
        kind.check_template(&attributes)?;
        let mut object = match object_type {
            ObjectType::SYMMETRIC_KEY => generated::symmetric_key(cx, &attributes)?,
            ObjectType::SECRET_DATA => random_secret(cx, &attributes),
            other => {
                return Err(Error::invalid(format!("Create does not make objects of type {other:?}"))
                    .with_reason(ResultReason::INVALID_OBJECT_TYPE));
            }
        };
        if let (Some(block), Some(format)) =
            (object.key_block_mut(), attributes.one::<kinds::KeyFormatType>())
        {
            kind.convert(cx.catalogue(), block, &attributes, format.into())?;
        }
        let wanted = attributes.one::<kinds::UniqueIdentifier>();
        let newborn =
            Newborn { making: Making::Generated, object, attributes, storage: protection_storage_masks };
        let new = newborn.complete(cx.catalogue(), cx.now())?;
        let mut new = wrapping::wrap_new(cx, Role::WRAPPING_KEY, new).await?;
        new.id = wanted.as_ref().and_then(UniqueIdentifier::as_text).map(ObjectId::new).transpose()?;
        let id = cx.create(new).await?;
        Ok(CreateResponse { object_type, unique_identifier: id.to_string() })
    }
}

/// Random bytes of the length that the template was checked to have.
fn random_secret(cx: &mut Context<'_>, template: &Attributes) -> ManagedObject {
    let bits = template.one::<kinds::CryptographicLength>();
    let bytes = bits.and_then(|bits| usize::try_from(bits / 8).ok()).unwrap_or_default();
    let key_material = Value::ByteString(cx.rng().bytes(bytes));
    ManagedObject::SecretData(SecretData {
        secret_data_type: SecretDataType::SEED,
        key_block: KeyBlock {
            key_format_type: KeyFormatType::RAW,
            key_compression_type: None,
            key_value: Some(KeyValue::Plain(PlainKeyValue { key_material, attributes: None })),
            cryptographic_algorithm: None,
            cryptographic_length: bits,
            key_wrapping_data: None,
        },
    })
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::Link;
    use claviger_plugin_sdk::kmip::payloads::ProtectionStorageMasks;
    use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Create,
        CreateRequest {
            object_type: ObjectType::SYMMETRIC_KEY,
            attributes: Attributes::new(),
            protection_storage_masks: Some(ProtectionStorageMasks { protection_storage_mask: vec![1, 2] }),
        },
        CreateRequest {
            object_type: ObjectType::SYMMETRIC_KEY,
            attributes: wrapped_by("kek"),
            protection_storage_masks: None,
        },
    );

    fn wrapped_by(key: &str) -> Attributes {
        let mut attributes = Attributes::new();
        attributes.push::<kinds::Link>(Link {
            link_type: LinkType::WRAPPING_KEY_LINK,
            linked_object_identifier: key.into(),
        });
        attributes
    }
}
