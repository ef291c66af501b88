//! Create (KMIP 2.1 section 6.1.8).
//!
//! A client may propose the Unique Identifier, and may have the new key kept wrapped: by the key that a Wrapping Key
//! Link among the attributes names. Where the algorithm has keys that are made from others, Create makes them, too: those
//! others are named by links among the attributes, and may change with what is made from them.

use claviger_plugin_sdk::kmip::payloads::{CreateRequest, CreateResponse};
use claviger_plugin_sdk::prelude::*;

use crate::{generated, related_keys, wrapping};

/// Makes a symmetric key, secret data, or a key from others.
struct Create;

register_operation!(Create);

/// What it makes from nothing. Pairs, parts and certificates have operations of their own.
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
        writes: Writes::DeclaredByScheme,
        placeholder: Placeholder::Set,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &CreateRequest) -> Targets {
        wrapping::by_link(&request.attributes).into_iter().collect()
    }

    async fn run(&self, cx: &mut Context<'_>, request: CreateRequest) -> Result<CreateResponse> {
        let CreateRequest { object_type, attributes, protection_storage_masks } = request;
        let storage = protection_storage_masks;
        let id = match related_keys::generator(cx.catalogue(), object_type, &attributes) {
            // Boxed, so that the usual case has not its size.
            Some(scheme) => {
                Box::pin(related_keys::create(cx, scheme, object_type, attributes, storage)).await?
            }
            None if MADE.contains(&object_type) => {
                generated::create(cx, object_type, attributes, storage).await?
            }
            None => return Err(generated::not_made(object_type)),
        };
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
