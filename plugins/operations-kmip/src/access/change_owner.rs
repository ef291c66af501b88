//! Change Owner.

use claviger_plugin_sdk::kmip::payloads::access::{CHANGE_OWNER, ChangeOwnerRequest, ChangeOwnerResponse};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::Subject;

/// Gives an object to another user: for its owner, and for operators when the owner has gone, who cannot take it for
/// themselves. Grants stay as they are; who
/// owned it keeps none. A key that is stored wrapped needs its wrapping key, so that one has to be within the new owner's
/// reach, too.
struct ChangeOwner;

register_operation!(ChangeOwner);

impl Operation for ChangeOwner {
    type Request = ChangeOwnerRequest;
    type Response = ChangeOwnerResponse;

    const NAME: &'static str = "ChangeOwner";
    const SPEC: OperationSpec = OperationSpec {
        code: CHANGE_OWNER,
        since: ProtocolVersion::V2_1,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Grants,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &ChangeOwnerRequest) -> Targets {
        let id = request.unique_identifier.as_ref();
        Targets::one(super::owned_object(id, CHANGE_OWNER).owner_or_operator())
    }

    fn about(object: &str) -> Option<ChangeOwnerRequest> {
        Some(ChangeOwnerRequest { unique_identifier: Some(object.into()), username: "somebody".to_owned() })
    }

    async fn run(&self, cx: &mut Context<'_>, request: ChangeOwnerRequest) -> Result<ChangeOwnerResponse> {
        let to = request.username;
        if !matches!(Subject::named(&to), Some(Subject::User(_))) {
            return Err(Error::invalid("an owner is one user: name it"));
        }
        let target = cx.subject()?;
        if target.is_for_operator() && *cx.principal().user == *to {
            return Err(Error::denied("an operator gives objects to others, and takes none for himself"));
        }
        if **target.owner() != *to {
            cx.change_owner(&target, &to)?;
        }
        Ok(ChangeOwnerResponse { unique_identifier: target.id().to_string() })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        ChangeOwner,
        ChangeOwnerRequest { unique_identifier: Some("a".into()), username: "bob".into() },
    );
}
