//! Grant.

use claviger_plugin_sdk::kmip::payloads::access::{GRANT, GrantRequest, GrantResponse};
use claviger_plugin_sdk::prelude::*;

/// Lets a user, or everyone, call operations on an object of the caller. Granting again changes nothing.
struct Grant;

register_operation!(Grant);

impl Operation for Grant {
    type Request = GrantRequest;
    type Response = GrantResponse;

    const NAME: &'static str = "Grant";
    const SPEC: OperationSpec = OperationSpec {
        code: GRANT,
        since: ProtocolVersion::V2_1,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Grants,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &GrantRequest) -> Targets {
        Targets::one(super::owned_object(request.unique_identifier.as_ref(), GRANT))
    }

    fn about(object: &str) -> Option<GrantRequest> {
        Some(GrantRequest {
            unique_identifier: Some(object.into()),
            username: "somebody".to_owned(),
            operation: vec![OperationCode::GET],
        })
    }

    async fn run(&self, cx: &mut Context<'_>, request: GrantRequest) -> Result<GrantResponse> {
        let target = cx.subject()?;
        let subject = super::grantee(cx, &request.username, &request.operation)?;
        cx.grant(&target, subject, &request.operation)?;
        Ok(GrantResponse { unique_identifier: target.id().to_string() })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Grant,
        GrantRequest {
            unique_identifier: Some("a".into()),
            username: "bob".into(),
            operation: vec![OperationCode::GET, OperationCode::ENCRYPT],
        },
    );
}
