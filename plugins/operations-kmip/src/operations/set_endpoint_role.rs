//! Set Endpoint Role (KMIP 2.1 section 6.1.54).

use claviger_plugin_sdk::kmip::payloads::{SetEndpointRoleRequest, SetEndpointRoleResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::EndpointRole;
use claviger_plugin_sdk::prelude::*;

/// Turns the connection round: the server asks from then on and the client answers, so that it can be told by Notify and Put
/// what becomes of its user's objects.
struct SetEndpointRole;

register_operation!(SetEndpointRole);

impl Operation for SetEndpointRole {
    type Request = SetEndpointRoleRequest;
    type Response = SetEndpointRoleResponse;

    const NAME: &'static str = "SetEndpointRole";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::SET_ENDPOINT_ROLE,
        since: ProtocolVersion::V2_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::Impossible,
    };

    fn targets(_: &SetEndpointRoleRequest) -> Targets {
        Targets::none()
    }

    async fn run(
        &self,
        cx: &mut Context<'_>,
        request: SetEndpointRoleRequest,
    ) -> Result<SetEndpointRoleResponse> {
        let SetEndpointRoleRequest { endpoint_role } = request;
        match endpoint_role {
            // It has this role already, or could not be asked.
            EndpointRole::SERVER => {}
            EndpointRole::CLIENT => cx.become_client()?,
            other => return Err(Error::invalid(format!("Endpoint Role {other:?} is not known"))),
        }
        Ok(SetEndpointRoleResponse { endpoint_role })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(SetEndpointRole, SetEndpointRoleRequest { endpoint_role: EndpointRole::CLIENT },);
}
