//! Set Constraints (KMIP 2.1 section 6.1.52).

use claviger_plugin_sdk::kmip::attributes::rules;
use claviger_plugin_sdk::kmip::payloads::{Constraint, SetConstraintsRequest};
use claviger_plugin_sdk::prelude::*;

use crate::born;
use crate::constraints::{CONSTRAINTS, MOST};

/// Lays down what is demanded of new objects, in place of what was: of everybody's if an operator does it, else of the
/// caller's own.
struct SetConstraints;

register_operation!(SetConstraints);

impl Operation for SetConstraints {
    type Request = SetConstraintsRequest;
    type Response = Empty;

    const NAME: &'static str = "SetConstraints";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::SET_CONSTRAINTS,
        since: ProtocolVersion::V2_1,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Documents,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(_: &SetConstraintsRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: SetConstraintsRequest) -> Result<Empty> {
        let constraints = request.constraints;
        if constraints.constraint.len() > MOST {
            return Err(Error::invalid(format!("lay down {MOST} constraints at most"))
                .with_reason(ResultReason::SERVER_LIMIT_EXCEEDED));
        }
        constraints.constraint.iter().try_for_each(|constraint| check(cx, constraint))?;
        let content = (!constraints.constraint.is_empty()).then_some(constraints);
        CONSTRAINTS.write(cx, content).await?;
        Ok(Empty {})
    }
}

fn check(cx: &Context<'_>, constraint: &Constraint) -> Result<()> {
    for object_type in constraint.object_types.iter().flat_map(|types| &types.object_type) {
        born::kind(cx.catalogue(), *object_type)?;
    }
    match &constraint.attributes {
        Some(attributes) => rules::check_search(cx.catalogue().attribute_table(), attributes)
            .map_err(|refused| Error::from(refused).with_reason(ResultReason::INVALID_FIELD)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::Attributes;
    use claviger_plugin_sdk::kmip::payloads::{Constraints, ObjectGroups, ObjectTypes};
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        SetConstraints,
        SetConstraintsRequest {
            constraints: Constraints {
                constraint: vec![Constraint {
                    object_types: Some(ObjectTypes { object_type: vec![ObjectType::SYMMETRIC_KEY] }),
                    object_groups: Some(ObjectGroups { object_group: vec!["g".into()] }),
                    attributes: Some(Attributes::new()),
                }],
            },
        },
    );
}
