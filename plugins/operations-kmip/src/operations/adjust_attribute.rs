//! Adjust Attribute (KMIP 2.1 section 6.1.3).

use claviger_plugin_sdk::kmip::attributes::{AttributeReference, rules};
use claviger_plugin_sdk::kmip::payloads::{AdjustAttributeRequest, AdjustAttributeResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::AdjustmentType;
use claviger_plugin_sdk::prelude::*;

use crate::attribute_change;

/// Counts an attribute of an object up or down, or negates it.
struct AdjustAttribute;

register_operation!(AdjustAttribute);

impl Operation for AdjustAttribute {
    type Request = AdjustAttributeRequest;
    type Response = AdjustAttributeResponse;

    const NAME: &'static str = "AdjustAttribute";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::ADJUST_ATTRIBUTE,
        since: ProtocolVersion::V2_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Targets,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &AdjustAttributeRequest) -> Targets {
        let id = request.unique_identifier.clone();
        Targets::one(Target::subject(id, OperationCode::ADJUST_ATTRIBUTE).states(StateSet::ALL))
    }

    fn about(object: &str) -> Option<AdjustAttributeRequest> {
        Some(AdjustAttributeRequest {
            unique_identifier: Some(object.into()),
            attribute_reference: AttributeReference::Tagged(Tag::PROTECTION_PERIOD),
            adjustment_type: AdjustmentType::INCREMENT,
            adjustment_value: None,
        })
    }

    async fn run(
        &self,
        cx: &mut Context<'_>,
        request: AdjustAttributeRequest,
    ) -> Result<AdjustAttributeResponse> {
        let target = cx.subject()?;
        let (new, effect) = rules::check_adjust(
            cx.catalogue().attribute_table(),
            attribute_change::subject(&target, cx.now()),
            &request.attribute_reference,
            request.adjustment_type,
            request.adjustment_value.as_ref(),
        )?;
        attribute_change::set(cx, &target, new, effect)?;
        Ok(AdjustAttributeResponse { unique_identifier: target.id().to_string() })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::AttributeReference;
    use claviger_plugin_sdk::kmip::tables::enumerations::AdjustmentType;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        AdjustAttribute,
        AdjustAttributeRequest {
            unique_identifier: Some("a".into()),
            attribute_reference: AttributeReference::Tagged(Tag::PROTECTION_PERIOD),
            adjustment_type: AdjustmentType::INCREMENT,
            adjustment_value: Some(Value::Interval(5)),
        },
    );
}
