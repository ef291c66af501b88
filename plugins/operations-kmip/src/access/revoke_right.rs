//! Revoke Right.

use claviger_plugin_sdk::kmip::payloads::access::{REVOKE_RIGHT, RevokeRightRequest, RevokeRightResponse};
use claviger_plugin_sdk::prelude::*;

/// Takes back what was granted. Taking back what was never granted changes nothing.
struct RevokeRight;

register_operation!(RevokeRight);

impl Operation for RevokeRight {
    type Request = RevokeRightRequest;
    type Response = RevokeRightResponse;

    const NAME: &'static str = "RevokeRight";
    const SPEC: OperationSpec = OperationSpec {
        code: REVOKE_RIGHT,
        since: ProtocolVersion::V2_1,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Grants,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &RevokeRightRequest) -> Targets {
        Targets::one(super::owned_object(request.unique_identifier.as_ref(), REVOKE_RIGHT))
    }

    fn about(object: &str) -> Option<RevokeRightRequest> {
        Some(RevokeRightRequest {
            unique_identifier: Some(object.into()),
            username: "somebody".to_owned(),
            operation: vec![OperationCode::GET],
        })
    }

    async fn run(&self, cx: &mut Context<'_>, request: RevokeRightRequest) -> Result<RevokeRightResponse> {
        let target = cx.subject()?;
        let subject = super::grantee(cx, &request.username, &request.operation)?;
        cx.revoke_grant(&target, subject, &request.operation)?;
        Ok(RevokeRightResponse { unique_identifier: target.id().to_string() })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        RevokeRight,
        RevokeRightRequest {
            unique_identifier: Some("a".into()),
            username: "bob".into(),
            operation: vec![OperationCode::GET, OperationCode::ENCRYPT],
        },
    );
}
