//! Set Attribute (KMIP 2.1 section 6.1.51).

use claviger_plugin_sdk::kmip::attributes::rules;
use claviger_plugin_sdk::kmip::payloads::{SetAttributeRequest, SetAttributeResponse};
use claviger_plugin_sdk::prelude::*;

use crate::attribute_change;

/// Gives an attribute of an object its one value, whether it had one or not.
struct SetAttribute;

register_operation!(SetAttribute);

impl Operation for SetAttribute {
    type Request = SetAttributeRequest;
    type Response = SetAttributeResponse;

    const NAME: &'static str = "SetAttribute";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::SET_ATTRIBUTE,
        since: ProtocolVersion::V2_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Targets,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &SetAttributeRequest) -> Targets {
        let id = request.unique_identifier.clone();
        Targets::one(Target::subject(id, OperationCode::SET_ATTRIBUTE).states(StateSet::ALL))
    }

    fn about(object: &str) -> Option<SetAttributeRequest> {
        let new_attribute = attribute_change::example();
        Some(SetAttributeRequest { unique_identifier: Some(object.into()), new_attribute })
    }

    async fn run(&self, cx: &mut Context<'_>, request: SetAttributeRequest) -> Result<SetAttributeResponse> {
        let target = cx.subject()?;
        let subject = attribute_change::subject(&target, cx.now());
        let effect = rules::check_set(cx.catalogue().attribute_table(), subject, &request.new_attribute)?;
        attribute_change::set(cx, &target, request.new_attribute, effect)?;
        Ok(SetAttributeResponse { unique_identifier: target.id().to_string() })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::NewAttribute;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        SetAttribute,
        SetAttributeRequest {
            unique_identifier: None,
            new_attribute: NewAttribute { tag: Tag::COMMENT, value: Value::TextString("c".into()) },
        },
    );
}
