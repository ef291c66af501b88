//! Modify Attribute (KMIP 2.1 section 6.1.34).

use claviger_plugin_sdk::kmip::attributes::{AffectedAttribute, NewAttribute, rules};
use claviger_plugin_sdk::kmip::payloads::{ModifyAttributeRequest, ModifyAttributeResponse};
use claviger_plugin_sdk::prelude::*;

use crate::attribute_change;

/// Gives an attribute instance of an object another value.
struct ModifyAttribute;

register_operation!(ModifyAttribute);

impl Operation for ModifyAttribute {
    type Request = ModifyAttributeRequest;
    type Response = ModifyAttributeResponse;

    const NAME: &'static str = "ModifyAttribute";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::MODIFY_ATTRIBUTE,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Targets,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &ModifyAttributeRequest) -> Targets {
        let id = request.unique_identifier.clone();
        Targets::one(Target::subject(id, OperationCode::MODIFY_ATTRIBUTE).states(StateSet::ALL))
    }

    fn about(object: &str) -> Option<ModifyAttributeRequest> {
        let new_attribute = attribute_change::example();
        Some(ModifyAttributeRequest {
            unique_identifier: Some(object.into()),
            current_attribute: None,
            new_attribute,
        })
    }

    async fn run(
        &self,
        cx: &mut Context<'_>,
        request: ModifyAttributeRequest,
    ) -> Result<ModifyAttributeResponse> {
        let target = cx.subject()?;
        let subject = attribute_change::subject(&target, cx.now());
        let index = rules::check_modify(
            cx.catalogue().attribute_table(),
            subject,
            request.current_attribute.as_ref(),
            &request.new_attribute,
        )?;
        let new = attribute_change::as_stored(request.new_attribute)?;
        cx.update(&target, |attributes| {
            attributes.replace(new.key(), index, new.value.clone());
            attribute_change::follow(attributes)
        })?;
        let NewAttribute { tag, value } = new;
        Ok(ModifyAttributeResponse {
            unique_identifier: target.id().to_string(),
            current_attribute: Some(AffectedAttribute { tag, value, index }),
        })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::CurrentAttribute;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        ModifyAttribute,
        ModifyAttributeRequest {
            unique_identifier: None,
            current_attribute: Some(CurrentAttribute::Value {
                tag: Tag::COMMENT,
                value: Value::TextString("b".into()),
            }),
            new_attribute: NewAttribute { tag: Tag::COMMENT, value: Value::TextString("c".into()) },
        },
    );
}
