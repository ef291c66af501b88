//! Ping (KMIP 2.1 section 6.1.36).

use claviger_plugin_sdk::prelude::*;

/// Tells that the server is alive.
struct Ping;

register_operation!(Ping);

impl Operation for Ping {
    type Request = Empty;
    type Response = Empty;

    const NAME: &'static str = "Ping";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::PING,
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

    async fn run(&self, _: &mut Context<'_>, request: Empty) -> Result<Empty> {
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(Ping, Empty {},);
}
