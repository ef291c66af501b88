//! List Rights.

use std::collections::BTreeMap;

use claviger_plugin_sdk::context::GrantsOf;
use claviger_plugin_sdk::kmip::payloads::access::{
    AccessRight, LIST_RIGHTS, ListRightsRequest, ListRightsResponse,
};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::store::Grant;

/// Tells the owner of an object, and operators, who else may do what with it.
struct ListRights;

register_operation!(ListRights);

impl Operation for ListRights {
    type Request = ListRightsRequest;
    type Response = ListRightsResponse;

    const NAME: &'static str = "ListRights";
    const SPEC: OperationSpec = OperationSpec {
        code: LIST_RIGHTS,
        since: ProtocolVersion::V2_1,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::NothingToUndo,
    };

    fn targets(request: &ListRightsRequest) -> Targets {
        Targets::one(super::owned_object(request.unique_identifier.as_ref(), LIST_RIGHTS))
    }

    async fn run(&self, cx: &mut Context<'_>, _: ListRightsRequest) -> Result<ListRightsResponse> {
        let target = cx.subject()?;
        let grants = cx.grants(GrantsOf::Object(&target)).await?;
        Ok(ListRightsResponse { unique_identifier: target.id().to_string(), right: by_user(grants) })
    }
}

fn by_user(grants: Vec<Grant>) -> Vec<AccessRight> {
    let mut users: BTreeMap<String, Vec<OperationCode>> = BTreeMap::new();
    for grant in grants {
        users.entry(grant.subject.to_string()).or_default().push(grant.operation);
    }
    users.into_iter().map(|(username, operation)| AccessRight { username, operation }).collect()
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;
    use claviger_plugin_sdk::record::ObjectId;
    use claviger_plugin_sdk::store::Subject;

    use super::*;

    operation_conformance!(ListRights, ListRightsRequest { unique_identifier: Some("a".into()) },);

    #[test]
    fn each_user_is_listed_once_with_all_operations() {
        let grant = |subject, operation| Grant { object: ObjectId::new("key").unwrap(), subject, operation };
        let bob = || Subject::User("bob".into());
        let listed = by_user(vec![
            grant(bob(), OperationCode::GET),
            grant(Subject::Everyone, OperationCode::ENCRYPT),
            grant(bob(), OperationCode::DECRYPT),
            grant(Subject::Group("bob".into()), OperationCode::SIGN),
        ]);
        let bobs = vec![OperationCode::GET, OperationCode::DECRYPT];
        assert_eq!(
            listed,
            [
                AccessRight { username: "*".into(), operation: vec![OperationCode::ENCRYPT] },
                AccessRight { username: "bob".into(), operation: bobs },
                AccessRight { username: "group:bob".into(), operation: vec![OperationCode::SIGN] },
            ]
        );
    }
}
