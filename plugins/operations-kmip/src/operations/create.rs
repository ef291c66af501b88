//! Create (KMIP 2.1 section 6.1.8).
//!
//! A client may propose the Unique Identifier, and may have the new key kept wrapped: by the key that a Wrapping Key
//! Link among the attributes names.

use claviger_plugin_sdk::kmip::payloads::{CreateRequest, CreateResponse};
use claviger_plugin_sdk::prelude::*;

use crate::{generated, wrapping};

/// Makes a symmetric key or secret data.
struct Create;

register_operation!(Create);

/// What it makes. Pairs, parts and certificates have operations of their own.
const MADE: &[ObjectType] = &[ObjectType::SYMMETRIC_KEY, ObjectType::SECRET_DATA];

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
        wrapping::by_link(&request.attributes).into_iter().collect()
    }

    async fn run(&self, cx: &mut Context<'_>, request: CreateRequest) -> Result<CreateResponse> {
        let CreateRequest { object_type, attributes, protection_storage_masks } = request;
        if !MADE.contains(&object_type) {
            return Err(generated::not_made(object_type));
        }
        let id = generated::create(cx, object_type, attributes, protection_storage_masks).await?;
        Ok(CreateResponse { object_type, unique_identifier: id.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::{Attributes, Link, kinds};
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
