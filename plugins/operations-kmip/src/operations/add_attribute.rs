//! Add Attribute (KMIP 2.1 section 6.1.2).

use claviger_plugin_sdk::kmip::attributes::{AffectedAttribute, NewAttribute, rules};
use claviger_plugin_sdk::kmip::payloads::{AddAttributeRequest, AddAttributeResponse};
use claviger_plugin_sdk::prelude::*;

use crate::attribute_change;

/// Adds an attribute instance to an object.
struct AddAttribute;

register_operation!(AddAttribute);

impl Operation for AddAttribute {
    type Request = AddAttributeRequest;
    type Response = AddAttributeResponse;

    const NAME: &'static str = "AddAttribute";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::ADD_ATTRIBUTE,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Targets,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &AddAttributeRequest) -> Targets {
        let id = request.unique_identifier.clone();
        Targets::one(Target::subject(id, OperationCode::ADD_ATTRIBUTE).states(StateSet::ALL))
    }

    fn about(object: &str) -> Option<AddAttributeRequest> {
        let new_attribute = attribute_change::example();
        Some(AddAttributeRequest { unique_identifier: Some(object.into()), new_attribute })
    }

    async fn run(&self, cx: &mut Context<'_>, request: AddAttributeRequest) -> Result<AddAttributeResponse> {
        let target = cx.subject()?;
        let subject = attribute_change::subject(&target, cx.now());
        rules::check_add(cx.catalogue().attribute_table(), subject, &request.new_attribute)?;
        let NewAttribute { tag, value } = attribute_change::as_stored(request.new_attribute)?;
        let mut index = 0;
        cx.update(&target, |attributes| {
            index = attributes.add(tag, value.clone());
            attribute_change::follow(attributes)
        })?;
        Ok(AddAttributeResponse {
            unique_identifier: target.id().to_string(),
            current_attribute: Some(AffectedAttribute { tag, value, index }),
        })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        AddAttribute,
        AddAttributeRequest {
            unique_identifier: Some("a".into()),
            new_attribute: NewAttribute { tag: Tag::COMMENT, value: Value::TextString("b".into()) },
        },
    );
}
