//! Get Constraints (KMIP 2.1 section 6.1.22).

use claviger_plugin_sdk::kmip::payloads::{Constraints, GetConstraintsResponse};
use claviger_plugin_sdk::prelude::*;

use crate::constraints::CONSTRAINTS;

/// Tells what is demanded of new objects of the caller.
struct GetConstraints;

register_operation!(GetConstraints);

impl Operation for GetConstraints {
    type Request = Empty;
    type Response = GetConstraintsResponse;

    const NAME: &'static str = "GetConstraints";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::GET_CONSTRAINTS,
        since: ProtocolVersion::V2_1,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::NothingToUndo,
    };

    fn targets(_: &Empty) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, _: Empty) -> Result<GetConstraintsResponse> {
        let laid_down: Vec<Constraints> = CONSTRAINTS.read(cx).await?;
        let constraint = laid_down.into_iter().flat_map(|constraints| constraints.constraint).collect();
        Ok(GetConstraintsResponse { constraints: Constraints { constraint } })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(GetConstraints, Empty {},);
}
