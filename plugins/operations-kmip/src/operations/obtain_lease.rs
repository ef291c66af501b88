//! Obtain Lease (KMIP 2.1 section 6.1.35).

use claviger_plugin_sdk::kmip::attributes::kinds;
use claviger_plugin_sdk::kmip::payloads::{ObtainLeaseRequest, ObtainLeaseResponse};
use claviger_plugin_sdk::prelude::*;

use crate::transition;

/// Tells how long a client may go on using an object from its cache. The server keeps no account of leases.
struct ObtainLease;

register_operation!(ObtainLease);

/// Nobody is to go on using an object that is compromised or destroyed.
const LEASED: StateSet = StateSet::of(&[State::PRE_ACTIVE, State::ACTIVE, State::DEACTIVATED]);

impl Operation for ObtainLease {
    type Request = ObtainLeaseRequest;
    type Response = ObtainLeaseResponse;

    const NAME: &'static str = "ObtainLease";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::OBTAIN_LEASE,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::NothingToUndo,
    };

    fn targets(request: &ObtainLeaseRequest) -> Targets {
        let id = request.unique_identifier.clone();
        let target = Target::subject(id, OperationCode::OBTAIN_LEASE).types(transition::WITH_STATE);
        Targets::one(target.states(LEASED))
    }

    async fn run(&self, cx: &mut Context<'_>, _: ObtainLeaseRequest) -> Result<ObtainLeaseResponse> {
        let target = cx.subject()?;
        let attributes = target.attributes();
        let changed = attributes.one::<kinds::LastChangeDate>().or(attributes.one::<kinds::InitialDate>());
        Ok(ObtainLeaseResponse {
            unique_identifier: target.id().to_string(),
            // Without the attribute no lease is effective, which 0 says.
            lease_time: attributes.one::<kinds::LeaseTime>().unwrap_or(Interval(0)),
            last_change_date: changed.unwrap_or(cx.now()),
        })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(ObtainLease, ObtainLeaseRequest { unique_identifier: Some("a".into()) },);
}
