//! Check (KMIP 2.1 section 6.1.7).

use claviger_plugin_sdk::kmip::attributes::{Attributes, kinds};
use claviger_plugin_sdk::kmip::payloads::{CheckRequest, CheckResponse};
use claviger_plugin_sdk::prelude::*;

/// Tells whether an object may be used as the client intends, without using it; if not, which of the intentions are the
/// reason.
struct Check;

register_operation!(Check);

impl Operation for Check {
    type Request = CheckRequest;
    type Response = CheckResponse;

    const NAME: &'static str = "Check";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::CHECK,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Nothing,
        placeholder: Placeholder::Keep,
        undo: Undo::NothingToUndo,
    };

    fn targets(request: &CheckRequest) -> Targets {
        Targets::one(Target::subject(request.unique_identifier.clone(), OperationCode::CHECK))
    }

    async fn run(&self, cx: &mut Context<'_>, request: CheckRequest) -> Result<CheckResponse> {
        let target = cx.subject()?;
        let limits = check_usage_limits(&request, target.attributes());
        let mask = check_usage_mask(&request, target.attributes());
        let lease = check_lease_time(&request, target.attributes());
        // In 2.x a mask has a result reason of its own; the cases BL-M-2 and BL-M-3 of the Baseline profile leave it at that.
        let is_told = cx.version() >= ProtocolVersion::V2_0 && limits.is_ok() && lease.is_ok();
        let answer = CheckResponse {
            unique_identifier: None,
            usage_limits_count: request.usage_limits_count.filter(|_| limits.is_err()),
            cryptographic_usage_mask: request.cryptographic_usage_mask.filter(|_| mask.is_err() && !is_told),
            lease_time: request.lease_time.filter(|_| lease.is_err()),
        };
        match mask.and(limits).and(lease) {
            Ok(()) => Ok(CheckResponse { unique_identifier: Some(target.id().to_string()), ..answer }),
            Err(error) => Err(error.with_payload(answer.into_value())),
        }
    }
}

fn check_usage_mask(request: &CheckRequest, attributes: &Attributes) -> Result<()> {
    let wanted = CryptographicUsageMask(request.cryptographic_usage_mask.unwrap_or(0).cast_unsigned());
    let allowed = attributes.one::<kinds::CryptographicUsageMask>().unwrap_or(0).cast_unsigned();
    let allowed = CryptographicUsageMask(allowed);
    if allowed.contains(wanted) || allowed.contains(CryptographicUsageMask::UNRESTRICTED) {
        return Ok(());
    }
    Err(Error::state("the object's Cryptographic Usage Mask does not allow the intended use")
        .with_reason(ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK))
}

fn check_usage_limits(request: &CheckRequest, attributes: &Attributes) -> Result<()> {
    let left = attributes.one::<kinds::UsageLimits>().map(|limits| limits.count.unwrap_or(limits.total));
    match (request.usage_limits_count, left) {
        (Some(wanted), Some(left)) if wanted > left => {
            Err(Error::state(format!("the object's Usage Limits leave {left}, not {wanted}"))
                .with_reason(ResultReason::USAGE_LIMIT_EXCEEDED))
        }
        _ => Ok(()),
    }
}

fn check_lease_time(request: &CheckRequest, attributes: &Attributes) -> Result<()> {
    match (request.lease_time, attributes.one::<kinds::LeaseTime>()) {
        (Some(wanted), Some(longest)) if wanted > longest => {
            Err(Error::denied(format!("a lease of this object lasts {} seconds at most", longest.0)))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::kmip::attributes::UsageLimits;
    use claviger_plugin_sdk::kmip::tables::enumerations::UsageLimitsUnit;
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(
        Check,
        CheckRequest { usage_limits_count: Some(1), cryptographic_usage_mask: Some(4), ..NOTHING },
        CheckRequest { lease_time: Some(Interval(1)), ..NOTHING },
    );

    const NOTHING: CheckRequest = CheckRequest {
        unique_identifier: None,
        usage_limits_count: None,
        cryptographic_usage_mask: None,
        lease_time: None,
    };

    #[test]
    fn a_use_outside_the_mask_is_refused_unless_the_object_is_unrestricted() {
        let wanted = CheckRequest { cryptographic_usage_mask: Some(0x8), ..NOTHING };
        let mut attributes = Attributes::new();
        attributes.put::<kinds::CryptographicUsageMask>(0x4);
        let refused = check_usage_mask(&wanted, &attributes).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::INCOMPATIBLE_CRYPTOGRAPHIC_USAGE_MASK);
        attributes.put::<kinds::CryptographicUsageMask>(0xC);
        assert!(check_usage_mask(&wanted, &attributes).is_ok());
        attributes.put::<kinds::CryptographicUsageMask>(0x0020_0000);
        assert!(check_usage_mask(&wanted, &attributes).is_ok());
    }

    #[test]
    fn more_uses_than_are_left_are_refused() {
        let mut attributes = Attributes::new();
        let limits = UsageLimits { total: 10, count: Some(4), unit: UsageLimitsUnit::OBJECT };
        attributes.put::<kinds::UsageLimits>(limits);
        let wants = |count| CheckRequest { usage_limits_count: Some(count), ..NOTHING };
        assert!(check_usage_limits(&wants(4), &attributes).is_ok());
        let refused = check_usage_limits(&wants(5), &attributes).unwrap_err();
        assert_eq!(refused.reason(), ResultReason::USAGE_LIMIT_EXCEEDED);
    }
}
