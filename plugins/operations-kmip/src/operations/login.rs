//! Login (KMIP 2.1 section 6.1.30).

use claviger_plugin_sdk::context::TicketTerms;
use claviger_plugin_sdk::kmip::payloads::{LoginRequest, LoginResponse};
use claviger_plugin_sdk::prelude::*;

/// Gives the caller a ticket, to authenticate with from then on.
struct Login;

register_operation!(Login);

impl Operation for Login {
    type Request = LoginRequest;
    type Response = LoginResponse;

    const NAME: &'static str = "Login";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::LOGIN,
        since: ProtocolVersion::V2_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Documents,
        placeholder: Placeholder::Keep,
        undo: Undo::Impossible,
    };

    fn targets(_: &LoginRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: LoginRequest) -> Result<LoginResponse> {
        let LoginRequest { lease_time: lease, request_count, usage_limits } = request;
        let ticket = cx.open_ticket(TicketTerms { lease, request_count, usage_limits, rights: None }).await?;
        Ok(LoginResponse { ticket })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::UsageLimits;
    use claviger_plugin_sdk::kmip::payloads::TicketLease;
    use claviger_plugin_sdk::kmip::tables::enumerations::UsageLimitsUnit;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Login,
        LoginRequest {
            lease_time: Some(TicketLease::For(Interval(60))),
            request_count: Some(1),
            usage_limits: Some(UsageLimits { total: 2, count: Some(2), unit: UsageLimitsUnit::OBJECT }),
        },
    );
}
