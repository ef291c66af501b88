//! Poll (KMIP 2.1 section 6.1.38).

use std::time::Duration;

use claviger_plugin_sdk::kmip::payloads::PollRequest;
use claviger_plugin_sdk::prelude::*;

/// Answers as the operation of an asynchronous request would have, or by Operation Pending. A request that waits for its
/// turn is processed at once, since somebody wants its result.
struct Poll;

register_operation!(Poll);

/// How long the answer waits for light work to be done, which spares the client another Poll.
const PATIENCE: Duration = Duration::from_millis(500);

impl Operation for Poll {
    type Request = PollRequest;
    type Response = Value;

    const NAME: &'static str = "Poll";
    const SPEC: OperationSpec = OperationSpec {
        code: OperationCode::POLL,
        since: ProtocolVersion::V1_0,
        access: Access::Authenticated,
        material: MaterialUse::None,
        writes: Writes::Documents,
        placeholder: Placeholder::Keep,
        undo: Undo::Impossible,
    };

    fn targets(_: &PollRequest) -> Targets {
        Targets::none()
    }

    async fn run(&self, cx: &mut Context<'_>, request: PollRequest) -> Result<Value> {
        let correlation = &request.asynchronous_correlation_value;
        cx.run_job(correlation, PATIENCE).await?;
        cx.answer_as_job(correlation).await
    }
}

#[cfg(test)]
mod tests {
    use claviger_plugin_sdk::operation_conformance;

    use super::*;

    operation_conformance!(Poll, PollRequest { asynchronous_correlation_value: vec![1; 16].into() },);
}
