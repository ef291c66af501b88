//! Delegated Login (KMIP 2.1 section 6.1.12).

use claviger_plugin_sdk::context::TicketTerms;
use claviger_plugin_sdk::kmip::payloads::{DelegatedLoginRequest, DelegatedLoginResponse};
use claviger_plugin_sdk::prelude::*;

/// Gives the caller a ticket for somebody who is to have some of the caller's rights.
struct DelegatedLogin;

register_operation!(DelegatedLogin);

impl Operation for DelegatedLogin {
    type Request = DelegatedLoginRequest;
    type Response = DelegatedLoginResponse;

    const NAME: &'static str = "DelegatedLogin";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::DELEGATED_LOGIN,
        since: ProtocolVersion::V2_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Documents,
        placeholder: Placeholder::Keep,
        undo: Undo::Impossible,
    };

    fn targets(_: &DelegatedLoginRequest) -> Targets {
        Targets::none()
    }

    async fn run(
        &self,
        cx: &mut Context<'_>,
        request: DelegatedLoginRequest,
    ) -> Result<DelegatedLoginResponse> {
        let DelegatedLoginRequest { lease_time: lease, request_count, usage_limits, rights } = request;
        let terms = TicketTerms { lease, request_count, usage_limits, rights: Some(rights) };
        Ok(DelegatedLoginResponse { ticket: cx.open_ticket(terms).await? })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::UsageLimits;
    use claviger_plugin_sdk::kmip::payloads::{
        ObjectGroups, Objects, Operations, Right, Rights, TicketLease,
    };
    use claviger_plugin_sdk::kmip::tables::enumerations::UsageLimitsUnit;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        DelegatedLogin,
        DelegatedLoginRequest {
            lease_time: Some(TicketLease::Until(DateTime(1))),
            request_count: Some(1),
            usage_limits: Some(UsageLimits { total: 2, count: Some(2), unit: UsageLimitsUnit::BYTE }),
            rights: Rights {
                right: vec![Right {
                    usage_limits: None,
                    operations: Some(Operations { operation: vec![OperationCode::GET] }),
                    objects: Some(Objects { unique_identifier: vec!["a".into()] }),
                    object_groups: Some(ObjectGroups { object_group: vec!["g".into()] }),
                }],
            },
        },
    );
}
