//! Get Attribute List (KMIP 2.1 section 6.1.21).

use claviger_plugin_sdk::kmip::payloads::{GetAttributeListRequest, GetAttributeListResponse};
use claviger_plugin_sdk::prelude::*;

/// Tells which attributes an object has.
struct GetAttributeList;

register_operation!(GetAttributeList);

impl Operation for GetAttributeList {
    type Request = GetAttributeListRequest;
    type Response = GetAttributeListResponse;

    const NAME: &'static str = "GetAttributeList";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::GET_ATTRIBUTE_LIST,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::NothingToUndo,
    };

    fn targets(request: &GetAttributeListRequest) -> Targets {
        let id = request.unique_identifier.clone();
        Targets::one(
            Target::subject(id, OperationCode::GET_ATTRIBUTE_LIST).states(StateSet::ALL).also_archived(),
        )
    }

    async fn run(
        &self,
        cx: &mut Context<'_>,
        _: GetAttributeListRequest,
    ) -> Result<GetAttributeListResponse> {
        let target = cx.subject()?;
        Ok(GetAttributeListResponse {
            unique_identifier: target.id().to_string(),
            attribute_reference: super::visible_attributes(cx, &target).references(),
        })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(GetAttributeList, GetAttributeListRequest { unique_identifier: Some("a".into()) },);
}
