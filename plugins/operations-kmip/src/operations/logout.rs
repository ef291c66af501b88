//! Logout (KMIP 2.1 section 6.1.31).

use claviger_plugin_sdk::kmip::payloads::LogoutRequest;
use claviger_plugin_sdk::prelude::*;

/// Ends a ticket. Whoever has it may end it, and it need not be the one that the caller has shown.
struct Logout;

register_operation!(Logout);

impl Operation for Logout {
    type Request = LogoutRequest;
    type Response = Empty;

    const NAME: &'static str = "Logout";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::LOGOUT,
        since: ProtocolVersion::V2_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Documents,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(_: &LogoutRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: LogoutRequest) -> Result<Empty> {
        cx.close_ticket(&request.ticket).await?;
        Ok(Empty {})
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::payloads::Ticket;
    use claviger_plugin_sdk::kmip::tables::enumerations::TicketType;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Logout,
        LogoutRequest { ticket: Ticket { ticket_type: TicketType::LOGIN, ticket_value: vec![1].into() } },
    );
}
