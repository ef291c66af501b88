//! Log (KMIP 2.1 section 6.1.29).

use claviger_plugin_sdk::kmip::payloads::LogRequest;
use claviger_plugin_sdk::prelude::*;

/// Writes a message of the client to the server's log, marked as such.
struct Log;

register_operation!(Log);

/// Characters of a message that are written; a client does not fill the log with one request.
const LONGEST: usize = 4096;

impl Operation for Log {
    type Request = LogRequest;
    type Response = Empty;

    const NAME: &'static str = "Log";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::LOG,
        since: ProtocolVersion::V2_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::Impossible,
    };

    fn targets(_: &LogRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: LogRequest) -> Result<Empty> {
        let written: String = request.log_message.chars().take(LONGEST).collect();
        // Debug escapes line breaks, so that a client cannot forge lines of the log.
        tracing::info!(user = ?cx.principal().user, message_of_client = ?written, "a client logs");
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(Log, LogRequest { log_message: "a".into() },);
}
