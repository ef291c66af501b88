//! Register (KMIP 2.1 section 6.1.43).

use claviger_plugin_sdk::kmip::attributes::rules::Making;
use claviger_plugin_sdk::kmip::payloads::{RegisterRequest, RegisterResponse};
use claviger_plugin_sdk::prelude::*;

use crate::born::{self, Newborn};
use crate::defaults::{self, Origin};
use crate::{bundle, certificate, container};

/// Takes an object of the client under management. A wrapped key stays wrapped. Certificates may come as a chain, a
/// private key in a container with its certificates.
struct Register;

register_operation!(Register);

impl Operation for Register {
    type Request = RegisterRequest;
    type Response = RegisterResponse;

    const NAME: &'static str = "Register";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::REGISTER,
        since: ProtocolVersion::V1_0,
        access: Access::Creator,
        material: MaterialUse::Use,
        writes: Writes::NewObjects,
        placeholder: Placeholder::Set,
        undo: Undo::ByNotWriting,
    };

    fn targets(_: &RegisterRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: RegisterRequest) -> Result<RegisterResponse> {
        let RegisterRequest { object_type, mut attributes, mut object, protection_storage_masks } = request;
        defaults::complete(cx, object_type, Origin::Object, &mut attributes).await?;
        born::kind(cx.catalogue(), object_type)?;
        born::check_same_type(object_type, &object)?;
        born::check_attributes(cx.catalogue(), Making::Registered, object_type, &attributes)?;
        born::drop_enclosed_attributes(&mut object);
        let (object, of_container) = container::opened(cx, object, &mut attributes).await?;
        let (object, of_chain) = certificate::taken_apart(cx, object).await?;
        let further = of_chain.unwrap_or(of_container);
        let newborn =
            Newborn { making: Making::Registered, object, attributes, storage: protection_storage_masks };
        let new = newborn.completed(cx).await?;
        let id = bundle::create(cx, new, further, Making::Registered).await?;
        Ok(RegisterResponse { unique_identifier: id.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::Attributes;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;
    use crate::kinds::examples::symmetric;

    operation_conformance!(
        Register,
        RegisterRequest {
            object_type: ObjectType::SYMMETRIC_KEY,
            attributes: Attributes::new(),
            object: symmetric(&[1; 16]),
            protection_storage_masks: None,
        },
    );
}
