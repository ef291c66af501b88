//! Activate (KMIP 2.1 section 6.1.1).

use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::payloads::{ActivateRequest, ActivateResponse};
use claviger_plugin_sdk::prelude::*;

use crate::transition;

/// Lets a Pre-Active object be used from now on.
struct Activate;

register_operation!(Activate);

impl Operation for Activate {
    type Request = ActivateRequest;
    type Response = ActivateResponse;

    const NAME: &'static str = "Activate";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::ACTIVATE,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Targets,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &ActivateRequest) -> Targets {
        let id = request.unique_identifier.clone();
        let target = Target::subject(id, OperationCode::ACTIVATE).types(transition::WITH_STATE);
        Targets::one(target.states(transition::ACTIVATABLE))
    }

    async fn run(&self, cx: &mut Context<'_>, _: ActivateRequest) -> Result<ActivateResponse> {
        let now = cx.now();
        let targets = cx.targets(Role::SUBJECT);
        for target in &targets {
            cx.transition(target, State::ACTIVE, |attributes| {
                attributes.put::<kinds::ActivationDate>(now);
                Ok(())
            })?;
        }
        Ok(ActivateResponse { unique_identifier: super::first_identifier(&targets)? })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(Activate, ActivateRequest { unique_identifier: Some("a".into()) },);
}
