//! Delete Attribute (KMIP 2.1 section 6.1.13).

use claviger_plugin_sdk::kmip::attributes::rules::{self, DeleteEffect};
use claviger_plugin_sdk::kmip::attributes::{AffectedAttribute, AttributeReference};
use claviger_plugin_sdk::kmip::payloads::{DeleteAttributeRequest, DeleteAttributeResponse};
use claviger_plugin_sdk::prelude::*;

use crate::attribute_change;

/// Deletes one instance of an attribute of an object, or all of them.
struct DeleteAttribute;

register_operation!(DeleteAttribute);

impl Operation for DeleteAttribute {
    type Request = DeleteAttributeRequest;
    type Response = DeleteAttributeResponse;

    const NAME: &'static str = "DeleteAttribute";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::DELETE_ATTRIBUTE,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Targets,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &DeleteAttributeRequest) -> Targets {
        let id = request.unique_identifier.clone();
        Targets::one(Target::subject(id, OperationCode::DELETE_ATTRIBUTE).states(StateSet::ALL))
    }

    async fn run(
        &self,
        cx: &mut Context<'_>,
        request: DeleteAttributeRequest,
    ) -> Result<DeleteAttributeResponse> {
        let target = cx.subject()?;
        let effect = rules::check_delete(
            cx.catalogue().attribute_table(),
            attribute_change::subject(&target, cx.now()),
            request.current_attribute.as_ref(),
            request.attribute_reference.as_ref(),
        )?;
        let mut deleted = None;
        cx.update(&target, |attributes| {
            deleted = match effect {
                DeleteEffect::One(reference, index) => {
                    attributes.remove_index(&reference, index).map(|value| affected(&reference, value, index))
                }
                DeleteEffect::All(reference) => {
                    let first = attributes.instances(&reference).next().cloned();
                    attributes.remove(&reference);
                    first.map(|first| affected(&reference, first.value, first.index))
                }
            };
            Ok(())
        })?;
        Ok(DeleteAttributeResponse { unique_identifier: target.id().to_string(), current_attribute: deleted })
    }
}

fn affected(reference: &AttributeReference, value: Value, index: u32) -> AffectedAttribute {
    AffectedAttribute { tag: reference.key().tag(), value, index }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::CurrentAttribute;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        DeleteAttribute,
        DeleteAttributeRequest {
            unique_identifier: None,
            current_attribute: Some(CurrentAttribute::Instance {
                reference: AttributeReference::Tagged(Tag::NAME),
                index: 1,
            }),
            attribute_reference: Some(AttributeReference::Tagged(Tag::COMMENT)),
        },
    );
}
