//! Create Key Pair (KMIP 2.1 section 6.1.9).
//!
//! As with Create, a client may propose identifiers, and may have either key kept wrapped by the key that a Wrapping Key
//! Link among its attributes names.

use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::payloads::{CreateKeyPairRequest, CreateKeyPairResponse};
use claviger_plugin_sdk::prelude::*;

use crate::defaults::{self, Origin};
use crate::key_pair::{self, Pair};
use crate::wrapping;

/// Makes a private key and its public key.
struct CreateKeyPair;

register_operation!(CreateKeyPair);

/// The key that wraps the private key.
const WRAPS_PRIVATE: Role = Role("wrapping key of the private key");
/// The key that wraps the public key.
const WRAPS_PUBLIC: Role = Role("wrapping key of the public key");

impl Operation for CreateKeyPair {
    type Request = CreateKeyPairRequest;
    type Response = CreateKeyPairResponse;

    const NAME: &'static str = "CreateKeyPair";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::CREATE_KEY_PAIR,
        since: ProtocolVersion::V1_0,
        access: Access::Creator,
        material: MaterialUse::Use,
        writes: Writes::NewObjects,
        placeholder: Placeholder::Set,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &CreateKeyPairRequest) -> Targets {
        let common = request.common_attributes.as_ref();
        let wrapping_key = |own: &Option<Attributes>, role| {
            let key = own.as_ref().and_then(wrapping::by_link).or_else(|| common.and_then(wrapping::by_link));
            key.map(|target| target.role(role))
        };
        let private = wrapping_key(&request.private_key_attributes, WRAPS_PRIVATE);
        private.into_iter().chain(wrapping_key(&request.public_key_attributes, WRAPS_PUBLIC)).collect()
    }

    async fn run(
        &self,
        cx: &mut Context<'_>,
        request: CreateKeyPairRequest,
    ) -> Result<CreateKeyPairResponse> {
        let common = request.common_attributes.unwrap_or_default();
        let own = Pair { private: request.private_key_attributes, public: request.public_key_attributes };
        let mut wanted = key_pair::with_common(cx.catalogue().attribute_table(), &common, own);
        defaults::complete(cx, ObjectType::PRIVATE_KEY, Origin::Template, &mut wanted.private).await?;
        defaults::complete(cx, ObjectType::PUBLIC_KEY, Origin::Template, &mut wanted.public).await?;
        key_pair::check_asked(cx.catalogue(), &mut wanted)?;
        key_pair::check_templates(cx.catalogue(), &wanted)?;
        let (objects, attributes) = key_pair::generate(cx, wanted).await?;
        let everywhere = request.common_protection_storage_masks;
        let storage = Pair {
            private: request.private_protection_storage_masks.or_else(|| everywhere.clone()),
            public: request.public_protection_storage_masks.or(everywhere),
        };
        let pair = key_pair::complete(cx, objects, attributes, storage)?;
        let private = wrapping::wrap_new(cx, WRAPS_PRIVATE, pair.private).await?;
        let public = wrapping::wrap_new(cx, WRAPS_PUBLIC, pair.public).await?;
        Ok(CreateKeyPairResponse {
            private_key_unique_identifier: cx.create(private).await?.to_string(),
            public_key_unique_identifier: cx.create(public).await?.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::payloads::ProtectionStorageMasks;
    use claviger_plugin_sdk::kmip::tables::enumerations::LinkType;
    use claviger_plugin_sdk::operation_conformance;
    use claviger_plugin_sdk::record::ObjectId;

    use super::*;
    use crate::links;

    operation_conformance!(
        CreateKeyPair,
        CreateKeyPairRequest {
            common_attributes: Some(Attributes::new()),
            private_key_attributes: Some(wrapped_by("kek")),
            public_key_attributes: Some(Attributes::new()),
            common_protection_storage_masks: masks(),
            private_protection_storage_masks: masks(),
            public_protection_storage_masks: masks(),
        },
    );

    fn masks() -> Option<ProtectionStorageMasks> {
        Some(ProtectionStorageMasks { protection_storage_mask: vec![1, 2] })
    }

    fn wrapped_by(key: &str) -> Attributes {
        let mut attributes = Attributes::new();
        links::add(&mut attributes, LinkType::WRAPPING_KEY_LINK, &ObjectId::new(key).unwrap());
        attributes
    }
}
