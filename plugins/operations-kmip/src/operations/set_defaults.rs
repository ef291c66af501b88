//! Set Defaults (KMIP 2.1 section 6.1.53).

use claviger_plugin_sdk::kmip::attributes::rules::{self, Making};
use claviger_plugin_sdk::kmip::payloads::{ObjectDefaults, SetDefaultsRequest};
use claviger_plugin_sdk::prelude::*;

use crate::born;
use crate::defaults::{DEFAULTS, MOST};

/// Lays down what is assumed of new objects of which a client says nothing, in place of what was: of everybody's if an
/// operator does it, else of the caller's own.
struct SetDefaults;

register_operation!(SetDefaults);

impl Operation for SetDefaults {
    type Request = SetDefaultsRequest;
    type Response = Empty;

    const NAME: &'static str = "SetDefaults";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::SET_DEFAULTS,
        since: ProtocolVersion::V2_1,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Documents,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(_: &SetDefaultsRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: SetDefaultsRequest) -> Result<Empty> {
        let information =
            request.defaults_information.filter(|information| !information.object_defaults.is_empty());
        for defaults in information.iter().flat_map(|information| &information.object_defaults) {
            check(cx, defaults)?;
        }
        if information.as_ref().is_some_and(|information| information.object_defaults.len() > MOST) {
            return Err(Error::invalid(format!("lay down {MOST} Object Defaults at most"))
                .with_reason(ResultReason::SERVER_LIMIT_EXCEEDED));
        }
        DEFAULTS.write(cx, information).await?;
        Ok(Empty {})
    }
}

/// What is assumed of an object is what a client could say of it.
fn check(cx: &Context<'_>, defaults: &ObjectDefaults) -> Result<()> {
    for object_type in defaults.object_types.as_slice() {
        born::kind(cx.catalogue(), *object_type)?;
        let table = cx.catalogue().attribute_table();
        rules::check_new_object(table, Making::Generated, *object_type, &defaults.attributes)
            .map_err(|refused| Error::from(refused).with_reason(ResultReason::INVALID_FIELD))?;
    }
    let of_one = [Tag::UNIQUE_IDENTIFIER, Tag::NAME, Tag::LINK];
    if of_one.iter().any(|tag| defaults.attributes.contains(*tag)) {
        return Err(Error::invalid(
            "each object has a Unique Identifier, Names and Links of its own, so none is assumed",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::Attributes;
    use claviger_plugin_sdk::kmip::payloads::{DefaultedTypes, DefaultsInformation, ObjectGroups};
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        SetDefaults,
        SetDefaultsRequest { defaults_information: None },
        SetDefaultsRequest {
            defaults_information: Some(DefaultsInformation {
                object_defaults: vec![ObjectDefaults {
                    object_types: DefaultedTypes::One(ObjectType::SYMMETRIC_KEY),
                    attributes: Attributes::new(),
                    object_groups: Some(ObjectGroups { object_group: vec!["g".into()] }),
                }],
            }),
        },
    );
}
