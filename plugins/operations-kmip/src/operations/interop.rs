//! Interop (KMIP 2.1 section 6.1.26).
//!
//! The section says that it shall not be available in a production server. Suites for interoperability rely on it, so it is
//! there until the operator switches it off: `docs/operations/hardening.md` says how.

use claviger_plugin_sdk::kmip::payloads::InteropRequest;
use claviger_plugin_sdk::kmip::tables::enumerations::InteropFunction;
use claviger_plugin_sdk::prelude::*;

/// Notes in the log that an interoperability test begins or ends. It resets nothing: objects belong to their owners.
struct Interop;

register_operation!(Interop);

impl Operation for Interop {
    type Request = InteropRequest;
    type Response = Empty;

    const NAME: &'static str = "Interop";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::INTEROP,
        since: ProtocolVersion::V2_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::NothingToUndo,
    };

    fn targets(_: &InteropRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: InteropRequest) -> Result<Empty> {
        let (function, case) = (request.interop_function, request.interop_identifier);
        if ![InteropFunction::BEGIN, InteropFunction::END].contains(&function) {
            return Err(Error::unsupported(
                "this server does not reset: destroy the objects of the test instead",
            ));
        }
        tracing::debug!(user = ?cx.principal().user, ?function, ?case, "an interoperability test");
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Interop,
        InteropRequest { interop_function: InteropFunction::BEGIN, interop_identifier: "a".into() },
    );
}
