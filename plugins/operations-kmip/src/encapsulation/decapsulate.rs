//! Decapsulate.

use claviger_plugin_sdk::kmip::attributes::Attributes;
use claviger_plugin_sdk::kmip::payloads::encapsulation::{
    DECAPSULATE, DecapsulateRequest, DecapsulateResponse,
};
use claviger_plugin_sdk::prelude::*;

use crate::defaults::{self, Origin};
use crate::{born, key_use, wrapping};

/// Takes a shared secret out of its ciphertext, and keeps it as a symmetric key.
struct Decapsulate;

register_operation!(Decapsulate);

impl Operation for Decapsulate {
    type Request = DecapsulateRequest;
    type Response = DecapsulateResponse;

    const NAME: &'static str = "Decapsulate";
    const SPEC: OperationSpec = OperationSpec {
        code: DECAPSULATE,
        since: ProtocolVersion::V2_1,
        access: Access::Creator,
        material: MaterialUse::Use,
        writes: Writes::NewObjects,
        placeholder: Placeholder::Set,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &DecapsulateRequest) -> Targets {
        let key = Target::subject(request.unique_identifier.clone(), OperationCode::DECRYPT)
            .states(StateSet::PROCESSING)
            .types(&[ObjectType::PRIVATE_KEY])
            .usage(CryptographicUsageMask::KEY_AGREEMENT);
        let wrapping_key = wrapping::by_link(&request.attributes);
        std::iter::once(key).chain(wrapping_key).collect()
    }

    fn about(object: &str) -> Option<DecapsulateRequest> {
        Some(DecapsulateRequest {
            unique_identifier: Some(object.into()),
            cryptographic_parameters: None,
            data: ByteString::default(),
            attributes: Attributes::new(),
            protection_storage_masks: None,
        })
    }

    async fn run(
        &self,
        cx: &mut Context<'_>,
        mut request: DecapsulateRequest,
    ) -> Result<DecapsulateResponse> {
        let key = cx.subject()?;
        let attributes = &mut request.attributes;
        defaults::complete(cx, ObjectType::SYMMETRIC_KEY, Origin::Template, attributes).await?;
        born::check_template(cx.catalogue(), ObjectType::SYMMETRIC_KEY, attributes)?;
        let parameters = key_use::parameters(&key, request.cryptographic_parameters);
        let mechanism = key_use::encapsulate(cx, &key, &parameters).await?;
        let ciphertext = request.data;
        let secret =
            cx.compute(mechanism.cost(), move |_| mechanism.decapsulate(&ciphertext, &parameters)).await?;
        let (attributes, storage) = (request.attributes, request.protection_storage_masks);
        let id = super::keep(cx, &key, secret, attributes, storage).await?;
        Ok(DecapsulateResponse { unique_identifier: id.to_string() })
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
        Decapsulate,
        DecapsulateRequest {
            unique_identifier: Some("a".into()),
            cryptographic_parameters: Some(CryptographicParameters::NONE),
            data: vec![1].into(),
            attributes: Attributes::new(),
            protection_storage_masks: Some(ProtectionStorageMasks { protection_storage_mask: vec![1] }),
        },
    );
}
