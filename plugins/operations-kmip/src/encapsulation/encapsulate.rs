//! Encapsulate.

use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::payloads::encapsulation::{
    ENCAPSULATE, EncapsulateRequest, EncapsulateResponse,
};
use claviger_plugin_sdk::prelude::*;

use crate::defaults::{self, Origin};
use crate::{born, key_use, wrapping};

/// Makes a shared secret for the holder of a private key, and keeps it as a symmetric key.
struct Encapsulate;

register_operation!(Encapsulate);

impl Operation for Encapsulate {
    type Request = EncapsulateRequest;
    type Response = EncapsulateResponse;

    const NAME: &'static str = "Encapsulate";
    const SPEC: OperationSpec = OperationSpec {
        code: ENCAPSULATE,
        since: ProtocolVersion::V2_1,
        access: Access::Creator,
        material: MaterialUse::Use,
        writes: Writes::NewObjects,
        placeholder: Placeholder::Set,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &EncapsulateRequest) -> Targets {
        let key = Target::subject(request.unique_identifier.clone(), OperationCode::ENCRYPT)
            .states(StateSet::ACTIVE)
            .types(&[ObjectType::PUBLIC_KEY])
            .usage(CryptographicUsageMask::KEY_AGREEMENT)
            .consumes(0);
        let wrapping_key = wrapping::by_link(&request.attributes);
        std::iter::once(key).chain(wrapping_key).collect()
    }

    fn about(object: &str) -> Option<EncapsulateRequest> {
        Some(EncapsulateRequest {
            unique_identifier: Some(object.into()),
            cryptographic_parameters: None,
            attributes: Attributes::new(),
            protection_storage_masks: None,
        })
    }

    async fn run(
        &self,
        cx: &mut Context<'_>,
        mut request: EncapsulateRequest,
    ) -> Result<EncapsulateResponse> {
        let key = cx.subject()?;
        let attributes = &mut request.attributes;
        defaults::complete(cx, ObjectType::SYMMETRIC_KEY, Origin::Template, attributes).await?;
        born::check_template(cx.catalogue(), ObjectType::SYMMETRIC_KEY, attributes)?;
        let parameters = key_use::parameters(&key, request.cryptographic_parameters);
        let mechanism = key_use::encapsulate(cx, &key, &parameters).await?;
        let made = cx.compute(mechanism.cost(), move |rng| mechanism.encapsulate(&parameters, rng)).await?;
        cx.consume_bytes(&key, made.secret.len()).await?;
        let (attributes, storage) = (request.attributes, request.protection_storage_masks);
        let id = super::keep(cx, &key, made.secret, attributes, storage).await?;
        Ok(EncapsulateResponse { unique_identifier: id.to_string(), data: made.ciphertext })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::Attributes;
    use claviger_plugin_sdk::kmip::objects::CryptographicParameters;
    use claviger_plugin_sdk::kmip::payloads::ProtectionStorageMasks;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Encapsulate,
        EncapsulateRequest {
            unique_identifier: Some("a".into()),
            cryptographic_parameters: Some(CryptographicParameters::NONE),
            attributes: Attributes::new(),
            protection_storage_masks: Some(ProtectionStorageMasks { protection_storage_mask: vec![1] }),
        },
    );
}
