//! Get Usage Allocation (KMIP 2.1 section 6.1.23).

use claviger_plugin_sdk::kmip::payloads::{GetUsageAllocationRequest, GetUsageAllocationResponse};
use claviger_plugin_sdk::prelude::*;
use claviger_plugin_sdk::target::Consumption;

/// Takes a part of an object's Usage Limits for a client that protects data by itself.
struct GetUsageAllocation;

register_operation!(GetUsageAllocation);

/// What may protect data.
const PROTECTING_TYPES: &[ObjectType] = &[
    ObjectType::CERTIFICATE,
    ObjectType::SYMMETRIC_KEY,
    ObjectType::PUBLIC_KEY,
    ObjectType::PRIVATE_KEY,
    ObjectType::SPLIT_KEY,
    ObjectType::SECRET_DATA,
    ObjectType::PGP_KEY,
];

/// The uses that protect data.
const PROTECTING: CryptographicUsageMask = CryptographicUsageMask(
    CryptographicUsageMask::ENCRYPT.0
        | CryptographicUsageMask::SIGN.0
        | CryptographicUsageMask::WRAP_KEY.0
        | CryptographicUsageMask::MAC_GENERATE.0
        | CryptographicUsageMask::DERIVE_KEY.0
        | CryptographicUsageMask::KEY_AGREEMENT.0
        | CryptographicUsageMask::CERTIFICATE_SIGN.0
        | CryptographicUsageMask::CRL_SIGN.0,
);

impl Operation for GetUsageAllocation {
    type Request = GetUsageAllocationRequest;
    type Response = GetUsageAllocationResponse;

    const NAME: &'static str = "GetUsageAllocation";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::GET_USAGE_ALLOCATION,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Targets,
        placeholder: Placeholder::Keep,
        undo: Undo::ByNotWriting,
    };

    fn targets(request: &GetUsageAllocationRequest) -> Targets {
        let mut target =
            Target::subject(request.unique_identifier.clone(), OperationCode::GET_USAGE_ALLOCATION)
                .states(StateSet::ACTIVE)
                .types(PROTECTING_TYPES)
                .any_usage(PROTECTING);
        // In the unit of the limits, whichever it is. A negative number is refused later.
        let units = u64::try_from(request.usage_limits_count).unwrap_or(0);
        target.consumes = Some(Consumption { bytes: units, objects: units });
        Targets::one(target)
    }

    fn about(object: &str) -> Option<GetUsageAllocationRequest> {
        Some(GetUsageAllocationRequest { unique_identifier: Some(object.into()), usage_limits_count: 1 })
    }

    async fn run(
        &self,
        cx: &mut Context<'_>,
        request: GetUsageAllocationRequest,
    ) -> Result<GetUsageAllocationResponse> {
        if request.usage_limits_count <= 0 {
            return Err(Error::invalid("the Usage Limits Count to allocate is 1 or more"));
        }
        let target = cx.subject()?;
        if !target.attributes().contains(Tag::USAGE_LIMITS) {
            return Err(Error::state("the object has no Usage Limits, so none can be allocated")
                .with_reason(ResultReason::ATTRIBUTE_NOT_FOUND));
        }
        // An allocation counts as a change of the object (section 4.29).
        cx.update(&target, |_| Ok(()))?;
        Ok(GetUsageAllocationResponse { unique_identifier: target.id().to_string() })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        GetUsageAllocation,
        GetUsageAllocationRequest { unique_identifier: Some("a".into()), usage_limits_count: 500 },
    );
}
