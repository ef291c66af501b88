//! Cancel (KMIP 2.1 section 6.1.5).

use claviger_plugin_sdk::context::JobEnd;
use claviger_plugin_sdk::kmip::payloads::{CancelRequest, CancelResponse};
use claviger_plugin_sdk::kmip::tables::enumerations::CancellationResult;
use claviger_plugin_sdk::prelude::*;

/// Ends an asynchronous request before it has an effect.
struct Cancel;

register_operation!(Cancel);

impl Operation for Cancel {
    type Request = CancelRequest;
    type Response = CancelResponse;

    const NAME: &'static str = "Cancel";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::CANCEL,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Documents,
        placeholder: Placeholder::Keep,
        undo: Undo::Impossible,
    };

    fn targets(_: &CancelRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: CancelRequest) -> Result<CancelResponse> {
        let asynchronous_correlation_value = request.asynchronous_correlation_value;
        let cancellation_result = match cx.cancel_job(&asynchronous_correlation_value).await? {
            None => CancellationResult::UNAVAILABLE,
            Some(JobEnd::Canceled) => CancellationResult::CANCELED,
            Some(JobEnd::Completed) => CancellationResult::COMPLETED,
            Some(JobEnd::Failed) => CancellationResult::FAILED,
        };
        Ok(CancelResponse { asynchronous_correlation_value, cancellation_result })
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(Cancel, CancelRequest { asynchronous_correlation_value: vec![1; 16].into() },);
}
