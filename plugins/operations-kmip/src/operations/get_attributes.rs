//! Get Attributes (KMIP 2.1 section 6.1.20).

use claviger_plugin_sdk::kmip::attributes::rules;
use claviger_plugin_sdk::kmip::payloads::{GetAttributesRequest, GetAttributesResponse};
use claviger_plugin_sdk::prelude::*;

/// Tells the attributes of an object: those that are asked for, or all.
struct GetAttributes;

register_operation!(GetAttributes);

impl Operation for GetAttributes {
    type Request = GetAttributesRequest;
    type Response = GetAttributesResponse;

    const NAME: &'static str = "GetAttributes";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::GET_ATTRIBUTES,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::NothingToUndo,
    };

    fn targets(request: &GetAttributesRequest) -> Targets {
        let id = request.unique_identifier.clone();
        Targets::one(Target::subject(id, OperationCode::GET_ATTRIBUTES).states(StateSet::ALL).also_archived())
    }

    async fn run(
        &self,
        cx: &mut Context<'_>,
        request: GetAttributesRequest,
    ) -> Result<GetAttributesResponse> {
        let target = cx.subject()?;
        let wanted = request.attribute_reference;
        for reference in &wanted {
            rules::check_reference(cx.catalogue().attribute_table(), reference)?;
        }
        let mut attributes = super::visible_attributes(cx, &target);
        if !wanted.is_empty() {
            attributes.retain(|instance| {
                let key = instance.key();
                wanted
                    .iter()
                    .any(|reference| reference.key() == key || reference.key() == instance.tag.into())
            });
        }
        Ok(GetAttributesResponse { unique_identifier: target.id().to_string(), attributes })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::AttributeReference;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        GetAttributes,
        GetAttributesRequest {
            unique_identifier: None,
            attribute_reference: vec![
                AttributeReference::Tagged(Tag::STATE),
                AttributeReference::Vendor { vendor: "x".into(), name: "y".into() },
            ],
        },
    );
}
